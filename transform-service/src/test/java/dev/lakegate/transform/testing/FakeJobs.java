package dev.lakegate.transform.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * A job process for tests: speaks the real protocol, keeps a "table" as one file that commits data
 * and checkpoint together, and publishes snapshots after the commit, as the real jobs do. A script
 * in its working directory makes it misbehave.
 *
 * <p>{@code script.txt} has a line {@code <start|dataset|*> <action> [argument]} for each misdeed;
 * a line is used up by the first start or run that it fits, unless its action starts with {@code
 * always:}.
 */
public final class FakeJobs {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS").withZone(ZoneOffset.UTC);
  private static final PrintStream OUT =
      new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true);
  private static final Path SCRIPT = Path.of("script.txt");

  private static boolean parallel;

  private FakeJobs() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 1 || !arguments[0].equals("serve")) {
      System.err.println("unknown arguments " + String.join(" ", arguments));
      System.exit(2);
    }
    Files.writeString(Path.of("environment.txt"), String.join("\n", System.getenv().keySet()));
    Files.writeString(Path.of("pid.txt"), "" + ProcessHandle.current().pid());
    System.err.println("fake jobs start");
    String start = action("start");
    switch (start.split(" ")[0]) {
      case "crash" -> {
        System.err.println("cannot allocate what I need");
        System.exit(3);
      }
      case "hang" -> Thread.sleep(Long.MAX_VALUE);
      case "garbage" -> garbage(5_000);
      case "version2" -> OUT.println("{\"event\":\"ready\",\"version\":2}");
      case "parallel" -> {
        OUT.println("{\"event\":\"ready\",\"version\":1,\"parallel\":2}");
        parallel = true;
      }
      default -> OUT.println("{\"event\":\"ready\",\"version\":1}");
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode message = JSON.readTree(line);
      if (parallel) {
        new Thread(() -> serveBeside(message)).start();
      } else {
        serve(message.get("id").asText(), message.get("request"));
      }
    }
    System.err.println("fake jobs end");
  }

  private static void serveBeside(JsonNode message) {
    try {
      serve(message.get("id").asText(), message.get("request"));
    } catch (Exception e) {
      System.err.println(e);
      Runtime.getRuntime().halt(7);
    }
  }

  private static void garbage(int lines) {
    for (int i = 0; i < lines; i++) {
      OUT.println("WARN something prints what it should log " + i);
    }
  }

  private static void serve(String id, JsonNode request) throws Exception {
    String dataset = request.at("/specification/dataset").asText();
    String[] action = action(dataset).split(" ");
    progress(id, "reading");
    switch (action[0]) {
      case "crash-before" -> System.exit(4);
      case "hang" -> Thread.sleep(Long.MAX_VALUE);
      case "garbage" -> garbage(20);
      case "endless-garbage" -> garbage(100_000);
      case "long-line" -> {
        OUT.print("{\"event\":\"result\",\"id\":\"" + id + "\",\"result\":{\"x\":\"");
        for (int i = 0; i < 6_000; i++) {
          OUT.print("x".repeat(1_000));
        }
        OUT.println("\"}}");
      }
      case "no-result" -> {
        ObjectNode event = event(id, "result");
        event.put("result", "done");
        OUT.println(event);
        return;
      }
      case "odd-result" -> {
        ObjectNode event = event(id, "result");
        event.putObject("result").put("status", "fine");
        OUT.println(event);
        return;
      }
      case "stranger" -> {
        ObjectNode event = event("01JNB4Z0T6W2M7QB", "result");
        event.putObject("result");
        OUT.println(event);
      }
      case "flood" -> {
        for (int i = 0; i < 60_000; i++) {
          System.err.println("flood " + i + " " + "e".repeat(100));
        }
      }
      case "talk" -> {
        System.err.println(
            "2026-03-02T10:15:30.000Z WARN  [main] [run " + id + "] Fold password=hunter2");
        System.err.println("  goes on");
        System.err.flush();
        // The two streams are read by two threads.
        Thread.sleep(500);
      }
      case "slow" -> Thread.sleep(Long.parseLong(action[1]));
      case "fail" -> {
        answer(id, failed(request, action[1], Boolean.parseBoolean(action[2])));
        return;
      }
      default -> {}
    }
    Path root = Path.of(request.get("storageRoot").asText());
    Path lock = root.resolve(request.at("/specification/path").asText()).resolve(".lock");
    Files.createDirectories(lock.getParent());
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      answer(
          id,
          held == null
              ? failed(request, "TABLE_LOCKED", true)
              : request.has("past")
                  ? FakePast.run(root, request, action[0])
                  : run(request, action[0]));
    }
  }

  private static ObjectNode run(JsonNode request, String action) throws IOException {
    Path root = Path.of(request.get("storageRoot").asText());
    JsonNode specification = request.get("specification");
    boolean silver = specification.get("kind").asText().equals("silver");
    Path file = root.resolve(specification.get("path").asText()).resolve("commit.json");
    ObjectNode before = Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : null;
    if (before != null) {
      publish(root, specification, before, request.get("watermark"));
    }
    long consumed = before == null || !silver ? 0 : before.at("/checkpoint/manifest").asLong();
    boolean full = silver && request.get("mode").asText().equals("full");
    if (silver && !full && request.at("/after/manifest").asLong(0) > consumed) {
      ObjectNode failed = failed(request, "CHECKPOINT_BEHIND", false);
      failed.set("checkpoint", before == null ? null : before.get("checkpoint"));
      return failed;
    }
    if (silver && !full && before != null && consumed >= request.at("/through/manifest").asLong()) {
      return succeeded(request, before);
    }
    ObjectNode commit = JSON.createObjectNode();
    commit.put("instant", instant(before));
    long rows = 0;
    if (silver) {
      ArrayNode paths = commit.putArray("consumed");
      if (before != null && !full) {
        paths.addAll((ArrayNode) before.get("consumed"));
        rows = before.get("rows").asLong();
      }
      for (JsonNode f : request.get("files")) {
        if (full || f.get("manifest").asLong() > consumed) {
          paths.add(f.get("path").asText());
          rows += f.get("rows").asLong();
        }
      }
      commit.set("checkpoint", request.get("through"));
      if (request.hasNonNull("sweepBefore")) {
        commit.set("sweptBefore", request.get("sweepBefore"));
      }
    } else {
      ObjectNode checkpoint = commit.putObject("checkpoint");
      for (JsonNode input : specification.get("inputs")) {
        Path of = root.resolve(input.asText().replace('.', '/')).resolve("commit.json");
        JsonNode read = JSON.readTree(of.toFile());
        String wanted = request.at("/through").get(input.asText()).asText();
        if (read.get("instant").asText().compareTo(wanted) < 0) {
          return failed(request, "INPUT_BEHIND", true);
        }
        checkpoint.set(input.asText(), read.get("instant"));
        rows += read.get("rows").asLong();
      }
      if (request.hasNonNull("asOf")) {
        checkpoint.set("asOf", request.get("asOf"));
      }
    }
    commit.put("rows", rows);
    commit.put("mode", request.get("mode").asText());
    commit.set("columns", specification.get("columns"));
    replace(file, commit);
    if (action.equals("crash-unpublished")) {
      System.exit(5);
    }
    publish(root, specification, commit, request.get("watermark"));
    if (action.equals("crash-after")) {
      System.exit(6);
    }
    ObjectNode result = succeeded(request, commit);
    if (action.equals("quarantines")) {
      result.put("rowsQuarantined", 5);
    }
    if (!silver) {
      result.set("lineage", lineage(specification));
    }
    return action.equals("leaves-out-rows") ? result.put("rowsLeftOut", 3) : result;
  }

  /** As if each column were that of the first input with the same place. */
  private static ObjectNode lineage(JsonNode specification) {
    ObjectNode lineage = JSON.createObjectNode();
    ArrayNode columns = lineage.putArray("columns");
    String input = specification.at("/inputs/0").asText();
    for (JsonNode column : specification.path("columns")) {
      ObjectNode one = columns.addObject();
      one.set("column", column.get("name"));
      one.putArray("inputs")
          .addObject()
          .put("dataset", input)
          .put("column", "id")
          .put("kind", "aggregation");
    }
    lineage
        .putArray("rows")
        .addObject()
        .put("dataset", input)
        .put("column", "status")
        .put("kind", "filter");
    return lineage;
  }

  static ObjectNode succeeded(JsonNode request, JsonNode commit) {
    ObjectNode result = common(request);
    result.put("status", "succeeded");
    result.set("instant", commit.get("instant"));
    result.set("checkpoint", commit.get("checkpoint"));
    result.set("rowsTotal", commit.get("rows"));
    result.put("snapshot", "_catalog/x.json");
    result.set("watermark", request.get("watermark"));
    result.putNull("error");
    return result;
  }

  static String instant(JsonNode before) {
    Instant now = Instant.now();
    String instant = INSTANT.format(now);
    while (before != null && instant.compareTo(before.get("instant").asText()) <= 0) {
      now = now.plusMillis(1);
      instant = INSTANT.format(now);
    }
    return instant;
  }

  static void publish(Path root, JsonNode specification, JsonNode commit, JsonNode watermark)
      throws IOException {
    ObjectNode snapshot = JSON.createObjectNode();
    String[] name = specification.get("dataset").asText().split("\\.");
    snapshot.put("version", 1);
    snapshot.put("database", name[0]);
    snapshot.put("table", name[1]);
    snapshot.put("scope", "tenant");
    snapshot.set("instant", commit.get("instant"));
    snapshot.put("publishedAt", Instant.now().toString());
    snapshot.put("description", "fake");
    snapshot.put("tenantColumn", "tenant_id");
    ArrayNode columns = snapshot.putArray("columns");
    stored(specification)
        .forEach(
            (column, type) ->
                columns
                    .addObject()
                    .put("name", column)
                    .put("type", type)
                    .put("nullable", true)
                    .put("description", ""));
    snapshot.putArray("partitionColumns");
    ArrayNode files = snapshot.putArray("files");
    ObjectNode file = files.addObject();
    file.put("path", "x.parquet");
    file.putObject("partition").put("tenant_id", "tenant-1");
    file.set("rows", commit.get("rows"));
    file.put("bytes", 10);
    file.putObject("min").put("rows", "not this");
    file.putObject("max");
    ArrayNode counts = file.putArray("unmet");
    for (JsonNode expectation : specification.path("expectations")) {
      // Of the first that flags, no row meets anything.
      if (!expectation.get("blocking").asBoolean() && commit.get("rows").asLong() > 0) {
        ObjectNode unmet = counts.addObject();
        unmet.set("expectation", expectation.get("name"));
        unmet.put("tenant", "tenant-1");
        unmet.set("rows", commit.get("rows"));
        break;
      }
    }
    snapshot.set("checkpoint", commit.get("checkpoint"));
    snapshot.set("watermark", watermark);
    Path catalog = root.resolve("_catalog").resolve(name[0]).resolve(name[1]);
    replace(catalog.resolve(commit.get("instant").asText() + ".json"), snapshot);
    replace(
        root.resolve(specification.get("path").asText())
            .resolve(commit.get("instant").asText() + ".commit"),
        commit);
    replace(catalog.resolve("current.json"), snapshot);
  }

  private static java.util.Map<String, String> stored(JsonNode specification) {
    java.util.Map<String, String> columns = new java.util.LinkedHashMap<>();
    specification
        .path("columns")
        .forEach(c -> columns.put(c.get("name").asText(), c.get("type").asText()));
    specification
        .path("derivations")
        .forEach(c -> columns.put(c.get("column").asText(), c.get("type").asText()));
    return columns;
  }

  static void replace(Path file, JsonNode content) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = file.resolveSibling("." + file.getFileName());
    Files.writeString(temporary, content.toString());
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  static ObjectNode failed(JsonNode request, String code, boolean retryable) {
    ObjectNode result = common(request);
    result.put("status", "failed");
    result.putNull("instant");
    result.putNull("checkpoint");
    result.putNull("rowsTotal");
    result.putNull("snapshot");
    result.putNull("watermark");
    result
        .putObject("error")
        .put("code", code)
        .put("message", "scripted to fail with " + code)
        .put("retryable", retryable);
    return result;
  }

  private static ObjectNode common(JsonNode request) {
    ObjectNode result = JSON.createObjectNode();
    result.put("version", 1);
    result.put("runId", request.get("runId").asText());
    result.set("dataset", request.at("/specification/dataset"));
    result.put("rowsRead", 1);
    result.put("rowsUpserted", 1);
    result.put("rowsDeleted", 0);
    result.put("rowsLeftOut", 0);
    result.put("filesWritten", 1);
    result.put("bytesWritten", 10);
    result.put("durationMillis", 1);
    return result;
  }

  private static void progress(String id, String stage) {
    OUT.println(event(id, "progress").put("stage", stage));
  }

  private static void answer(String id, ObjectNode result) {
    ObjectNode event = event(id, "result");
    event.set("result", result);
    OUT.println(event);
  }

  private static ObjectNode event(String id, String name) {
    return JSON.createObjectNode().put("event", name).put("id", id);
  }

  /** Takes the first line of the script that fits. */
  private static synchronized String action(String subject) throws IOException {
    if (!Files.exists(SCRIPT)) {
      return "none";
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(SCRIPT));
    for (int i = 0; i < lines.size(); i++) {
      String[] words = lines.get(i).split(" ", 2);
      boolean fits = words[0].equals(subject) || (words[0].equals("*") && !subject.equals("start"));
      if (words.length == 2 && fits) {
        if (words[1].startsWith("always:")) {
          return words[1].substring("always:".length());
        }
        lines.remove(i);
        Path temporary = Path.of(".script.txt");
        Files.write(temporary, lines);
        Files.move(temporary, SCRIPT, StandardCopyOption.ATOMIC_MOVE);
        return words[1];
      }
    }
    return "none";
  }
}
