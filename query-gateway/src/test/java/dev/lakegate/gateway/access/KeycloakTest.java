package dev.lakegate.gateway.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The ways to log in with a real Keycloak. It runs where its distribution is: in Maven's local
 * repository, or where {@code -Dlakegate.keycloak.tarball} says.
 */
@Tag("long")
@EnabledIf("isThere")
@QuarkusTest
@QuarkusTestResource(value = KeycloakResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = AccessResource.class, restrictToAnnotatedClass = true)
class KeycloakTest {
  private static final Pattern OFFER =
      Pattern.compile("Bearer x_redirect_server=\"([^\"]+)\", x_token_server=\"([^\"]+)\"");
  private static final Pattern ACTION = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");

  AccessResource governance;

  @TestHTTPResource(value = "/", tls = true)
  URI tls;

  @ConfigProperty(name = "lakegate.identity.issuer")
  String issuer;

  static boolean isThere() {
    return KeycloakResource.distribution().isPresent();
  }

  private static RequestSpecification tls() {
    return given().relaxedHTTPSValidation().redirects().follow(false).urlEncodingEnabled(false);
  }

  private String passwordToken() {
    return given()
        .formParam("grant_type", "password")
        .formParam("client_id", "lakegate-gateway")
        .formParam("scope", "openid")
        .formParam("username", "ann")
        .formParam("password", KeycloakResource.PASSWORD)
        .post(issuer + "/protocol/openid-connect/token")
        .then()
        .statusCode(200)
        .extract()
        .path("access_token");
  }

  private static JsonNode claims(String token) {
    return Json.read(
        new String(Base64.getUrlDecoder().decode(token.split("\\.")[1])), JsonNode.class);
  }

  @Test
  void shouldTakeItsTokensAndPersonalTokensByItsUserNames() {
    String token = passwordToken();
    String made =
        tls()
            .header("Authorization", "Bearer " + token)
            .contentType("application/json")
            .body(Map.of("name", "tableau"))
            .post(tls.resolve("/api/v1/tokens"))
            .then()
            .statusCode(201)
            .body("owner", equalTo(claims(token).path("sub").asText()))
            .extract()
            .path("token");
    // Its subjects are numbers; people know their user names.
    for (String user : new String[] {"ann", claims(token).path("sub").asText()}) {
      given()
          .relaxedHTTPSValidation()
          .auth()
          .preemptive()
          .basic(user, made)
          .get(tls.resolve("/api/v1/catalog"))
          .then()
          .statusCode(200);
    }
    JsonNode owner = governance.owners.values().iterator().next();
    assertThat(owner.path("login").asText()).isEqualTo("ann");
    assertThat(owner.path("principal").path("personas").toString())
        .contains("TenantSpecificAnalyst");
    assertThat(owner.path("principal").path("tenants").toString()).isEqualTo("[\"tenant-1\"]");
  }

  @Test
  void shouldRefuseItsTokensForOtherClients() {
    String admin =
        given()
            .formParam("grant_type", "password")
            .formParam("client_id", "admin-cli")
            .formParam("username", "ann")
            .formParam("password", KeycloakResource.PASSWORD)
            .post(issuer + "/protocol/openid-connect/token")
            .then()
            .statusCode(200)
            .extract()
            .path("access_token");
    tls()
        .header("Authorization", "Bearer " + admin)
        .get(tls.resolve("/api/v1/catalog"))
        .then()
        .statusCode(401);
  }

  @Test
  void shouldLogAProgramInThroughItsOwnPage() {
    Response refusal =
        tls().header("Authorization", "Bearer out.da.ted").post(tls.resolve("/v1/statement"));
    Matcher offer = OFFER.matcher(refusal.headers().getValues("WWW-Authenticate").get(1));
    assertThat(offer.matches()).isTrue();
    String cookie = tls().get(offer.group(1)).cookie("__Host-lakegate-login");
    String authorization =
        tls()
            .cookie("__Host-lakegate-login", cookie)
            .post(offer.group(1))
            .then()
            .statusCode(303)
            .extract()
            .header("Location");
    Response page = tls().get(URI.create(authorization));
    Matcher action = ACTION.matcher(page.asString());
    assertThat(action.find()).as(page.asString()).isTrue();
    String callback =
        given()
            .redirects()
            .follow(false)
            .urlEncodingEnabled(false)
            .cookies(page.detailedCookies())
            .contentType("application/x-www-form-urlencoded")
            .body("username=ann&password=" + KeycloakResource.PASSWORD)
            .post(URI.create(action.group(1).replace("&amp;", "&")))
            .then()
            .statusCode(302)
            .extract()
            .header("Location");
    tls()
        .cookie("__Host-lakegate-login", cookie)
        .get(URI.create(callback))
        .then()
        .statusCode(200)
        .body(containsString("<strong>ann</strong>"));
    String token = tls().get(offer.group(2)).then().statusCode(200).extract().path("token");
    assertThat(claims(token).path("preferred_username").asText()).isEqualTo("ann");
    tls()
        .header("Authorization", "Bearer " + token)
        .get(tls.resolve("/api/v1/catalog"))
        .then()
        .statusCode(200);
  }
}
