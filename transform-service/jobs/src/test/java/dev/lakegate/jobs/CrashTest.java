package dev.lakegate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.table.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that end in the middle; the next run ends in the same tables. */
class CrashTest {
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
           "sql": "SELECT tenant_id, count(*) AS things, sum(value) AS value FROM silver.thing GROUP BY tenant_id",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "incremental": {"by": ["tenant_id"], "inputs": {"silver.thing": {"columns": {"tenant_id": "tenant_id"}}}},
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "things", "type": "bigint", "nullable": false, "description": "Count."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Sum."}
           ]}
          """);

  private static final String FIRST =
      thing(1, "I", 1, "tenant-1", 10)
          + " UNION ALL "
          + thing(2, "I", 2, "ünï 日本", 20)
          + " UNION ALL "
          + thing(3, "I", 3, "a/b=c", 30);
  private static final String SECOND =
      thing(1, "U", 4, "ünï 日本", 11)
          + " UNION ALL "
          + thing(3, "D", 5, null, 0)
          + " UNION ALL "
          + thing(4, "I", 6, "tenant-1", 40);
  private static final List<String> THINGS_THEN =
      List.of("1|ünï 日本|11", "2|ünï 日本|20", "4|tenant-1|40");
  private static final List<String> SUMS_THEN = List.of("tenant-1|1|40", "ünï 日本|2|31");

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create .*hoodie[.]properties.*", "create .*/tenant_id=.*[.]parquet"})
  void theFirstLoadOfATable(String haltAt) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST + " UNION ALL " + SECOND);
    ObjectNode request = lake.silverRequest(THING);
    crash(request, haltAt);
    succeeded(lake.run(request));
    assertThat(things()).isEqualTo(THINGS_THEN);
    everyFileBelongsToACommit("silver/thing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create .*/tenant_id=.*[.]parquet",
        "(create|rename) .*/[.]hoodie/[0-9]+[.]commit",
        "before publish"
      })
  void anUpdateOfSilver(String haltAt) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    JsonNode before = lake.current("silver.thing");
    lake.nextManifest().bronze("core_thing", SECOND);
    ObjectNode request = lake.silverRequest(THING);
    crash(request, haltAt);
    // Readers see the old state, whole.
    assertThat(lake.current("silver.thing")).isEqualTo(before);
    assertThat(things()).containsExactly("1|tenant-1|10", "2|ünï 日本|20", "3|a/b=c|30");
    JsonNode result = succeeded(lake.run(request));
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(2);
    assertThat(things()).isEqualTo(THINGS_THEN);
    everyFileBelongsToACommit("silver/thing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "before commit",
        "(create|rename) .*/[.]hoodie/[0-9]+[.]deltacommit",
        "(create|rename) .*[.]compaction[.]requested",
        "(create|rename) .*/[.]hoodie/[0-9]+[.]commit"
      })
  void anUpdateOfGold(String haltAt) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    ObjectNode request = lake.goldRequest(SUMS, null);
    request.remove("asOf");
    succeeded(lake.run(request));
    lake.nextManifest().bronze("core_thing", SECOND);
    succeeded(lake.silver(THING));
    crash(request, haltAt);
    assertThat(sums()).containsExactly("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    assertThat(succeeded(lake.run(request)).at("/computation/mode").asText())
        .isEqualTo("incremental");
    assertThat(sums()).isEqualTo(SUMS_THEN);
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrderElementsOf(SUMS_THEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"written .*[.]replacecommit", "after replacing"})
  void aTableThatIsBuiltAnew(String haltAt) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.run(lake.silverRequest(THING)));
    JsonNode before = lake.current("silver.thing");
    ObjectNode wider = THING.deepCopy();
    ((ObjectNode) wider.path("columns").path(2)).put("type", "double");
    lake.nextManifest().bronze("core_thing", SECOND);
    ObjectNode request = lake.silverRequest(wider).put("mode", "full").put("runId", "anew");
    crash(request, haltAt);
    assertThat(lake.current("silver.thing")).isEqualTo(before);
    assertThat(things()).containsExactly("1|tenant-1|10", "2|ünï 日本|20", "3|a/b=c|30");
    succeeded(lake.run(request));
    assertThat(
            TestLake.query("SELECT id, value FROM " + lake.table("silver.thing") + " ORDER BY 1"))
        .containsExactly("1|11.0", "2|20.0", "4|40.0");
    assertThat(lake.hudi("silver/thing", "concat_ws('|', id, value)"))
        .containsExactlyInAnyOrder("1|11.0", "2|20.0", "4|40.0");
    everyFileBelongsToACommit("silver/thing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "incremental"})
  void aTableThatIsBuiltAnewInDeeperPartitions(String next) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.run(lake.silverRequest(THING)));
    JsonNode before = lake.current("silver.thing");
    ObjectNode deeper = THING.deepCopy();
    deeper.putArray("partitionBy").add("tenant_id").add("value");
    ObjectNode request = lake.silverRequest(deeper).put("mode", "full").put("runId", "deeper");
    crash(request, "after replacing");
    assertThat(lake.current("silver.thing")).isEqualTo(before);
    if (next.equals("full")) {
      succeeded(lake.run(request.deepCopy().put("runId", "again")));
      assertThat(hudiThings()).isEqualTo(things()).hasSize(3);
    }
    lake.nextManifest().bronze("core_thing", SECOND);
    succeeded(lake.run(lake.silverRequest(deeper)));
    assertThat(things()).isEqualTo(THINGS_THEN);
    assertThat(hudiThings()).isEqualTo(THINGS_THEN);
    // Back, killed when the outer folders are marked already but nothing is committed.
    crash(
        lake.silverRequest(THING).put("mode", "full").put("runId", "flat"),
        "written .*[.]replacecommit");
    succeeded(lake.run(lake.silverRequest(deeper).put("mode", "full").put("runId", "stays")));
    assertThat(things()).isEqualTo(THINGS_THEN);
    assertThat(hudiThings()).isEqualTo(THINGS_THEN);
  }

  private List<String> hudiThings() {
    return lake.hudi("silver/thing", "concat_ws('|', id, tenant_id, value)").stream()
        .sorted()
        .toList();
  }

  @Test
  void aMetricThatIsBuiltAnew() throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    ObjectNode request = lake.goldRequest(SUMS, null);
    request.remove("asOf");
    succeeded(lake.run(request));
    lake.nextManifest().bronze("core_thing", SECOND);
    succeeded(lake.silver(THING));
    crash(request.deepCopy().put("mode", "full"), "after clearing");
    assertThat(sums()).containsExactly("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    succeeded(lake.run(request));
    assertThat(sums()).isEqualTo(SUMS_THEN);
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrderElementsOf(SUMS_THEN);
  }

  /** Whatever a run of the new partitions or of the old ones left: the next one makes it right. */
  @ParameterizedTest
  @ValueSource(strings = {"after clearing", "after replacing"})
  void aMetricThatIsBuiltAnewInOtherPartitions(String haltAt) throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    succeeded(lake.run(sumsRequest(SUMS)));
    ObjectNode deeper = SUMS.deepCopy();
    deeper.putArray("grain").add("tenant_id").add("things");
    deeper.putArray("partitionBy").add("tenant_id").add("things");
    lake.nextManifest().bronze("core_thing", SECOND);
    succeeded(lake.silver(THING));

    crash(sumsRequest(deeper), haltAt);
    assertThat(sums()).containsExactly("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    succeeded(lake.run(sumsRequest(deeper)));
    assertThat(sums()).isEqualTo(SUMS_THEN);
    assertThat(hudiSums()).isEqualTo(SUMS_THEN);

    crash(sumsRequest(SUMS), haltAt);
    assertThat(sums()).isEqualTo(SUMS_THEN);
    succeeded(lake.run(sumsRequest(SUMS)));
    assertThat(sums()).isEqualTo(SUMS_THEN);
    assertThat(hudiSums()).isEqualTo(SUMS_THEN);
  }

  /** A commit that was not published yet is not taken for one of the next run's definition. */
  @Test
  void aMetricThatIsBuiltAnewOnACommitThatNobodyHasSeen() throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    succeeded(lake.run(sumsRequest(SUMS)));
    lake.nextManifest().bronze("core_thing", SECOND);
    succeeded(lake.silver(THING));
    crash(sumsRequest(SUMS), "before publish");
    JsonNode before = lake.current("gold.sums");
    ObjectNode deeper = SUMS.deepCopy();
    deeper.putArray("grain").add("tenant_id").add("things").add("value");
    deeper.putArray("partitionBy").add("tenant_id").add("things").add("value");
    crash(sumsRequest(deeper), "before replacing");
    assertThat(lake.current("gold.sums")).as("what readers see").isEqualTo(before);
    succeeded(lake.run(sumsRequest(deeper)));
    assertThat(sums()).isEqualTo(SUMS_THEN);
    assertThat(hudiSums()).isEqualTo(SUMS_THEN);
    assertThat(lake.current("gold.sums").at("/files/0/partition").fieldNames())
        .toIterable()
        .containsExactly("tenant_id", "things", "value");
  }

  private ObjectNode sumsRequest(JsonNode specification) throws Exception {
    ObjectNode request = lake.goldRequest(specification, null);
    request.remove("asOf");
    return request;
  }

  private List<String> hudiSums() {
    return lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)").stream()
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"after snapshots", "before clean", "archived a commit"})
  void theRemovalOfWhatIsOld(String haltAt) throws Exception {
    for (int i = 1; i <= 3; i++) {
      lake.nextManifest()
          .bronze("core_thing", thing(1, i == 1 ? "I" : "U", i, "tenant-" + i % 2, i));
      succeeded(lake.silver(THING));
    }
    lake.nextManifest().bronze("core_thing", thing(1, "U", 4, "tenant-0", 4));
    List<String> options =
        List.of(
            "-Dlakegate.jobs.retention=PT0.001S",
            "-Dlakegate.jobs.savepoint-every=PT0.5S",
            "-Dlakegate.jobs.clean-every-commits=1",
            "-Dlakegate.jobs.commits-kept=2",
            "-Dlakegate.jobs.archive-every-commits=1");
    crash(lake.silverRequest(THING), haltAt, options);
    everySnapshotIsWhole();
    assertThat(lake.hudi("silver/thing", "concat_ws('|', id, tenant_id, value)"))
        .containsExactly("1|tenant-0|4");
    lake.retention(
        Retention.of(Duration.ofMillis(1), Duration.ofMillis(500), Duration.ofDays(8), 1, 60, 40));
    lake.nextManifest().bronze("core_thing", thing(2, "I", 5, "tenant-1", 5));
    succeeded(lake.silver(THING));
    everySnapshotIsWhole();
    assertThat(things()).containsExactly("1|tenant-0|4", "2|tenant-1|5");
  }

  private void everySnapshotIsWhole() throws Exception {
    int snapshots = 0;
    try (var files =
        Files.newDirectoryStream(lake.root().resolve("_catalog/silver/thing"), "*.json")) {
      for (Path file : files) {
        snapshots++;
        for (JsonNode listed : Json.read(file).path("files")) {
          assertThat(lake.root().resolve(listed.path("path").asText())).exists();
        }
      }
    }
    assertThat(snapshots).isGreaterThan(2);
  }

  @Test
  void serveSpeaksLinesHealsAfterAKillAndEndsWithItsInput() throws Exception {
    lake.nextManifest().bronze("core_thing", FIRST);
    succeeded(lake.silver(THING));
    lake.nextManifest().bronze("core_thing", SECOND);
    ObjectNode message = Json.object().put("id", "7");
    message.set("request", lake.silverRequest(THING));
    try (JobsProcess first = JobsProcess.start(directory, null, "serve")) {
      assertThat(Json.write(first.receive()))
          .isEqualTo("{\"event\":\"ready\",\"version\":1,\"parallel\":2}");
      first.send(Json.write(message));
      JsonNode progress = first.await("progress");
      assertThat(progress.path("id").asText()).isEqualTo("7");
      while (!progress.path("stage").asText().equals("committing")) {
        progress = first.await("progress");
      }
      first.kill();
      first.awaitExit();
    }
    assertThat(scratch()).hasSize(1);
    try (JobsProcess second = JobsProcess.start(directory, null, "serve")) {
      second.await("ready");
      second.send("not json");
      JsonNode junk = second.await("result");
      assertThat(junk.path("result").path("error").path("code").asText())
          .isEqualTo("REQUEST_INVALID");
      // Two at once of one table: one of them is refused.
      second.send(Json.write(message));
      second.send(Json.write(message.deepCopy().put("id", "8")));
      JsonNode refused = second.await("result");
      assertThat(refused.path("result").path("error").path("code").asText())
          .isEqualTo("TABLE_LOCKED");
      JsonNode result = second.await("result");
      assertThat(Files.readString(directory.resolve("jobs.log")))
          .as("the log names the run")
          .containsPattern(
              "WARN .*[\\]] [\\[]run run-2[\\]] Runner silver.thing failed: TABLE_LOCKED");
      assertThat(Set.of(refused.path("id").asText(), result.path("id").asText()))
          .isEqualTo(Set.of("7", "8"));
      succeeded(result.path("result"));
      second.endInput();
      assertThat(second.receive()).isNull();
      assertThat(second.awaitExit()).isZero();
    }
    assertThat(scratch()).isEmpty();
    assertThat(things()).isEqualTo(THINGS_THEN);
    everyFileBelongsToACommit("silver/thing");
  }

  private List<Path> scratch() throws Exception {
    try (var files = Files.list(directory.resolve("work"))) {
      return files.toList();
    }
  }

  private void crash(JsonNode request, String haltAt) throws Exception {
    crash(request, haltAt, List.of());
  }

  private void crash(JsonNode request, String haltAt, List<String> options) throws Exception {
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(request));
    try (JobsProcess process =
        JobsProcess.start(directory, haltAt, options, "run", "--request", file.toString())) {
      assertThat(process.awaitExit())
          .as(Files.readString(directory.resolve("jobs.log")))
          .isEqualTo(HaltPoint.EXIT_CODE);
    }
  }

  private void everyFileBelongsToACommit(String table) throws Exception {
    Set<String> files = new TreeSet<>();
    try (var all = Files.walk(lake.root().resolve(table))) {
      all.filter(file -> file.toString().endsWith(".parquet"))
          .forEach(file -> files.add(lake.root().relativize(file).toString()));
    }
    Set<String> known = new TreeSet<>();
    try (var snapshots =
        Files.newDirectoryStream(lake.root().resolve("_catalog/" + table), "*.json")) {
      for (Path snapshot : snapshots) {
        Json.read(snapshot).path("files").forEach(file -> known.add(file.path("path").asText()));
      }
    }
    // A file group whose last row went leaves a file without rows, which no snapshot lists.
    files.removeIf(
        file ->
            TestLake.query(
                    "SELECT count(*) FROM read_parquet('"
                        + lake.root().resolve(file)
                        + "', hive_partitioning = false)")
                .equals(List.of("0")));
    assertThat(files).isEqualTo(known);
  }

  private List<String> things() {
    return TestLake.query(
        "SELECT id, tenant_id, value FROM " + lake.table("silver.thing") + " ORDER BY id");
  }

  private List<String> sums() {
    return TestLake.query(
        "SELECT tenant_id, things, value FROM " + lake.table("gold.sums") + " ORDER BY ALL");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static String thing(int id, String op, int sequence, String tenant, int value) {
    return """
    SELECT %d::BIGINT AS id, %s::VARCHAR AS tenant_id, %d::BIGINT AS value, '%s' AS _op, '%s' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key,
      DATE '2026-03-02' AS load_date
    """
        .formatted(
            id,
            tenant == null ? "NULL" : "'" + tenant + "'",
            value,
            op,
            "00011%040d00000000".formatted(sequence));
  }
}
