package dev.lakegate.jobs.past;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobsProcess;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.table.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables made of kept states, and tables brought back to them. */
class PastJobTest {
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
           ],
           "derivations": [
             {"column": "words", "type": "array(varchar)", "expression": "split(tenant_id, '-')", "description": "W."}
           ]}
          """);
  private static final JsonNode SUMS =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.sums", "name": "sums", "scope": "tenant",
           "description": "Sums.", "path": "gold/sums", "inputs": ["silver.thing"], "grain": ["tenant_id"],
           "sql": "SELECT tenant_id, count(*) AS things, sum(value) AS value FROM silver.thing GROUP BY tenant_id",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "things", "type": "bigint", "nullable": false, "description": "Count."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Sum."}
           ]}
          """);

  private static final List<String> FIRST =
      List.of("1|tenant-1|10|[tenant, 1]", "2|ünï 日本|20|[ünï 日本]", "3|a/b=c|30|[a/b=c]");
  private static final List<String> SECOND =
      List.of("1|ünï 日本|11|[ünï 日本]", "2|ünï 日本|20|[ünï 日本]", "4|tenant-1|40|[tenant, 1]");

  @TempDir Path directory;
  private TestLake lake;
  private String instant;
  private JsonNode second;

  /** Two states: from the first to the second a row moves, one goes, one comes, one stays. */
  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "I", 1, "tenant-1", 10)
                + " UNION ALL "
                + thing(2, "I", 2, "ünï 日本", 20)
                + " UNION ALL "
                + thing(3, "I", 3, "a/b=c", 30));
    succeeded(lake.silver(THING));
    instant = lake.current("silver.thing").path("instant").asText();
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "U", 4, "ünï 日本", 11)
                + " UNION ALL "
                + thing(3, "D", 5, null, 0)
                + " UNION ALL "
                + thing(4, "I", 6, "tenant-1", 40));
    second = lake.silverRequest(THING);
    succeeded(lake.silver(THING));
  }

  @Test
  void aTableOfItsOwnOutlivesTheStateThatItIsMadeOf() throws Exception {
    ObjectNode make = past(THING, "asof", instant);
    ObjectNode facts = ((ObjectNode) make.path("past")).putObject("facts");
    facts.put("scope", "tenant").putArray("columns").addObject().put("name", "id");
    JsonNode result = succeeded(lake.run(make));
    assertThat(
            Json.read(lake.root().resolve("_catalog/silver/thing__asof_" + instant + "/asof.json"))
                .path("facts"))
        .as("who may read it is told beside it")
        .isEqualTo(facts);
    String name = "silver.thing__asof_" + instant;
    assertThat(result.path("rowsTotal").asLong()).isEqualTo(3);
    assertThat(result.path("instant").isNull()).isTrue();
    assertThat(rows(name)).isEqualTo(FIRST);
    JsonNode published = lake.current(name);
    assertThat(published.path("table").asText()).isEqualTo("thing__asof_" + instant);
    assertThat(published.path("scope").asText()).isEqualTo("tenant");
    assertThat(published.path("tenantColumn").asText()).isEqualTo("tenant_id");
    assertThat(published.path("files").findValuesAsText("path"))
        .hasSize(3)
        .allSatisfy(path -> assertThat(path).startsWith("silver/thing__asof_" + instant + "/"));
    // The same again is the same table.
    succeeded(lake.run(make));
    assertThat(lake.current(name).path("files")).isEqualTo(published.path("files"));
    // Nothing of the origin is left of that state.
    lake.retention(
        Retention.of(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(2), 1, 2, 1));
    for (int i = 7; i < 12; i++) {
      lake.nextManifest().bronze("core_thing", thing(1, "U", i, "ünï 日本", i));
      succeeded(lake.silver(THING));
    }
    assertThat(lake.root().resolve("_catalog/silver/thing/" + instant + ".json")).doesNotExist();
    assertThat(failed(lake.run(past(THING, "asof", instant)))).isEqualTo("STATE_NOT_KEPT");
    assertThat(rows(name)).isEqualTo(FIRST);
    ObjectNode drop = past(THING, "drop", instant);
    succeeded(lake.run(drop));
    nothingIsLeft();
    succeeded(lake.run(drop));
    assertThat(rows("silver.thing"))
        .containsExactly(
            "1|ünï 日本|11|[ünï 日本]", "2|ünï 日本|20|[ünï 日本]", "4|tenant-1|40|[tenant, 1]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linked a file", "before publish"})
  void aTableOfItsOwnIsCompleteAfterACrash(String haltAt) throws Exception {
    ObjectNode make = past(THING, "asof", instant);
    crash(make, haltAt);
    assertThat(lake.root().resolve("_catalog/silver/thing__asof_" + instant + "/current.json"))
        .doesNotExist();
    succeeded(lake.run(make));
    assertThat(rows("silver.thing__asof_" + instant)).isEqualTo(FIRST);
    if (haltAt.equals("before publish")) {
      crash(past(THING, "drop", instant), "hidden");
      assertThat(lake.root().resolve("_catalog/silver/thing__asof_" + instant + "/asof.json"))
          .as("whoever looks for what has expired finds it")
          .exists();
      succeeded(lake.run(past(THING, "drop", instant)));
      nothingIsLeft();
    }
  }

  private void nothingIsLeft() {
    assertThat(lake.root().resolve("silver/thing__asof_" + instant)).doesNotExist();
    assertThat(lake.root().resolve("_catalog/silver/thing__asof_" + instant)).doesNotExist();
  }

  @Test
  void namesOfOtherTablesAreRefused() {
    for (String name :
        List.of("thing", "order__asof_" + instant, "thing__asof_20260101000000000", "../x")) {
      for (String mode : List.of("asof", "drop")) {
        ObjectNode request = past(THING, mode, instant);
        ((ObjectNode) request.path("past")).put("table", name);
        assertThat(failed(lake.run(request))).as(mode + " " + name).isEqualTo("REQUEST_INVALID");
      }
    }
    assertThat(rows("silver.thing")).isEqualTo(SECOND);
  }

  @Test
  void aDryRunTellsWhatARestoreWouldChangeAndChangesNothing() {
    JsonNode before = lake.current("silver.thing");
    ObjectNode dry = past(THING, "restore", instant);
    ((ObjectNode) dry.path("past")).put("dryRun", true);
    JsonNode result = succeeded(lake.run(dry));
    // Row 3 comes back, row 1 changes, row 4 goes.
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(2);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    assertThat(result.path("instant").isNull()).isTrue();
    assertThat(lake.current("silver.thing")).isEqualTo(before);
    assertThat(failed(lake.run(past(THING, "restore", "20200101000000000"))))
        .isEqualTo("STATE_NOT_KEPT");
    ObjectNode wider = THING.deepCopy();
    ((ObjectNode) wider.path("columns").path(2)).put("type", "double");
    assertThat(failed(lake.run(past(wider, "restore", instant))))
        .isEqualTo("STATE_OF_OTHER_DEFINITION");
    assertThat(lake.current("silver.thing")).isEqualTo(before);
  }

  @Test
  void aRestoredTableHasTheRowsAndTheProgressOfThenAndGoesOnFromThere() {
    JsonNode then = lake.current("silver.thing");
    JsonNode result = succeeded(lake.run(past(THING, "restore", instant)));
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(2);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(1);
    assertThat(rows("silver.thing")).isEqualTo(FIRST);
    assertThat(hudi()).isEqualTo(FIRST);
    JsonNode restored = lake.current("silver.thing");
    assertThat(restored.path("checkpoint").path("manifest").asLong()).isEqualTo(1);
    assertThat(restored.path("instant").asText()).isGreaterThan(then.path("instant").asText());
    // What came later is applied again, deletes and moves included.
    succeeded(lake.run(second));
    assertThat(rows("silver.thing")).isEqualTo(SECOND);
    assertThat(hudi()).isEqualTo(SECOND);
    // The state before it was restored can be restored, too.
    succeeded(lake.run(past(THING, "restore", restored.path("instant").asText())));
    succeeded(lake.run(past(THING, "restore", then.path("instant").asText())));
    assertThat(rows("silver.thing")).isEqualTo(SECOND);
    assertThat(lake.current("silver.thing").path("checkpoint").path("manifest").asLong())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"written .*[.]replacecommit", "after replacing"})
  void aRestoreThatIsKilledIsRepeated(String haltAt) throws Exception {
    ObjectNode restore = past(THING, "restore", instant);
    crash(restore, haltAt);
    assertThat(rows("silver.thing")).as("what readers see").isEqualTo(SECOND);
    succeeded(lake.run(restore));
    assertThat(rows("silver.thing")).isEqualTo(FIRST);
    assertThat(hudi()).isEqualTo(FIRST);
    succeeded(lake.run(second));
    assertThat(rows("silver.thing")).isEqualTo(SECOND);
    assertThat(hudi()).isEqualTo(SECOND);
  }

  @Test
  void aMetricIsRestoredWithTheInputsThatItHadRead() throws Exception {
    ObjectNode compute = lake.goldRequest(SUMS, null);
    compute.remove("asOf");
    succeeded(lake.run(past(THING, "restore", instant)));
    succeeded(lake.run(compute));
    JsonNode then = lake.current("gold.sums");
    List<String> sums = List.of("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    assertThat(sums()).isEqualTo(sums);
    succeeded(lake.run(second));
    succeeded(lake.run(compute));
    assertThat(sums()).containsExactly("tenant-1|1|40", "ünï 日本|2|31");

    ObjectNode restore = past(SUMS, "restore", then.path("instant").asText());
    crash(restore, "after clearing");
    assertThat(sums()).as("what readers see").containsExactly("tenant-1|1|40", "ünï 日本|2|31");
    JsonNode result = succeeded(lake.run(restore));
    assertThat(sums()).isEqualTo(sums);
    assertThat(result.path("checkpoint")).isEqualTo(then.path("checkpoint"));
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrderElementsOf(sums);
    succeeded(lake.run(compute.deepCopy().put("runId", "later")));
    assertThat(sums()).containsExactly("tenant-1|1|40", "ünï 日本|2|31");
  }

  @Test
  void rowsThatWereComputedOtherwiseAreNotBroughtBack() {
    ObjectNode compute = lake.goldRequest(SUMS, null);
    compute.remove("asOf");
    succeeded(lake.run(past(THING, "restore", instant)));
    succeeded(lake.run(compute));
    JsonNode then = lake.current("gold.sums");
    succeeded(lake.run(second));
    succeeded(lake.run(compute));
    JsonNode now = lake.current("gold.sums");
    ObjectNode other = SUMS.deepCopy();
    other.put("sql", other.path("sql").asText().replace("sum(value)", "max(value)"));
    assertThat(failed(lake.run(past(other, "restore", then.path("instant").asText()))))
        .isEqualTo("STATE_OF_OTHER_DEFINITION");
    assertThat(lake.current("gold.sums")).isEqualTo(now);
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrder("tenant-1|1|40", "ünï 日本|2|31");

    JsonNode things = lake.current("silver.thing");
    ObjectNode derived = THING.deepCopy();
    ((ObjectNode) derived.path("derivations").path(0)).put("expression", "split(tenant_id, '=')");
    assertThat(failed(lake.run(past(derived, "restore", instant))))
        .isEqualTo("STATE_OF_OTHER_DEFINITION");
    assertThat(lake.current("silver.thing")).isEqualTo(things);
    assertThat(rows("silver.thing")).isEqualTo(SECOND);
    // A state that does not tell how it was made is of none.
    succeeded(lake.run(past(SUMS, "restore", then.path("instant").asText())));
    assertThat(sums()).containsExactly("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
  }

  /** It is computed by a query, and bears Silver's name. */
  @Test
  void aDerivedTableOfSilverIsTakenBackAsAMetric() {
    ObjectNode facts = SUMS.deepCopy();
    facts.put("dataset", "silver.facts").put("name", "facts").put("path", "silver/facts");
    ObjectNode compute = lake.goldRequest(facts, null);
    compute.remove("asOf");
    succeeded(lake.run(past(THING, "restore", instant)));
    succeeded(lake.run(compute));
    JsonNode then = lake.current("silver.facts");
    succeeded(lake.run(second));
    succeeded(lake.run(compute.deepCopy().put("runId", "second")));
    String state = then.path("instant").asText();
    succeeded(lake.run(past(facts, "asof", state)));
    succeeded(lake.run(past(facts, "restore", state)));
    for (String table : List.of("silver.facts", "silver.facts__asof_" + state)) {
      assertThat(
              TestLake.query(
                  "SELECT tenant_id, things, value FROM " + lake.table(table) + " ORDER BY ALL"))
          .as(table)
          .containsExactly("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    }
    assertThat(lake.current("silver.facts").path("checkpoint")).isEqualTo(then.path("checkpoint"));
    assertThat(lake.hudi("silver/facts", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrder("a/b=c|1|30", "tenant-1|1|10", "ünï 日本|1|20");
    succeeded(lake.run(past(facts, "drop", state)));
    assertThat(lake.root().resolve("_catalog/silver/facts__asof_" + state)).doesNotExist();
  }

  private ObjectNode past(JsonNode specification, String mode, String state) {
    ObjectNode request = Json.object();
    request.put("version", 1);
    request.put("runId", mode + "-" + state);
    request.put("mode", mode);
    request.put("storageRoot", lake.root().toString());
    request.set("specification", specification);
    request.set("through", lake.current(specification.path("dataset").asText()).path("checkpoint"));
    ObjectNode past = request.putObject("past").put("instant", state);
    if (!mode.equals("restore")) {
      past.put("table", specification.path("name").asText() + "__asof_" + state);
      past.put("expiresAt", "2099-01-01T00:00:00Z");
    }
    return request;
  }

  private void crash(JsonNode request, String haltAt) throws Exception {
    Path file = directory.resolve("request.json");
    Files.writeString(file, Json.write(request));
    try (JobsProcess process =
        JobsProcess.start(directory, haltAt, "run", "--request", file.toString())) {
      assertThat(process.awaitExit())
          .as(Files.readString(directory.resolve("jobs.log")))
          .isEqualTo(HaltPoint.EXIT_CODE);
    }
  }

  private List<String> rows(String dataset) {
    return TestLake.query(
        "SELECT id, tenant_id, value, '[' || array_to_string(words, ', ') || ']' FROM "
            + lake.table(dataset)
            + " ORDER BY id");
  }

  private List<String> hudi() {
    return lake
        .hudi(
            "silver/thing",
            "concat_ws('|', id, tenant_id, value, concat('[', array_join(words, ', '), ']'))")
        .stream()
        .sorted()
        .toList();
  }

  private List<String> sums() {
    return TestLake.query(
        "SELECT tenant_id, things, value FROM " + lake.table("gold.sums") + " ORDER BY ALL");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static String failed(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("failed");
    return result.path("error").path("code").asText();
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
