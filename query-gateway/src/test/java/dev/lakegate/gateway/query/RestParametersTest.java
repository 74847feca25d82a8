package dev.lakegate.gateway.query;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Typed parameters, clients that go away, and the description that clients are generated from. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
class RestParametersTest {
  TestIssuer issuer;

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

  private static Map<String, Object> parameter(String type, Object value) {
    Map<String, Object> p = new HashMap<>();
    p.put("type", type);
    p.put("value", value);
    return p;
  }

  private ValidatableResponse query(String accept, String sql, Object... parameters) {
    return given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .header("Accept", accept)
        .contentType("application/json")
        .body(Map.of("sql", sql, "parameters", List.of(parameters), "waitMillis", 20_000))
        .post("/api/v1/queries")
        .then();
  }

  @Test
  void shouldTakeParametersAsValuesOfTheirType() {
    query(
            "application/json",
            "SELECT count(*) FROM revenue_metrics WHERE dt >= ? AND order_count < ? AND tenant_id = ?",
            parameter("date", "2026-01-03"),
            parameter("bigint", 6),
            parameter(null, "tenant-1"))
        .statusCode(200)
        .body("rows[0][0]", equalTo(3));
    query(
            "application/json",
            "SELECT count(*) FROM revenue_metrics WHERE tenant_id = ?",
            parameter("varchar", "' OR true OR tenant_id = '"))
        .statusCode(200)
        .body("rows[0][0]", equalTo(0));
    query(
            "application/json",
            "SELECT ?, ?, ?, typeof(?), ? IS NULL LIMIT ?",
            parameter("decimal(10,2)", "1.5"),
            parameter(null, true),
            parameter("timestamp(3)", "2026-01-01 02:03:04.567"),
            parameter(null, 2.5),
            parameter("varchar", null),
            parameter("bigint", 1))
        .statusCode(200)
        .body("rows[0][0]", equalTo("1.50"))
        .body("rows[0][1]", equalTo(true))
        .body("rows[0][2]", equalTo("2026-01-01 02:03:04.567"))
        .body("rows[0][3]", equalTo("double"))
        .body("rows[0][4]", equalTo(true));
    assertThat(
            query(
                    "text/csv",
                    "SELECT ? AS a, ? AS b",
                    parameter(null, "x,\"y\""),
                    parameter("varchar", ""))
                .statusCode(200)
                .extract()
                .asString())
        .isEqualTo("a,b\r\n\"x,\"\"y\"\"\",\"\"\r\n");
  }

  @Test
  void shouldRefuseParametersThatAreNone() {
    query("application/json", "SELECT ?")
        .statusCode(400)
        .body("error.code", equalTo("INVALID_PARAMETER_USAGE"));
    query("application/json", "SELECT 1", parameter(null, 1))
        .statusCode(400)
        .body("error.code", equalTo("INVALID_PARAMETER_USAGE"));
    query("application/json", "SELECT ?", parameter("no such type", 1))
        .statusCode(400)
        .body("error.code", equalTo("TYPE_NOT_FOUND"));
    query("application/json", "SELECT ?", parameter("bigint", "x"))
        .statusCode(400)
        .body("error.code", equalTo("INVALID_CAST_ARGUMENT"));
    query("application/json", "SELECT ?", parameter("bigint", List.of(1)))
        .statusCode(400)
        .body("error.code", equalTo("FIELD_INVALID"))
        .body("error.details.field", equalTo("parameters[0]"));
    query("application/json", "SELECT ?", parameter(null, null)).statusCode(400);
  }

  @Test
  void shouldRunSavedQueriesWithValues() {
    String token = issuer.tenantAnalyst("tenant-1");
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/saved-queries/revenue_since")
        .then()
        .statusCode(200)
        .body("parameters", equalTo(List.of("date", "decimal(18,2)")));
    given()
        .header("Authorization", "Bearer " + token)
        .contentType("application/json")
        .body(
            Map.of(
                "parameters",
                List.of(parameter("date", "2026-01-03"), parameter("decimal(18,2)", "105.0")),
                "waitMillis",
                20_000))
        .post("/api/v1/saved-queries/revenue_since")
        .then()
        .statusCode(200)
        .body("rows.size()", equalTo(5))
        .body("rows[0][1]", equalTo("2026-01-06"));
    given()
        .header("Authorization", "Bearer " + token)
        .header("Accept", "text/csv")
        .contentType("application/json")
        .body(Map.of())
        .post("/api/v1/saved-queries/revenue_since")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("INVALID_PARAMETER_USAGE"));
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/saved-queries/stock")
        .then()
        .statusCode(404);
  }

  @Test
  void shouldEndTheQueryOfAClientThatGoesAwayBeforeItsAnswer() throws Exception {
    String mark = "gone" + System.nanoTime();
    String body =
        Json.write(
            Map.of(
                "sql",
                "SELECT count(*) AS "
                    + mark
                    + " FROM UNNEST(sequence(0, 9999)) AS x(a) CROSS JOIN UNNEST(sequence(0, 9999))"
                    + " AS y(b) CROSS JOIN UNNEST(sequence(0, 9999)) AS z(c) WHERE a + b < c",
                "waitMillis",
                20000));
    URI base = URI.create(RestAssured.baseURI + ":" + RestAssured.port);
    try (Socket s = new Socket("127.0.0.1", base.getPort())) {
      s.getOutputStream()
          .write(
              ("POST /api/v1/queries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      + "Authorization: Bearer "
                      + issuer.tenantAnalyst("tenant-1")
                      + "\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.US_ASCII));
      s.getOutputStream().flush();
      await(() -> "running".equals(state(mark)), "the query runs");
    }
    await(() -> "failed".equals(state(mark)), "the query ends with its client");
  }

  private String state(String mark) {
    return given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .get("/api/v1/queries")
        .path("items.find { it.sql.contains('" + mark + "') }?.state");
  }

  @Test
  void shouldDescribeItselfSoThatAClientCanBeGenerated() throws IOException {
    JsonNode api =
        Json.MAPPER.readTree(
            given()
                .header("Accept", "application/json")
                .get("/q/openapi?format=json")
                .asByteArray());
    JsonNode submit = api.path("paths").path("/api/v1/queries").path("post");
    assertThat(submit.path("operationId").asText()).isEqualTo("submitQuery");
    JsonNode ok = submit.path("responses").path("200").path("content");
    assertThat(ok.has("text/csv")).isTrue();
    assertThat(ok.path("application/json").path("schema").path("$ref").asText())
        .isEqualTo("#/components/schemas/QueryState");
    JsonNode schemas = api.path("components").path("schemas");
    assertThat(schemas.path("QueryState").path("properties").has("columns")).isTrue();
    assertThat(schemas.path("Submission").path("properties").has("parameters")).isTrue();
    // Every reference leads somewhere, every operation has a name of its own.
    assertThat(api.findValuesAsText("$ref"))
        .allSatisfy(
            ref ->
                assertThat(schemas.has(ref.replace("#/components/schemas/", ""))).as(ref).isTrue());
    assertThat(api.path("paths").has("/v1/statement")).isFalse();
  }
}
