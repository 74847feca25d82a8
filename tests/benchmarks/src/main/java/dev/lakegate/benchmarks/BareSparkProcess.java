package dev.lakegate.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link BareSpark} in a process with the jobs' JVM options and class path. One thread. */
final class BareSparkProcess implements AutoCloseable {
  private final Path log;
  private final Process process;
  private final PrintWriter statements;
  private final BufferedReader answers;

  /** Starts it and waits until its session is there. */
  BareSparkProcess(Path directory) throws IOException {
    Files.createDirectories(directory);
    this.log = directory.resolve("bare.log");
    List<String> command = new ArrayList<>(List.of(WarmJobs.java(), "-Xmx1g"));
    List<String> lines = Files.readAllLines(WarmJobs.arguments());
    // The last lines are the option of the class path, the class path, and the main class.
    for (int i = 0; i < lines.size() - 1; i++) {
      String line = lines.get(i);
      String text =
          line.startsWith("\"") ? line.substring(1, line.length() - 1).replace("\\\\", "\\") : line;
      command.add(i == lines.size() - 2 ? text + java.io.File.pathSeparator + own() : text);
    }
    command.add(BareSpark.class.getName());
    command.add(directory.resolve("scratch").toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.redirectError(log.toFile());
    this.process = builder.start();
    this.statements = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    await("ready");
  }

  private static String own() {
    try {
      return Path.of(BareSpark.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a statement; seconds. */
  double run(String sql) throws IOException {
    long start = System.nanoTime();
    statements.println(sql.replace('\n', ' '));
    await("done");
    return (System.nanoTime() - start) / 1e9;
  }

  private void await(String answer) throws IOException {
    String line = answers.readLine();
    if (!answer.equals(line)) {
      throw new IllegalStateException("bare Spark ended: " + Files.readString(log));
    }
  }

  @Override
  public void close() throws InterruptedException {
    statements.close();
    process.waitFor();
  }
}
