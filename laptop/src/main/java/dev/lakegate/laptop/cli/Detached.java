package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.SourceAddress;
import dev.lakegate.laptop.supervisor.StackOptions;
import dev.lakegate.laptop.supervisor.StackState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** Starts the supervisor as a process of its own and shows its progress until all is ready. */
final class Detached {
  /** Tells the supervisor that its output is a log, where no password belongs. */
  static final String VARIABLE = "LAKEGATE_DETACHED";

  private Detached() {}

  static int start(StackOptions options, ParseResult parsed, PrintWriter out)
      throws IOException, InterruptedException {
    Path data = options.data();
    Optional<StackState> earlier = StackState.read(data);
    if (earlier.isPresent() && earlier.get().isRunning()) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "Lakegate already runs on the data directory "
              + data
              + ". Stop it with './lakegate down', or use another directory (--data).");
    }
    Path log = data.resolve("logs").resolve("supervisor.log");
    Files.createDirectories(log.getParent());
    if (Files.exists(log)) {
      Files.move(log, log.resolveSibling("supervisor.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.createFile(log);
    Process supervisor = launch(options, parsed, log);
    try (RandomAccessFile lines = new RandomAccessFile(log.toFile(), "r")) {
      while (true) {
        boolean alive = supervisor.isAlive();
        for (String line; (line = lines.readLine()) != null; ) {
          // RandomAccessFile reads bytes as Latin-1.
          String text =
              new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
          out.println(text);
        }
        Optional<StackState> state = StackState.read(data);
        if (alive
            && state.isPresent()
            && state.get().supervisor().pid() == supervisor.pid()
            && state.get().status().equals("ready")) {
          out.println(UpCommand.Banner.of(state.get(), options));
          return 0;
        }
        if (!alive) {
          throw new CommandFailed(CommandFailed.FAILED, "Lakegate did not start.");
        }
        Thread.sleep(100);
      }
    }
  }

  private static Process launch(StackOptions options, ParseResult parsed, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    } else {
      command.add("/usr/bin/nohup");
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("-X") || a.startsWith("-Dlakegate.") || a.startsWith("-Dfile."))
        .forEach(command::add);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "up"));
    // The source travels in the environment, because it may hold a password.
    List<String> given = parsed.originalArgs();
    for (int i = 0; i < given.size(); i++) {
      String argument = given.get(i);
      if (argument.equals("--source")) {
        i++;
      } else if (!argument.equals("up")
          && !argument.equals("--detach")
          && !argument.startsWith("--source=")
          && !argument.startsWith("--detach=")) {
        command.add(argument);
      }
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    var environment = builder.environment();
    environment.put(VARIABLE, "true");
    options.source().ifPresent(source -> put(environment, source));
    return builder.start();
  }

  private static void put(java.util.Map<String, String> environment, SourceAddress source) {
    environment.put("LAKEGATE_SOURCE_URL", source.jdbcUrl());
    environment.put("LAKEGATE_SOURCE_USER", source.username());
    environment.put("LAKEGATE_SOURCE_PASSWORD", source.password());
  }
}
