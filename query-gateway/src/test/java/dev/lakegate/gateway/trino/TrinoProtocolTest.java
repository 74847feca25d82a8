package dev.lakegate.gateway.trino;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.query.Asker;
import dev.lakegate.gateway.query.GatewayResource;
import dev.lakegate.gateway.query.QueryRequest;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Principal;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The protocol on the wire: what drivers do not show, and what they never do. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TlsResource.class, restrictToAnnotatedClass = true)
class TrinoProtocolTest {
  private static final String MANY =
      "SELECT a * 1000 + b AS id, 'some text that takes room' AS t FROM UNNEST(sequence(0, 199)) AS"
          + " x(a) CROSS JOIN UNNEST(sequence(0, 999)) AS y(b)";

  /** More than may wait on disk: it cannot end by itself. */
  private static final String MORE = MANY.replace("sequence(0, 199)", "sequence(0, 999)");

  TestIssuer issuer;
  GatewayResource gateway;
  @Inject TrinoQueries queries;

  @ConfigProperty(name = "lakegate.work.directory")
  Path work;

  @BeforeEach
  void ready() throws InterruptedException {
    await(() -> RestAssured.get("/q/health/ready").statusCode() == 200, "the gateway is ready");
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private RequestSpecification as(String token) {
    return given()
        .header("Authorization", "Bearer " + token)
        .header("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME")
        .header("Accept-Encoding", "identity");
  }

  private RequestSpecification tenant() {
    return as(issuer.tenantAnalyst("tenant-1"));
  }

  private static JsonNode json(Response r) {
    try {
      assertThat(r.statusCode()).as(r.asString()).isEqualTo(200);
      return Json.MAPPER.readTree(r.asByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String next(JsonNode page) {
    String uri = page.path("nextUri").asText(null);
    return uri == null ? null : uri.replaceFirst("^https?://[^/]+", "");
  }

  private JsonNode last(RequestSpecification who, JsonNode page, List<JsonNode> data) {
    JsonNode p = page;
    p.path("data").forEach(data::add);
    while (next(p) != null) {
      p = json(given().spec(who).get(next(p)));
      p.path("data").forEach(data::add);
    }
    return p;
  }

  private JsonNode all(RequestSpecification who, String sql, List<JsonNode> data) {
    return last(who, json(given().spec(who).body(sql).post("/v1/statement")), data);
  }

  /** A header of the first answer that has it. */
  private String header(RequestSpecification who, String sql, String name) {
    Response r = given().spec(who).body(sql).post("/v1/statement");
    while (r.header(name) == null) {
      String next = next(json(r));
      assertThat(next).as(name + " of " + r.asString()).isNotNull();
      r = given().spec(who).get(next);
    }
    return r.header(name);
  }

  /** Some clients, such as Node's, look at the first answer for nothing but the next address. */
  @Test
  void shouldGiveNothingButAnAddressAtFirstAndASmallResultAtOnce() throws InterruptedException {
    String sql = "SELECT 1 AS one, NULL AS nothing";
    await(
        () -> {
          JsonNode first = json(tenant().body(sql).post("/v1/statement"));
          assertThat(first.has("data")).isFalse();
          assertThat(first.has("columns")).isFalse();
          return next(json(tenant().get(next(first)))) == null;
        },
        "the second answer is the last");
    JsonNode wrong = json(tenant().body(" ").post("/v1/statement"));
    assertThat(wrong.has("error")).isFalse();
    assertThat(wrong.path("stats").path("state").asText()).isEqualTo("QUEUED");
    JsonNode why = json(tenant().get(next(wrong)));
    assertThat(why.path("error").path("errorName").asText()).isNotEmpty();
    assertThat(next(why)).isNull();
    assertThat(
            given()
                .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-2"))
                .get(next(wrong))
                .statusCode())
        .as("another's")
        .isEqualTo(410);
    List<JsonNode> rows = new ArrayList<>();
    JsonNode p = all(tenant(), sql, rows);
    assertThat(rows.toString()).isEqualTo("[[1,null]]");
    assertThat(p.path("columns").path(0).toString())
        .isEqualTo(
            "{\"name\":\"one\",\"type\":\"integer\",\"typeSignature\":{\"rawType\":\"integer\",\"arguments\":[]}}");
    assertThat(p.path("columns").path(1).path("type").asText()).isEqualTo("unknown");
    assertThat(p.path("stats").path("state").asText()).isEqualTo("FINISHED");
    assertThat(p.path("infoUri").asText()).contains("/api/v1/queries/");
  }

  @Test
  void shouldDescribeTypesAsClientsReadThem() {
    String sql =
        "SELECT DECIMAL '1.5' AS d, CAST('a' AS varchar(5)) AS v, CAST('a' AS varchar) AS u,"
            + " TIMESTAMP '2026-01-01 00:00:00.123456' AS t,"
            + " ARRAY[ROW(1.5)] AS n, CAST(ROW(1, 'x') AS row(a bigint, b varchar)) AS r";
    JsonNode c = all(tenant(), sql, new ArrayList<>()).path("columns");
    assertThat(c.path(0).path("typeSignature").toString())
        .isEqualTo(
            "{\"rawType\":\"decimal\",\"arguments\":[{\"kind\":\"LONG\",\"value\":2},{\"kind\":\"LONG\",\"value\":1}]}");
    assertThat(c.path(1).path("typeSignature").path("arguments").toString())
        .isEqualTo("[{\"kind\":\"LONG\",\"value\":5}]");
    assertThat(c.path(2).path("typeSignature").path("arguments").toString())
        .isEqualTo("[{\"kind\":\"LONG\",\"value\":2147483647}]");
    assertThat(c.path(3).path("type").asText()).isEqualTo("timestamp(6)");
    assertThat(
            c.path(4)
                .path("typeSignature")
                .path("arguments")
                .path(0)
                .path("value")
                .path("rawType")
                .asText())
        .isEqualTo("row");
    assertThat(c.path(5).path("typeSignature").path("arguments").path(0).toString())
        .isEqualTo(
            "{\"kind\":\"NAMED_TYPE\",\"value\":{\"fieldName\":{\"name\":\"a\"},\"typeSignature\":{\"rawType\":\"bigint\",\"arguments\":[]}}}");
  }

  @Test
  void shouldRoundTimesForClientsThatKnowMillisecondsOnly() {
    String sql =
        "SELECT TIMESTAMP '2026-01-01 00:00:00.123956' AS t,"
            + " TIMESTAMP '2026-01-01 00:00:00.9999 UTC' AS z";
    RequestSpecification old =
        given()
            .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
            .header("Accept-Encoding", "identity");
    List<JsonNode> rows = new ArrayList<>();
    JsonNode p = all(old, sql, rows);
    assertThat(rows.toString())
        .isEqualTo("[[\"2026-01-01 00:00:00.124\",\"2026-01-01 00:00:01.000 UTC\"]]");
    assertThat(p.path("columns").path(0).path("type").asText()).isEqualTo("timestamp");
    assertThat(p.path("columns").path(0).path("typeSignature").path("arguments")).isEmpty();
    rows.clear();
    all(tenant(), sql, rows);
    assertThat(rows.toString())
        .isEqualTo("[[\"2026-01-01 00:00:00.123956\",\"2026-01-01 00:00:00.9999 UTC\"]]");
  }

  @Test
  void shouldGiveAPageAgainAndNoPageTwiceAfterTheNext() {
    JsonNode p = json(tenant().body(MANY).post("/v1/statement"));
    List<JsonNode> rows = new ArrayList<>();
    p.path("data").forEach(rows::add);
    String before = null;
    while (next(p) != null) {
      String uri = next(p);
      JsonNode once = json(tenant().get(uri));
      JsonNode again = json(tenant().get(uri));
      assertThat(again.path("data")).isEqualTo(once.path("data"));
      assertThat(next(again)).isEqualTo(next(once));
      once.path("data").forEach(rows::add);
      if (before != null) {
        assertThat(tenant().get(before).statusCode()).isEqualTo(410);
      }
      before = uri;
      p = once;
    }
    assertThat(rows).hasSize(200_000);
    assertThat(rows.stream().mapToLong(r -> r.path(0).asLong()).sum())
        .isEqualTo(199_999L * 200_000 / 2);
  }

  @Test
  void shouldKnowNoPageOfAnotherPrincipalAndNoGuessedOne() {
    JsonNode p = json(tenant().body(MANY).post("/v1/statement"));
    String uri = next(p);
    for (String token :
        List.of(issuer.tenantAnalyst("tenant-2"), issuer.admin(), issuer.engineer())) {
      assertThat(as(token).get(uri).statusCode()).isEqualTo(410);
      assertThat(as(token).delete(uri).statusCode()).isEqualTo(410);
      assertThat(as(token).delete("/v1/query/" + p.path("id").asText()).statusCode())
          .isEqualTo(410);
    }
    assertThat(given().get(uri).statusCode()).isEqualTo(401);
    String[] parts = uri.split("/");
    String slug = parts[parts.length - 2];
    String other = slug.substring(0, 5) + (slug.charAt(5) == 'a' ? 'b' : 'a') + slug.substring(6);
    assertThat(tenant().get(uri.replace(slug, other)).statusCode()).isEqualTo(410);
    assertThat(tenant().get(uri.replaceFirst("/0$", "/2")).statusCode()).isEqualTo(410);
    assertThat(tenant().get(uri.replace(parts[4], "nothing")).statusCode()).isEqualTo(410);
    // It was not ended by any of them.
    assertThat(json(tenant().get(uri)).path("data")).isNotEmpty();
    tenant().delete("/v1/query/" + p.path("id").asText());
  }

  @Test
  void shouldEndAQueryThatIsDeletedOrAbandoned() throws InterruptedException {
    JsonNode deleted = json(tenant().body(MANY).post("/v1/statement"));
    assertThat(tenant().delete(next(deleted)).statusCode()).isEqualTo(204);
    assertThat(tenant().get(next(deleted)).statusCode()).isEqualTo(410);
    JsonNode abandoned = json(tenant().body(MORE).post("/v1/statement"));
    String id = abandoned.path("id").asText();
    await(() -> state(id).equals("running"), "the query runs");
    await(() -> state(id).equals("failed"), "the abandoned query ends");
    assertThat(tenant().get("/api/v1/queries/" + id).path("error.code").toString())
        .isEqualTo("ABANDONED_QUERY");
    assertThat(tenant().get(next(abandoned)).statusCode()).isEqualTo(410);
    // One query, one event, which says what became of it.
    String mark = "after" + System.nanoTime();
    all(tenant(), "SELECT '" + mark + "'", new ArrayList<>());
    await(
        () ->
            gateway.auditEvents().stream()
                .anyMatch(e -> e.path("details").path("sql").asText().contains(mark)),
        "events that came later are delivered");
    assertThat(
            gateway.auditEvents().stream()
                .filter(e -> e.path("details").path("queryId").asText().equals(id))
                .map(e -> e.path("reason").asText()))
        .containsExactly("ABANDONED_QUERY");
  }

  @Test
  void shouldEndAQueryWhoseClientAsksForTheSamePageOnly() throws InterruptedException {
    JsonNode p = json(tenant().body(MORE).post("/v1/statement"));
    String id = p.path("id").asText();
    await(
        () -> {
          tenant().get(next(p));
          return state(id).equals("failed");
        },
        "asking for the same page does not keep it alive");
    assertThat(tenant().get("/api/v1/queries/" + id).path("error.code").toString())
        .isEqualTo("ABANDONED_QUERY");
  }

  @Test
  void shouldStopAQueryThatWaitsForItsClient() throws InterruptedException {
    AtomicReference<JsonNode> page =
        new AtomicReference<>(json(tenant().body(MORE).post("/v1/statement")));
    String id = page.get().path("id").asText();
    await(
        () -> {
          // Slowly, but so that it is not abandoned.
          page.set(json(tenant().get(next(page.get()) + "?targetResultSize=1B")));
          return onDisk(id) > 3_000_000;
        },
        "it waits for its client");
    JsonNode p = page.get();
    long asked = System.nanoTime();
    assertThat(tenant().delete("/api/v1/queries/" + id).statusCode()).isEqualTo(204);
    await(
        () -> {
          tenant().get(next(p));
          return state(id).equals("cancelled");
        },
        "it is cancelled");
    assertThat(onDisk(id)).isZero();
    assertThat(json(tenant().get(next(p))).path("error").path("errorName").asText())
        .as("after %d ms", (System.nanoTime() - asked) / 1_000_000)
        .isEqualTo("USER_CANCELED");
  }

  private long onDisk(String id) {
    try (Stream<Path> files = Files.list(work.resolve("trino"))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(id + "-"))
          .mapToLong(f -> f.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldKeepNoMoreUnfetchedResultsOfOnePersonThanAllowed() throws Exception {
    RequestSpecification hoarder = as(issuer.user("hoarder", "DataAnalyst"));
    String sql = MANY.replace("sequence(0, 199)", "sequence(0, 29)");
    Set<String> mine = new HashSet<>();
    int most = 0;
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (mine.size() < 60) {
      assertThat(System.nanoTime()).isLessThan(end);
      JsonNode p = json(given().spec(hoarder).body(sql).post("/v1/statement"));
      String id = p.path("id").asText();
      // One that is not let in is no query.
      if (given().spec(hoarder).get("/api/v1/queries/" + id).statusCode() == 200) {
        mine.add(id);
      }
      try (Stream<Path> files = Files.list(work.resolve("trino"))) {
        most =
            Math.max(
                most,
                (int)
                    files
                        .map(f -> f.getFileName().toString().replaceFirst("-\\d+$", ""))
                        .filter(mine::contains)
                        .distinct()
                        .count());
      }
    }
    // Twelve that have ended, eight that run or wait, and the one that came last.
    assertThat(most).isBetween(1, 21);
  }

  private Asker asker(String subject) {
    return new Asker(
        new Principal(
            issuer.url().toString(),
            subject,
            new TreeSet<>(Set.of("DataAnalyst")),
            new TreeSet<>(),
            null),
        null);
  }

  @Test
  void shouldTakeNoRowsFromAClientWhoseFormerRequestComesLate() throws Exception {
    TrinoQuery q =
        queries.submit(
            new QueryRequest(
                asker("retrier"), MANY, null, QueryRequest.Delivery.STREAMED, "request"),
            true);
    q.ready(0).get(60, TimeUnit.SECONDS);
    q.answer(0, 1);
    q.ready(1).get(60, TimeUnit.SECONDS);
    List<PageSpool.Rows> rows = q.answer(1, 1).pages();
    assertThat(rows).isNotEmpty();
    assertThatThrownBy(() -> q.answer(0, 1))
        .isInstanceOfSatisfying(
            LakegateException.class, e -> assertThat(e.status()).isEqualTo(410));
    List<PageSpool.Rows> again = q.answer(1, 1).pages();
    assertThat(again.get(0).json()).isEqualTo(rows.get(0).json());
    queries.cancel(q, "USER_CANCELED");
    // Its rows are gone: it must not look as if there were none.
    assertThatThrownBy(() -> q.answer(1, 1))
        .isInstanceOfSatisfying(
            LakegateException.class, e -> assertThat(e.status()).isEqualTo(410));
  }

  private String state(String id) {
    return tenant().get("/api/v1/queries/" + id).path("state");
  }

  @Test
  void shouldRefuseToActForSomebodyElse() {
    for (String header : List.of("X-Trino-User", "X-Trino-Original-User")) {
      Response r = tenant().header(header, "admin").body("SELECT 1").post("/v1/statement");
      assertThat(r.statusCode()).isEqualTo(403);
      assertThat(r.asString()).contains("IMPERSONATION_REFUSED");
    }
    assertThat(
            tenant()
                .header("X-Trino-User", "analyst@tenant-1")
                .body("SELECT 1")
                .post("/v1/statement")
                .statusCode())
        .isEqualTo(200);
    assertThat(given().body("SELECT 1").post("/v1/statement").statusCode()).isEqualTo(401);
  }

  @Test
  void shouldTellChangesOfTheSessionInHeaders() {
    assertThat(header(tenant(), "USE gold", "X-Trino-Set-Catalog")).isEqualTo("lakehouse");
    assertThat(header(tenant(), "USE gold", "X-Trino-Set-Schema")).isEqualTo("gold");
    List<JsonNode> rows = new ArrayList<>();
    JsonNode use = all(tenant(), "USE gold", rows);
    assertThat(use.path("updateType").asText()).isEqualTo("USE");
    assertThat(rows.toString()).isEqualTo("[[true]]");
    assertThat(use.path("columns").path(0).path("name").asText()).isEqualTo("result");
    assertThat(header(tenant(), "SET SESSION query_max_run_time = '1m'", "X-Trino-Set-Session"))
        .isEqualTo("query_max_run_time=1m");
    assertThat(header(tenant(), "RESET SESSION query_max_run_time", "X-Trino-Clear-Session"))
        .isEqualTo("query_max_run_time");
    assertThat(header(tenant(), "SET ROLE NONE", "X-Trino-Set-Role")).isEqualTo("system=NONE");
    String begun =
        header(
            tenant().header("X-Trino-Transaction-Id", "NONE"),
            "START TRANSACTION",
            "X-Trino-Started-Transaction-Id");
    assertThat(begun).isNotBlank();
    assertThat(
            header(
                tenant().header("X-Trino-Transaction-Id", begun),
                "COMMIT",
                "X-Trino-Clear-Transaction-Id"))
        .isEqualTo("true");
  }

  @Test
  void shouldCarryPreparedStatementsInHeadersAlsoLongOnes() {
    String list = "1,".repeat(3000) + "1";
    String header =
        header(
            tenant(),
            "PREPARE p FROM SELECT x + ? FROM (VALUES 1) AS t(x) WHERE x IN (" + list + ")",
            "X-Trino-Added-Prepare");
    assertThat(header).startsWith("p=").hasSizeLessThan(1000);
    List<JsonNode> rows = new ArrayList<>();
    all(tenant().header("X-Trino-Prepared-Statement", header), "EXECUTE p USING 41", rows);
    assertThat(rows.toString()).isEqualTo("[[42]]");
    assertThat(
            header(
                tenant().header("X-Trino-Prepared-Statement", header),
                "DEALLOCATE PREPARE p",
                "X-Trino-Deallocated-Prepare"))
        .isEqualTo("p");
    JsonNode forged =
        all(
            tenant().header("X-Trino-Prepared-Statement", "p=%24deflate%3Anonsense"),
            "EXECUTE p USING 1",
            new ArrayList<>());
    assertThat(forged.path("error").path("errorType").asText()).isEqualTo("USER_ERROR");
  }

  @Test
  void shouldKeepInTheAuditWhatAPreparedStatementIs() throws InterruptedException {
    String mark = "m" + System.nanoTime();
    all(
        tenant().header("X-Trino-Prepared-Statement", "p=SELECT+%3F+AS+" + mark),
        "EXECUTE p USING 1",
        new ArrayList<>());
    all(
        tenant().header("X-Trino-Prepared-Statement", "p=DROP+TABLE+" + mark),
        "EXECUTE p USING 2",
        new ArrayList<>());
    await(
        () ->
            gateway.auditEvents().stream()
                    .filter(e -> e.path("details").path("statement").asText().contains(mark))
                    .count()
                == 2,
        "both are in the audit");
  }

  @Test
  void shouldRefuseHeadersThatAskForWhatThereIsNot() {
    for (String[] h :
        new String[][] {
          {"X-Trino-Session", "no_such=1", "INVALID_SESSION_PROPERTY"},
          {"X-Trino-Session", "spill_enabled", "GENERIC_USER_ERROR"},
          {"X-Trino-Time-Zone", "Mars/Olympus", "INVALID_SESSION_PROPERTY"},
          {"X-Trino-Role", "system=ROLE%7Badmin%7D", "ROLE_NOT_FOUND"},
          {"X-Trino-Catalog", "nowhere", "CATALOG_NOT_FOUND"},
          {"X-Trino-Schema", "nowhere", "SCHEMA_NOT_FOUND"}
        }) {
      JsonNode p =
          all(tenant().header(h[0], h[1]), "SELECT * FROM revenue_metrics", new ArrayList<>());
      assertThat(p.path("error").path("errorName").asText()).as(h[1]).isEqualTo(h[2]);
      assertThat(p.path("stats").path("state").asText()).isEqualTo("FAILED");
    }
    assertThat(
            all(
                    tenant()
                        .header("X-Trino-Extra-Credential", "a=b")
                        .header("X-Trino-Role", "system=ALL"),
                    "SELECT 1",
                    new ArrayList<>())
                .path("error")
                .isMissingNode())
        .isTrue();
  }

  @Test
  void shouldCompressForWhoeverAcceptsIt() throws Exception {
    String sql = "SELECT a, 'x' FROM UNNEST(sequence(1, 2000)) AS t(a)";
    await(
        () -> {
          String uri = next(json(tenant().body(sql).post("/v1/statement")));
          HttpRequest request =
              HttpRequest.newBuilder(URI.create(RestAssured.baseURI + ":" + RestAssured.port + uri))
                  .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
                  .header("Accept-Encoding", "gzip")
                  .build();
          try {
            HttpResponse<byte[]> r =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
            return r.headers().firstValue("Content-Encoding").orElse("").equals("gzip")
                && Json.MAPPER
                        .readTree(new GZIPInputStream(new ByteArrayInputStream(r.body())))
                        .path("data")
                        .size()
                    == 2000;
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        "the rows come compressed");
  }

  @Test
  void shouldGivePagesOfTheSizeThatIsAskedFor() {
    JsonNode p = json(tenant().body(MANY).post("/v1/statement"));
    String id = p.path("id").asText();
    JsonNode small = json(tenant().get(next(p) + "?targetResultSize=1B"));
    assertThat(small.path("data").size()).isBetween(1, 8_000);
    assertThat(tenant().get(next(small) + "?targetResultSize=lots").statusCode()).isEqualTo(400);
    tenant().delete("/v1/query/" + id);
  }

  @Test
  void shouldSayWhoItIs() {
    JsonNode info = json(given().get("/v1/info"));
    assertThat(info.path("nodeVersion").path("version").asText()).isEqualTo("476");
    assertThat(info.path("starting").asBoolean()).isFalse();
  }
}
