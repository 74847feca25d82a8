package dev.lakegate.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hudi.client.SparkRDDWriteClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The past of tables, on a clock that runs half an hour with each run. */
class UpkeepTest {
  private static final JsonNode THING =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.thing", "name": "thing", "scope": "tenant",
           "description": "Things.", "path": "silver/thing", "bronzeTable": "core_thing", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Value."}
           ]}
          """);
  private static final JsonNode SUMS =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.sums", "name": "sums", "scope": "tenant",
           "description": "Sums.", "path": "gold/sums", "inputs": ["silver.thing"], "grain": ["tenant_id"],
           "sql": "SELECT tenant_id, count(*) AS id, sum(value) AS value FROM silver.thing GROUP BY tenant_id",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "id", "type": "bigint", "nullable": false, "description": "Count."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Sum."}
           ]}
          """);

  private static final Duration EVERY = Duration.ofHours(2);
  private static final Duration SAVEPOINTS = Duration.ofHours(5);
  private static final Instant START = Instant.parse("2026-03-02T00:10:00Z");

  @TempDir Path directory;

  private TestLake lake;
  private Instant now = START;
  private final Map<String, String> replaced = new HashMap<>();
  private final TreeMap<String, Instant> times = new TreeMap<>();

  /** Rows by table and instant, as they were when the instant was published. */
  private final Map<String, TreeMap<String, List<String>>> truths = new HashMap<>();

  @Test
  void keepsEachInstantForAWhileThenOneOfEachHourAndEverySnapshotIsWhole() throws Exception {
    lake = new TestLake(directory, retention());
    int runs = Integer.getInteger("lakegate.jobs.upkeep-runs", 18);
    for (int i = 1; i <= runs; i++) {
      now = START.plus(Duration.ofMinutes(30L * i));
      times.put(hudi(Instant.now()), now);
      lake.nextManifest().bronze("core_thing", change(i));
      if (i == 7) {
        ObjectNode full = lake.silverRequest(THING).put("mode", "full").put("runId", "full");
        lake.bronze("core_thing", change(100));
        full.set("files", lake.silverRequest(THING).path("files"));
        lake.forgetPending();
        succeeded(lake.run(full));
      } else {
        succeeded(lake.silver(THING));
      }
      record("silver.thing");
      if (i == 7) {
        replaced.put("silver.thing", lake.current("silver.thing").path("instant").asText());
      }
      if (i % 2 == 0) {
        ObjectNode request = lake.goldRequest(SUMS, null);
        request.remove("asOf");
        if (i == 6) {
          // Its groups have log files by now, which must go with them.
          request.put("mode", "full").put("runId", "full-gold");
        }
        succeeded(lake.run(request));
        record("gold.sums");
        if (i == 6) {
          replaced.put("gold.sums", lake.current("gold.sums").path("instant").asText());
        }
      }
      everySnapshotGivesItsRecordedRows("silver.thing");
      everySnapshotGivesItsRecordedRows("gold.sums");
      assertThat(lake.hudi("silver/thing", "concat_ws('|', id, tenant_id, value)"))
          .as("what Hudi sees after run %d", i)
          .containsExactlyInAnyOrderElementsOf(rows("silver.thing", lake.current("silver.thing")));
      assertThat(snapshots("silver.thing")).as("run %d", i).isEqualTo(expected("silver.thing"));
    }
    assertThat(snapshots("gold.sums")).isEqualTo(expected("gold.sums"));
    aSavepointThatExpiredInACrashHidesNothing();
    noFileIsLeftThatNothingNeeds("silver.thing");
    noFileIsLeftThatNothingNeeds("gold.sums");
    noLogFileIsLeftOfReplacedRows("gold.sums");
    try (var timeline = Files.list(lake.root().resolve("silver/thing/.hoodie"))) {
      assertThat(timeline.filter(file -> file.toString().endsWith("commit")).count())
          .isLessThan(18);
    }
  }

  /** Its commit is in the timeline, before commits that were archived, until the next run. */
  private void aSavepointThatExpiredInACrashHidesNothing() throws Exception {
    HudiTable table = new HudiTable(TestLake.spark(), Specification.of(THING), lake.root());
    String oldest =
        table
            .metaClient()
            .getActiveTimeline()
            .getSavePointTimeline()
            .firstInstant()
            .get()
            .getTimestamp();
    try (SparkRDDWriteClient<?> client = table.client(HudiOptions.write(Specification.of(THING)))) {
      client.deleteSavepoint(oldest);
    }
    Files.delete(lake.root().resolve("_catalog/silver/thing/" + oldest + ".json"));
    truths.get("silver.thing").remove(oldest);
    // An update of a row whose file such a commit wrote: it must be found.
    lake.nextManifest().bronze("core_thing", row(2010, "U", 5000, "quiet-10", 5000));
    succeeded(lake.silver(THING));
    record("silver.thing");
    List<String> rows = rows("silver.thing", lake.current("silver.thing"));
    assertThat(rows).contains("2010|quiet-10|5000").doesNotHaveDuplicates();
    assertThat(rows.stream().filter(row -> row.startsWith("2010|"))).hasSize(1);
    assertThat(lake.hudi("silver/thing", "concat_ws('|', id, tenant_id, value)"))
        .containsExactlyInAnyOrderElementsOf(rows);
    everySnapshotGivesItsRecordedRows("silver.thing");
  }

  @Test
  void aRestoreGoesBackToTheCheckpointOfItsInstant() throws Exception {
    lake = new TestLake(directory);
    ObjectNode last = null;
    for (int i = 1; i <= 4; i++) {
      lake.nextManifest().bronze("core_thing", change(i));
      last = lake.silverRequest(THING);
      succeeded(lake.run(last));
      record("silver.thing");
    }
    String second = truths.get("silver.thing").keySet().stream().skip(1).findFirst().orElseThrow();
    Specification specification = Specification.of(THING);
    HudiTable table = new HudiTable(TestLake.spark(), specification, lake.root());
    try (SparkRDDWriteClient<?> client = table.client(HudiOptions.write(specification))) {
      client.savepoint(second, "test", "test");
      client.restoreToSavepoint(second);
      client.deleteSavepoint(second);
    }
    // Asks for nothing, and so only tells and publishes where the table stands.
    ObjectNode nothing = last.deepCopy();
    nothing.putObject("through").put("epoch", "0001").put("manifest", 2);
    JsonNode result = succeeded(lake.run(nothing));
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(2);
    assertThat(lake.current("silver.thing").path("instant").asText()).isEqualTo(second);
    assertThat(rows("silver.thing", lake.current("silver.thing")))
        .isEqualTo(truths.get("silver.thing").get(second));
    assertThat(snapshots("silver.thing")).hasSize(2);
    succeeded(lake.run(last));
    assertThat(rows("silver.thing", lake.current("silver.thing")))
        .isEqualTo(truths.get("silver.thing").lastEntry().getValue());
  }

  private Retention retention() {
    return Retention.of(EVERY, Duration.ofHours(1), SAVEPOINTS, 1, 4, 2)
        .at(() -> now, this::timeOf);
  }

  private Instant timeOf(String instant) {
    return times.floorEntry(instant).getValue();
  }

  private static String hudi(Instant time) {
    return DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS").withZone(ZoneOffset.UTC).format(time);
  }

  private void record(String dataset) {
    JsonNode current = lake.current(dataset);
    truths
        .computeIfAbsent(dataset, name -> new TreeMap<>())
        .put(current.path("instant").asText(), rows(dataset, current));
  }

  private List<String> rows(String dataset, JsonNode snapshot) {
    List<String> files =
        snapshot.path("files").findValuesAsText("path").stream()
            .map(path -> "'" + lake.root().resolve(path) + "'")
            .toList();
    return files.isEmpty()
        ? List.of()
        : TestLake.query(
            "SELECT id, tenant_id, value FROM read_parquet("
                + files
                + ", union_by_name = true, hive_partitioning = false) ORDER BY ALL");
  }

  private Set<String> snapshots(String dataset) throws Exception {
    Set<String> result = new TreeSet<>();
    Path catalog = lake.root().resolve("_catalog").resolve(dataset.replace('.', '/'));
    if (Files.isDirectory(catalog)) {
      try (var files = Files.newDirectoryStream(catalog, "2*.json")) {
        files.forEach(file -> result.add(file.getFileName().toString().replace(".json", "")));
      }
    }
    return result;
  }

  /** What the contract says, worked out apart from the code. */
  private Set<String> expected(String dataset) {
    Set<String> result = new TreeSet<>();
    TreeMap<Long, String> lastOfHour = new TreeMap<>();
    String newestOld = null;
    for (String instant : truths.get(dataset).keySet()) {
      Instant time = timeOf(instant);
      if (time.isAfter(now.minus(EVERY))) {
        result.add(instant);
      } else {
        newestOld = instant;
      }
      lastOfHour.put(time.getEpochSecond() / 3600, instant);
    }
    if (newestOld != null) {
      result.add(newestOld);
    }
    lastOfHour.values().stream()
        .filter(instant -> timeOf(instant).isAfter(now.minus(SAVEPOINTS)))
        .forEach(result::add);
    // What was before all rows were replaced is not kept longer than each instant is.
    String anew = replaced.get(dataset);
    if (anew != null && newestOld != null && newestOld.compareTo(anew) > 0) {
      result.removeIf(instant -> instant.compareTo(anew) < 0);
    }
    return result;
  }

  private void everySnapshotGivesItsRecordedRows(String dataset) throws Exception {
    for (String instant : snapshots(dataset)) {
      JsonNode snapshot =
          Json.read(
              lake.root()
                  .resolve("_catalog")
                  .resolve(dataset.replace('.', '/'))
                  .resolve(instant + ".json"));
      assertThat(rows(dataset, snapshot))
          .as("%s at %s", dataset, instant)
          .isEqualTo(truths.get(dataset).get(instant));
    }
  }

  private void noFileIsLeftThatNothingNeeds(String dataset) throws Exception {
    Set<String> listed = new TreeSet<>();
    for (String instant : snapshots(dataset)) {
      Json.read(
              lake.root()
                  .resolve("_catalog")
                  .resolve(dataset.replace('.', '/'))
                  .resolve(instant + ".json"))
          .path("files")
          .forEach(file -> listed.add(file.path("path").asText()));
    }
    Set<String> found = new TreeSet<>();
    try (var files = Files.walk(lake.root().resolve(dataset.replace('.', '/')))) {
      files
          .filter(file -> file.toString().endsWith(".parquet"))
          .map(file -> lake.root().relativize(file).toString())
          .filter(
              file ->
                  !TestLake.query(
                          "SELECT count(*) FROM read_parquet('"
                              + lake.root().resolve(file)
                              + "', hive_partitioning = false)")
                      .equals(List.of("0")))
          .forEach(found::add);
    }
    assertThat(found).isEqualTo(listed);
  }

  private void noLogFileIsLeftOfReplacedRows(String dataset) throws Exception {
    String anew = replaced.get(dataset);
    try (var files = Files.walk(lake.root().resolve(dataset.replace('.', '/')))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.contains(".log."))
          .as("log files of groups that were replaced at %s", anew)
          .allSatisfy(
              name ->
                  assertThat(name.substring(name.lastIndexOf('_', name.indexOf(".log.")) + 1))
                      .isGreaterThanOrEqualTo(anew));
    }
  }

  /** Each run inserts a row, changes one and moves one to another tenant; some delete. */
  private static String change(int i) {
    String rows =
        row(i, "I", i, "tenant-" + i % 3, i) + " UNION ALL " + row(1000, "U", i, "tenant-0", i);
    if (i > 3) {
      rows += " UNION ALL " + row(i - 2, "U", i, "tenant-" + i % 4, -i);
      rows += " UNION ALL " + row(i - 3, "D", i, "tenant-0", 0);
    }
    if (i % 2 == 0 && i < 100) {
      // Its file is never written again: it outlives its commit in the timeline.
      rows += " UNION ALL " + row(2000 + i, "I", i, "quiet-" + i, i);
    }
    return rows;
  }

  private static String row(int id, String op, int sequence, String tenant, int value) {
    return """
    SELECT %d::BIGINT AS id, '%s' AS tenant_id, %d::BIGINT AS value, '%s' AS _op, '%s' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key,
      DATE '2026-03-02' AS load_date
    """
        .formatted(id, tenant, value, op, "00011%040d%08d".formatted(sequence, id));
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }
}
