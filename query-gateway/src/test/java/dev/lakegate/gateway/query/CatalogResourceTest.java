package dev.lakegate.gateway.query;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.gateway.TestLake;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
class CatalogResourceTest {
  private static final List<Snapshot.Column> COLUMNS =
      List.of(TestLake.column("tenant_id", "varchar"), TestLake.column("dt", "date"));

  TestIssuer issuer;
  GatewayResource gateway;

  @BeforeEach
  void ready() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (given().get("/q/health/ready").then().extract().statusCode() != 200) {
      assertThat(System.nanoTime()).as("the gateway is ready").isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static ValidatableResponse get(String token, String path) {
    return given().header("Authorization", "Bearer " + token).get(path).then();
  }

  private static ValidatableResponse query(String token, String sql) {
    return given()
        .header("Authorization", "Bearer " + token)
        .contentType("application/json")
        .body(Map.of("sql", sql))
        .post("/api/v1/queries")
        .then();
  }

  private static String day(String tenant, int rows) {
    return "SELECT '" + tenant + "' AS tenant_id, DATE '2026-01-01' AS dt FROM range(" + rows + ")";
  }

  @Test
  void shouldShowTheCatalogAsThePrincipalMaySeeIt() {
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .get("/api/v1/catalog")
        .then()
        .statusCode(200)
        .body("items.schema", not(hasItem("silver")))
        .body("items.find { it.table == 'dim_customer' }.columns.name", not(hasItem("email")))
        .body("items.find { it.table == 'revenue_metrics' }.rows", nullValue())
        .body("items.find { it.table == 'revenue_metrics' }.state", equalTo("ready"))
        .body("items.find { it.table == 'mrr_metrics' }.state", equalTo("empty"));
    given()
        .header("Authorization", "Bearer " + issuer.engineer())
        .get("/api/v1/catalog/gold/revenue_metrics")
        .then()
        .statusCode(200)
        .body("rows", equalTo(60))
        .body("columns.name", hasItem("total_revenue"));
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .get("/api/v1/catalog/silver/customer")
        .then()
        .statusCode(404);
  }

  /** Of what is expected, everybody hears about the rows that they may read. */
  @Test
  void shouldCountRowsThatDoNotMeetWhatIsExpectedOfThem() throws IOException {
    gateway.lake.publish(
        "gold",
        "customer_ltv",
        COLUMNS,
        Map.of("tenant-1", day("tenant-1", 5), "tenant-2", day("tenant-2", 9)));
    Path current = gateway.lake.root().resolve("_catalog/gold/customer_ltv/current.json");
    ObjectNode snapshot = (ObjectNode) Json.MAPPER.readTree(Files.readString(current));
    for (JsonNode file : snapshot.get("files")) {
      String tenant = file.at("/partition/tenant_id").asText();
      ArrayNode unmet = ((ObjectNode) file).putArray("unmet");
      for (String name : List.of("lifetime_value_not_negative", "not_described")) {
        unmet
            .addObject()
            .put("expectation", name)
            .put("tenant", tenant)
            .put("rows", tenant.equals("tenant-1") ? 3 : 4);
      }
    }
    Files.writeString(current, Json.write(snapshot));
    String path = "/api/v1/catalog/gold/customer_ltv";
    get(issuer.analyst(), path)
        .body("expectations.name", contains("lifetime_value_not_negative"))
        .body("expectations[0].severity", equalTo("flag"))
        .body("expectations[0].rows", equalTo(7));
    get(issuer.tenantAnalyst("tenant-1"), path).body("expectations[0].rows", equalTo(3));
    get(issuer.tenantAnalyst("tenant-3"), path).body("expectations[0].rows", equalTo(0));
    // What is wrong with personal values is for those who see them.
    get(issuer.engineer(), "/api/v1/catalog/silver/customer")
        .body("expectations.name", hasItem("email_is_address"));
    get(issuer.engineer(), "/api/v1/catalog/gold/dim_customer")
        .body("expectations.name", contains("has_email"));
    get(issuer.analyst(), "/api/v1/catalog/gold/dim_customer").body("expectations", hasSize(0));
    gateway.lake.forget("gold", "customer_ltv");
  }

  @Test
  void shouldAnswerWhatToolsAskAboutTheCatalog() {
    query(issuer.tenantAnalyst("tenant-1"), "SHOW TABLES LIKE '%customer'")
        .statusCode(200)
        .body("columns.name", contains("Table"))
        .body("rows", contains(List.of("dim_customer")));
    query(issuer.tenantAnalyst("tenant-1"), "SHOW SCHEMAS")
        .body("rows", contains(List.of("gold"), List.of("information_schema")));
    query(
            issuer.tenantAnalyst("tenant-1"),
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'dim_customer'"
                + " AND column_name IN ('email', 'status')")
        .body("rows", contains(List.of("status")));
    get(issuer.engineer(), "/api/v1/catalog/silver/customer_history")
        .statusCode(200)
        .body("scope", equalTo("tenant"))
        .body("columns.find { it.name == 'valid_to' }.nullable", equalTo(true))
        .body("columns.find { it.name == 'email' }.description", equalTo("E-mail address."));
    get(issuer.analyst(), "/api/v1/catalog/silver/customer_history").statusCode(404);
    query(issuer.tenantAnalyst("tenant-1"), "DESCRIBE silver.customer")
        .statusCode(403)
        .body("error.code", equalTo("TABLE_NOT_READABLE"));
    query(issuer.engineer(), "EXPLAIN SELECT count(*) FROM bronze.core_order")
        .body("rows[0][0]", containsString("bronze.core_order"));
  }

  /** Whoever reads the origin reads what was made of it, the same rows and columns of it. */
  @Test
  void shouldGovernATableMadeOfAFormerStateLikeItsOrigin() {
    String name = "dim_customer__asof_20260302095900000";
    List<Snapshot.Column> columns =
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("email", "varchar"),
            TestLake.column("status", "varchar"));
    String rows = "SELECT '%1$s' AS tenant_id, 'a@%1$s' AS email, 'then' AS status";
    Map<String, String> files =
        Map.of("tenant-1", rows.formatted("tenant-1"), "tenant-2", rows.formatted("tenant-2"));
    get(issuer.engineer(), "/api/v1/catalog/gold/" + name).statusCode(404);
    // Of a table that nobody describes, and of an alias.
    String stranger = "nobody__asof_20260302095900000";
    Instant later = Instant.now().plusSeconds(3600);
    String facts =
        "{\"table\":\"gold.dim_customer\",\"scope\":\"tenant\",\"tenantColumn\":\"tenant_id\",\"columns\":["
            + "{\"name\":\"tenant_id\",\"pii\":false},{\"name\":\"email\",\"pii\":false},"
            + "{\"name\":\"status\",\"pii\":false}]}";
    gateway.lake.publish("gold", stranger, columns, files);
    gateway.lake.asOf("gold", stranger, later, facts);
    gateway.lake.publish("gold", name, columns, files);
    gateway.lake.asOf("gold", name, later, facts);

    get(issuer.tenantAnalyst("tenant-1"), "/api/v1/catalog")
        .body("items.table", hasItem(name))
        .body("items.table", not(hasItem(stranger)))
        .body("items.find { it.table == '" + name + "' }.columns.name", not(hasItem("email")));
    query(issuer.tenantAnalyst("tenant-1"), "SHOW TABLES LIKE '%asof%'")
        .body("rows", contains(List.of(name)));
    String id =
        query(issuer.tenantAnalyst("tenant-1"), "SELECT * FROM gold." + name)
            .statusCode(200)
            .body("columns.name", contains("tenant_id", "status"))
            .body("rows", contains(List.of("tenant-1", "then")))
            .extract()
            .path("id");
    get(issuer.tenantAnalyst("tenant-1"), "/api/v1/queries/" + id + "/rows")
        .statusCode(200)
        .body("rows", contains(List.of("tenant-1", "then")));
    query(issuer.tenantAnalyst("tenant-1"), "SELECT email FROM gold." + name).statusCode(403);
    query(issuer.tenantAnalyst("tenant-3"), "SELECT * FROM gold." + name).body("rows", hasSize(0));
    query(issuer.admin(), "SELECT email FROM gold." + name + " ORDER BY 1")
        .body("rows", contains(List.of("a@tenant-1"), List.of("a@tenant-2")));
    query(issuer.admin(), "SELECT * FROM gold." + stranger)
        .statusCode(400)
        .body("error.code", equalTo("TABLE_NOT_FOUND"));
    gateway.lake.publish("silver", "customer__asof_20260302095900000", columns, files);
    gateway.lake.asOf("silver", "customer__asof_20260302095900000", later, null);
    query(issuer.analyst(), "SELECT * FROM silver.customer__asof_20260302095900000")
        .statusCode(403);

    // Rows that were answered are kept no longer than the table is there.
    gateway.lake.asOf("gold", name, Instant.now().minusSeconds(1), facts);
    get(issuer.tenantAnalyst("tenant-1"), "/api/v1/queries/" + id + "/rows")
        .statusCode(403)
        .body("error.code", equalTo("RESULT_NOT_READABLE"));
    query(issuer.admin(), "SELECT * FROM gold." + name)
        .statusCode(400)
        .body("error.code", equalTo("TABLE_NOT_FOUND"));
    gateway.lake.forget("gold", name);
    query(issuer.admin(), "SELECT * FROM gold." + name)
        .statusCode(400)
        .body("error.code", equalTo("TABLE_NOT_FOUND"));
    get(issuer.admin(), "/api/v1/catalog").body("items.table", not(hasItem(name)));
    gateway.lake.forget("gold", stranger);
    gateway.lake.forget("silver", "customer__asof_20260302095900000");
  }

  /** What is damaged, or removed at this moment, is nobody else's affair. */
  @Test
  void shouldListTheOthersBesideATableThatCannotBeRead() throws IOException {
    String name = "dim_customer__asof_20260302095900009";
    gateway.lake.asOf("gold", name, Instant.now().plusSeconds(3600), null);
    Files.writeString(
        gateway.lake.root().resolve("_catalog/gold/" + name + "/current.json"), "{\"version\":");
    try {
      get(issuer.analyst(), "/api/v1/catalog")
          .statusCode(200)
          .body("items.table", hasItem("revenue_metrics"))
          .body("items.table", not(hasItem(name)));
      query(issuer.analyst(), "SHOW TABLES LIKE 'dim_customer%'")
          .statusCode(200)
          .body("rows", contains(List.of("dim_customer")));
      get(issuer.analyst(), "/api/v1/catalog/gold/" + name).statusCode(404);
    } finally {
      gateway.lake.forget("gold", name);
    }
  }

  @Test
  void shouldListTheKeptStatesOfATable() {
    gateway.lake.forget("gold", "funnel_metrics");
    List<String> instants = new ArrayList<>();
    for (int rows = 1; rows <= 3; rows++) {
      gateway.lake.publish(
          "gold",
          "funnel_metrics",
          COLUMNS,
          Map.of("tenant-1", day("tenant-1", rows), "tenant-2", day("tenant-2", 10 * rows)));
      instants.add(0, gateway.lake.instant());
      gateway.lake.pass(60);
    }
    String path = "/api/v1/catalog/gold/funnel_metrics/snapshots";
    get(issuer.analyst(), path)
        .statusCode(200)
        .body("items.instant", equalTo(instants))
        .body("items.rows", contains(33, 22, 11))
        .body("items.current", contains(true, false, false))
        .body("items[1].columns", contains("tenant_id", "dt"))
        .body("items[1].publishedAt", notNullValue())
        .body("next", nullValue());
    get(issuer.tenantAnalyst("tenant-1"), path)
        .body("items.instant", equalTo(instants))
        .body("items.rows", everyItem(nullValue()));
    String next =
        get(issuer.analyst(), path + "?limit=2").body("items", hasSize(2)).extract().path("next");
    get(issuer.analyst(), path + "?limit=2&cursor=" + next)
        .body("items.instant", contains(instants.get(2)))
        .body("next", nullValue());
    get(issuer.analyst(), "/api/v1/catalog/gold/revenue_metrics/snapshots?cursor=" + next)
        .statusCode(400)
        .body("error.code", equalTo("CURSOR_INVALID"));
    get(issuer.analyst(), "/api/v1/catalog/silver/order/snapshots").statusCode(404);
    get(issuer.engineer(), "/api/v1/catalog/bronze/core_order/snapshots")
        .statusCode(400)
        .body("error.code", equalTo("NOT_SUPPORTED"));
    get(issuer.engineer(), "/api/v1/catalog/gold/mrr_metrics/snapshots").body("items", hasSize(0));

    query(
            issuer.tenantAnalyst("tenant-2"),
            "SELECT count(*) FROM funnel_metrics FOR VERSION AS OF '" + instants.get(1) + "'")
        .statusCode(200)
        .body("rows[0][0]", equalTo(20))
        .body("notes[0].code", equalTo("TIME_TRAVEL"))
        .body("notes[0].message", containsString(instants.get(1)))
        .body("stats.filesRead", equalTo(1));
  }

  @Test
  void shouldSayThatAFormerStateIsGone() throws IOException {
    gateway.lake.publish("gold", "funnel_metrics", COLUMNS, Map.of("tenant-1", day("tenant-1", 1)));
    String first = gateway.lake.instant();
    gateway.lake.pass(60);
    gateway.lake.publish("gold", "funnel_metrics", COLUMNS, Map.of("tenant-1", day("tenant-1", 2)));
    String sql = "SELECT count(*) FROM funnel_metrics FOR VERSION AS OF '" + first + "'";
    try (var files = Files.walk(gateway.lake.root().resolve("gold/funnel_metrics"))) {
      for (var f : files.filter(f -> f.toString().endsWith("_" + first + ".parquet")).toList()) {
        Files.delete(f);
      }
    }
    // Its files went before its snapshot did, as cleaning does it.
    query(issuer.analyst(), "SELECT max(dt) FROM funnel_metrics FOR VERSION AS OF '" + first + "'")
        .statusCode(400)
        .body("error.code", equalTo("DATA_CHANGED"))
        .body("error.message", containsString("gold.funnel_metrics@" + first));
    Files.delete(gateway.lake.root().resolve("_catalog/gold/funnel_metrics/" + first + ".json"));
    query(issuer.analyst(), sql)
        .statusCode(400)
        .body("error.code", equalTo("INVALID_ARGUMENTS"))
        .body("error.message", containsString("the oldest one is of instant"));
  }

  @Test
  void shouldHideColumnsThatNobodyHasDescribed() {
    gateway.lake.publish(
        "gold",
        "funnel_metrics",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("dt", "date"),
            TestLake.column("nickname", "varchar")),
        Map.of(
            "tenant-1",
            "SELECT 'tenant-1' AS tenant_id, DATE '2026-01-01' AS dt, 'n' AS nickname"));
    String path = "/api/v1/catalog/gold/funnel_metrics";
    for (String token : List.of(issuer.engineer(), issuer.admin())) {
      get(token, path)
          .body("columns.name", contains("tenant_id", "dt", "nickname"))
          .body("columns.described", contains(true, true, false))
          .body("columns[2].description", containsString("Not described"));
      String id =
          query(token, "SELECT * FROM funnel_metrics")
              .body("columns.name", contains("tenant_id", "dt", "nickname"))
              .body("rows[0][2]", equalTo("n"))
              .extract()
              .path("id");
      get(token, "/api/v1/queries/" + id + "/rows").statusCode(200);
    }
    for (String token : List.of(issuer.analyst(), issuer.tenantAnalyst("tenant-1"))) {
      get(token, path).body("columns.name", contains("tenant_id", "dt"));
      query(token, "SELECT * FROM funnel_metrics")
          .body("columns.name", contains("tenant_id", "dt"));
      query(token, "SELECT count(nickname) FROM funnel_metrics")
          .statusCode(403)
          .body("error.code", equalTo("COLUMN_NOT_READABLE"))
          .body("error.details.reason", equalTo("PII_COLUMN"))
          .body("error.details.personasThatMay", hasItem("DataEngineer"))
          .body("error.details.personasThatMay", not(hasItem("DataAnalyst")));
    }
  }

  @Test
  void shouldNotTellATenantWhetherOthersHaveRows() {
    gateway.lake.publish("gold", "funnel_metrics", COLUMNS, Map.of("tenant-2", day("tenant-2", 4)));
    // A table with others' rows and one that nothing was ever published of look the same.
    for (String table : List.of("funnel_metrics", "mrr_metrics")) {
      get(issuer.tenantAnalyst("tenant-1"), "/api/v1/catalog/gold/" + table)
          .body("state", equalTo("empty"))
          .body("publishedAt", nullValue())
          .body("rows", nullValue());
      query(issuer.tenantAnalyst("tenant-1"), "SELECT dt FROM " + table)
          .body("rows", hasSize(0))
          .body("notes.code", contains("NO_ROWS_FOR_TENANTS"));
    }
    get(issuer.tenantAnalyst("tenant-2"), "/api/v1/catalog/gold/funnel_metrics")
        .body("state", equalTo("ready"))
        .body("publishedAt", notNullValue());
  }
}
