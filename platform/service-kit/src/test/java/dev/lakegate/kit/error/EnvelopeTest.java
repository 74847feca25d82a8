package dev.lakegate.kit.error;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
class EnvelopeTest {
  TestIssuer issuer;

  private RequestSpecification asAnalyst() {
    return given().header("Authorization", "Bearer " + issuer.analyst());
  }

  private RequestSpecification posting(String body) {
    return asAnalyst().contentType("application/json").body(body);
  }

  @Test
  void shouldSayWhatTheServiceSays() {
    asAnalyst()
        .header("X-Request-Id", "my-request.1")
        .get("/api/v1/trial/fail/conflict")
        .then()
        .statusCode(409)
        .header("X-Request-Id", "my-request.1")
        .body("error.code", equalTo("SLOT_IN_USE"))
        .body("error.message", equalTo("The slot is in use."))
        .body("error.remedy", equalTo("Stop the other."))
        .body("error.requestId", equalTo("my-request.1"))
        .body("error.details.slot", equalTo("lakegate"));
  }

  @Test
  void shouldSayWhenToTryAgain() {
    asAnalyst()
        .get("/api/v1/trial/fail/unavailable")
        .then()
        .statusCode(503)
        .header("Retry-After", "2")
        .body("error.code", equalTo("STARTING"));
  }

  @Test
  void shouldNotLeakWhatWentWrongInside() {
    asAnalyst()
        .get("/api/v1/trial/fail/otherwise")
        .then()
        .statusCode(500)
        .body("error.code", equalTo("INTERNAL"))
        .body(not(containsString("secret")))
        .body(not(containsString("IllegalState")));
  }

  @Test
  void shouldAnswerWhatTheRouterRefusesInTheEnvelope() {
    asAnalyst()
        .get("/api/v1/nothing-here")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("NOT_FOUND"));
    given().get("/nothing-here").then().statusCode(404).body("error.code", equalTo("NOT_FOUND"));
    asAnalyst()
        .delete("/api/v1/trial/me")
        .then()
        .statusCode(405)
        .body("error.code", equalTo("METHOD_NOT_ALLOWED"));
    asAnalyst()
        .contentType("text/csv")
        .body("a,b")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(415)
        .body("error.code", equalTo("UNSUPPORTED_MEDIA_TYPE"));
    asAnalyst()
        .accept("image/png")
        .get("/api/v1/trial/me")
        .then()
        .statusCode(406)
        .body("error.code", equalTo("NOT_ACCEPTABLE"));
  }

  @Test
  void shouldSayWhichFieldOfTheBodyIsWrong() {
    posting("{not json")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("BODY_INVALID"))
        .body("error.message", containsString("not JSON"));
    posting("{\"name\":\"x\",\"count\":\"many\"}")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("BODY_INVALID"))
        .body("error.details.field", equalTo("count"));
    posting("{\"name\":\"x\",\"count\":1,\"lines\":[{\"product\":\"a\"},{\"product\":[]}]}")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.details.field", equalTo("lines[1].product"));
    posting("{\"name\":\"x\",\"lines\":[{\"product\":\"forbidden\"}]}")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.message", containsString("'lines[0]' is not valid: product is not sold"));
    posting("{\"name\":\"x\",\"name\":\"y\"}")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("BODY_INVALID"));
    posting("{\"name\":\"x\",\"count\":1,\"nmae\":\"y\"}")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.message", containsString("'nmae' is not known"));
    posting("{\"name\":\" \",\"count\":11}")
        .queryParam("limit", 9)
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("FIELD_INVALID"))
        .body("error.details.fields.field", equalTo(java.util.List.of("count", "limit", "name")));
  }

  @Test
  void shouldRefuseABodyThatIsTooLarge() {
    posting("\"" + "x".repeat(2_000_000) + "\"")
        .post("/api/v1/trial/orders")
        .then()
        .statusCode(413)
        .body("error.code", equalTo("REQUEST_TOO_LARGE"));
  }

  @Test
  void shouldRefuseABodyThatDoesNotSayHowLongItIs() throws Exception {
    byte[] large = ("\"" + "x".repeat(2_000_000) + "\"").getBytes(StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(RestAssured.baseURI + ":" + RestAssured.port + "/api/v1/trial/orders"))
            .header("Authorization", "Bearer " + issuer.analyst())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
            .build();
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).doesNotContain("INTERNAL");
  }
}
