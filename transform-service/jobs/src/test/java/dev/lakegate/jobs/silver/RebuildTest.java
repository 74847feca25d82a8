package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are described otherwise than they were stored, and how they are built anew. */
class RebuildTest {
  private static final String COPY = "00010%040d00000000".formatted(0);
  private static final JsonNode THING =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.thing", "name": "thing", "scope": "tenant",
           "description": "Things.", "path": "silver/thing", "bronzeTable": "core_thing", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "integer", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "value", "type": "integer", "nullable": true, "description": "Value."},
             {"name": "price", "type": "decimal(6,2)", "nullable": true, "description": "Price."},
             {"name": "ratio", "type": "real", "nullable": true, "description": "Ratio."}
           ],
           "derivations": [{"column": "twice", "type": "bigint", "expression": "value * 2", "description": "Twice."}]}
          """);
  private static final JsonNode SUMS =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.sums", "name": "sums", "scope": "tenant",
           "description": "Sums.", "path": "gold/sums", "inputs": ["silver.thing"], "grain": ["tenant_id"],
           "sql": "SELECT tenant_id, count(*) AS things, sum(CAST(value AS bigint)) AS value FROM silver.thing GROUP BY tenant_id",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "things", "type": "bigint", "nullable": false, "description": "Count."},
             {"name": "value", "type": "bigint", "nullable": true, "description": "Sum."}
           ]}
          """);

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void load() {
    lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "I", 1, "a", "10", "1.50", "0.1")
                + " UNION ALL "
                + thing(2, "I", 2, "b", "20", "2.50", "0.2")
                + " UNION ALL "
                + thing(3, "I", 3, "c", "30", "3.50", "0.3"));
    succeeded(lake.run(lake.silverRequest(THING)));
    succeeded(gold(SUMS));
  }

  @Test
  void widenedColumnsAreBuiltAnewInOneCommit() {
    JsonNode before = lake.current("silver.thing");
    ObjectNode wider = typed("value", "bigint");
    ((ObjectNode) wider.path("columns").path(0)).put("type", "bigint");
    ((ObjectNode) wider.path("columns").path(3)).put("type", "decimal(12,2)");
    ((ObjectNode) wider.path("columns").path(4)).put("type", "double");
    lake.nextManifest()
        .bronze(
            "core_thing",
            2,
            "SELECT * REPLACE (5000000001 AS id, 6000000000 AS value, 12345678.25::DECIMAL(12,2) AS price,"
                + " 0.25::DOUBLE AS ratio) FROM ("
                + thing(4, "I", 4, "a", "0", "0", "0")
                + ") UNION ALL SELECT * REPLACE (NULL AS value) FROM ("
                + thing(2, "D", 5, "b", "0", "0", "0")
                + ")");
    assertThat(failed(lake.run(lake.silverRequest(wider)), "TABLE_NEEDS_REBUILD"))
        .contains("silver.thing")
        .contains("column id was stored as int and is bigint");
    assertThat(lake.current("silver.thing")).isEqualTo(before);
    JsonNode result = succeeded(lake.run(full(wider)));
    assertThat(result.path("rowsTotal").asLong()).isEqualTo(3);
    assertThat(result.path("checkpoint").path("manifest").asLong()).isEqualTo(2);
    List<String> rows =
        List.of(
            "1|a|10|1.50|20", "3|c|30|3.50|60", "5000000001|a|6000000000|12345678.25|12000000000");
    assertThat(things()).isEqualTo(rows);
    assertThat(
            TestLake.query(
                "SELECT DISTINCT typeof(id), typeof(price), typeof(ratio) FROM "
                    + lake.table("silver.thing")))
        .containsExactly("BIGINT|DECIMAL(12,2)|DOUBLE");
    assertThat(hudi()).isEqualTo(rows);
    lake.current("silver.thing")
        .path("files")
        .forEach(
            file -> {
              assertThat(file.path("path").asText()).contains(result.path("instant").asText());
              if (file.path("partition").path("tenant_id").asText().equals("a")) {
                assertThat(file.path("min").path("value").asText()).isEqualTo("10");
                assertThat(file.path("max").path("value").asText()).isEqualTo("6000000000");
                assertThat(file.path("max").path("price").asText()).isEqualTo("12345678.25");
              }
            });
    // The snapshot of before can still be read whole.
    before
        .path("files")
        .forEach(file -> assertThat(lake.root().resolve(file.path("path").asText())).exists());
    // The metric loses what the table lost.
    succeeded(gold(SUMS));
    assertThat(sums()).containsExactly("a|2|6000000010", "c|1|30");
    // It goes on from there.
    lake.forgetPending();
    lake.nextManifest().bronze("core_thing", 2, thing(3, "D", 6, "c", "0", "0", "0"));
    succeeded(lake.silver(wider));
    assertThat(things()).hasSize(2);
    assertThat(hudi()).hasSize(2);
  }

  @Test
  void changedDerivationsKeysAndPartitionsNeedOneToo() throws Exception {
    ObjectNode derived = THING.deepCopy();
    ((ObjectNode) derived.path("derivations").path(0)).put("expression", "value * 3");
    failed(lake.run(lake.silverRequest(derived)), "TABLE_NEEDS_REBUILD");
    ObjectNode removed = THING.deepCopy();
    ((ArrayNode) removed.path("columns")).remove(3);
    failed(lake.run(lake.silverRequest(removed)), "TABLE_NEEDS_REBUILD");
    ObjectNode required = THING.deepCopy();
    ((ArrayNode) required.path("columns"))
        .addObject()
        .put("name", "more")
        .put("type", "varchar")
        .put("nullable", false);
    failed(lake.run(lake.silverRequest(required)), "TABLE_NEEDS_REBUILD");
    ObjectNode longer = typed("tenant_id", "varchar(80)");
    succeeded(lake.run(lake.silverRequest(longer)));

    succeeded(lake.run(full(derived)));
    assertThat(TestLake.query("SELECT twice FROM " + lake.table("silver.thing") + " ORDER BY id"))
        .containsExactly("30", "60", "90");
    ObjectNode placed = derived.deepCopy();
    placed.putArray("partitionBy").add("tenant_id").add("twice");
    placed.putArray("key").add("id").add("tenant_id");
    failed(lake.run(lake.silverRequest(placed)), "TABLE_NEEDS_REBUILD");
    succeeded(lake.run(full(placed)));
    assertThat(hudi()).isEqualTo(things()).hasSize(3);
    lake.forgetPending();
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "U", 7, "a", "11", "1.50", "0.1")
                + " UNION ALL "
                + thing(2, "D", 8, "b", "0", "0", "0"));
    succeeded(lake.silver(placed));
    assertThat(hudi()).isEqualTo(things());
    assertThat(things()).containsExactly("1|a|11|1.50|33", "3|c|30|3.50|90");
    // A listing finds the same as the commits tell.
    JsonNode advanced = lake.current("silver.thing");
    Files.delete(lake.root().resolve("_catalog/silver/thing/current.json"));
    lake.nextManifest();
    succeeded(lake.silver(placed));
    assertThat(lake.current("silver.thing").path("files")).isEqualTo(advanced.path("files"));
    // Back to fewer partitions.
    lake.forgetPending();
    lake.bronze("core_thing", thing(8, "I", 9, "z", "80", "1.00", "1"));
    ObjectNode flat = derived.deepCopy();
    flat.putArray("partitionBy");
    succeeded(lake.run(full(flat)));
    assertThat(things()).containsExactly("8|z|80|1.00|240");
    assertThat(hudi()).isEqualTo(things());
  }

  @Test
  void aFullRunCanEmptyATableAndFillOne() {
    JsonNode before = lake.current("silver.thing");
    lake.forgetPending();
    lake.nextManifest();
    ObjectNode empty = full(THING);
    assertThat(succeeded(lake.run(empty)).path("rowsTotal").asLong()).isZero();
    assertThat(lake.isEmpty("silver.thing")).isTrue();
    assertThat(hudi()).isEmpty();
    JsonNode after = lake.current("silver.thing");
    // Asked again, as after a crash that lost the answer, it has nothing to do.
    assertThat(succeeded(lake.run(empty)).path("instant")).isEqualTo(after.path("instant"));
    succeeded(gold(SUMS));
    assertThat(lake.isEmpty("gold.sums")).isTrue();
    lake.bronze("core_thing", thing(7, "I", 9, "g", "70", "1.00", "1"));
    succeeded(lake.run(full(THING).put("runId", "again")));
    assertThat(things()).containsExactly("7|g|70|1.00|140");
    assertThat(hudi()).isEqualTo(things());
    assertThat(before.path("files").size()).isEqualTo(3);
  }

  @Test
  void aFullRunOfATableThatDoesNotExistIsALoad() {
    ObjectNode other = THING.deepCopy();
    other.put("name", "other").put("dataset", "silver.other").put("path", "silver/other");
    ObjectNode request = full(other).put("sweepBefore", COPY);
    assertThat(succeeded(lake.run(request)).path("rowsTotal").asLong()).isEqualTo(3);
  }

  @Test
  void aMetricThatIsDefinedOtherwiseReplacesItself() {
    ObjectNode other = SUMS.deepCopy();
    other.put(
        "sql",
        SUMS.path("sql").asText().replace("CAST(value AS bigint)", "CAST(value AS decimal(12,2))"));
    ((ObjectNode) other.path("columns").path(2)).put("type", "decimal(22,2)");
    succeeded(gold(other));
    assertThat(sums()).containsExactly("a|1|10.00", "b|1|20.00", "c|1|30.00");
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrder("a|1|10.00", "b|1|20.00", "c|1|30.00");
    ObjectNode request = lake.goldRequest(other, null);
    request.remove("asOf");
    request.put("mode", "full");
    assertThat(succeeded(lake.run(request)).path("rowsUpserted").asLong()).isEqualTo(3);
    // Then it goes on by differences.
    lake.forgetPending();
    lake.nextManifest()
        .bronze(
            "core_thing",
            thing(1, "U", 7, "a", "11", "1.50", "0.1")
                + " UNION ALL "
                + thing(2, "D", 8, "b", "0", "0", "0"));
    succeeded(lake.silver(THING));
    JsonNode result = succeeded(gold(other));
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(1);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    assertThat(sums()).containsExactly("a|1|11.00", "c|1|30.00");
    assertThat(lake.hudi("gold/sums", "concat_ws('|', tenant_id, things, value)"))
        .containsExactlyInAnyOrder("a|1|11.00", "c|1|30.00");
  }

  private ObjectNode typed(String column, String type) {
    ObjectNode specification = THING.deepCopy();
    for (JsonNode node : specification.path("columns")) {
      if (node.path("name").asText().equals(column)) {
        ((ObjectNode) node).put("type", type);
      }
    }
    return specification;
  }

  private ObjectNode full(JsonNode specification) {
    return lake.silverRequest(specification)
        .put("mode", "full")
        .put("runId", "full-" + lake.manifest() + "-" + specification.hashCode());
  }

  private JsonNode gold(JsonNode specification) {
    ObjectNode request = lake.goldRequest(specification, null);
    request.remove("asOf");
    return lake.run(request);
  }

  private List<String> things() {
    return TestLake.query(
        "SELECT id, tenant_id, value, price, twice FROM "
            + lake.table("silver.thing")
            + " ORDER BY id");
  }

  private List<String> hudi() {
    return lake.hudi("silver/thing", "concat_ws('|', id, tenant_id, value, price, twice)").stream()
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

  private static String failed(JsonNode result, String code) {
    assertThat(result.path("error").path("code").asText()).as(result.toString()).isEqualTo(code);
    assertThat(result.path("error").path("retryable").asBoolean()).isFalse();
    return result.path("error").path("message").asText();
  }

  private static String thing(
      int id, String op, int sequence, String tenant, String value, String price, String ratio) {
    return """
    SELECT %d::INTEGER AS id, '%s' AS tenant_id, %s::INTEGER AS value, %s::DECIMAL(6,2) AS price, %s::REAL AS ratio,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(id, tenant, value, price, ratio, op, "00011%040d00000000".formatted(sequence));
  }
}
