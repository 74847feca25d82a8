package dev.lakegate.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Timelines as a loss of power may leave them. */
class TimelineFilesTest {
  private static final JsonNode THING =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.thing", "name": "thing", "scope": "tenant",
           "description": "Things.", "path": "silver/thing", "bronzeTable": "core_thing", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."}
           ]}
          """);

  @TempDir Path directory;
  private TestLake lake;
  private Path timeline;

  @BeforeEach
  void load() {
    lake = new TestLake(directory);
    timeline = lake.root().resolve("silver/thing/.hoodie");
    lake.nextManifest().bronze("core_thing", row(1, "I") + " UNION ALL " + row(2, "I"));
    succeeded(lake.silver(THING));
  }

  @Test
  void propertiesThatWereLostAreWrittenAnewAndNoCommitIsLost() throws Exception {
    byte[] properties = Files.readAllBytes(timeline.resolve("hoodie.properties"));
    for (boolean there : new boolean[] {true, false}) {
      if (there) {
        Files.write(timeline.resolve("hoodie.properties"), new byte[0]);
        Files.write(timeline.resolve("hoodie.properties.backup"), new byte[0]);
      } else {
        Files.deleteIfExists(timeline.resolve("hoodie.properties"));
      }
      lake.nextManifest().bronze("core_thing", row((int) lake.manifest() + 1, "I"));
      JsonNode result = succeeded(lake.silver(THING));
      assertThat(result.path("rowsTotal").asLong()).isEqualTo(lake.manifest() + 1);
      assertThat(keys()).hasSize((int) lake.manifest() + 1);
    }
    assertThat(settings(Files.readAllBytes(timeline.resolve("hoodie.properties"))))
        .isEqualTo(settings(properties));
  }

  @Test
  void aCommitWithoutItsContentIsTakenBackAndDoneAgain() throws Exception {
    for (byte[] content : new byte[][] {{}, "{\"partitionToWriteStats\": {\"tena".getBytes()}) {
      lake.nextManifest()
          .bronze("core_thing", row((int) lake.manifest() + 1, "I") + " UNION ALL " + row(1, "U"));
      JsonNode before = lake.current("silver.thing");
      JsonNode request = lake.silverRequest(THING);
      JsonNode lost = succeeded(lake.silver(THING));
      // As a crash before the snapshot, with the commit's content not on the disk.
      Files.write(timeline.resolve(lost.path("instant").asText() + ".commit"), content);
      Path catalog = lake.root().resolve("_catalog/silver/thing");
      Files.delete(catalog.resolve(lost.path("instant").asText() + ".json"));
      Files.writeString(catalog.resolve("current.json"), Json.write(before));
      JsonNode again = succeeded(lake.run(request));
      assertThat(again.path("instant")).isNotEqualTo(lost.path("instant"));
      assertThat(again.path("rowsRead").asLong()).isEqualTo(2);
      assertThat(keys()).hasSize((int) lake.manifest() + 1).doesNotHaveDuplicates();
      assertThat(again.path("rowsTotal").asLong()).isEqualTo(lake.manifest() + 1);
    }
  }

  @Test
  void aClockThatWasSetBackByLongIsRefusedAndWhatIsCommittedIsPublished() throws Exception {
    String future = committedAt(Instant.now().plusSeconds(3600));
    lake.nextManifest().bronze("core_thing", row(3, "I"));
    JsonNode result = lake.silver(THING);
    assertThat(result.path("status").asText()).isEqualTo("failed");
    assertThat(result.path("error").path("code").asText()).isEqualTo("CLOCK_BEHIND");
    assertThat(result.path("error").path("retryable").asBoolean()).isTrue();
    assertThat(result.path("error").path("message").asText())
        .contains("silver.thing")
        .contains(future);
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(1);
    assertThat(lake.current("silver.thing").path("instant").asText()).isEqualTo(future);
    assertThat(keys()).containsExactly("1", "2");
  }

  @Test
  void aClockThatWasSetBackBySecondsIsWaitedFor() throws Exception {
    JsonNode request = lake.nextManifest().bronze("core_thing", row(3, "I")).silverRequest(THING);
    String future = committedAt(Instant.now().plusSeconds(5));
    JsonNode result = succeeded(lake.run(request));
    assertThat(result.path("instant").asText()).isGreaterThan(future);
    assertThat(lake.current("silver.thing").path("instant")).isEqualTo(result.path("instant"));
    assertThat(result.path("rowsTotal").asLong()).isEqualTo(3);
  }

  /** Makes the only commit one of that time. */
  private String committedAt(Instant time) throws Exception {
    String present = lake.current("silver.thing").path("instant").asText();
    String instant =
        DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS").withZone(ZoneOffset.UTC).format(time);
    List<Path> files;
    try (var all = Files.list(timeline)) {
      files = all.filter(file -> file.getFileName().toString().startsWith(present)).toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(3);
    for (Path file : files) {
      Files.move(
          file,
          file.resolveSibling(instant + file.getFileName().toString().substring(present.length())));
    }
    return instant;
  }

  @Test
  void whatNeverBecameATableIsRemoved() throws Exception {
    Path other = lake.root().resolve("silver/thing");
    dev.lakegate.jobs.spark.Scratch.delete(other);
    dev.lakegate.jobs.spark.Scratch.delete(lake.root().resolve("_catalog/silver/thing"));
    Files.createDirectories(timeline);
    Files.write(timeline.resolve("hoodie.properties"), new byte[0]);
    lake.nextManifest().bronze("core_thing", row(9, "I"));
    assertThat(succeeded(lake.silver(THING)).path("rowsTotal").asLong()).isEqualTo(1);
  }

  private static List<String> settings(byte[] properties) {
    return new String(properties)
        .lines()
        .filter(
            line ->
                !line.startsWith("#")
                    && !line.startsWith("hoodie.table.checksum")
                    && !line.startsWith("hoodie.table.create.schema")
                    && !line.startsWith("hoodie.populate.meta.fields")
                    && !line.startsWith("hoodie.table.base.file.format")
                    && !line.startsWith("hoodie.partition.metafile.use.base.format")
                    && !line.startsWith("hoodie.table.metadata.partitions"))
        .sorted()
        .toList();
  }

  private List<String> keys() {
    return lake.hudi("silver/thing", "CAST(id AS string)").stream().sorted().toList();
  }

  private static String row(int id, String op) {
    return """
    SELECT %d::BIGINT AS id, 'tenant-1' AS tenant_id, '%s' AS _op, '00011' || lpad(nextval('changes')::VARCHAR, 40, '0') || '00000000' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key,
      DATE '2026-03-02' AS load_date
    """
        .formatted(id, op);
  }

  static {
    TestLake.duck("CREATE SEQUENCE IF NOT EXISTS changes");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }
}
