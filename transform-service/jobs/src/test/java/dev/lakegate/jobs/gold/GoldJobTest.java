package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldJobTest {
  private static final JsonNode REVENUE = TestLake.golden("job-specification.gold.json");
  private static final JsonNode ORDER =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.order", "name": "order", "scope": "tenant",
           "description": "Orders.", "path": "silver/order", "bronzeTable": "core_order", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "customer_id", "type": "bigint", "nullable": false, "description": "Customer."},
             {"name": "status", "type": "varchar", "nullable": false, "description": "Status."},
             {"name": "order_date", "type": "timestamp(6) with time zone", "nullable": false, "description": "When."},
             {"name": "total", "type": "decimal(12,2)", "nullable": false, "description": "Total."}
           ], "derivations": [], "expectations": []}
          """);

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void loadOrders() {
    lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_order",
            String.join(
                " UNION ALL ",
                order(1, "I", 1, "tenant-1", 7, "completed", "2026-03-01 23:59:59+00", "10.00"),
                order(2, "I", 2, "tenant-1", 7, "completed", "2026-03-01 01:00:00+00", "5.01"),
                order(3, "I", 3, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "0.10"),
                order(4, "I", 4, "tenant-2", 8, "pending", "2026-03-02 01:00:00+00", "0.10")));
    succeeded(lake.silver(ORDER));
  }

  @Test
  void followsItsInputAndWritesOnlyWhatDiffers() {
    assertThat(computation(lake.run(request(REVENUE))))
        .isEqualTo("full: It was never computed. null, null");
    assertThat(revenue())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-2|2026-03-02|1|1|0.10|0.10");
    change(
        order(3, "D", 5, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "0.10")
            + " UNION ALL "
            + order(5, "I", 6, "tenant-3", 9, "completed", "2026-03-05 01:00:00+00", "3.00"));
    JsonNode result = succeeded(lake.run(request(REVENUE)));
    assertThat(revenue())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-3|2026-03-05|1|1|3.00|3.00");
    assertThat(computation(result))
        .isEqualTo("incremental: 1 changed rows of its inputs touch 2 keys. 1, 2");
    assertThat(result.path("rowsRead").asLong()).isEqualTo(1);
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(1);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    assertThat(result.path("checkpoint").path("silver.order"))
        .isEqualTo(lake.current("silver.order").path("instant"));
    assertThat(result.path("watermark")).isEqualTo(lake.current("silver.order").path("watermark"));
    result = succeeded(lake.run(request(REVENUE)));
    assertThat(computation(result))
        .isEqualTo("incremental: 0 changed rows of its inputs touch 0 keys. 0, 0");
    assertThat(result.path("rowsUpserted").asLong()).isZero();
    assertThat(result.path("filesWritten").asLong()).isZero();
    assertThat(
            lake.hudi(
                "gold/revenue_metrics",
                "concat_ws('|', tenant_id, dt, order_count, total_revenue)"))
        .containsExactlyInAnyOrder("tenant-1|2026-03-01|2|15.01", "tenant-3|2026-03-05|1|3.00");
  }

  @Test
  void aRowThatMovesCorrectsBothPlacesAndOthersAreNotLookedAt() {
    succeeded(lake.run(request(REVENUE)));
    change(
        order(1, "U", 9, "tenant-9", 7, "completed", "2026-03-03 00:00:00+00", "10.00")
            + " UNION ALL "
            + order(4, "U", 10, "tenant-2", 8, "pending", "2026-03-02 01:00:00+00", "0.10"));
    JsonNode result = succeeded(lake.run(request(REVENUE)));
    // That order 4 was written again as it was is no change.
    assertThat(computation(result))
        .isEqualTo("incremental: 1 changed rows of its inputs touch 2 keys. 1, 2");
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(2);
    assertThat(revenue())
        .containsExactly(
            "tenant-1|2026-03-01|1|1|5.01|5.01",
            "tenant-2|2026-03-02|1|1|0.10|0.10",
            "tenant-9|2026-03-03|1|1|10.00|10.00");
  }

  @Test
  void whatCannotGoOnFromStoredRowsIsComputedWhole() throws Exception {
    ObjectNode daily = REVENUE.deepCopy();
    daily.put(
        "sql",
        daily.path("sql").asText().replace("count(*) AS", "${as_of_date} AS today, count(*) AS"));
    ((com.fasterxml.jackson.databind.node.ArrayNode) daily.path("columns"))
        .insertObject(2)
        .put("name", "today")
        .put("type", "date")
        .put("nullable", false)
        .put("description", "Today.");
    succeeded(lake.run(lake.goldRequest(daily, "2026-03-09")));
    assertThat(computation(lake.run(lake.goldRequest(daily, "2026-03-09"))))
        .startsWith("incremental: 0 changed rows");
    assertThat(computation(lake.run(lake.goldRequest(daily, "2026-03-10"))))
        .startsWith("full: The stored rows are as of 2026-03-09, and this run is as of 2026-03-10");
    assertThat(TestLake.query("SELECT DISTINCT today FROM " + lake.table("gold.revenue_metrics")))
        .containsExactly("2026-03-10");
    assertThat(computation(lake.run(lake.goldRequest(daily, "2026-03-10").put("mode", "full"))))
        .startsWith("full: The run was asked for so.");
    ObjectNode pending = daily.deepCopy();
    pending.put("sql", pending.path("sql").asText().replace("'completed'", "'pending'"));
    assertThat(computation(lake.run(lake.goldRequest(pending, "2026-03-10"))))
        .startsWith("full: Its query has changed.");
    assertThat(TestLake.query("SELECT tenant_id FROM " + lake.table("gold.revenue_metrics")))
        .containsExactly("tenant-2");
    JsonNode read = lake.current("silver.order");
    change(order(6, "I", 9, "tenant-3", 8, "pending", "2026-03-02 01:00:00+00", "0.10"));
    java.nio.file.Files.delete(
        lake.root().resolve("_catalog/silver/order/" + read.path("instant").asText() + ".json"));
    assertThat(computation(lake.run(lake.goldRequest(pending, "2026-03-10"))))
        .startsWith("full: The snapshot " + read.path("instant").asText() + " of silver.order");
    read = lake.current("silver.order");
    change(order(6, "D", 10, "tenant-3", 8, "pending", "2026-03-02 01:00:00+00", "0.10"));
    for (JsonNode file : read.path("files")) {
      java.nio.file.Path path = lake.root().resolve(file.path("path").asText());
      if (file.path("path").asText().contains("tenant-3")) {
        java.nio.file.Files.delete(path);
      }
    }
    assertThat(computation(lake.run(lake.goldRequest(pending, "2026-03-10"))))
        .startsWith("full: Files of silver.order, which");
    assertThat(TestLake.query("SELECT tenant_id FROM " + lake.table("gold.revenue_metrics")))
        .containsExactly("tenant-2");
    succeeded(lake.run(request(REVENUE)));
    ObjectNode keyed = REVENUE.deepCopy();
    ((ObjectNode) keyed.at("/incremental/inputs/silver.order/columns"))
        .put("dt", "date(order_date)");
    assertThat(computation(lake.run(request(keyed))))
        .startsWith("full: How changed rows lead to its keys has changed.");
    assertThat(computation(lake.run(request(keyed)))).startsWith("incremental: 0 changed rows");
    ObjectNode silent = REVENUE.deepCopy();
    silent.remove("incremental");
    assertThat(computation(lake.run(request(silent))))
        .startsWith("full: Its description does not say which rows a change touches.");
  }

  @Test
  void rowsThatDoNotMeetWhatIsExpectedAreCountedByTenant() throws Exception {
    // Stored before anything was expected.
    succeeded(lake.run(request(REVENUE)));
    ObjectNode expected = expecting(REVENUE, "worth_it", "total_revenue >= 3", false);
    expected = expecting(expected, "few_orders", "order_count < 2", false);
    succeeded(lake.run(request(expected)));
    assertThat(unmet()).containsExactly("few_orders tenant-1 1", "worth_it tenant-2 1");
    assertThat(lake.current("gold.revenue_metrics").path("columns"))
        .extracting(column -> column.path("name").asText())
        .doesNotContain("_unmet");
    // What is not computed again keeps what was said of it.
    change(order(3, "U", 5, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "4.00"));
    assertThat(computation(succeeded(lake.run(request(expected))))).startsWith("incremental");
    assertThat(unmet()).containsExactly("few_orders tenant-1 1");
    // Other expectations judge all rows.
    ObjectNode none = expecting(REVENUE, "no_second_tenant", "tenant_id <> 'tenant-2'", false);
    JsonNode result = succeeded(lake.run(request(none)));
    assertThat(computation(result)).startsWith("full: What is expected of its rows has changed.");
    assertThat(unmet()).containsExactly("no_second_tenant tenant-2 1");
    succeeded(lake.run(request(REVENUE)));
    assertThat(unmet()).isEmpty();
    ObjectNode wrong = expecting(REVENUE, "nonsense", "no_such_column > 0", false);
    assertThat(lake.run(request(wrong)).path("error").path("code").asText())
        .isEqualTo("EXPECTATION_INVALID");
  }

  @Test
  void belowTheBarNothingIsPublished() throws Exception {
    ObjectNode expected = expecting(REVENUE, "not_negative", "total_revenue >= 0", true);
    StringBuilder many = new StringBuilder();
    for (int day = 1; day <= 28; day++) {
      for (int tenant = 1; tenant <= 4; tenant++) {
        many.append(many.length() == 0 ? "" : " UNION ALL ")
            .append(
                order(
                    1000 + day * 10 + tenant,
                    "I",
                    100,
                    "many-" + tenant,
                    7,
                    "completed",
                    "2026-02-%02d 01:00:00+00".formatted(day),
                    "1.00"));
      }
    }
    change(many.toString());
    succeeded(lake.run(request(expected)));
    String published = lake.current("gold.revenue_metrics").path("instant").asText();
    // One of 114 rows is less than one in a hundred; it is published and counted.
    change(order(3, "U", 200, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "-1.00"));
    assertThat(computation(succeeded(lake.run(request(expected))))).startsWith("incremental");
    assertThat(unmet()).containsExactly("not_negative tenant-2 1");
    String before = lake.current("gold.revenue_metrics").path("instant").asText();
    assertThat(before).isNotEqualTo(published);
    // The second is one too many, also where a run computes nothing but its key.
    change(order(1011, "U", 300, "many-1", 7, "completed", "2026-02-01 01:00:00+00", "-1.00"));
    JsonNode failed = lake.run(request(expected));
    assertThat(failed.path("error").path("code").asText()).isEqualTo("EXPECTATIONS_FAILED");
    assertThat(failed.path("error").path("message").asText())
        .contains(
            "of 114 rows of gold.revenue_metrics, 2 do not meet what is expected"
                + " (not_negative: 2 rows, of many-1 1, tenant-2 1)");
    assertThat(lake.current("gold.revenue_metrics").path("instant").asText()).isEqualTo(before);
    // Mended at the source, it goes on.
    change(order(1011, "U", 400, "many-1", 7, "completed", "2026-02-01 01:00:00+00", "1.00"));
    succeeded(lake.run(request(expected)));
    assertThat(unmet()).containsExactly("not_negative tenant-2 1");
  }

  private static ObjectNode expecting(
      JsonNode specification, String name, String expression, boolean blocking) {
    ObjectNode expecting = specification.deepCopy();
    ((com.fasterxml.jackson.databind.node.ArrayNode) expecting.path("expectations"))
        .addObject()
        .put("name", name)
        .put("expression", expression)
        .put("blocking", blocking);
    return expecting;
  }

  private List<String> unmet() {
    List<String> unmet = new java.util.ArrayList<>();
    for (JsonNode file : lake.current("gold.revenue_metrics").path("files")) {
      for (JsonNode count : file.path("unmet")) {
        unmet.add(
            count.path("expectation").asText()
                + " "
                + count.path("tenant").asText()
                + " "
                + count.path("rows").asLong());
      }
    }
    return unmet.stream().sorted().toList();
  }

  /** Asked while keys are looked for: removes the file that the rows of before are in. */
  public static final class Cleaning {
    private static Path file;

    private Cleaning() {}

    public static String removesAFile() throws java.io.IOException {
      if (java.nio.file.Files.deleteIfExists(file)) {
        throw new IllegalStateException("the file is gone");
      }
      return "done";
    }
  }

  @Test
  void aFileThatVanishesWhileKeysAreLookedForLeadsToAFullRun() {
    ObjectNode asking = REVENUE.deepCopy();
    ObjectNode input = (ObjectNode) asking.at("/incremental/inputs/silver.order");
    input.put(
        "keys",
        "SELECT tenant_id, to_date(order_date) AS dt FROM changed WHERE java_method('"
            + Cleaning.class.getName()
            + "', 'removesAFile') = 'done'");
    succeeded(lake.run(request(asking)));
    for (JsonNode file : lake.current("silver.order").path("files")) {
      if (file.path("path").asText().contains("tenant-2")) {
        Cleaning.file = lake.root().resolve(file.path("path").asText());
      }
    }
    change(order(3, "U", 9, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "0.20"));
    JsonNode result = lake.run(request(asking));
    assertThat(computation(result)).startsWith("full: Files of silver.order, which");
    assertThat(revenue())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-2|2026-03-02|1|1|0.20|0.20");
  }

  private static String computation(JsonNode result) {
    JsonNode computation = succeeded(result).path("computation");
    return computation.path("mode").asText()
        + ": "
        + computation.path("reason").asText()
        + " "
        + computation.path("changedRows").asText()
        + ", "
        + computation.path("keys").asText();
  }

  @Test
  void runsTheGoldenRequest() {
    ObjectNode golden = TestLake.golden("run-request.gold.json").deepCopy();
    golden.put("storageRoot", lake.root().toString());
    JsonNode result = succeeded(lake.run(golden));
    assertThat(result.path("runId")).isEqualTo(golden.path("runId"));
    assertThat(result.path("watermark")).isEqualTo(golden.path("watermark"));
    JsonNode snapshot = lake.current("gold.revenue_metrics");
    JsonNode example = TestLake.golden("snapshot.json");
    assertThat(snapshot.fieldNames()).toIterable().containsExactlyElementsOf(example::fieldNames);
    assertThat(snapshot.path("checkpoint").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(example.path("checkpoint")::fieldNames);
    JsonNode file = snapshot.path("files").path(0);
    assertThat(file.path("min").path("total_revenue").asText()).isEqualTo("15.01");
    assertThat(file.path("max").path("dt").asText()).isEqualTo("2026-03-01");
    assertThat(file.path("rows").asLong()).isEqualTo(1);
  }

  @Test
  void findsItsInputsWhereverTheirNamesStand() {
    succeeded(lake.run(request(REVENUE)));
    JsonNode shares =
        metric(
            "shares",
            """
            WITH completed AS (SELECT * FROM silver.order o WHERE o.status = 'completed'),
            total AS (SELECT sum(total) AS all_tenants FROM completed)
            SELECT r.tenant_id, r.dt, CAST(r.total_revenue AS decimal(18,2)) AS revenue,
              (SELECT CAST(all_tenants AS decimal(18,2)) FROM total) AS all_tenants,
              coalesce((SELECT max(p.status = 'pending') FROM silver.order p WHERE p.tenant_id = r.tenant_id), false) AS pending,
              ${as_of_date} AS today, month
            FROM gold.revenue_metrics r
            LATERAL VIEW explode(array(trunc(r.dt, 'MM'))) AS month
            WHERE r.tenant_id IN (SELECT tenant_id FROM silver.`order`)
            """,
            "\"silver.order\", \"gold.revenue_metrics\"",
            "\"tenant_id\", \"dt\"",
            "\"tenant_id\", \"month\"",
            "tenant_id varchar",
            "dt date",
            "revenue decimal(18,2)",
            "all_tenants decimal(18,2)",
            "pending boolean",
            "today date",
            "month date");
    succeeded(lake.run(lake.goldRequest(shares, "2026-03-09")));
    assertThat(
            TestLake.query(
                "SELECT tenant_id, dt, revenue, all_tenants, pending, today, month FROM "
                    + lake.table("gold.shares")
                    + " ORDER BY ALL"))
        .containsExactly(
            "tenant-1|2026-03-01|15.01|15.11|false|2026-03-09|2026-03-01",
            "tenant-2|2026-03-02|0.10|15.11|true|2026-03-09|2026-03-01");
    JsonNode snapshot = lake.current("gold.shares");
    assertThat(snapshot.path("checkpoint").path("asOf").asText()).isEqualTo("2026-03-09");
    assertThat(snapshot.path("files").path(0).path("partition").toString())
        .isEqualTo("{\"tenant_id\":\"tenant-1\",\"month\":\"2026-03-01\"}");
    // Another day, and the same data.
    JsonNode next = succeeded(lake.run(lake.goldRequest(shares, "2026-03-10")));
    assertThat(next.path("rowsUpserted").asLong()).isEqualTo(2);
  }

  @Test
  void aRowThatChangesItsPartitionLeavesTheOldOne() {
    JsonNode latest =
        metric(
            "latest",
            "SELECT id, tenant_id, total FROM silver.order",
            "\"silver.order\"",
            "\"id\"",
            "\"tenant_id\"",
            "id bigint",
            "tenant_id varchar",
            "total decimal(12,2)");
    succeeded(lake.run(request(latest)));
    change(order(1, "U", 9, "tenant-9", 7, "completed", "2026-03-01 23:59:59+00", "10.00"));
    JsonNode result = succeeded(lake.run(request(latest)));
    assertThat(
            TestLake.query(
                "SELECT id, tenant_id, total FROM " + lake.table("gold.latest") + " ORDER BY id"))
        .containsExactly(
            "1|tenant-9|10.00", "2|tenant-1|5.01", "3|tenant-2|0.10", "4|tenant-2|0.10");
    assertThat(result.path("rowsTotal").asLong()).isEqualTo(4);
  }

  @Test
  void metricsRunBesideEachOther() throws Exception {
    JsonNode latest =
        metric(
            "latest",
            "SELECT id, tenant_id, total FROM silver.order",
            "\"silver.order\"",
            "\"id\"",
            "\"tenant_id\"",
            "id bigint",
            "tenant_id varchar",
            "total decimal(12,2)");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 2; round++) {
        Future<JsonNode> first = threads.submit(() -> lake.run(request(REVENUE)));
        Future<JsonNode> second = threads.submit(() -> lake.run(request(latest)));
        succeeded(first.get());
        succeeded(second.get());
      }
    } finally {
      threads.shutdown();
    }
    assertThat(revenue())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-2|2026-03-02|1|1|0.10|0.10");
    assertThat(TestLake.query("SELECT count(*) FROM " + lake.table("gold.latest")))
        .containsExactly("4");
  }

  @Test
  void aMetricOfNothingIsAnEmptyTable() {
    ObjectNode nothing = REVENUE.deepCopy();
    nothing.put("sql", nothing.path("sql").asText().replace("'completed'", "'no such status'"));
    assertThat(succeeded(lake.run(request(nothing))).path("rowsTotal").asLong()).isZero();
    assertThat(lake.isEmpty("gold.revenue_metrics")).isTrue();
    assertThat(succeeded(lake.run(request(REVENUE))).path("rowsTotal").asLong()).isEqualTo(2);
    assertThat(succeeded(lake.run(request(nothing))).path("rowsTotal").asLong()).isZero();
    assertThat(lake.isEmpty("gold.revenue_metrics")).isTrue();
  }

  @Test
  void whatIsWrongWithAMetricIsSaid() {
    assertThat(failure(sql("SELECT tenant_id, oops FROM silver.order"), "SQL_INVALID"))
        .contains("oops");
    assertThat(failure(sql("SELEKT 1"), "SQL_INVALID")).contains("gold.revenue_metrics");
    assertThat(failure(sql("SELECT * FROM silver.customer"), "SQL_INVALID"))
        .contains("silver.customer");
    assertThat(
            failure(
                sql(
                    "SELECT tenant_id, dt, 1 AS order_count, 'x' AS customers FROM silver.order, (SELECT current_date() AS dt)"),
                "RESULT_MISMATCH"))
        .contains("4 columns instead of 6")
        .contains("column order_count is of type int instead of bigint")
        .contains("column 4 is customers instead of unique_customers");
    String good = REVENUE.path("sql").asText();
    assertThat(failure(sql(good + " UNION ALL " + good), "GRAIN_NOT_UNIQUE")).contains("tenant-");
    assertThat(
            failure(
                sql(good.replace("to_date(order_date) AS dt", "CAST(NULL AS date) AS dt")),
                "RESULT_NULL"))
        .contains("dt");
    assertThat(failure(sql(good + " HAVING ${as_of_date} > DATE '2020-01-01'"), "REQUEST_INVALID"))
        .contains("as-of date");
    ObjectNode missing = REVENUE.deepCopy();
    missing.remove("incremental");
    missing.putArray("inputs").add("silver.order").add("gold.nothing");
    JsonNode result = lake.run(request(missing));
    assertThat(result.path("error").path("code").asText()).isEqualTo("INPUT_MISSING");
    assertThat(result.path("error").path("retryable").asBoolean()).isTrue();
    ObjectNode ahead = request(REVENUE);
    ahead.putObject("through").put("silver.order", "29990101000000000");
    result = lake.run(ahead);
    assertThat(result.path("error").path("code").asText()).isEqualTo("INPUT_BEHIND");
    assertThat(result.path("error").path("retryable").asBoolean()).isTrue();
  }

  private String failure(JsonNode specification, String code) {
    JsonNode result = lake.run(request(specification));
    assertThat(result.path("error").path("code").asText()).as(result.toString()).isEqualTo(code);
    return result.path("error").path("message").asText();
  }

  private static JsonNode sql(String sql) {
    return ((ObjectNode) REVENUE.deepCopy()).put("sql", sql);
  }

  private ObjectNode request(JsonNode specification) {
    ObjectNode request = lake.goldRequest(specification, null);
    request.remove("asOf");
    return request;
  }

  private void change(String records) {
    lake.nextManifest().bronze("core_order", records);
    succeeded(lake.silver(ORDER));
  }

  private List<String> revenue() {
    return TestLake.query(
        "SELECT tenant_id, dt, order_count, unique_customers, total_revenue, avg_order_value FROM "
            + lake.table("gold.revenue_metrics")
            + " ORDER BY ALL");
  }

  static JsonNode metric(
      String name, String sql, String inputs, String grain, String partitionBy, String... columns) {
    ObjectNode node =
        (ObjectNode)
            Json.parse(
                """
                {"version": 1, "kind": "gold", "scope": "tenant", "description": "A metric.", "tenantColumn": "tenant_id",
                 "inputs": [%s], "grain": [%s], "partitionBy": [%s]}
                """
                    .formatted(inputs, grain, partitionBy));
    node.put("dataset", "gold." + name)
        .put("name", name)
        .put("path", "gold/" + name)
        .put("sql", sql);
    for (String column : columns) {
      int space = column.indexOf(' ');
      node.withArray("columns")
          .addObject()
          .put("name", column.substring(0, space))
          .put("type", column.substring(space + 1))
          .put("nullable", true)
          .put("description", "A column.");
    }
    return node;
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static String order(
      int id,
      String op,
      int sequence,
      String tenant,
      int customer,
      String status,
      String date,
      String total) {
    return """
    SELECT %d::BIGINT AS id, '%s' AS tenant_id, %d::BIGINT AS customer_id, '%s' AS status,
      TIMESTAMPTZ '%s' AS order_date, %s::DECIMAL(12,2) AS total,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(
            id,
            tenant,
            customer,
            status,
            date,
            total,
            op,
            "00011%040d00000000".formatted(sequence));
  }
}
