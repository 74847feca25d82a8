package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.table.Retention;
import dev.lakegate.jobs.table.TableLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SilverJobTest {
  private static final JsonNode EVENT = TestLake.golden("job-specification.silver.json");

  @TempDir Path directory;

  @Test
  void carriesInsertUpdateAndDelete() throws Exception {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_event",
            event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", "203.0.113.77", "one")
                + " UNION ALL "
                + event("b", "I", 2, "tenant-2", "2026-02-11 00:00:00+00", null, "two")
                + " UNION ALL "
                + event("c", "I", 3, "tenant-2", "2026-02-11 00:00:00+00", "junk", "three"));
    succeeded(lake.silver(EVENT));
    assertThat(rows(lake))
        .containsExactly(
            "a|tenant-1|2026-03-01|203.0.113.0|one",
            "b|tenant-2|2026-02-01|null|two",
            "c|tenant-2|2026-02-01|null|three");
    lake.nextManifest()
        .bronze(
            "core_event",
            event("a", "U", 4, "tenant-3", "2026-03-01 00:00:00+00", "2001:db8:1:2::3/128", "four")
                + " UNION ALL "
                + event("c", "D", 5, "tenant-2", "2026-02-11 00:00:00+00", null, "three"));
    JsonNode result = succeeded(lake.silver(EVENT));
    assertThat(rows(lake))
        .containsExactly(
            "a|tenant-3|2026-03-01|2001:db8:1::|four", "b|tenant-2|2026-02-01|null|two");
    assertThat(result.path("rowsRead").asLong()).isEqualTo(2);
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(1);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    assertThat(result.path("rowsTotal").asLong()).isEqualTo(2);
    // Each Spark task gets a copy of it: with its defaults, that is a third of a small commit.
    assertThat(TestLake.spark().sparkContext().hadoopConfiguration().size()).isLessThan(20);
    // A reader sees the move in one commit: the older snapshot still gives the older state.
    assertThat(lake.current("silver.event").path("instant").asText())
        .isEqualTo(result.path("instant").asText());
    shapedLike(TestLake.golden("run-result.json"), result, "result");
    shapedLike(TestLake.golden("snapshot.json"), lake.current("silver.event"), "snapshot");
  }

  @Test
  void runsTheGoldenRequest() {
    TestLake lake = new TestLake(directory);
    ObjectNode request = TestLake.golden("run-request.silver.json").deepCopy();
    request.put("storageRoot", lake.root().toString());
    request.putNull("after");
    String file = request.path("files").path(0).path("path").asText();
    lake.write(
        file, event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", "203.0.113.77", "one"));
    JsonNode result = succeeded(lake.run(request));
    assertThat(result.path("runId")).isEqualTo(request.path("runId"));
    assertThat(result.path("checkpoint")).isEqualTo(request.path("through"));
    assertThat(result.path("watermark")).isEqualTo(request.path("watermark"));
    assertThat(rows(lake)).containsExactly("a|tenant-1|2026-03-01|203.0.113.0|one");
    // The same request again finds all done.
    JsonNode again = succeeded(lake.run(request));
    assertThat(again.path("instant")).isEqualTo(result.path("instant"));
    assertThat(again.path("rowsRead").asLong()).isZero();
  }

  @Test
  void everyRunCommitsItsProgressEvenWithoutRows() {
    TestLake lake = new TestLake(directory);
    lake.nextManifest();
    JsonNode first = succeeded(lake.silver(EVENT));
    assertThat(first.path("checkpoint").path("manifest").asLong()).isEqualTo(1);
    assertThat(first.path("rowsTotal").asLong()).isZero();
    assertThat(lake.isEmpty("silver.event")).isTrue();
    lake.nextManifest()
        .bronze(
            "core_event", event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", null, "one"));
    succeeded(lake.silver(EVENT));
    lake.nextManifest();
    JsonNode third = succeeded(lake.silver(EVENT));
    assertThat(third.path("checkpoint").path("manifest").asLong()).isEqualTo(3);
    assertThat(third.path("rowsTotal").asLong()).isEqualTo(1);
    assertThat(rows(lake)).hasSize(1);
    // The last row goes; the table stays.
    lake.nextManifest()
        .bronze(
            "core_event", event("a", "D", 2, "tenant-1", "2026-03-01 00:00:00+00", null, "one"));
    assertThat(succeeded(lake.silver(EVENT)).path("rowsTotal").asLong()).isZero();
    assertThat(lake.isEmpty("silver.event")).isTrue();
  }

  @Test
  void filesOfManifestsAlreadyConsumedAreSkipped() {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_event", event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", null, "one"));
    succeeded(lake.run(lake.silverRequest(EVENT)));
    lake.nextManifest()
        .bronze(
            "core_event", event("b", "I", 2, "tenant-1", "2026-03-01 00:00:00+00", null, "two"));
    // Names the file of manifest 1 again.
    JsonNode result = succeeded(lake.silver(EVENT));
    assertThat(result.path("rowsRead").asLong()).isEqualTo(1);
    assertThat(rows(lake)).hasSize(2);
  }

  @Test
  void aRunThatWouldLeaveAGapIsRefused() {
    TestLake lake = new TestLake(directory);
    lake.nextManifest();
    ObjectNode request = lake.silverRequest(EVENT);
    request.putObject("after").put("epoch", "0001").put("manifest", 7);
    request.putObject("through").put("epoch", "0001").put("manifest", 8);
    failed(lake.run(request), "CHECKPOINT_BEHIND", false);
    lake.nextManifest().nextManifest();
    succeeded(lake.silver(EVENT));
    JsonNode result = failed(lake.run(request), "CHECKPOINT_BEHIND", false);
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(3);
    shapedLike(TestLake.golden("run-result.failed.json"), result, "result");
    request.putNull("after");
    request.putObject("through").put("epoch", "0002").put("manifest", 2);
    failed(lake.run(request), "CHECKPOINT_AHEAD", false);
  }

  @Test
  void aTableWithCommitsButNoCheckpointIsNotStartedFromZero() {
    TestLake lake = new TestLake(directory);
    TestLake.spark()
        .sql("SELECT 'a' AS id, 't' AS tenant_id, '1' AS _change_seq")
        .write()
        .format("hudi")
        .option("hoodie.table.name", "event")
        .option("hoodie.datasource.write.recordkey.field", "id")
        .option("hoodie.datasource.write.partitionpath.field", "tenant_id")
        .option("hoodie.datasource.write.precombine.field", "_change_seq")
        .option("hoodie.metadata.enable", "false")
        .option("hoodie.embed.timeline.server", "false")
        .mode("append")
        .save(lake.root().resolve("silver/event").toString());
    lake.nextManifest();
    failed(lake.silver(EVENT), "CHECKPOINT_MISSING", false);
  }

  @Test
  void whatIsWrongWithARequestIsSaid() throws Exception {
    TestLake lake = new TestLake(directory);
    lake.nextManifest();
    ObjectNode request = lake.silverRequest(EVENT);
    assertThat(
            message(
                failed(
                    lake.run(request.deepCopy().put("version", 2)), "VERSION_UNSUPPORTED", false)))
        .contains("version 2")
        .contains("version 1");
    failed(lake.run(request.deepCopy().put("mode", "sideways")), "MODE_UNSUPPORTED", false);
    failed(
        lake.run(request.deepCopy().put("storageRoot", lake.root().resolve("nowhere").toString())),
        "STORAGE_MISSING",
        false);
    ObjectNode badType = EVENT.deepCopy();
    ((ObjectNode) badType.path("columns").path(0)).put("type", "geometry");
    lake.bronze("core_event", event("a", "I", 1, "t", "2026-03-01 00:00:00+00", null, "one"));
    assertThat(
            message(failed(lake.run(lake.silverRequest(badType)), "SPECIFICATION_INVALID", false)))
        .contains("geometry");
    ObjectNode badKey = EVENT.deepCopy();
    badKey.putArray("key").add("nothing");
    failed(lake.run(lake.silverRequest(badKey)), "SPECIFICATION_INVALID", false);
    ObjectNode badDerivation = EVENT.deepCopy();
    ((ObjectNode) badDerivation.path("derivations").path(0))
        .put("expression", "no_such_function(id)");
    assertThat(
            message(
                failed(lake.run(lake.silverRequest(badDerivation)), "DERIVATION_INVALID", false)))
        .contains("ip_address")
        .contains("no_such_function");
    request = lake.silverRequest(EVENT);
    ((ObjectNode) request.path("files").path(0)).put("path", "bronze/core_event/gone.parquet");
    failed(lake.run(request), "BRONZE_FILE_MISSING", false);
    ((ObjectNode) request.path("files").path(0)).put("path", "../outside.parquet");
    failed(lake.run(request), "REQUEST_INVALID", false);
    try (TableLock lock =
        TableLock.acquire(lake.root().resolve("_catalog/silver/event"), "silver.event")) {
      assertThat(lock).isNotNull();
      failed(lake.run(lake.silverRequest(EVENT)), "TABLE_LOCKED", true);
    }
    succeeded(lake.silver(EVENT));
  }

  @Test
  void aColumnAddedLaterIsNullInOlderRows() {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_event",
            event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", null, "one")
                + " UNION ALL "
                + event("b", "I", 2, "tenant-1", "2026-03-01 00:00:00+00", null, "two"));
    succeeded(lake.silver(EVENT));
    ObjectNode wider = EVENT.deepCopy();
    ((ArrayNode) wider.path("columns"))
        .addObject()
        .put("name", "campaign")
        .put("type", "varchar")
        .put("nullable", true)
        .put("description", "Campaign.");
    lake.nextManifest()
        .bronze(
            "core_event",
            "SELECT *, 'spring' AS campaign FROM ("
                + event("b", "U", 3, "tenant-1", "2026-03-01 00:00:00+00", null, "three")
                + ")");
    succeeded(lake.silver(wider));
    assertThat(
            TestLake.query(
                "SELECT id, event_data, campaign FROM "
                    + lake.table("silver.event")
                    + " ORDER BY id"))
        .containsExactly("a|one|null", "b|three|spring");
  }

  @Test
  void oldFilesAndTheirSnapshotsGoTogether() throws Exception {
    TestLake lake =
        new TestLake(
            directory,
            Retention.of(
                java.time.Duration.ZERO,
                java.time.Duration.ofHours(1),
                java.time.Duration.ZERO,
                1,
                4,
                2));
    for (int i = 1; i <= 12; i++) {
      lake.nextManifest()
          .bronze(
              "core_event",
              event(
                  "a", i == 1 ? "I" : "U", i, "tenant-1", "2026-03-01 00:00:00+00", null, "v" + i));
      succeeded(lake.silver(EVENT));
    }
    assertThat(rows(lake)).containsExactly("a|tenant-1|2026-03-01|null|v12");
    long files;
    try (var all = Files.walk(lake.root().resolve("silver/event"))) {
      files = all.filter(file -> file.toString().endsWith(".parquet")).count();
    }
    assertThat(files).isLessThan(5);
    Set<String> snapshots = new TreeSet<>();
    try (var all = Files.list(lake.root().resolve("_catalog/silver/event"))) {
      snapshots.addAll(
          all.map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".json"))
              .collect(Collectors.toSet()));
    }
    assertThat(snapshots).hasSizeLessThan(6).contains("current.json");
    for (String snapshot : snapshots) {
      for (JsonNode file :
          Json.read(lake.root().resolve("_catalog/silver/event/" + snapshot)).path("files")) {
        assertThat(lake.root().resolve(file.path("path").asText())).exists();
      }
    }
    try (var timeline = Files.list(lake.root().resolve("silver/event/.hoodie"))) {
      assertThat(timeline.filter(file -> file.toString().endsWith(".commit")).count())
          .isLessThan(9);
    }
    // Progress survives archiving.
    JsonNode result = succeeded(lake.silver(EVENT));
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(12);
  }

  @Test
  void theWatermarkNeverGoesBack() {
    TestLake lake = new TestLake(directory);
    lake.nextManifest();
    succeeded(lake.silver(EVENT));
    lake.nextManifest();
    ObjectNode request = lake.silverRequest(EVENT).put("watermark", "2020-01-01T00:00:00Z");
    JsonNode result = succeeded(lake.run(request));
    assertThat(Instant.parse(result.path("watermark").asText()))
        .isEqualTo(Instant.parse("2026-03-02T10:15:30.123456Z"));
  }

  /** Same fields, same kinds: what the other side of the contract is tested against. */
  private static void shapedLike(JsonNode golden, JsonNode found, String path) {
    if (golden.isNull() || found.isNull()) {
      return;
    }
    assertThat(found.getNodeType()).as(path).isEqualTo(golden.getNodeType());
    if (golden.isArray() && golden.size() > 0) {
      for (JsonNode item : found) {
        shapedLike(golden.get(0), item, path + "[]");
      }
    }
    boolean map = path.endsWith(".min") || path.endsWith(".max") || path.endsWith(".partition");
    if (golden.isObject() && !map && !path.equals("snapshot.checkpoint")) {
      Set<String> names = new TreeSet<>();
      golden.fieldNames().forEachRemaining(names::add);
      Set<String> foundNames = new TreeSet<>();
      found.fieldNames().forEachRemaining(foundNames::add);
      assertThat(foundNames).as(path).isEqualTo(names);
      names.forEach(name -> shapedLike(golden.get(name), found.get(name), path + "." + name));
    }
  }

  private static List<String> rows(TestLake lake) {
    return TestLake.query(
        "SELECT id, tenant_id, load_date, ip_address, event_data FROM "
            + lake.table("silver.event")
            + " ORDER BY id");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static JsonNode failed(JsonNode result, String code, boolean retryable) {
    assertThat(result.path("error").path("code").asText()).as(result.toString()).isEqualTo(code);
    assertThat(result.path("error").path("retryable").asBoolean()).isEqualTo(retryable);
    return result;
  }

  private static String message(JsonNode result) {
    return result.path("error").path("message").asText();
  }

  static String event(
      String id, String op, int sequence, String tenant, String createdAt, String ip, String data) {
    return """
    SELECT '%s' AS id, 's' AS session_id, 'page_view' AS event_type, '%s' AS event_data, %s::VARCHAR AS ip_address,
      'agent' AS user_agent, TIMESTAMPTZ '%s' AS created_at, 1::BIGINT AS customer_id, '%s' AS tenant_id,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(
            id,
            data,
            ip == null ? "NULL" : "'" + ip + "'",
            createdAt,
            tenant,
            op,
            "00011%040d00000000".formatted(sequence));
  }
}
