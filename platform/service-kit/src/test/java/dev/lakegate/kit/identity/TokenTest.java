package dev.lakegate.kit.identity;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
class TokenTest {
  TestIssuer issuer;

  private static ValidatableResponse ask(String path, String token) {
    return given().header("Authorization", "Bearer " + token).get(path).then();
  }

  private void refused(String what, String token) {
    ValidatableResponse response = ask("/api/v1/trial/me", token);
    assertThat(response.extract().statusCode()).as(what).isEqualTo(401);
    response
        .header("WWW-Authenticate", "Bearer")
        .header("X-Request-Id", not(emptyString()))
        .contentType("application/json")
        .body("error.code", equalTo("TOKEN_INVALID"))
        .body("error.message", not(emptyString()))
        .body("error.remedy", not(emptyString()))
        .body("error.details", equalTo(Map.of()));
    assertThat(response.extract().<String>path("error.requestId"))
        .isEqualTo(response.extract().header("X-Request-Id"));
  }

  private String with(String claim, Object value) {
    Map<String, Object> claims = issuer.claims("somebody");
    claims.put("personas", List.of("DataAnalyst"));
    if (value == null) {
      claims.remove(claim);
    } else {
      claims.put(claim, value);
    }
    return issuer.sign(claims);
  }

  @Test
  void shouldMapAGoodTokenToAPrincipal() {
    ask("/api/v1/trial/me", issuer.tenantAnalyst("tenant-2", "tenant-1"))
        .statusCode(200)
        .body("subject", equalTo("analyst@tenant-2+tenant-1"))
        .body("issuer", equalTo(issuer.url().toString()))
        .body("personas", contains("TenantSpecificAnalyst"))
        .body("tenants", contains("tenant-1", "tenant-2"))
        .body("tier", equalTo(null));
    ask("/api/v1/trial/me", issuer.tierAnalyst("enterprise"))
        .statusCode(200)
        .body("tier", equalTo("enterprise"));
  }

  @Test
  void shouldRefuseTokensThatCannotBeTrusted() {
    Map<String, Function<Map<String, Object>, String>> forgeries = new LinkedHashMap<>();
    forgeries.put("no signature", issuer::unsigned);
    forgeries.put("another key", issuer::signWithWrongKey);
    forgeries.put("the public key as a secret", issuer::signedWithPublicKeyAsSecret);
    forgeries.forEach(
        (what, forge) -> {
          Map<String, Object> claims = issuer.claims("admin");
          claims.put("personas", List.of("LakeFormationAdmin"));
          refused(what, forge.apply(claims));
        });
  }

  @Test
  void shouldRefuseAnUnknownKeyAndSayWhenKeysCannotBeHad() {
    String token = issuer.signWithUnknownKey(issuer.claims("admin"));
    refused("a key that the issuer does not publish", token);
    try {
      for (int status : new int[] {0, 500, 404}) {
        issuer.answerKeysWith(status);
        ask("/api/v1/trial/me", issuer.signWithUnknownKey(issuer.claims("admin")))
            .statusCode(503)
            .header("Retry-After", "2")
            .body("error.code", equalTo("IDENTITY_UNAVAILABLE"));
      }
    } finally {
      issuer.answerKeysWith(200);
    }
  }

  @Test
  void shouldRefuseTokensForSomethingElse() {
    long now = Instant.now().getEpochSecond();
    refused("another audience", with("aud", "another"));
    refused("no audience", with("aud", null));
    refused("another issuer", with("iss", "https://elsewhere.example"));
    refused("no issuer", with("iss", null));
    refused("no subject", with("sub", null));
    refused("expired", with("exp", now - 30));
    refused("without end", with("exp", null));
    refused("not yet valid", with("nbf", now + 300));
  }

  @Test
  void shouldRefuseClaimsOfTheWrongShape() {
    refused("tenants is null", with("tenants", new Object[] {null}));
    refused("tenants is an object", with("tenants", Map.of("id", "tenant-1")));
    refused("a tenant is a number", with("tenants", List.of("tenant-1", 2)));
    refused("personas is a number", with("personas", 7));
    refused("a persona is an array", with("personas", List.of(List.of("LakeFormationAdmin"))));
    refused("the tier is an array", with("tier", List.of("enterprise")));
    refused("garbage", "garbage");
    refused("three parts of garbage", "a.b.c");
    refused("nothing but dots", "..");
    refused("four parts", "a.b.c.d");
    refused("nothing", "");
  }

  @Test
  void shouldNotTakeAnEmptyTenantForATenant() {
    ask("/api/v1/trial/me", with("tenants", List.of("")))
        .statusCode(200)
        .body("tenants", equalTo(List.of()));
  }

  @Test
  void shouldRefuseAClaimGivenTwice() {
    String once = dev.lakegate.model.json.Json.write(issuer.claims("somebody"));
    String twice =
        once.substring(0, once.length() - 1)
            + ",\"tenants\":[\"tenant-1\"],\"tenants\":[\"tenant-2\"]}";
    refused("tenants twice", issuer.signPayload(twice));
  }

  @Test
  void shouldAskForATokenWhereThereIsNone() {
    given()
        .get("/api/v1/trial/me")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", "Bearer")
        .body("error.code", equalTo("TOKEN_MISSING"));
  }

  @Test
  void shouldRefuseResourcesThatNobodyAnnotated() {
    given().get("/api/v1/trial/unannotated").then().statusCode(401);
    ask("/api/v1/trial/unannotated", issuer.admin())
        .statusCode(403)
        .body("error.code", equalTo("FORBIDDEN"));
  }

  @Test
  void shouldKnowServicesOperatorsAndAdministrators() {
    roles(issuer.service("query-gateway"), true, false, false);
    roles(issuer.admin(), false, true, true);
    roles(issuer.engineer(), false, true, false);
    roles(issuer.analyst(), false, false, false);
    roles(with("scope", "openid lakegate.internal.not"), false, false, false);
    roles(with("scope", List.of("openid", "lakegate.internal")), true, false, false);
  }

  private void roles(String token, boolean service, boolean operator, boolean administrator) {
    ask("/api/v1/trial/roles", token)
        .statusCode(200)
        .body("service", equalTo(service))
        .body("operator", equalTo(operator))
        .body("administrator", equalTo(administrator));
  }

  @Test
  void shouldLetOnlyServicesPassWhereCodeSaysSo() {
    ask("/api/v1/trial/services-only", issuer.service("query-gateway")).statusCode(200);
    ask("/api/v1/trial/services-only", issuer.admin())
        .statusCode(403)
        .body("error.code", equalTo("FORBIDDEN"))
        .body(
            "error.message",
            equalTo("Only services of the platform may do this, and 'admin' is not among them."));
  }

  @Test
  void shouldRefuseARoleThatTheCallerLacksInTheEnvelope() {
    ask("/api/v1/trial/nobody-has-this-role", issuer.admin())
        .statusCode(403)
        .body("error.code", equalTo("FORBIDDEN"));
  }
}
