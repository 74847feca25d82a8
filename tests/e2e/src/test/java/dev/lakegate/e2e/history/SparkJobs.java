package dev.lakegate.e2e.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.job.RunRequest;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The jobs' process, warm, started again after it was killed. Used by one thread. */
final class SparkJobs implements AutoCloseable {
  private static final ObjectMapper LINES = new ObjectMapper();

  private final Path directory;
  private Process process;
  private BufferedReader out;

  SparkJobs(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /**
   * Runs a request.
   *
   * @param killAfterMillis the process is killed then, unless it has answered; negative for never
   * @return the result; empty when the process was killed before it answered
   */
  Optional<RunResult> run(RunRequest request, long killAfterMillis)
      throws IOException, InterruptedException {
    if (process == null || !process.isAlive()) {
      start();
    }
    Process running = process;
    AtomicBoolean killed = new AtomicBoolean();
    Thread killer = null;
    if (killAfterMillis >= 0) {
      killer =
          new Thread(
              () -> {
                try {
                  TimeUnit.MILLISECONDS.sleep(killAfterMillis);
                  killed.set(true);
                  running.destroyForcibly();
                } catch (InterruptedException e) {
                  // It answered first.
                }
              });
      killer.start();
    }
    try {
      ObjectNode line = LINES.createObjectNode().put("id", request.runId());
      line.set("request", Json.MAPPER.valueToTree(request));
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      JsonNode event = read();
      while (event != null && !event.path("event").asText().equals("result")) {
        event = read();
      }
      return event == null
          ? Optional.empty()
          : Optional.of(Json.MAPPER.treeToValue(event.path("result"), RunResult.class));
    } catch (IOException e) {
      if (killAfterMillis < 0) {
        throw e;
      }
      return Optional.empty();
    } finally {
      if (killer != null) {
        killer.interrupt();
        killer.join();
        if (killed.get()) {
          // It may have answered first. It seems alive for a moment, and takes nothing any more.
          running.waitFor();
        }
      }
    }
  }

  private JsonNode read() throws IOException {
    String line = out.readLine();
    return line == null ? null : LINES.readTree(line);
  }

  private void start() throws IOException {
    Path arguments =
        Path.of(System.getProperty("lakegate.basedir", "../.."))
            .toAbsolutePath()
            .resolve("transform-service/jobs/target/jobs.args");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx640m",
                "-Dlakegate.jobs.duckdb-megabytes=128",
                "@" + arguments,
                "serve")
            .directory(directory.toFile())
            .redirectError(
                ProcessBuilder.Redirect.appendTo(directory.resolve("jobs.log").toFile()));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("LAKEGATE_WORK_DIRECTORY", directory.resolve("work").toString());
    process = builder.start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    JsonNode ready = read();
    if (ready == null || !ready.path("event").asText().equals("ready")) {
      throw new IOException("the jobs did not start; see " + directory.resolve("jobs.log"));
    }
  }

  List<String> logTail() throws IOException {
    Path log = directory.resolve("jobs.log");
    if (!Files.exists(log)) {
      return List.of();
    }
    List<String> lines = Files.readAllLines(log);
    return lines.subList(Math.max(0, lines.size() - 30), lines.size());
  }

  @Override
  public void close() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }
}
