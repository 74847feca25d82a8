package dev.lakegate.gateway.operations;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = FakeServices.class, restrictToAnnotatedClass = true)
class OperationsResourceTest {
  TestIssuer issuer;
  FakeServices services;

  @AfterEach
  void repair() {
    services.allWell();
  }

  private ValidatableResponse as(String token) {
    return given().header("Authorization", "Bearer " + token).get("/api/v1/operations").then();
  }

  /** The gateway shares its answers for a second: asks until one shows the change. */
  private JsonPath until(Predicate<JsonPath> condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      JsonPath answer = as(issuer.engineer()).statusCode(200).extract().jsonPath();
      if (condition.test(answer) || System.nanoTime() > end) {
        return answer;
      }
      Thread.sleep(50);
    }
  }

  @Test
  void shouldTellOperatorsHowEverythingStands() throws InterruptedException {
    until(answer -> answer.getString("state").equals("healthy"));
    as(issuer.engineer())
        .statusCode(200)
        .header("Cache-Control", "no-store")
        .body("state", equalTo("healthy"))
        .body("headline", equalTo("All 4 services are healthy; all 3 tables are fresh."))
        .body(
            "services.name",
            contains("query-gateway", "ingest-service", "transform-service", "governance-service"))
        .body("services.healthy", contains(true, true, true, true))
        .body("capture.source.slot", equalTo("lakegate"))
        .body("capture.lag.retainedWalBytes", equalTo(1024))
        .body("policy.version", equalTo(7))
        .body("policy.inForce", equalTo(true))
        .body(
            "datasets.dataset",
            contains("silver.order", "gold.revenue_metrics", "bronze.core_order"))
        .body("datasets[0].rows", equalTo(12))
        .body("datasets[0].lastChangeAt", equalTo("2026-01-02T03:04:07.000000Z"))
        .body("datasets[2].rows", equalTo(16))
        .body("datasets[2].state", equalTo("fresh"));
    as(issuer.admin()).statusCode(200);
  }

  @Test
  void shouldTellWhatDidNotArriveAsItWas() throws InterruptedException {
    services
        .get("ingest")
        .answer(
            "/api/v1/tables",
            "200 "
                + FakeServices.TABLES.replace(
                    "\"quarantinedRows\": 2", "\"quarantinedRows\": 2, \"lossyValues\": 7"));
    services
        .get("transform")
        .answer(
            "/api/v1/datasets",
            "200 "
                + FakeServices.DATASETS.replace(
                    "\"It holds manifest 12.\"",
                    "\"It holds manifest 12. It lacks up to 3 changed rows.\", \"nextAction\":"
                        + " \"./lakegate resync core_order copies the table anew.\","
                        + " \"rowsLeftOut\": 3, \"columnsLeftOut\": []"));
    until(answer -> answer.getString("datasets[0].reason").contains("lacks"));
    as(issuer.engineer())
        .statusCode(200)
        .body("datasets[0].reason", containsString("lacks up to 3 changed rows"))
        .body("datasets[0].commands", contains("./lakegate resync core_order"))
        .body("datasets[2].captured.quarantinedRows", equalTo(2))
        .body("datasets[2].captured.lossyValues", equalTo(7));
  }

  @Test
  void shouldPassOnWhatTransformServiceKnowsOfATable() {
    FakeServices.Fake transform = services.get("transform");
    transform.answer("/api/v1/runs", "200 {\"items\": [{\"id\": \"01J\"}], \"next\": null}");
    transform.answer("/api/v1/runs/01J/log", "200 {\"run\": \"01J\", \"lines\": [\"x\"]}");
    transform.answer("/api/v1/lineage", "200 {\"items\": [], \"next\": null}");
    String path = "/api/v1/operations";
    with(issuer.engineer())
        .get(path + "/runs?dataset=silver.order")
        .then()
        .statusCode(200)
        .body("items.id", contains("01J"));
    with(issuer.engineer())
        .get(path + "/runs/01J/log?tail=7")
        .then()
        .statusCode(200)
        .body("lines", contains("x"));
    with(issuer.engineer()).get(path + "/lineage?dataset=silver.order").then().statusCode(200);
    assertThat(transform.asked())
        .contains(
            "/api/v1/runs?dataset=silver.order&limit=5",
            "/api/v1/runs/01J/log?tail=7",
            "/api/v1/lineage?direction=both&dataset=silver.order");
    with(issuer.engineer()).get(path + "/runs/02J/log").then().statusCode(404);
    for (String wrong :
        new String[] {
          "/runs", "/runs?dataset=silver.order%26limit=500", "/lineage?dataset=a%2Fb", "/lineage"
        }) {
      with(issuer.engineer()).get(path + wrong).then().statusCode(400);
    }
    for (String open :
        new String[] {
          "/runs?dataset=silver.order", "/runs/01J/log", "/lineage?dataset=silver.order", "/events"
        }) {
      with(issuer.analyst()).get(path + open).then().statusCode(403);
      given().get(path + open).then().statusCode(401);
    }
  }

  /** The fake tells two events and ends; then it is asked again. */
  @Test
  void shouldTellWhatHappensWhileItDoes() throws Exception {
    services
        .get("transform")
        .answer(
            "/api/v1/events",
            "200 id: x-1\nevent: run-started\ndata: {\"run\":\"01J\"}\n\nevent: run-ended\ndata:"
                + " {\"run\":\"01J\"}\n\n");
    java.net.http.HttpRequest request =
        java.net.http.HttpRequest.newBuilder(
                java.net.URI.create(
                    "http://localhost:"
                        + io.restassured.RestAssured.port
                        + "/api/v1/operations/events"))
            .header("Authorization", "Bearer " + issuer.engineer())
            .timeout(Duration.ofSeconds(60))
            .build();
    java.util.List<String> lines = new java.util.ArrayList<>();
    try (java.io.BufferedReader in =
        new java.io.BufferedReader(
            new java.io.InputStreamReader(
                java.net.http.HttpClient.newHttpClient()
                    .send(request, java.net.http.HttpResponse.BodyHandlers.ofInputStream())
                    .body(),
                java.nio.charset.StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isEmpty()) {
          lines.add(line.replaceAll(": ?", ":"));
        }
        if (java.util.Collections.frequency(lines, "event:following") == 2) {
          break;
        }
      }
    }
    assertThat(lines)
        .containsSubsequence(
            "event:gone",
            "event:following",
            "event:run-started",
            "data:{\"run\":\"01J\"}",
            "event:run-ended",
            "event:gone",
            "event:following");
    long asked = eventsAsked();
    // With the last listener it stops listening.
    services.get("transform").answer("/api/v1/events", "503 {}");
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < Duration.ofSeconds(5).toNanos()) {
      if (eventsAsked() != asked) {
        asked = eventsAsked();
        quietSince = System.nanoTime();
      }
      assertThat(System.nanoTime()).as("it goes on asking").isLessThan(end);
      Thread.sleep(100);
    }
  }

  private long eventsAsked() {
    return services.get("transform").asked().stream()
        .filter(path -> path.startsWith("/api/v1/events"))
        .count();
  }

  private io.restassured.specification.RequestSpecification with(String token) {
    return given().header("Authorization", "Bearer " + token);
  }

  @Test
  void shouldRefuseEverybodyElse() {
    given().get("/api/v1/operations").then().statusCode(401);
    as(issuer.analyst()).statusCode(403).body("error.code", equalTo("FORBIDDEN"));
    as(issuer.tenantAnalyst("tenant-1"))
        .statusCode(403)
        .body("error.message", containsString("operators"))
        .body("capture", nullValue());
  }

  @Test
  void shouldAnswerWhileAServiceHangs() throws InterruptedException {
    services.get("transform").hang();
    long start = System.nanoTime();
    JsonPath answer = until(a -> !a.getBoolean("services[2].healthy"));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    assertThat(answer.getString("services[2].message")).contains("did not answer within 2500 ms");
    assertThat(answer.getString("headline"))
        .startsWith("transform-service is not healthy: Silver and Gold stay as they are");
    assertThat(answer.getString("state")).isEqualTo("degraded");
    assertThat(answer.getList("datasets.dataset")).containsExactly("bronze.core_order");
    assertThat(answer.getInt("policy.version")).isEqualTo(7);
  }

  @Test
  void shouldNameTheCheckThatFails() throws InterruptedException {
    services
        .get("ingest")
        .answer(
            "/q/health/ready",
            "503 {\"status\":\"DOWN\",\"checks\":[{\"name\":\"control-database\","
                + "\"status\":\"DOWN\",\"data\":{\"message\":\"connection refused\"}}]}");
    services.get("ingest").answer("/api/v1/state", "500 {\"error\":{\"code\":\"INTERNAL\"}}");
    JsonPath answer = until(a -> !a.getBoolean("services[1].healthy"));
    assertThat(answer.getString("services[1].message"))
        .isEqualTo("It is not ready: control-database (connection refused).");
    assertThat(answer.<Object>get("capture")).isNull();
    assertThat(answer.getList("datasets.dataset"))
        .containsExactly("silver.order", "gold.revenue_metrics");
  }

  @Test
  void shouldSayThatNoPolicyIsKnown() throws InterruptedException {
    services.get("governance").answer("/api/v1/policy", "200 []");
    JsonPath answer = until(a -> !a.getBoolean("policy.inForce"));
    assertThat(answer.<Object>get("policy.version")).isNull();
    assertThat(answer.getString("headline"))
        .startsWith("Queries are refused, because no policy is in force: ");
  }

  @Test
  void shouldListNothingThatItDoesNotKnow() throws InterruptedException {
    services.get("transform").answer("/api/v1/datasets", "200 {\"items\":[{}],\"next\":null}");
    until(a -> a.getList("datasets").size() == 2);
    as(issuer.engineer())
        .statusCode(200)
        .body("datasets", hasSize(2))
        .body("datasets[0].state", equalTo("unknown"))
        .body("state", equalTo("degraded"));
  }
}
