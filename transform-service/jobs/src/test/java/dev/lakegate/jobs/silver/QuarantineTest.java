package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that do not meet what blocks: each is in the table or in its quarantine, never in both. */
class QuarantineTest {
  private static final JsonNode THING =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.thing", "name": "thing", "scope": "tenant",
           "description": "Things.", "path": "silver/thing", "bronzeTable": "core_thing", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "value", "type": "integer", "nullable": true, "description": "Value."},
             {"name": "body", "type": "varchar", "nullable": true, "description": "Large."},
             {"name": "address", "type": "varchar", "nullable": true, "description": "Network address."}
           ],
           "derivations": [
             {"column": "address", "type": "varchar", "expression": "anonymize_ip(address)", "description": "Network."},
             {"column": "twice", "type": "bigint", "expression": "value * 2", "description": "Twice."}],
           "expectations": [
             {"name": "value_not_negative", "expression": "value >= 0", "blocking": true},
             {"name": "twice_is_small", "expression": "twice < 200", "blocking": true},
             {"name": "only_flags", "expression": "false", "blocking": false}]}
          """);

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
  }

  @Test
  void aRowLeavesTheTableWhenItTurnsBadAndComesBackWhenItIsMended() {
    JsonNode first =
        run(
            THING,
            thing(1, "I", 1, "a", "1"),
            thing(2, "I", 2, "b", "-2"),
            thing(3, "I", 3, "a", "3"),
            thing(4, "I", 4, "b", "500"),
            thing(5, "I", 5, "b", "NULL"));
    assertThat(things()).containsExactly("1|a|1", "3|a|3", "5|b|null");
    assertThat(quarantine())
        .containsExactly(
            "{\"id\":2}|b|[value_not_negative]|00011" + "0".repeat(39) + "200000000",
            "{\"id\":4}|b|[twice_is_small]|00011" + "0".repeat(39) + "400000000");
    assertThat(first.path("rowsUpserted").asLong()).isEqualTo(3);
    assertThat(first.path("rowsQuarantined").asLong()).isEqualTo(2);

    assertThat(lake.current("silver.thing_quarantine").at("/files/0/unmet").toString())
        .isEqualTo(
            "[{\"expectation\":\"twice_is_small\",\"tenant\":\"b\",\"rows\":1},"
                + "{\"expectation\":\"value_not_negative\",\"tenant\":\"b\",\"rows\":1}]");

    // 1 turns bad, 2 is mended and moves, 4 stays bad otherwise, 3 is deleted.
    JsonNode second =
        run(
            THING,
            thing(1, "U", 6, "a", "-1"),
            thing(2, "U", 7, "c", "2"),
            thing(4, "U", 8, "b", "-4"),
            thing(3, "D", 9, "a", "NULL"));
    assertThat(things()).containsExactly("2|c|2", "5|b|null");
    assertThat(quarantine())
        .extracting(row -> row.substring(0, row.indexOf("|0001")))
        .containsExactly("{\"id\":1}|a|[value_not_negative]", "{\"id\":4}|b|[value_not_negative]");
    assertThat(second.path("rowsUpserted").asLong()).isEqualTo(1);
    assertThat(second.path("rowsDeleted").asLong()).isEqualTo(2);
    assertThat(second.path("rowsQuarantined").asLong()).isEqualTo(2);
    assertThat(lake.hudi("silver/thing", "concat_ws('|', id, tenant_id)"))
        .containsExactlyInAnyOrder("2|c", "5|b");
    assertThat(lake.hudi("silver/thing_quarantine", "key"))
        .containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":4}");

    // Deleted where it is in quarantine; what does not concern quarantine leaves it alone.
    JsonNode before = lake.current("silver.thing_quarantine");
    run(THING, thing(6, "I", 10, "a", "6"));
    assertThat(lake.current("silver.thing_quarantine")).isEqualTo(before);
    JsonNode last = run(THING, thing(1, "D", 11, "a", "NULL"), thing(4, "D", 12, "b", "NULL"));
    assertThat(lake.isEmpty("silver.thing_quarantine")).isTrue();
    assertThat(last.path("rowsQuarantined").asLong()).isZero();
    assertThat(things()).containsExactly("2|c|2", "5|b|null", "6|a|6");
  }

  @Test
  void whatReadersSeeOfARow() {
    run(
        THING,
        thing(7, "I", 1, "a", "-7")
            .replace("NULL::VARCHAR AS address", "'203.0.113.77' AS address"));
    JsonNode snapshot = lake.current("silver.thing_quarantine");
    assertThat(snapshot.path("scope").asText()).isEqualTo("internal");
    assertThat(snapshot.path("columns"))
        .extracting(column -> column.path("name").asText() + " " + column.path("type").asText())
        .containsExactly(
            "key varchar",
            "tenant_id varchar",
            "failed_expectations array(varchar)",
            "input varchar",
            "change_seq varchar",
            "changed_at timestamp(6) with time zone");
    // What the table replaces, as an address by its network, is not kept here either.
    assertThat(TestLake.query("SELECT input FROM " + lake.table("silver.thing_quarantine")))
        .containsExactly(
            "{\"id\":7,\"tenant_id\":\"a\",\"value\":-7,\"body\":\"body-7\",\"address\":\"203.0.113.0\"}");
    assertThat(TestLake.query("SELECT * FROM " + lake.table("silver.thing_quarantine")).toString())
        .doesNotContain("203.0.113.77");
  }

  @Test
  void valuesThatTheLogDidNotCarryComeFromQuarantine() {
    run(THING, thing(1, "I", 1, "a", "-1"));
    JsonNode result = run(THING, unchangedBody(1, 2, "b", "1"));
    assertThat(result.path("rowsLeftOut").asLong()).isZero();
    assertThat(
            TestLake.query("SELECT id, tenant_id, value, body FROM " + lake.table("silver.thing")))
        .containsExactly("1|b|1|body-1");
    // And back: a row that turns bad takes its value with it.
    run(THING, unchangedBody(1, 3, "b", "-5"));
    run(THING, unchangedBody(1, 4, "b", "5"));
    assertThat(
            TestLake.query("SELECT id, tenant_id, value, body FROM " + lake.table("silver.thing")))
        .containsExactly("1|b|5|body-1");
    assertThat(lake.isEmpty("silver.thing_quarantine")).isTrue();
  }

  @Test
  void whatIsReadAgainChangesNothing() {
    run(THING, thing(1, "I", 1, "a", "1"));
    run(THING, thing(1, "U", 3, "a", "-1"), thing(2, "I", 4, "a", "2"));
    // Older and equal changes once more.
    run(THING, thing(1, "I", 1, "a", "1"), thing(1, "U", 2, "a", "7"), thing(2, "I", 4, "a", "2"));
    assertThat(things()).containsExactly("2|a|2");
    assertThat(quarantine()).hasSize(1);
    run(THING, thing(1, "U", 3, "a", "-1"));
    assertThat(things()).containsExactly("2|a|2");
    assertThat(quarantine()).hasSize(1);
  }

  @Test
  void truncationsAndCopiesEmptyItToo() {
    run(THING, thing(1, "I", 1, "a", "-1"), thing(2, "I", 2, "a", "2"));
    run(
        THING,
        thing(0, "T", 3, null, "NULL").replace("0::BIGINT", "NULL::BIGINT"),
        thing(3, "I", 4, "a", "-3"));
    assertThat(quarantine()).hasSize(1).first().asString().startsWith("{\"id\":3}");
    lake.nextManifest().bronze("core_thing", thing(4, "I", 9, "a", "-4"));
    ObjectNode request = lake.silverRequest(THING);
    lake.forgetPending();
    request.put("sweepBefore", "00011" + "0".repeat(39) + "900000000");
    assertThat(succeeded(lake.run(request)).path("rowsQuarantined").asLong()).isEqualTo(1);
    assertThat(quarantine()).hasSize(1).first().asString().startsWith("{\"id\":4}");
    assertThat(lake.isEmpty("silver.thing")).isTrue();
  }

  @Test
  void tooManyBadRowsAreNotPublished() {
    run(THING, thing(1, "I", 1, "a", "-1"), thing(2, "I", 2, "a", "2"));
    JsonNode table = lake.current("silver.thing");
    JsonNode aside = lake.current("silver.thing_quarantine");
    lake.nextManifest().bronze("core_thing", many(1000, 10));
    JsonNode result = lake.run(lake.silverRequest(THING));
    assertThat(result.path("error").path("code").asText()).isEqualTo("EXPECTATIONS_FAILED");
    assertThat(result.path("error").path("retryable").asBoolean()).isTrue();
    assertThat(result.path("error").path("message").asText())
        .isEqualTo(
            "of 1000 changed rows of silver.thing, 10 do not meet what is expected"
                + " (value_not_negative: 10 rows, of t1 6, t0 4): that is not less than 1 %, so"
                + " nothing was published. Mend the rows at the source, or the expectations in the"
                + " table's file. A run that starts at the same rows reads them as they were then:"
                + " if it cannot reach the mended ones, order one with mode full, which judges each"
                + " row as it is now");
    assertThat(lake.current("silver.thing")).isEqualTo(table);
    assertThat(lake.current("silver.thing_quarantine")).isEqualTo(aside);
    // One of them is mended at the source, and the same run goes through.
    lake.nextManifest().bronze("core_thing", thing(1001, "U", 9999, "t1", "1"));
    JsonNode mended = succeeded(lake.silver(THING));
    assertThat(mended.path("rowsQuarantined").asLong()).isEqualTo(10);
    assertThat(mended.path("rowsTotal").asLong()).isEqualTo(992);
    // Few changed rows say nothing about a part.
    assertThat(run(THING, thing(2, "U", 20_000, "a", "-2")).path("rowsQuarantined").asLong())
        .isEqualTo(11);
  }

  @Test
  void anExpectationThatChangesReplaysWhatItKeptBack() {
    lake.nextManifest()
        .bronze(
            "core_thing", thing(1, "I", 1, "a", "-1") + " UNION ALL " + thing(2, "I", 2, "b", "2"));
    succeeded(lake.run(lake.silverRequest(THING)));
    ObjectNode other = THING.deepCopy();
    ((ObjectNode) other.path("expectations").path(0)).put("expression", "value < 0");
    lake.nextManifest();
    assertThat(lake.run(lake.silverRequest(other)).path("error").path("code").asText())
        .isEqualTo("TABLE_NEEDS_REBUILD");
    succeeded(lake.run(lake.silverRequest(other).put("mode", "full").put("runId", "other")));
    assertThat(things()).containsExactly("1|a|-1");
    assertThat(quarantine()).hasSize(1).first().asString().startsWith("{\"id\":2}");
    // None at all: the quarantine is emptied.
    ObjectNode none = THING.deepCopy();
    none.putArray("expectations");
    JsonNode result =
        succeeded(lake.run(lake.silverRequest(none).put("mode", "full").put("runId", "none")));
    assertThat(things()).containsExactly("1|a|-1", "2|b|2");
    assertThat(lake.isEmpty("silver.thing_quarantine")).isTrue();
    assertThat(result.path("rowsQuarantined").asLong()).isZero();
    // What only flags is no reason.
    ObjectNode flags = none.deepCopy();
    flags
        .putArray("expectations")
        .addObject()
        .put("name", "x")
        .put("expression", "false")
        .put("blocking", false);
    lake.nextManifest();
    succeeded(lake.run(lake.silverRequest(flags)));
  }

  @Test
  void anExpectationThatIsNoSqlIsSaid() {
    ObjectNode wrong = THING.deepCopy();
    ((ObjectNode) wrong.path("expectations").path(1)).put("expression", "no_such_column > 0");
    lake.nextManifest().bronze("core_thing", thing(1, "I", 1, "a", "1"));
    JsonNode result = lake.run(lake.silverRequest(wrong));
    assertThat(result.path("error").path("code").asText()).isEqualTo("EXPECTATION_INVALID");
    assertThat(result.path("error").path("message").asText())
        .contains("twice_is_small")
        .contains("no_such_column");
  }

  /** Valid and quarantined rows together are the source's, each once, and each where it belongs. */
  @ParameterizedTest
  @CsvSource({"11, '\"tenant_id\", \"load_date\"'", "13, ''"})
  void tableAndQuarantineAreTheSource(long seed, String partitionBy) {
    ObjectNode specification = SourceTable.specification(partitionBy).deepCopy();
    specification
        .putArray("expectations")
        .addObject()
        .put("name", "no_multiple_of_three")
        .put("expression", "CAST(amount * 100 AS bigint) % 3 <> 0")
        .put("blocking", true);
    SourceTable source = new SourceTable(seed, true);
    source.change(4);
    source.drain(false);
    source.copy();
    int runs = Boolean.getBoolean("lakegate.all") ? 40 : 5;
    boolean both = false;
    for (int run = 0; run < runs; run++) {
      lake.nextManifest();
      String records = source.drain(true);
      if (records != null) {
        lake.bronze("core_doc", SourceTable.typed(records));
      }
      JsonNode result = succeeded(lake.silver(specification));
      Map<Boolean, List<String>> truth =
          source.truth().stream().collect(Collectors.partitioningBy(QuarantineTest::isBad));
      assertThat(docs("silver.doc", "")).as("run %d", run).isEqualTo(truth.get(false));
      assertThat(docs("silver.doc_quarantine", Quarantine.SOURCE))
          .as("run %d", run)
          .isEqualTo(truth.get(true));
      assertThat(result.path("rowsQuarantined").asLong()).isEqualTo(truth.get(true).size());
      assertThat(result.path("rowsLeftOut").asLong()).isZero();
      both |= !truth.get(true).isEmpty() && !truth.get(false).isEmpty();
      source.change(3);
    }
    assertThat(both).isTrue();
  }

  @Tag("long")
  @Test
  void tableAndQuarantineAreTheSourceWithPartitionsOfTenants() {
    tableAndQuarantineAreTheSource(12, "\"tenant_id\"");
  }

  private static boolean isBad(String row) {
    return new BigDecimal(row.substring(row.lastIndexOf('|') + 1)).movePointRight(2).intValueExact()
            % 3
        == 0;
  }

  private List<String> docs(String dataset, String prefix) {
    if (!java.nio.file.Files.exists(
            lake.root().resolve("_catalog/" + dataset.replace('.', '/') + "/current.json"))
        || lake.isEmpty(dataset)) {
      return List.of();
    }
    Map<String, String> columns = new TreeMap<>();
    for (String column :
        List.of("id", "kind", "tenant_id", "created_at", "body", "note", "amount")) {
      columns.put(column, prefix + column + " AS " + column);
    }
    return TestLake.query(
            SourceTable.texts(
                "(SELECT "
                    + String.join(", ", columns.values())
                    + " FROM "
                    + lake.table(dataset)
                    + ")"))
        .stream()
        .sorted()
        .toList();
  }

  private List<String> things() {
    return lake.isEmpty("silver.thing")
        ? List.of()
        : TestLake.query(
            "SELECT id, tenant_id, value FROM " + lake.table("silver.thing") + " ORDER BY id");
  }

  private List<String> quarantine() {
    return TestLake.query(
        "SELECT key, tenant_id, failed_expectations, change_seq FROM "
            + lake.table("silver.thing_quarantine")
            + " ORDER BY key");
  }

  private JsonNode run(JsonNode specification, String... records) {
    lake.nextManifest().bronze("core_thing", String.join(" UNION ALL ", records));
    return succeeded(lake.silver(specification));
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static String thing(int id, String op, int sequence, String tenant, String value) {
    return """
    SELECT %d::BIGINT AS id, %s::VARCHAR AS tenant_id, %s::INTEGER AS value, 'body-%d' AS body, NULL::VARCHAR AS address,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key
    """
        .formatted(
            id,
            tenant == null ? "NULL" : "'" + tenant + "'",
            value,
            id,
            op,
            "00011%040d00000000".formatted(sequence))
        .stripTrailing();
  }

  private static String unchangedBody(int id, int sequence, String tenant, String value) {
    return thing(id, "U", sequence, tenant, value)
        .replace("'body-" + id + "' AS body", "NULL::VARCHAR AS body")
        .replace("NULL::VARCHAR[] AS _unchanged", "['body'] AS _unchanged");
  }

  /** Rows from id 1001 on, the first of them bad. */
  private static String many(int rows, int bad) {
    return """
    SELECT 1001 + i AS id, 't' || (CASE WHEN i %% 5 < 3 THEN 1 ELSE 0 END) AS tenant_id,
      (CASE WHEN i < %d THEN -1 ELSE 1 END)::INTEGER AS value, 'b' AS body, NULL::VARCHAR AS address, 'I' AS _op,
      '00011' || lpad((100 + i)::VARCHAR, 40, '0') || '00000000' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key
      FROM range(%d) t(i)
    """
        .formatted(bad, rows);
  }
}
