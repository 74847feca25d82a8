package dev.lakegate.gateway.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.identity.PersonalToken;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = AccessResource.class, restrictToAnnotatedClass = true)
class PersonalTokenTest {
  TestIssuer issuer;
  AccessResource governance;

  @TestHTTPResource(value = "/", tls = true)
  URI tls;

  private final String user = "ann-" + UUID.randomUUID();

  private String login() {
    Map<String, Object> claims = issuer.claims(user);
    claims.put("personas", List.of("DataEngineer"));
    claims.put("preferred_username", "Ann of " + user);
    return issuer.sign(claims);
  }

  private RequestSpecification tls() {
    return given().relaxedHTTPSValidation().baseUri(tls.toString()).port(tls.getPort());
  }

  private RequestSpecification bearer(String token) {
    return tls().header("Authorization", "Bearer " + token);
  }

  private RequestSpecification basic(String name, String password) {
    return tls().header("Authorization", basicHeader(name, password));
  }

  private static String basicHeader(String name, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private ValidatableResponse create(Map<String, Object> body) {
    return bearer(login()).contentType("application/json").body(body).post("/api/v1/tokens").then();
  }

  private String token(String... scopes) {
    return create(Map.of("name", "tableau", "scopes", List.of(scopes)))
        .statusCode(201)
        .header("Cache-Control", "no-store")
        .body("token", startsWith("lgp_"))
        .body("owner", equalTo(user))
        .body("state", equalTo("active"))
        .extract()
        .path("token");
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void shouldLetItsOwnerInAsBearerAndAsPassword() {
    String token = token("query");
    bearer(token).get("/api/v1/catalog").then().statusCode(200);
    basic(user, token).get("/api/v1/catalog").then().statusCode(200);
    basic("Ann of " + user, token).get("/api/v1/catalog").then().statusCode(200);
    for (String name : List.of(user, "Ann of " + user)) {
      basic(name, token)
          .header("X-Trino-User", name)
          .body("SELECT 1")
          .post("/v1/statement")
          .then()
          .statusCode(not(401))
          .statusCode(not(403));
    }
  }

  private static String ask(RequestSpecification as) throws InterruptedException {
    AtomicReference<String> id = new AtomicReference<>();
    await(
        () -> {
          id.set(
              as.contentType("application/json")
                  .body(Map.of("sql", "SELECT 1", "waitMillis", 5000))
                  .post("/api/v1/queries")
                  .then()
                  .extract()
                  .path("id"));
          return id.get() != null;
        },
        "the gateway answers");
    return id.get();
  }

  /** It may be narrowed to less than they asked for. */
  @Test
  void shouldNotFindWhatItsOwnerAskedWithoutIt() throws InterruptedException {
    String first = token("query");
    String second = token("query");
    String byOwner = ask(bearer(login()));
    String bySecond = ask(bearer(second));
    String byFirst = ask(bearer(first));
    for (String other : List.of(byOwner, bySecond)) {
      bearer(first).get("/api/v1/queries/" + other).then().statusCode(404);
      bearer(first).get("/api/v1/queries/" + other + "/rows").then().statusCode(404);
      bearer(first).delete("/api/v1/queries/" + other).then().statusCode(404);
    }
    for (String list : List.of("/api/v1/queries", "/api/v1/history")) {
      await(
          () -> bearer(login()).get(list).then().extract().<List<?>>path("items").size() == 3,
          "all three are in " + list);
      bearer(first).get(list).then().statusCode(200).body("items.id", equalTo(List.of(byFirst)));
      bearer(login())
          .get(list)
          .then()
          .statusCode(200)
          .body("items.id", equalTo(List.of(byFirst, bySecond, byOwner)));
    }
    bearer(login()).get("/api/v1/queries/" + byFirst).then().statusCode(200);
  }

  @Test
  void shouldBeNamedInTheAuditOfWhatWasAskedWithIt() throws InterruptedException {
    String token = token("query");
    String tokenId = bearer(login()).get("/api/v1/tokens").then().extract().path("items[0].id");
    assertThat(event(ask(bearer(token))).path("details").path("token").asText()).isEqualTo(tokenId);
    assertThat(event(ask(bearer(login()))).path("details").has("token")).isFalse();
  }

  private JsonNode event(String query) throws InterruptedException {
    AtomicReference<JsonNode> found = new AtomicReference<>();
    await(
        () -> {
          governance.auditEvents.stream()
              .filter(e -> e.path("details").path("queryId").asText().equals(query))
              .forEach(found::set);
          return found.get() != null;
        },
        "the query's audit event");
    return found.get();
  }

  @Test
  void shouldNotFetchOrCancelInTrinosProtocolWhatItsOwnerAskedWithoutIt()
      throws InterruptedException {
    ask(bearer(login()));
    String token = token("query");
    String next =
        bearer(login())
            .header("X-Trino-User", user)
            .body(
                "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN"
                    + " UNNEST(sequence(1, 10000)) b(y) CROSS JOIN UNNEST(sequence(1, 10000)) c(z)"
                    + " WHERE x * y % 7 = z % 11")
            .post("/v1/statement")
            .then()
            .statusCode(200)
            .extract()
            .path("nextUri");
    assertThat(next).isNotNull();
    String path = URI.create(next).getPath();
    String id = path.split("/")[4];
    bearer(token).get(path).then().statusCode(410);
    bearer(token).delete(path).then().statusCode(410);
    bearer(token).delete("/v1/query/" + id).then().statusCode(410);
    bearer(login()).get(path).then().statusCode(200);
    bearer(login()).delete(path).then().statusCode(204);
  }

  @Test
  void shouldRefuseAnotherUserAndAnotherSecret() {
    String token = token("query");
    for (String name : List.of("admin", "", user.toUpperCase(), user + " ", "Ann of")) {
      refused(basic(name, token).get("/api/v1/catalog").then());
    }
    refused(basic(user, PersonalToken.generate()).get("/api/v1/catalog").then());
    refused(basic(user, login()).get("/api/v1/catalog").then());
    refused(basic(user, token + "x").get("/api/v1/catalog").then());
    refused(bearer(token.substring(0, token.length() - 1) + "_").get("/api/v1/catalog").then());
    refused(tls().header("Authorization", "Basic ?").get("/api/v1/catalog").then());
    refused(tls().header("Authorization", "Basic").get("/api/v1/catalog").then());
  }

  private static void refused(ValidatableResponse response) {
    response
        .statusCode(401)
        .body("error.code", equalTo("TOKEN_INVALID"))
        .body("error.details", equalTo(Map.of()));
  }

  @Test
  void shouldNotBeTakenInTheClear() {
    String token = token("query");
    int asked = governance.verifications.get();
    for (String header :
        List.of(
            basicHeader(user, token), "Bearer " + token, basicHeader(user, "wrong"), "basic x")) {
      given()
          .header("Authorization", header)
          .header("X-Forwarded-Proto", "https")
          .header("Forwarded", "proto=https")
          .get("/api/v1/catalog")
          .then()
          .statusCode(403)
          .body("error.code", equalTo("TLS_REQUIRED"));
    }
    assertThat(governance.verifications.get()).isEqualTo(asked);
  }

  @Test
  void shouldKeepToItsScopes() {
    String queries = token("query");
    bearer(queries).get("/api/v1/operations").then().statusCode(403);
    for (ValidatableResponse answer :
        List.of(
            bearer(queries).get("/api/v1/tokens").then(),
            bearer(queries).delete("/api/v1/tokens/" + UUID.randomUUID()).then(),
            bearer(queries)
                .contentType("application/json")
                .body(Map.of("name", "another"))
                .post("/api/v1/tokens")
                .then())) {
      answer.statusCode(403).body("error.code", equalTo("TOKEN_SCOPE"));
    }
    String operations = token("operations");
    bearer(operations).get("/api/v1/operations").then().statusCode(200);
    bearer(operations)
        .get("/api/v1/catalog")
        .then()
        .statusCode(403)
        .body("error.code", equalTo("TOKEN_SCOPE"));
  }

  @Test
  void shouldStopWithinSecondsOfItsRevocation() throws InterruptedException {
    String token = token("query");
    bearer(token).get("/api/v1/catalog").then().statusCode(200);
    String id = bearer(login()).get("/api/v1/tokens").then().extract().path("items[0].id");
    Map<String, Object> other = issuer.claims("somebody");
    bearer(issuer.sign(other)).delete("/api/v1/tokens/" + id).then().statusCode(404);
    long revoked = System.nanoTime();
    bearer(login()).delete("/api/v1/tokens/" + id).then().statusCode(204);
    await(
        () -> bearer(token).get("/api/v1/catalog").then().extract().statusCode() == 401,
        "the token is refused");
    assertThat(Duration.ofNanos(System.nanoTime() - revoked))
        .isLessThan(Duration.ofSeconds(TokenVerifier.KEPT_SECONDS + 60));
    bearer(token)
        .get("/api/v1/catalog")
        .then()
        .statusCode(401)
        .body("error.code", equalTo("TOKEN_REVOKED"));
    bearer(login())
        .get("/api/v1/tokens")
        .then()
        .body("items[0].state", equalTo("revoked"))
        .body("items[0].token", nullValue());
  }

  @Test
  void shouldSayToWhoeverHoldsItWhyItNoLongerWorks() {
    for (Map.Entry<String, String> end :
        Map.of("EXPIRED", "TOKEN_EXPIRED", "OWNER_ABSENT", "TOKEN_OWNER_ABSENT").entrySet()) {
      String token = token("query");
      governance.tokens.get(PersonalToken.hash(token)).put("reason", end.getKey());
      basic(user, token)
          .get("/api/v1/catalog")
          .then()
          .statusCode(401)
          .body("error.code", equalTo(end.getValue()));
      refused(basic("somebody", token).get("/api/v1/catalog").then());
    }
  }

  @Test
  void shouldNotBeGoodWhileNobodyCanTell() {
    String token = token("query");
    governance.up = false;
    try {
      bearer(token)
          .get("/api/v1/catalog")
          .then()
          .statusCode(503)
          .body("error.code", equalTo("IDENTITY_UNAVAILABLE"));
    } finally {
      governance.up = true;
    }
    bearer(token).get("/api/v1/catalog").then().statusCode(200);
  }

  @Test
  void shouldBeMadeByPeopleOverTlsOrLocally() {
    given()
        .header("Authorization", "Bearer " + issuer.service("query-gateway"))
        .contentType("application/json")
        .body(Map.of("name", "a"))
        .post("/api/v1/tokens")
        .then()
        .statusCode(403);
    given().get("/api/v1/tokens").then().statusCode(401);
    create(Map.of()).statusCode(400);
    create(Map.of("name", "a", "sql", "b")).statusCode(400);
    create(Map.of("name", "a", "tenants", List.of("t")))
        .statusCode(422)
        .body("error.code", equalTo("TOKEN_NOT_ALLOWED"))
        .body("error.details.field", equalTo("tenants"));
    bearer(login()).get("/api/v1/tokens?all=true").then().statusCode(403);
    bearer(issuer.admin())
        .get("/api/v1/tokens?all=true")
        .then()
        .statusCode(200)
        .body("items.owner", not(hasItem("nobody")));
  }

  @Test
  void shouldTellWhatLogInsSayOfPeople() throws InterruptedException {
    given().header("Authorization", "Bearer " + login()).get("/api/v1/catalog");
    await(
        () ->
            governance.sightings.stream()
                .anyMatch(
                    s ->
                        s.path("principal").path("subject").asText().equals(user)
                            && s.path("login").asText().equals("Ann of " + user)
                            && s.hasNonNull("issuedAt")),
        "the sighting");
    given().header("Authorization", "Bearer " + issuer.service("a-service")).get("/api/v1/catalog");
    assertThat(governance.sightings)
        .noneMatch(s -> s.path("principal").path("subject").asText().equals("a-service"));
  }

  /** Else each request would cost a call as long as governance-service is away. */
  @Test
  void shouldNotTellWithEachRequestWhatCannotBeTold() throws InterruptedException {
    String token = login();
    governance.up = false;
    int before = governance.sightingAttempts.get();
    long began = System.nanoTime();
    try {
      for (int i = 0; i < 30; i++) {
        given().header("Authorization", "Bearer " + token).get("/api/v1/tokens");
      }
      await(() -> governance.sightingAttempts.get() > before, "it is tried");
      long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
      assertThat(governance.sightingAttempts.get() - before).isLessThanOrEqualTo(2 + (int) seconds);
    } finally {
      governance.up = true;
    }
    await(
        () -> {
          given().header("Authorization", "Bearer " + token).get("/api/v1/catalog");
          return governance.sightings.stream()
              .anyMatch(s -> s.path("principal").path("subject").asText().equals(user));
        },
        "the sighting");
  }
}
