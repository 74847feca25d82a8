package dev.lakegate.gateway.query;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.snapshot.Snapshot;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tenant's analyst could learn beside answers: from errors, ids, states, statistics. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
class LeakTest {
  private static final List<Snapshot.Column> MRR =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("dt", "date"),
          TestLake.column("mrr", "decimal(18,2)"));

  private static final String ENDLESS =
      "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 10000))"
          + " b(y) CROSS JOIN UNNEST(sequence(1, 10000)) c(z) WHERE x * y % 7 = z % 11";

  TestIssuer issuer;
  GatewayResource gateway;

  @BeforeEach
  void ready() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (given().get("/q/health/ready").statusCode() != 200) {
      assertThat(System.nanoTime()).as("the gateway is ready").isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static Response post(String token, String sql, int waitMillis) {
    return given()
        .header("Authorization", "Bearer " + token)
        .contentType("application/json")
        .body(Map.of("sql", sql, "waitMillis", waitMillis))
        .post("/api/v1/queries");
  }

  private static Response get(String token, String path) {
    return given().header("Authorization", "Bearer " + token).get(path);
  }

  /** A body without what differs between two equal requests. */
  private static String same(Response r) {
    return r.statusCode()
        + r.asString()
            .replaceAll("\"(id|requestId)\":\"[^\"]*\"", "\"$1\":\"\"")
            .replaceAll("\"submittedAt\":\"[^\"]*\"", "")
            .replaceAll("\"elapsedMillis\":[0-9]+", "");
  }

  private static String mixed(int own, int others) {
    return "SELECT 'tenant-1' AS tenant_id, DATE '2026-01-01' AS dt, CAST(i AS DECIMAL(18,2)) AS mrr"
        + " FROM range("
        + own
        + ") r(i) UNION ALL SELECT 'tenant-2', DATE '2031-12-31', CAST(99999 + i AS DECIMAL(18,2))"
        + " FROM range("
        + others
        + ") r(i)";
  }

  @Test
  void shouldAnswerTheSameHoweverManyRowsOfOthersLieBesideOwnOnes() {
    Set<String> answers = new HashSet<>();
    for (int others : new int[] {0, 1, 50_000}) {
      gateway.lake.publish(
          "gold", "mrr_metrics", "tenant", List.of(), MRR, Map.of("all", mixed(5, others)));
      StringBuilder all = new StringBuilder();
      for (String sql :
          List.of(
              "SELECT count(*), min(mrr), max(mrr), max(dt) FROM mrr_metrics",
              "SELECT * FROM mrr_metrics ORDER BY mrr",
              "SELECT mrr FROM mrr_metrics WHERE dt > DATE '2030-01-01'",
              "SELECT 1 / (mrr - 99999) FROM mrr_metrics",
              "EXPLAIN SELECT * FROM mrr_metrics",
              "SHOW STATS FOR mrr_metrics",
              "SHOW CREATE TABLE mrr_metrics",
              "SELECT * FROM information_schema.tables")) {
        Response r = post(issuer.tenantAnalyst("tenant-1"), sql, 10_000);
        assertThat(r.asString()).as(sql).doesNotContain("tenant-2").doesNotContain("99999.00");
        all.append(same(r)).append('\n');
      }
      all.append(
          same(get(issuer.tenantAnalyst("tenant-1"), "/api/v1/catalog/gold/mrr_metrics"))
              .replaceAll("\"publishedAt\":\"[^\"]*\"", ""));
      answers.add(all.toString());
    }
    assertThat(answers).hasSize(1);
    assertThat(answers.iterator().next()).contains("\"filesRead\":0", "\"rowsRead\":0");
  }

  @Test
  void shouldRefuseATableAlikeWhetherItHasRowsOrNot() {
    String token = issuer.tenantAnalyst("tenant-1");
    List<String> statements =
        List.of(
            "SELECT * FROM silver.orders",
            "SELECT * FROM silver.orders FOR VERSION AS OF '20260101000000000'",
            "DESCRIBE silver.orders",
            "SHOW STATS FOR silver.orders");
    List<String> before = statements.stream().map(s -> same(post(token, s, 5_000))).toList();
    List<String> paths =
        List.of("/api/v1/catalog/silver/order", "/api/v1/catalog/silver/order/snapshots");
    List<String> pathsBefore = paths.stream().map(p -> same(get(token, p))).toList();
    try {
      gateway.lake.publish(
          "silver",
          "order",
          List.of(TestLake.column("tenant_id", "varchar"), TestLake.column("id", "bigint")),
          Map.of("tenant-2", "SELECT 'tenant-2' AS tenant_id, 1::BIGINT AS id"));
      assertThat(statements.stream().map(s -> same(post(token, s, 5_000))).toList())
          .isEqualTo(before);
      assertThat(paths.stream().map(p -> same(get(token, p))).toList()).isEqualTo(pathsBefore);
    } finally {
      gateway.lake.forget("silver", "order");
    }
    // What may not be read and what does not exist are the same to who asks by address.
    assertThat(pathsBefore.get(0)).startsWith("404");
    assertThat(same(get(token, "/api/v1/catalog/silver/nothing"))).isEqualTo(pathsBefore.get(0));
    assertThat(same(get(token, "/api/v1/catalog/silver/nothing/snapshots")))
        .isEqualTo(pathsBefore.get(1));
  }

  @Test
  void shouldGiveIdsThatNobodyGuesses() {
    Set<String> ids = new HashSet<>();
    List<Set<Byte>> values =
        Stream.generate(() -> (Set<Byte>) new TreeSet<Byte>()).limit(18).toList();
    for (int i = 0; i < 12; i++) {
      String id = post(issuer.tenantAnalyst("tenant-1"), "SELECT 1", 5_000).path("id");
      assertThat(ids.add(id)).isTrue();
      byte[] bytes = Base64.getUrlDecoder().decode(id);
      assertThat(bytes).hasSize(18);
      for (int b = 0; b < bytes.length; b++) {
        values.get(b).add(bytes[b]);
      }
    }
    // No byte counts, and none stands still.
    assertThat(values).allMatch(v -> v.size() > 4);
  }

  @Test
  void shouldNotLetOthersQueriesBeSeenOrStopped() {
    String owner = issuer.tenantAnalyst("tenant-2");
    String id = post(owner, ENDLESS, 50).path("id");
    String done =
        post(owner, "SELECT tenant_id FROM revenue_metrics", 10_000).then().extract().path("id");
    String unknown = "A".repeat(24);
    try {
      for (String token : List.of(issuer.tenantAnalyst("tenant-1"), issuer.analyst())) {
        for (String path : List.of("", "/rows", "/rows?limit=1", "?waitMillis=10")) {
          String expected = same(get(token, "/api/v1/queries/" + unknown + path));
          assertThat(expected).startsWith("404");
          assertThat(same(get(token, "/api/v1/queries/" + id + path))).isEqualTo(expected);
          assertThat(same(get(token, "/api/v1/queries/" + done + path))).isEqualTo(expected);
        }
        for (String other : List.of(id, unknown)) {
          given()
              .header("Authorization", "Bearer " + token)
              .delete("/api/v1/queries/" + other)
              .then()
              .statusCode(404);
        }
        for (String list : List.of("/api/v1/queries?limit=1000", "/api/v1/history?limit=1000")) {
          assertThat(get(token, list).statusCode()).isEqualTo(200);
          assertThat(get(token, list).asString()).doesNotContain(id, done);
        }
      }
      // Administrators see that it runs, never its rows.
      assertThat(get(issuer.admin(), "/api/v1/queries/" + done).statusCode()).isEqualTo(200);
      assertThat(get(issuer.admin(), "/api/v1/queries/" + done + "/rows").statusCode())
          .isEqualTo(404);
      assertThat((String) get(owner, "/api/v1/queries/" + id).path("state"))
          .isIn("queued", "running");
    } finally {
      given().header("Authorization", "Bearer " + owner).delete("/api/v1/queries/" + id);
    }
  }

  @Test
  void shouldSayNothingOfTheInsideInErrors() throws IOException {
    gateway.lake.publish(
        "gold",
        "funnel_metrics",
        List.of(TestLake.column("tenant_id", "varchar"), TestLake.column("dt", "date")),
        Map.of("tenant-1", "SELECT 'tenant-1' AS tenant_id, DATE '2026-01-01' AS dt"));
    Path lake = gateway.lake.root();
    try (Stream<Path> files = Files.walk(lake.resolve("gold/funnel_metrics"))) {
      for (Path f : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(f, "tenant-2 was here");
      }
    }
    for (String sql :
        List.of(
            "SELECT * FROM funnel_metrics",
            "SELECT CAST(tenant_id AS bigint) FROM revenue_metrics",
            "SELECT CAST(status AS date) FROM dim_customer",
            "SELECT 1 / (order_count - order_count) FROM revenue_metrics",
            "SELECT CAST(total_revenue * 1000000000000 AS integer) FROM revenue_metrics",
            "SELECT (SELECT dt FROM revenue_metrics) FROM revenue_metrics",
            "SELECT regexp_like(status, '(((') FROM dim_customer",
            "SELECT json_extract_scalar(status, '$[') FROM dim_customer",
            "SELECT rpad(status, 100000000, 'x') FROM dim_customer",
            "SELECT * FROM silver.orders",
            "SELECT email FROM dim_customer",
            "SELECT * FROM \"" + lake + "\"",
            "SELECT getenv('HOME')")) {
      Response r = post(issuer.tenantAnalyst("tenant-1"), sql, 15_000);
      assertThat(r.statusCode()).as(sql).isBetween(400, 500);
      assertThat(r.asString().toLowerCase(java.util.Locale.ROOT))
          .as(sql)
          .doesNotContain(
              ".parquet", "duckdb", "exception", "tenant-2", "tenant-3", "magic", "at dev.")
          .doesNotContain("active", "101.50");
      if (!sql.contains(lake.toString())) {
        assertThat(r.asString()).doesNotContain(lake.toString());
      }
    }
  }
}
