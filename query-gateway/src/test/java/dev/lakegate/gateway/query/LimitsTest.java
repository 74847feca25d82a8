package dev.lakegate.gateway.query;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Limits, workgroups, results used again, history, and the end of the gateway. */
@QuarkusTest
@TestProfile(LimitsTest.Narrow.class)
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LimitsTest {
  /** Minutes of work that can be stopped. */
  private static final String LONG =
      "SELECT count(*) FROM revenue_metrics a, revenue_metrics b, revenue_metrics c,"
          + " revenue_metrics d, revenue_metrics e, revenue_metrics f"
          + " WHERE a.order_count + b.order_count * c.order_count - d.order_count % 7 >"
          + " e.order_count * f.order_count + ";

  TestIssuer issuer;
  GatewayResource gateway;
  @Inject Event<ShutdownDelayInitiatedEvent> stopping;
  @Inject QueryService service;

  @TestHTTPResource("/")
  URI plain;

  /** Limits that a test can reach. */
  public static final class Narrow implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.ofEntries(
          Map.entry("lakegate.gateway.limits.concurrent", "3"),
          Map.entry("lakegate.gateway.limits.concurrent-per-principal", "3"),
          Map.entry("lakegate.gateway.limits.queued", "4"),
          Map.entry("lakegate.gateway.limits.rate", "1"),
          Map.entry("lakegate.gateway.limits.burst", "40"),
          Map.entry("lakegate.gateway.limits.client-wait", "2S"),
          Map.entry("lakegate.gateway.limits.kept-bytes", "8M"),
          Map.entry("lakegate.gateway.trino.spool", "4M"),
          Map.entry("lakegate.gateway.workgroups.analytics-team.concurrent", "2"),
          Map.entry("lakegate.gateway.workgroups.analytics-team.result-rows", "7"),
          Map.entry("lakegate.gateway.workgroups.data-engineering.run-time", "1S"),
          Map.entry("lakegate.gateway.history.drain", "1S"));
    }
  }

  @BeforeEach
  void ready() throws InterruptedException {
    await(() -> readiness() == 200, "the gateway is ready");
  }

  private static int readiness() {
    return given().get("/q/health/ready").then().extract().statusCode();
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static ValidatableResponse query(String token, Map<String, Object> body) {
    return query(token, body, null);
  }

  private static ValidatableResponse query(
      String token, Map<String, Object> body, String workgroup) {
    var request =
        given()
            .header("Authorization", "Bearer " + token)
            .header("Accept", "application/json")
            .contentType("application/json")
            .body(body);
    if (workgroup != null) {
      request = request.header("X-Lakegate-Workgroup", workgroup);
    }
    return request.post("/api/v1/queries").then();
  }

  private static String begin(String token, String sql) {
    return query(token, Map.of("sql", sql, "waitMillis", 0)).statusCode(202).extract().path("id");
  }

  private static void cancel(String token, String id) {
    given()
        .header("Authorization", "Bearer " + token)
        .delete("/api/v1/queries/" + id)
        .then()
        .statusCode(204);
  }

  private static String state(String token, String id) {
    return given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/queries/" + id)
        .then()
        .extract()
        .path("state");
  }

  @Test
  @Order(1)
  void shouldKeepPlacesForOthersOfATenantAWorkgroupAndAPrincipal() throws InterruptedException {
    String mine = issuer.user("ann", "DataAnalyst");
    String colleague = issuer.user("bob", "DataAnalyst");
    String admin = issuer.admin();
    String first = begin(mine, LONG + "1");
    String second = begin(mine, LONG + "2");
    String third = begin(mine, LONG + "3");
    await(() -> state(mine, second).equals("running"), "two run");
    query(mine, Map.of("sql", "SELECT 4"))
        .statusCode(429)
        .header("Retry-After", "1")
        .body("error.code", equalTo("TOO_MANY_QUERIES"));
    // The workgroup's two places are taken; the third place is for whoever is not of it.
    String waiting = begin(colleague, "SELECT 'colleague'");
    query(admin, Map.of("sql", "SELECT 'admin'")).statusCode(200);
    assertThat(state(colleague, waiting)).isEqualTo("queued");
    assertThat(state(mine, third)).isEqualTo("queued");
    // Waiting ends when it is cancelled, and a place that becomes free goes in turn.
    cancel(mine, third);
    await(() -> state(mine, third).equals("cancelled"), "the waiting one is cancelled");
    cancel(mine, first);
    await(() -> state(colleague, waiting).equals("finished"), "the colleague's turn came");
    cancel(mine, second);
    await(() -> state(mine, second).equals("cancelled"), "the running one is cancelled");
  }

  @Test
  @Order(2)
  void shouldBoundTheQueueOfAll() throws InterruptedException {
    String[] tokens = new String[4];
    String[] ids = new String[8];
    for (int i = 0; i < 4; i++) {
      tokens[i] = issuer.user("user" + i, "LakeFormationAdmin");
    }
    int n = 0;
    for (int i = 0; i < 7; i++) {
      ids[n++] = begin(tokens[i / 2], LONG + i);
    }
    query(issuer.user("late", "LakeFormationAdmin"), Map.of("sql", "SELECT 1"))
        .statusCode(429)
        .header("Retry-After", "2")
        .body("error.code", equalTo("QUEUE_FULL"));
    for (int i = 0; i < n; i++) {
      cancel(tokens[i / 2], ids[i]);
    }
    for (int i = 0; i < n; i++) {
      int at = i;
      await(() -> state(tokens[at / 2], ids[at]).equals("cancelled"), "all are cancelled");
    }
  }

  @Test
  @Order(3)
  void shouldHoldTheLimitsOfTheWorkgroup() {
    String analyst = issuer.analyst();
    query(analyst, Map.of("sql", "SELECT tenant_id, dt FROM revenue_metrics"))
        .statusCode(200)
        .body("workgroup", equalTo("analytics-team"))
        .body("rowCount", equalTo(7))
        .body("truncated", equalTo(true));
    query(issuer.admin(), Map.of("sql", "SELECT tenant_id, dt FROM revenue_metrics"))
        .statusCode(200)
        .body("workgroup", equalTo("primary"))
        .body("rowCount", equalTo(60));
    query(
            issuer.admin(),
            Map.of("sql", "SELECT tenant_id, dt FROM revenue_metrics"),
            "analytics-team")
        .statusCode(200)
        .body("rowCount", equalTo(7));
    query(analyst, Map.of("sql", "SELECT 1"), "primary")
        .statusCode(403)
        .body("error.code", equalTo("WORKGROUP_NOT_ALLOWED"))
        .body("error.remedy", containsString("analytics-team"));
    query(issuer.engineer(), Map.of("sql", LONG + "5", "waitMillis", 20000))
        .statusCode(400)
        .body("error.code", equalTo("EXCEEDED_TIME_LIMIT"));
  }

  @Test
  @Order(4)
  void shouldLetNobodySubmitFasterThanAllowed() {
    String token = issuer.user("fast", "DataAnalyst");
    int refused = 0;
    for (int i = 0; i < 50 && refused == 0; i++) {
      ValidatableResponse r = query(token, Map.of("sql", "SELECT 1"));
      if (r.extract().statusCode() == 429) {
        refused++;
        r.body("error.code", equalTo("RATE_EXCEEDED")).header("Retry-After", "1");
        assertThat(i).isGreaterThanOrEqualTo(40);
      }
    }
    assertThat(refused).isEqualTo(1);
    query(issuer.user("slow", "DataAnalyst"), Map.of("sql", "SELECT 1")).statusCode(200);
    given()
        .get("/q/metrics")
        .then()
        .body(containsString("lakegate_queries_refused_total{reason=\"RATE_EXCEEDED\"} 1.0"));
  }

  private static boolean cached(String token, String sql) {
    return query(token, Map.of("sql", sql)).statusCode(200).extract().path("stats.cached");
  }

  @Test
  @Order(5)
  void shouldUseAnAnswerAgainOnlyForTheSameDecisionOverTheSameState() throws InterruptedException {
    String sql = "SELECT sum(total_revenue) AS r, count(*) FROM revenue_metrics";
    String one = issuer.tenantAnalyst("tenant-1");
    assertThat(cached(one, sql)).isFalse();
    assertThat(cached(one, sql)).isTrue();
    assertThat(cached(one, "select SUM(total_revenue) as r, count( * ) from gold.revenue_metrics;"))
        .as("the same statement, written differently")
        .isTrue();
    query(one, Map.of("sql", sql)).body("rows[0]", equalTo(List.of("1050.00", 10)));
    // Another name of a column, another tenant, another person: another answer.
    assertThat(cached(one, "SELECT sum(total_revenue) AS x, count(*) FROM revenue_metrics"))
        .isFalse();
    String two = issuer.tenantAnalyst("tenant-2");
    assertThat(cached(two, sql)).isFalse();
    query(two, Map.of("sql", sql)).body("rows[0]", equalTo(List.of("4200.00", 20)));
    Map<String, Object> claims = issuer.claims("analyst@tenant-1");
    claims.put("personas", List.of("TenantSpecificAnalyst"));
    claims.put("tenants", List.of("tenant-1", "tenant-2"));
    query(issuer.sign(claims), Map.of("sql", sql))
        .body("stats.cached", equalTo(false))
        .body("rows[0]", equalTo(List.of("5250.00", 30)));
    for (String changing :
        List.of(
            "SELECT count(*), now() FROM revenue_metrics",
            "SELECT count(*) FROM revenue_metrics WHERE dt < current_date",
            "SELECT count(*), current_user FROM revenue_metrics",
            "SELECT 1")) {
      assertThat(cached(one, changing)).isFalse();
      assertThat(cached(one, changing)).as(changing).isFalse();
    }
    // A new version of the policy, even with the same grants.
    Policy before = gateway.policy;
    try {
      gateway.policy =
          new Policy(
              Policy.VERSION,
              before.policyVersion() + 2000,
              before.personas(),
              before.tierFilters(),
              before.tables());
      await(() -> !cached(one, sql), "the new version is in force");
      assertThat(cached(one, sql)).isTrue();
    } finally {
      gateway.policy = before;
    }
    await(() -> !cached(issuer.tenantAnalyst("tenant-3"), sql), "another tenant");
    // A new snapshot.
    await(() -> cached(one, sql), "in the cache");
    GatewayResource.fill(gateway.lake);
    assertThat(cached(one, sql)).isFalse();
    assertThat(cached(one, sql)).isTrue();
    await(
        () ->
            gateway.auditEvents.stream()
                    .filter(e -> e.path("details").path("cached").asText().equals("true"))
                    .filter(e -> e.path("principal").path("subject").asText().contains("tenant-1"))
                    .count()
                >= 4,
        "answers from the cache are in the audit");
  }

  @Test
  @Order(6)
  void shouldRememberQueriesOfEachForThemselvesAndAllForAdministrators() {
    String mine = issuer.user("historian", "DataAnalyst");
    query(mine, Map.of("sql", "SELECT 'mine', count(*) FROM revenue_metrics")).statusCode(200);
    query(mine, Map.of("sql", "SELECT nothing FROM revenue_metrics")).statusCode(400);
    given()
        .header("Authorization", "Bearer " + mine)
        .get("/api/v1/history")
        .then()
        .statusCode(200)
        .body("items.size()", equalTo(2))
        .body("items[0].errorCode", equalTo("COLUMN_NOT_FOUND"))
        .body("items[1].state", equalTo("finished"))
        .body("items[1].workgroup", equalTo("analytics-team"))
        .body("items[1].tables", equalTo(List.of("gold.revenue_metrics")));
    String next =
        given()
            .header("Authorization", "Bearer " + mine)
            .get("/api/v1/history?limit=1")
            .then()
            .body("items.size()", equalTo(1))
            .extract()
            .path("next");
    given()
        .header("Authorization", "Bearer " + mine)
        .queryParam("cursor", next)
        .get("/api/v1/history")
        .then()
        .body("items[0].state", equalTo("finished"))
        .body("items.size()", equalTo(1));
    given()
        .header("Authorization", "Bearer " + issuer.user("other", "DataAnalyst"))
        .get("/api/v1/history")
        .then()
        .body("items.principal", not(hasItem("historian")));
    given()
        .header("Authorization", "Bearer " + issuer.admin())
        .get("/api/v1/history?limit=1000")
        .then()
        .body("items.principal", hasItem("historian"));
    given().get("/api/v1/history").then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + mine)
        .get("/api/v1/history?cursor=nonsense")
        .then()
        .statusCode(400);
  }

  @Test
  @Order(7)
  void shouldMeasureEachPhase() {
    String metrics = given().get("/q/metrics").then().extract().asString();
    for (String phase :
        List.of("authenticate", "parse", "secure", "plan", "wait", "execute", "encode", "audit")) {
      assertThat(
              metrics
                  .lines()
                  .filter(l -> l.startsWith("lakegate_query_phase_seconds_count"))
                  .filter(l -> l.contains("phase=\"" + phase + "\"")))
          .as(phase)
          .anySatisfy(
              l -> assertThat(Double.parseDouble(l.substring(l.indexOf("} ") + 2))).isPositive());
    }
    assertThat(metrics)
        .contains("lakegate_query_cache_total{result=\"hit\"}")
        .contains("lakegate_queries_running")
        .contains("lakegate_queries_waiting");
  }

  @Test
  @Order(8)
  void shouldResolveOnceMoreWhenAFileIsGone() throws Exception {
    String token = issuer.admin();
    String sql = "SELECT count(*) FROM revenue_metrics WHERE 'vanished' <> ''";
    query(token, Map.of("sql", sql)).statusCode(200).body("rows[0][0]", equalTo(60));
    // Files get other names, and the snapshot says so in a way that is noticed only by reading it.
    Path current = gateway.lake.root().resolve("_catalog/gold/revenue_metrics/current.json");
    String before = Files.readString(current);
    FileTime time = Files.getLastModifiedTime(current);
    String after = before;
    for (JsonNode file : Json.MAPPER.readTree(before).path("files")) {
      String path = file.path("path").asText();
      String other = path.replaceAll("(.)\\.parquet$", "x.parquet");
      Files.move(gateway.lake.root().resolve(path), gateway.lake.root().resolve(other));
      after = after.replace(path, other);
    }
    write(current, after, time);
    query(token, Map.of("sql", sql + " AND 1 = 1")).statusCode(200).body("rows[0][0]", equalTo(60));
    // What is gone for good is an error, not an answer without those rows.
    for (JsonNode file : Json.MAPPER.readTree(after).path("files")) {
      Files.delete(gateway.lake.root().resolve(file.path("path").asText()));
    }
    query(token, Map.of("sql", sql + " AND 2 = 2"))
        .statusCode(400)
        .body("error.code", equalTo("DATA_CHANGED"));
    GatewayResource.fill(gateway.lake);
    query(token, Map.of("sql", sql + " AND 3 = 3")).statusCode(200).body("rows[0][0]", equalTo(60));
  }

  private static void write(Path file, String text, FileTime time) throws Exception {
    assertThat(text).hasSize((int) Files.size(file));
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, time);
  }

  /** A client that takes rows, but so slowly that its query would keep its place for ever. */
  @Test
  @Order(9)
  void shouldWaitForASlowClientNoLongerThanAllowed() throws Exception {
    String token = issuer.engineer();
    String sql =
        "SELECT a * 1000 + b AS id, rpad('', 100, 'x') AS t FROM UNNEST(sequence(1, 1000)) AS x(a)"
            + " CROSS JOIN UNNEST(sequence(1, 1000)) AS y(b)";
    var page =
        given()
            .header("Authorization", "Bearer " + token)
            .body(sql)
            .post("/v1/statement")
            .then()
            .extract()
            .jsonPath();
    for (int i = 0; i < 150 && page.getString("nextUri") != null; i++) {
      Thread.sleep(200);
      page =
          given()
              .header("Authorization", "Bearer " + token)
              .urlEncodingEnabled(false)
              .get(page.getString("nextUri") + "?targetResultSize=1B")
              .then()
              .statusCode(200)
              .extract()
              .jsonPath();
    }
    assertThat(page.getString("error.errorName")).isEqualTo("EXCEEDED_TIME_LIMIT");
    query(token, Map.of("sql", "SELECT 1")).statusCode(200);
  }

  /** An answer from the cache needs no engine, and writing it no less time. */
  @Test
  @Order(10)
  void shouldCutOffAClientThatDoesNotReadAnAnswerFromTheCache() throws Exception {
    String token = issuer.engineer();
    String sql =
        "SELECT 1 AS \""
            + "a".repeat(20_000)
            + "\" FROM (SELECT count(*) FROM revenue_metrics) CROSS JOIN"
            + " UNNEST(sequence(1, 10000)) AS t(n)";
    await(() -> cached(token, sql), "the answer is in the cache");
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(8192);
      socket.connect(new InetSocketAddress(plain.getHost(), plain.getPort()));
      String body = Json.write(Map.of("sql", sql));
      socket
          .getOutputStream()
          .write(
              ("POST /api/v1/queries HTTP/1.1\r\nHost: lake\r\nAuthorization: Bearer "
                      + token
                      + "\r\nContent-Type: application/json\r\nAccept: application/x-ndjson"
                      + "\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.UTF_8));
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = socket.getInputStream().read();
        assertThat(c).as(head.toString()).isNotNegative();
        head.append((char) c);
      }
      Matcher id = Pattern.compile("(?i)x-query-id: (\\S+)").matcher(head);
      assertThat(id.find()).as(head.toString()).isTrue();
      await(() -> state(token, id.group(1)).equals("failed"), "its time is over");
      given()
          .header("Authorization", "Bearer " + token)
          .get("/api/v1/queries/" + id.group(1))
          .then()
          .body("error.code", equalTo("EXCEEDED_TIME_LIMIT"))
          .body("stats.cached", equalTo(true));
    }
  }

  private Asker asker(String subject, String token) {
    return new Asker(
        new Principal(
            issuer.url().toString(),
            subject,
            new TreeSet<>(Set.of("LakeFormationAdmin")),
            new TreeSet<>(),
            null),
        token);
  }

  @Test
  @Order(11)
  void shouldEndAQueryWhateverItsWriterThrows() {
    GatewayQuery q =
        service.submit(
            new QueryRequest(
                asker("thrower", null),
                "SELECT 1",
                null,
                QueryRequest.Delivery.STREAMED,
                "request"));
    Runs.Stream stream = service.stream(q);
    assertThatThrownBy(
            () ->
                stream.write(
                    new RowWriter() {
                      @Override
                      public void begin(List<SecuredQuery.OutputColumn> columns) {
                        // Nothing to write before the rows.
                      }

                      @Override
                      public void row(Object[] row) {
                        throw new OutOfMemoryError("of the test");
                      }

                      @Override
                      public void end() {
                        // It does not come so far.
                      }
                    }))
        .hasRootCauseMessage("of the test");
    assertThat(q.state()).isEqualTo(GatewayQuery.State.FAILED);
    assertThat(q.ticket().hasPlace()).isFalse();
  }

  /** A kept result of 0.8 MB for each thousand rows. */
  private GatewayQuery keep(Asker asker, int rows) throws InterruptedException {
    GatewayQuery q =
        service.admit(
            new QueryRequest(
                asker,
                "SELECT n, rpad('', 800, 'x') FROM UNNEST(sequence(1, " + rows + ")) AS t(n)",
                null,
                QueryRequest.Delivery.KEPT,
                "request"));
    service.keep(q);
    assertThat(q.await(60_000)).isTrue();
    return q;
  }

  private boolean kept(GatewayQuery q) {
    return service.list(q.asker, false).contains(q);
  }

  @Test
  @Order(12)
  void shouldKeepNoMoreThanAPersonsQuarterAndLetTheOldestGo() throws InterruptedException {
    Asker login = asker("keeper", null);
    Asker token = asker("keeper", "token-1");
    GatewayQuery own = keep(login, 800);
    GatewayQuery first = keep(token, 1000);
    assertThat(kept(own)).isTrue();
    assertThat(kept(first)).isTrue();
    // What asks most makes way for what it asks next; its owner's result stays.
    GatewayQuery second = keep(token, 1000);
    assertThat(second.state()).isEqualTo(GatewayQuery.State.FINISHED);
    assertThat(kept(second)).isTrue();
    assertThat(kept(first)).isFalse();
    assertThat(kept(own)).isTrue();
    // Alone it is more than the person's part.
    GatewayQuery large = keep(login, 4000);
    assertThat(large.state()).isEqualTo(GatewayQuery.State.FAILED);
    assertThat(large.error().code()).isEqualTo("RESULTS_FULL");
    assertThat(kept(keep(asker("other", null), 1000))).isTrue();
  }

  /** The last one: afterwards this gateway takes nothing any more. */
  @Test
  @Order(20)
  void shouldTakeNothingWhileItStopsAndFinishOrCancelTheRest() throws Exception {
    String token = issuer.user("leaver", "DataAnalyst");
    String id = begin(token, LONG + "8");
    await(() -> state(token, id).equals("running"), "it runs");
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(() -> stopping.fire(new ShutdownDelayInitiatedEvent()));
    await(() -> readiness() == 503, "readiness is gone first");
    assertThat(state(token, id)).as("it may still end by itself").isEqualTo("running");
    query(token, Map.of("sql", "SELECT 1"))
        .statusCode(503)
        .header("Retry-After", "5")
        .body("error.code", equalTo("SHUTTING_DOWN"));
    drained.get(20, TimeUnit.SECONDS);
    await(() -> state(token, id).equals("failed"), "what takes too long is cancelled");
  }
}
