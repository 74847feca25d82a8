package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobsProcess;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that end between the commits of a table and its quarantine. */
class QuarantineCrashTest {
  private static final JsonNode THING =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.thing", "name": "thing", "scope": "tenant",
           "description": "Things.", "path": "silver/thing", "bronzeTable": "core_thing", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Value."},
             {"name": "note", "type": "varchar", "nullable": true, "description": "Large."}
           ],
           "derivations": [],
           "expectations": [{"name": "value_is_small", "expression": "value < 100", "blocking": true}]}
          """);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = "after quarantine")
  void bothAreRightAfterTheNextRun(String haltAt) throws Exception {
    aKillAt(haltAt);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "before replacing",
        "written .*thing_quarantine/[.]hoodie/[0-9]+[.]replacecommit",
        "after replacing",
        "after commit",
        "before commit",
        "create .*/thing/tenant_id=.*[.]parquet",
        "quarantine published",
        "before publish",
        "after publish"
      })
  void bothAreRightWhereverItWasKilled(String haltAt) throws Exception {
    aKillAt(haltAt);
  }

  private void aKillAt(String haltAt) throws Exception {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_thing",
            String.join(
                " UNION ALL ",
                thing(1, "I", 1, "a", 1, "one"),
                thing(2, "I", 2, "b", 200, "two"),
                thing(3, "I", 3, "a", 3, "three"),
                thing(4, "I", 4, "b", 400, "four")));
    succeeded(lake.silver(THING));
    assertThat(things(lake)).containsExactly("1|a|1|one", "3|a|3|three");
    assertThat(quarantine(lake)).containsExactly("{\"id\":2}", "{\"id\":4}");

    // 1 turns bad, 2 is mended by a change that does not carry its note, 4 ends.
    lake.nextManifest()
        .bronze(
            "core_thing",
            String.join(
                " UNION ALL ",
                thing(1, "U", 5, "a", 100, null),
                thing(2, "U", 6, "c", 2, null),
                thing(4, "D", 7, "b", 0, null)));
    ObjectNode request = lake.silverRequest(THING);
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(request));
    try (JobsProcess process =
        JobsProcess.start(directory, haltAt, List.of(), "run", "--request", file.toString())) {
      assertThat(process.awaitExit())
          .as(Files.readString(directory.resolve("jobs.log")))
          .isEqualTo(HaltPoint.EXIT_CODE);
    }
    JsonNode result = succeeded(lake.run(request));
    assertThat(result.path("rowsLeftOut").asLong()).isZero();
    assertThat(result.path("rowsQuarantined").asLong()).isEqualTo(1);
    assertThat(things(lake)).containsExactly("2|c|2|two", "3|a|3|three");
    assertThat(quarantine(lake)).containsExactly("{\"id\":1}");
    // What 1 was made of is still there.
    lake.nextManifest().bronze("core_thing", thing(1, "U", 8, "a", 9, null));
    succeeded(lake.silver(THING));
    assertThat(things(lake)).containsExactly("1|a|9|one", "2|c|2|two", "3|a|3|three");
    assertThat(lake.isEmpty("silver.thing_quarantine")).isTrue();
  }

  /** What a run of another definition committed and did not publish is nobody's to see. */
  @Test
  void aCommitOfAnotherDefinitionIsNotPublishedHalf() throws Exception {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "I", 1, "a", 1, "one") + " UNION ALL " + thing(2, "I", 2, "b", 200, "two"));
    succeeded(lake.silver(THING));
    lake.nextManifest().bronze("core_thing", thing(1, "U", 3, "a", 100, null));
    ObjectNode request = lake.silverRequest(THING);
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(request));
    try (JobsProcess process =
        JobsProcess.start(
            directory, "after commit", List.of(), "run", "--request", file.toString())) {
      assertThat(process.awaitExit())
          .as(Files.readString(directory.resolve("jobs.log")))
          .isEqualTo(HaltPoint.EXIT_CODE);
    }
    JsonNode table = lake.current("silver.thing");
    JsonNode aside = lake.current("silver.thing_quarantine");
    JsonNode stricter = Json.parse(Json.write(THING).replace("value < 100", "value < 1"));
    ObjectNode other = request.deepCopy();
    other.set("specification", stricter);
    assertThat(lake.run(other).path("error").path("code").asText())
        .isEqualTo("TABLE_NEEDS_REBUILD");
    assertThat(lake.current("silver.thing")).isEqualTo(table);
    assertThat(lake.current("silver.thing_quarantine")).isEqualTo(aside);
    assertThat(things(lake)).containsExactly("1|a|1|one");
    assertThat(quarantine(lake)).containsExactly("{\"id\":2}");

    // A full run is judged by the other expectations, and leaves nothing of the former state.
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "I", 4, "a", 0, "one") + " UNION ALL " + thing(2, "I", 5, "b", 0, "two"));
    ObjectNode full = lake.silverRequest(stricter);
    full.put("mode", "full");
    full.putNull("after");
    assertThat(succeeded(lake.run(full)).path("rowsQuarantined").asLong()).isZero();
    assertThat(things(lake)).containsExactly("1|a|0|one", "2|b|0|two");
    assertThat(lake.isEmpty("silver.thing_quarantine")).isTrue();
  }

  private static List<String> things(TestLake lake) {
    return TestLake.query(
        "SELECT id, tenant_id, value, note FROM " + lake.table("silver.thing") + " ORDER BY id");
  }

  private static List<String> quarantine(TestLake lake) {
    return TestLake.query(
        "SELECT key FROM " + lake.table("silver.thing_quarantine") + " ORDER BY key");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  /** Without a note, the log did not carry it. */
  private static String thing(
      int id, String op, int sequence, String tenant, int value, String note) {
    return """
    SELECT %d::BIGINT AS id, '%s' AS tenant_id, %d::BIGINT AS value, %s::VARCHAR AS note, '%s' AS _op, '%s' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, %s::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key
    """
        .formatted(
            id,
            tenant,
            value,
            note == null ? "NULL" : "'" + note + "'",
            op,
            "00011%040d00000000".formatted(sequence),
            note == null && op.equals("U") ? "['note']" : "NULL");
  }
}
