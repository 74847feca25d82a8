package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.Ports;
import dev.lakegate.laptop.supervisor.Stack;
import dev.lakegate.laptop.supervisor.StackOptions;
import dev.lakegate.laptop.supervisor.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description = {
      "Start everything on a data directory of its own, load sample data, make live changes at the"
          + " source and show what two tenants and an analyst of all tenants are answered, checked"
          + " against the source.",
      "Exit code 0 only when all of it was right. Takes free ports when the usual ones are taken.",
      ""
    })
final class DemoCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = "--keep",
      description = "Keep the data directory; by default the demo's own one is removed.")
  private boolean keep;

  @Mixin private SampleOptions sample;
  @Mixin private PortOptions ports;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = new PrintWriter(spec.commandLine().getOut(), true);
    long from = System.nanoTime();
    Path directory = directory();
    StackOptions options =
        new StackOptions(
            Installation.root(), directory, ports(out), Optional.empty(), sample.size(), 0);
    AtomicReference<Stack> open = new AtomicReference<>();
    AtomicReference<Boolean> failed = new AtomicReference<>(true);
    Thread interrupted =
        new Thread(
            () -> {
              Stack stack = open.get();
              if (stack != null) {
                stack.close();
              }
              cleanUp(directory, out, false);
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      out.println("Starting Lakegate in " + directory);
      Stack stack = Stack.start(options, line -> out.println("  " + line), open::set);
      try {
        new Demo(stack, out).run();
        failed.set(false);
      } catch (DemoFailed e) {
        out.println();
        out.println("demo: FAILED: " + e.getMessage());
      } catch (GatewayClient.Refusal e) {
        out.println();
        out.println("demo: FAILED: unexpected answer: " + e.describe());
      } catch (SQLException e) {
        out.println();
        out.println("demo: FAILED: the sample source: " + e.getMessage());
      } finally {
        stack.close();
      }
    } catch (StartException e) {
      out.println();
      out.println("demo: FAILED to start: " + e.getMessage());
    } finally {
      Runtime.getRuntime().removeShutdownHook(interrupted);
      cleanUp(directory, out, failed.get());
    }
    if (failed.get()) {
      return CommandFailed.FAILED;
    }
    out.println();
    out.println(
        "demo: all of it was right, in %.0f s.".formatted((System.nanoTime() - from) / 1e9));
    return 0;
  }

  private Path directory() throws IOException {
    Path directory =
        data.isGiven()
            ? data.directory()
            : Installation.root()
                .resolve(".lakegate/demo")
                .resolve(
                    DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now())
                        + "-"
                        + ProcessHandle.current().pid());
    if (Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.findAny().isPresent()) {
          throw new CommandFailed(
              2, "The demo needs a new or empty data directory; " + directory + " is neither.");
        }
      }
    }
    return directory;
  }

  private Ports ports(PrintWriter out) {
    Ports wanted = ports.ports();
    if (wanted.equals(Ports.DEFAULT) && !wanted.areFree()) {
      Ports free = Ports.free();
      out.println(
          "Some of the usual ports are taken; the demo uses free ones (gateway: "
              + free.gateway()
              + ").");
      return free;
    }
    return wanted;
  }

  private void cleanUp(Path directory, PrintWriter out, boolean afterFailure) {
    if (data.isGiven() || keep || afterFailure) {
      out.println(
          "The data directory is "
              + directory
              + (afterFailure
                  ? "; its logs/ tells more."
                  : "; './lakegate up --data' goes on with it."));
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      out.println("The demo's data directory cannot be removed: " + e);
    }
  }

  /** The demo saw something that is not right. */
  static final class DemoFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoFailed(String message) {
      super(message);
    }
  }
}
