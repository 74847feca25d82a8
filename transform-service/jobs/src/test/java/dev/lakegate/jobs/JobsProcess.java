package dev.lakegate.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The jobs as the process that they are in production, started from their argument file. */
public final class JobsProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private JobsProcess(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  public static JobsProcess start(Path directory, String haltAt, String... arguments)
      throws IOException {
    return start(directory, haltAt, List.of(), arguments);
  }

  /** As above, with further options of the JVM. */
  public static JobsProcess start(
      Path directory, String haltAt, List<String> options, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx640m",
                "-Dlakegate.jobs.duckdb-megabytes=128"));
    if (haltAt != null) {
      command.add("-Dlakegate.jobs.halt-at=" + haltAt);
    }
    command.addAll(options);
    command.add("@" + System.getProperty("lakegate.jobs.args"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(directory.resolve("jobs.log").toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("LAKEGATE_WORK_DIRECTORY", directory.resolve("work").toString());
    return new JobsProcess(builder.start());
  }

  public void send(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** The next line of standard output, which must be JSON; null at its end. */
  public JsonNode receive() throws IOException {
    String line = out.readLine();
    return line == null ? null : Json.parse(line);
  }

  /** Reads up to the event of this name. */
  public JsonNode await(String event) throws IOException {
    for (JsonNode node = receive(); node != null; node = receive()) {
      if (node.path("event").asText().equals(event)) {
        return node;
      }
      if (node.path("event").asText().equals("result")) {
        throw new IllegalStateException("the run ended early: " + node);
      }
    }
    throw new IllegalStateException("the process ended before event " + event);
  }

  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Reads up to a result; false when the process ends first. */
  public boolean answers() throws IOException {
    for (JsonNode node = receive(); node != null; node = receive()) {
      if (node.path("event").asText().equals("result")) {
        return true;
      }
    }
    return false;
  }

  /** Whether the process ends within a time. */
  public boolean ends(long time, TimeUnit unit) throws InterruptedException {
    return process.waitFor(time, unit);
  }

  public void kill() {
    process.destroyForcibly();
  }

  public int awaitExit() throws InterruptedException {
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the process did not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(20, TimeUnit.SECONDS);
  }
}
