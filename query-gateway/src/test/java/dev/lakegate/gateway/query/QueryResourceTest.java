package dev.lakegate.gateway.query;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.policy.Policy;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
class QueryResourceTest {
  TestIssuer issuer;
  GatewayResource gateway;

  @BeforeEach
  void ready() throws InterruptedException {
    await(
        () -> given().get("/q/health/ready").then().extract().statusCode() == 200,
        "the gateway is ready");
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private ValidatableResponse query(String token, String sql) {
    return query(token, Map.of("sql", sql), "application/json");
  }

  private ValidatableResponse query(String token, Map<String, Object> body, String accept) {
    return given()
        .header("Authorization", "Bearer " + token)
        .header("Accept", accept)
        .contentType("application/json")
        .body(body)
        .post("/api/v1/queries")
        .then();
  }

  @Test
  void shouldAnswerEachTenantWithItsOwnRows() {
    String sql =
        "SELECT count(*), count(DISTINCT tenant_id), sum(total_revenue) FROM revenue_metrics";
    query(issuer.tenantAnalyst("tenant-1"), sql)
        .statusCode(200)
        .body("state", equalTo("finished"))
        .body("rows[0][0]", equalTo(10))
        .body("rows[0][1]", equalTo(1))
        .body("rows[0][2]", equalTo("1050.00"))
        .body("columns[2].type", equalTo("decimal(38,2)"))
        .body("columns[0].name", equalTo("_col0"))
        .body("next", nullValue())
        .body("stats.filesRead", equalTo(1))
        .body("stats.rowsRead", equalTo(10));
    query(issuer.tenantAnalyst("tenant-2"), sql)
        .body("rows[0][0]", equalTo(20))
        .body("rows[0][2]", equalTo("4200.00"));
    query(issuer.tenantAnalyst("tenant-1", "tenant-2"), sql).body("rows[0][0]", equalTo(30));
    query(issuer.tierAnalyst("enterprise"), sql).body("rows[0][0]", equalTo(30));
    query(issuer.analyst(), sql).body("rows[0][0]", equalTo(60));
  }

  @Test
  void shouldGiveRowsOfAKeptResultOnlyAsLongAsTheyMayBeRead() throws InterruptedException {
    String sql = "SELECT tenant_id, dt FROM revenue_metrics";
    String id = query(issuer.tenantAnalyst("tenant-1"), sql).extract().path("id");
    assertThat(rows(issuer.tenantAnalyst("tenant-1"), id)).isEqualTo(200);
    // The same person after the tenant was taken from them, or exchanged.
    Map<String, Object> claims = issuer.claims("analyst@tenant-1");
    claims.put("personas", List.of("TenantSpecificAnalyst"));
    claims.put("tenants", List.of("tenant-2"));
    assertThat(rows(issuer.sign(claims), id)).isEqualTo(403);
    claims.remove("tenants");
    assertThat(rows(issuer.sign(claims), id)).isEqualTo(403);
    claims.put("tenants", List.of("tenant-0", "tenant-1"));
    assertThat(rows(issuer.sign(claims), id)).isEqualTo(200);
    // The same token after the policy took the layer from the persona.
    Policy before = gateway.policy;
    try {
      gateway.policy =
          new Policy(
              Policy.VERSION,
              before.policyVersion() + 1000,
              before.personas().stream()
                  .filter(p -> !p.name().equals("TenantSpecificAnalyst"))
                  .toList(),
              before.tierFilters(),
              before.tables());
      await(() -> rows(issuer.tenantAnalyst("tenant-1"), id) == 403, "the policy is in force");
    } finally {
      gateway.policy = before;
    }
    await(() -> rows(issuer.tenantAnalyst("tenant-1"), id) == 200, "the policy is back");
  }

  private static int rows(String token, String id) {
    return given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/queries/" + id + "/rows")
        .then()
        .extract()
        .statusCode();
  }

  @Test
  void shouldEndNestedStatementsAlsoWhereTheyAreStreamed() {
    for (String accept : List.of("text/csv", "application/x-ndjson", "application/json")) {
      for (String sql :
          List.of(
              "SELECT " + "(".repeat(3000) + "1" + ")".repeat(3000),
              "SELECT " + "1.0 / ".repeat(190) + "1.0",
              "SELECT " + "(SELECT ".repeat(55) + "1" + ")".repeat(55))) {
        query(issuer.tenantAnalyst("tenant-1"), Map.of("sql", sql), accept)
            .statusCode(400)
            .body("error.code", equalTo("QUERY_TOO_COMPLEX"));
      }
      query(
              issuer.tenantAnalyst("tenant-1"),
              Map.of("sql", "SELECT " + "1.0 / ".repeat(40) + "1.0", "waitMillis", 30000),
              accept)
          .statusCode(200);
    }
  }

  @Test
  void shouldTellAnUnknownTenantWhyThereIsNothing() {
    query(issuer.tenantAnalyst("tenant-99"), "SELECT * FROM gold.revenue_metrics")
        .statusCode(200)
        .body("rows", hasSize(0))
        .body("columns", hasSize(6))
        .body("notes[0].code", equalTo("NO_ROWS_FOR_TENANTS"));
  }

  @Test
  void shouldAnswerEmptyForATableWithoutData() {
    query(issuer.analyst(), "SELECT count(*) FROM gold.mrr_metrics")
        .statusCode(200)
        .body("rows[0][0]", equalTo(0))
        .body("notes[0].code", equalTo("NO_DATA_YET"));
  }

  @Test
  void shouldRefuseATableOfAnotherLayerByName() {
    query(issuer.tenantAnalyst("tenant-1"), "SELECT * FROM silver.customer")
        .statusCode(403)
        .body("error.code", equalTo("TABLE_NOT_READABLE"))
        .body("error.details.table", equalTo("silver.customer"))
        .body("error.details.reason", equalTo("LAYER_NOT_GRANTED"))
        .body("error.details.personasThatMay", hasItems("LakeFormationAdmin", "DataEngineer"))
        .body("error.details.line", equalTo(1));
  }

  @Test
  void shouldRefuseAHiddenColumnByNameAndLeaveItOutOfStar() {
    query(issuer.analyst(), "SELECT email FROM gold.dim_customer")
        .statusCode(403)
        .body("error.code", equalTo("COLUMN_NOT_READABLE"))
        .body("error.details.reason", equalTo("PII_COLUMN"))
        .body("error.details.personasThatMay", hasItem("DataEngineer"));
    query(issuer.analyst(), "SELECT * FROM gold.dim_customer")
        .statusCode(200)
        .body("columns.name", not(hasItem("email")))
        .body("columns.name", hasItems("tenant_id", "customer_id", "status"))
        .body("rows", hasSize(15));
    query(issuer.engineer(), "SELECT email FROM gold.dim_customer ORDER BY 1")
        .statusCode(200)
        .body("rows[0][0]", equalTo("secret0@tenant-1.example"));
  }

  @Test
  void shouldRefuseAPersonaThatThePolicyDoesNotKnow() {
    query(issuer.user("nobody"), "SELECT * FROM gold.revenue_metrics")
        .statusCode(403)
        .body("error.details.reason", equalTo("NO_PERSONA"));
    query(issuer.user("tenantless", "TenantSpecificAnalyst"), "TABLE gold.revenue_metrics")
        .statusCode(403)
        .body("error.details.reason", equalTo("NO_TENANT"));
  }

  @Test
  void shouldReadBronzeAsAnEngineerOnly() {
    query(issuer.engineer(), "SELECT id, _op, tenant_id, status FROM bronze.core_order ORDER BY id")
        .statusCode(200)
        .body("rows[0]", equalTo(java.util.Arrays.asList(1, "I", "tenant-1", null)))
        .body("rows[1][2]", nullValue());
    query(issuer.tenantAnalyst("tenant-1"), "SELECT id FROM bronze.core_order").statusCode(403);
  }

  @Test
  void shouldShowValuesAsTheInterfaceSays() {
    query(
            issuer.engineer(),
            "SELECT created_at, DATE '2026-01-31' d, 1.50 x, true b, 9007199254740993 n, nan() f,"
                + " ARRAY[1, NULL] a, X'0102' v, CAST(NULL AS varchar) z, TIMESTAMP '2026-01-31"
                + " 12:00:00.5' t FROM gold.dim_customer LIMIT 1")
        .statusCode(200)
        .body("rows[0][0]", equalTo("2026-01-01T00:00:00.123456Z"))
        .body("rows[0][1]", equalTo("2026-01-31"))
        .body("rows[0][2]", equalTo("1.50"))
        .body("rows[0][3]", equalTo(true))
        .body("rows[0][4]", equalTo(9007199254740993L))
        .body("rows[0][5]", equalTo("NaN"))
        .body("rows[0][6]", equalTo(java.util.Arrays.asList(1, null)))
        .body("rows[0][7]", equalTo("AQI="))
        .body("rows[0][8]", nullValue())
        .body("rows[0][9]", equalTo("2026-01-31 12:00:00.5"));
  }

  @Test
  void shouldStreamCsvAndNdjson() {
    String csv =
        query(
                issuer.tenantAnalyst("tenant-1"),
                Map.of(
                    "sql",
                    "SELECT tenant_id, 'a,\"b' q, '' e, NULL n FROM revenue_metrics LIMIT 1"),
                "text/csv")
            .statusCode(200)
            .contentType("text/csv")
            .extract()
            .asString();
    assertThat(csv).isEqualTo("tenant_id,q,e,n\r\ntenant-1,\"a,\"\"b\",\"\",\r\n");
    String ndjson =
        query(
                issuer.analyst(),
                Map.of(
                    "sql",
                    "SELECT dt, count(*) FROM revenue_metrics GROUP BY dt ORDER BY dt LIMIT 2"),
                "application/x-ndjson")
            .statusCode(200)
            .extract()
            .asString();
    assertThat(ndjson)
        .isEqualTo("{\"dt\":\"2026-01-01\",\"_col1\":3}\n{\"dt\":\"2026-01-02\",\"_col1\":3}\n");
  }

  @Test
  void shouldRefuseAStreamBeforeItsFirstByte() {
    query(
            issuer.analyst(),
            Map.of("sql", "SELECT 1 / (order_count - order_count) FROM revenue_metrics"),
            "text/csv")
        .statusCode(400)
        .body("error.code", equalTo("DIVISION_BY_ZERO"));
    query(issuer.analyst(), Map.of("sql", "SELECT * FROM silver.customer"), "text/csv")
        .statusCode(403)
        .body("error.code", equalTo("TABLE_NOT_READABLE"));
  }

  @Test
  void shouldPageThroughALargeResult() {
    String sql =
        "SELECT a.customer_id * 1000000 + b.order_count * 1000 + c.order_count AS n FROM dim_customer a,"
            + " revenue_metrics b, revenue_metrics c WHERE a.tenant_id = 'tenant-1'";
    Map<String, Object> body = Map.of("sql", sql, "waitMillis", 20000);
    var first =
        query(issuer.analyst(), body, "application/json").statusCode(200).extract().jsonPath();
    assertThat(first.getInt("rowCount")).isEqualTo(5 * 60 * 60);
    List<Object> rows = new ArrayList<>(first.getList("rows"));
    String next = first.getString("next");
    while (next != null) {
      var page =
          given()
              .header("Authorization", "Bearer " + issuer.analyst())
              .queryParam("cursor", next)
              .queryParam("limit", 7000)
              .get("/api/v1/queries/" + first.getString("id") + "/rows")
              .then()
              .statusCode(200)
              .extract()
              .jsonPath();
      rows.addAll(page.getList("rows"));
      next = page.getString("next");
    }
    assertThat(rows).hasSize(18000);
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .get("/api/v1/queries/" + first.getString("id") + "/rows")
        .then()
        .statusCode(404);
    given()
        .header("Authorization", "Bearer " + issuer.admin())
        .get("/api/v1/queries/" + first.getString("id"))
        .then()
        .statusCode(200);
  }

  private static final String ENDLESS =
      "SELECT count(*) FROM dim_customer a, dim_customer b, dim_customer c, dim_customer d,"
          + " dim_customer e, dim_customer f, dim_customer g, dim_customer h, dim_customer i,"
          + " dim_customer j WHERE a.customer_id + b.customer_id + c.customer_id + d.customer_id +"
          + " e.customer_id + f.customer_id + g.customer_id + h.customer_id + i.customer_id +"
          + " j.customer_id = 7";

  @Test
  void shouldRunInTheBackgroundAndCancel() throws InterruptedException {
    var started =
        query(issuer.analyst(), Map.of("sql", ENDLESS, "waitMillis", 50), "application/json")
            .statusCode(202)
            .body("state", anyOf(equalTo("queued"), equalTo("running")))
            .body("rows", nullValue())
            .extract()
            .jsonPath();
    String address = "/api/v1/queries/" + started.getString("id");
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .delete(address)
        .then()
        .statusCode(404);
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .delete(address)
        .then()
        .statusCode(204);
    await(
        () ->
            given()
                .header("Authorization", "Bearer " + issuer.analyst())
                .get(address)
                .then()
                .extract()
                .path("state")
                .equals("cancelled"),
        "the query is cancelled");
  }

  @Test
  void shouldTellHowFarAQueryHasComeWhileItRuns() throws InterruptedException {
    gateway.lake.publish(
        "gold",
        "funnel_metrics",
        List.of(
            dev.lakegate.gateway.TestLake.column("tenant_id", "varchar"),
            dev.lakegate.gateway.TestLake.column("page_views", "bigint")),
        Map.of(
            "tenant-1",
            "SELECT 'tenant-1' AS tenant_id, i AS page_views FROM range(1500000) r(i)"));
    String sql =
        "SELECT count(*) FROM funnel_metrics WHERE "
            + "to_hex(md5(to_utf8(".repeat(6)
            + "CAST(page_views AS varchar)"
            + ")))".repeat(6)
            + " = 'x'";
    String id =
        query(issuer.engineer(), Map.of("sql", sql, "waitMillis", 0), "application/json")
            .statusCode(202)
            .extract()
            .path("id");
    Set<Float> seen = new TreeSet<>();
    List<Float> all = new ArrayList<>();
    await(
        () -> {
          float p =
              given()
                  .header("Authorization", "Bearer " + issuer.engineer())
                  .get("/api/v1/queries/" + id)
                  .path("stats.progress");
          all.add(p);
          if (p > 0 && p < 1) {
            seen.add(p);
          }
          return seen.size() >= 2;
        },
        "the progress grows");
    assertThat(all).isSorted();
    given().header("Authorization", "Bearer " + issuer.engineer()).delete("/api/v1/queries/" + id);
    var page =
        given()
            .header("Authorization", "Bearer " + issuer.engineer())
            .body(sql)
            .post("/v1/statement")
            .jsonPath();
    float bar = 0;
    while (page.getString("nextUri") != null && !(bar > 0 && bar < 99)) {
      page =
          given()
              .header("Authorization", "Bearer " + issuer.engineer())
              .get(page.getString("nextUri"))
              .jsonPath();
      bar =
          page.getString("stats.state").equals("RUNNING")
              ? page.getFloat("stats.progressPercentage")
              : 0;
    }
    assertThat(bar).isStrictlyBetween(0f, 99f);
    assertThat(page.getInt("stats.completedSplits"))
        .isBetween(0, page.getInt("stats.totalSplits") - 1);
    given()
        .header("Authorization", "Bearer " + issuer.engineer())
        .delete("/v1/query/" + page.getString("id"));
  }

  @Test
  void shouldListOwnQueriesAndAllToAdministrators() {
    String id = query(issuer.tenantAnalyst("tenant-2"), "SELECT 42").extract().path("id");
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-2"))
        .get("/api/v1/queries")
        .then()
        .body("items.id", hasItem(id))
        .body("items.principal", not(hasItem("analyst@tenant-1")));
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .get("/api/v1/queries")
        .then()
        .body("items.id", not(hasItem(id)));
    given()
        .header("Authorization", "Bearer " + issuer.admin())
        .get("/api/v1/queries?limit=1000")
        .then()
        .body("items.id", hasItem(id));
  }

  @Test
  void shouldKeepAnAuditEventOfEveryQuery() throws InterruptedException {
    String marker = "audit-" + System.nanoTime();
    query(issuer.analyst(), "SELECT '" + marker + "-ok' FROM revenue_metrics LIMIT 1")
        .statusCode(200);
    query(issuer.analyst(), "SELECT '" + marker + "-no' FROM silver.customer").statusCode(403);
    await(() -> event(marker + "-ok") != null && event(marker + "-no") != null, "events arrive");
    assertThat(event(marker + "-ok").path("outcome").asText()).isEqualTo("succeeded");
    assertThat(event(marker + "-ok").path("object").asText()).isEqualTo("gold.revenue_metrics");
    assertThat(event(marker + "-ok").path("principal").path("subject").asText())
        .isEqualTo("analyst");
    assertThat(event(marker + "-no").path("outcome").asText()).isEqualTo("refused");
    assertThat(event(marker + "-no").path("reason").asText()).isEqualTo("TABLE_NOT_READABLE");
  }

  private JsonNode event(String marker) {
    return gateway.auditEvents.stream()
        .filter(e -> e.path("details").path("sql").asText().contains(marker))
        .findFirst()
        .orElse(null);
  }

  @Test
  void shouldEnforceAChangedPolicy() throws InterruptedException {
    Policy before = gateway.policy;
    try {
      gateway.policy =
          new Policy(
              before.version(),
              before.policyVersion() + 1,
              before.personas().stream().filter(p -> !p.name().equals("DataAnalyst")).toList(),
              before.tierFilters(),
              before.tables());
      await(
          () -> query(issuer.analyst(), "TABLE gold.revenue_metrics").extract().statusCode() == 403,
          "the policy is enforced");
    } finally {
      gateway.policy =
          new Policy(
              before.version(),
              before.policyVersion() + 2,
              before.personas(),
              before.tierFilters(),
              before.tables());
    }
    await(
        () -> query(issuer.analyst(), "TABLE gold.revenue_metrics").extract().statusCode() == 200,
        "the policy is back");
  }

  @Test
  void shouldSeeANewSnapshot() {
    var columns =
        List.of(
            dev.lakegate.gateway.TestLake.column("tenant_id", "varchar"),
            dev.lakegate.gateway.TestLake.column("dt", "date"));
    gateway.lake.publish(
        "gold",
        "funnel_metrics",
        columns,
        Map.of("tenant-1", "SELECT 'tenant-1' AS tenant_id, DATE '2026-01-01' AS dt"));
    query(issuer.analyst(), "SELECT count(*) FROM funnel_metrics").body("rows[0][0]", equalTo(1));
    gateway.lake.publish(
        "gold",
        "funnel_metrics",
        columns,
        Map.of(
            "tenant-1", "SELECT 'tenant-1' AS tenant_id, DATE '2026-01-01' AS dt FROM range(7)"));
    query(issuer.analyst(), "SELECT count(*) FROM funnel_metrics").body("rows[0][0]", equalTo(7));
  }

  @Test
  void shouldRefuseBadTokensAndBadRequests() {
    given()
        .contentType("application/json")
        .body(Map.of("sql", "SELECT 1"))
        .post("/api/v1/queries")
        .then()
        .statusCode(401);
    Map<String, Object> claims = issuer.claims("analyst");
    claims.put("personas", List.of("LakeFormationAdmin"));
    for (String token :
        List.of(
            issuer.unsigned(claims),
            issuer.signWithWrongKey(claims),
            issuer.signedWithPublicKeyAsSecret(claims),
            "x.y.z")) {
      query(token, "SELECT 1").statusCode(401);
    }
    claims.put("aud", "other");
    query(issuer.sign(claims), "SELECT 1").statusCode(401);
    query(issuer.analyst(), Map.of(), "application/json").statusCode(400);
    query(issuer.analyst(), Map.of("sql", "SELECT 1", "maxRows", -1), "application/json")
        .statusCode(400);
    query(issuer.analyst(), Map.of("sql", "SELECT 1", "waitMillis", 99999999), "application/json")
        .statusCode(400);
    query(issuer.analyst(), "SELECT '" + "x".repeat(200_000) + "'").statusCode(413);
    query(issuer.analyst(), "SELECT 1; DROP TABLE x")
        .statusCode(400)
        .body("error.code", equalTo("SYNTAX_ERROR"))
        .body("error.details.line", equalTo(1))
        .body("error.details.column", notNullValue());
    query(issuer.analyst(), "DELETE FROM gold.revenue_metrics")
        .statusCode(400)
        .body("error.code", equalTo("STATEMENT_NOT_ALLOWED"))
        .body("error.message", containsString("DELETE"));
  }

  @Test
  void shouldCutOffAtMaxRows() {
    query(
            issuer.analyst(),
            Map.of("sql", "TABLE revenue_metrics", "maxRows", 7),
            "application/json")
        .body("rows", hasSize(7))
        .body("truncated", equalTo(true));
  }
}
