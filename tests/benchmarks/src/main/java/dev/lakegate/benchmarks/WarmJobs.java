package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The product's job process with its warm session, and a lake that it works on. One thread. */
final class WarmJobs implements AutoCloseable {
  private final Path root;
  private final Path log;
  private final Process process;
  private final PrintWriter requests;
  private final BufferedReader events;

  /**
   * Starts it and waits until its session is there.
   *
   * @param directory for the lake, scratch and log
   */
  WarmJobs(Path directory) throws IOException {
    this.root = Files.createDirectories(directory.resolve("lake"));
    this.log = directory.resolve("jobs.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            java(),
            "-Xmx1g",
            "-Dlakegate.work.directory=" + directory.resolve("work"),
            "@" + arguments(),
            "serve");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.redirectError(log.toFile());
    this.process = builder.start();
    this.requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.events = process.inputReader(StandardCharsets.UTF_8);
    await("ready");
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** JVM options, class path and main class of the jobs. */
  static Path arguments() {
    return Path.of(System.getProperty("lakegate.basedir"))
        .resolve("transform-service/jobs/target/jobs.args");
  }

  /** The lake's storage root. */
  Path root() {
    return root;
  }

  /** A request without what it is to consume. */
  ObjectNode request(String runId, JsonNode specification) {
    ObjectNode request = Json.MAPPER.createObjectNode();
    request
        .put("version", 1)
        .put("runId", runId)
        .put("mode", "incremental")
        .put("storageRoot", root.toString())
        .put("watermark", "2026-06-30T12:00:00.000000Z");
    request.set("specification", specification);
    return request;
  }

  /**
   * What a run did.
   *
   * @param seconds from the request to the answer
   * @param result as the jobs answered
   */
  record Done(double seconds, JsonNode result) {}

  /**
   * Runs a request.
   *
   * @throws IllegalStateException when it does not succeed
   */
  Done run(ObjectNode request) throws IOException {
    ObjectNode line = Json.MAPPER.createObjectNode().put("id", "x");
    line.set("request", request);
    long start = System.nanoTime();
    requests.println(Json.write(line));
    JsonNode result = await("result").path("result");
    double seconds = (System.nanoTime() - start) / 1e9;
    if (!result.path("status").asText().equals("succeeded")) {
      throw new IllegalStateException("a run failed: " + result);
    }
    return new Done(seconds, result);
  }

  /** DuckDB's list of the files that a dataset's snapshot names. */
  String files(String dataset) throws IOException {
    JsonNode snapshot =
        Json.MAPPER.readTree(
            root.resolve("_catalog")
                .resolve(dataset.replace('.', '/'))
                .resolve("current.json")
                .toFile());
    List<String> files = new java.util.ArrayList<>();
    snapshot
        .path("files")
        .forEach(file -> files.add("'" + root.resolve(file.path("path").asText()) + "'"));
    return "[" + String.join(",", files) + "]";
  }

  private JsonNode await(String event) throws IOException {
    for (String line = events.readLine(); line != null; line = events.readLine()) {
      JsonNode node = Json.MAPPER.readTree(line);
      if (node.path("event").asText().equals(event)) {
        return node;
      }
    }
    throw new IllegalStateException("the job process ended: " + Files.readString(log));
  }

  @Override
  public void close() throws InterruptedException {
    requests.close();
    process.waitFor();
  }
}
