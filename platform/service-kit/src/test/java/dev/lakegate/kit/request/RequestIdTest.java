package dev.lakegate.kit.request;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
class RequestIdTest {
  TestIssuer issuer;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "A-b_c.9",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void shouldTakeAWellFormedIdFromTheCaller(String id) {
    given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .header("X-Request-Id", id)
        .get("/api/v1/trial/logged")
        .then()
        .statusCode(200)
        .header("X-Request-Id", id)
        .body("requestId", equalTo(id))
        .body("subject", equalTo("analyst@tenant-1"))
        .body("tenant", equalTo("tenant-1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "two words",
        "${jndi:ldap://x}",
        "a;b",
        "ü",
        "01234567890123456789012345678901234567890123456789012345678901234"
      })
  void shouldMakeAnIdWhereTheCallersIsNotWellFormed(String id) {
    String given =
        given()
            .header("Authorization", "Bearer " + issuer.analyst())
            .header("X-Request-Id", id)
            .get("/api/v1/trial/logged")
            .then()
            .statusCode(200)
            .extract()
            .header("X-Request-Id");
    assertThat(given).isNotEqualTo(id).matches("[0-9a-f-]{36}");
  }

  @Test
  void shouldGiveEachRequestAnIdOfItsOwn() {
    String first = given().get("/q/health/live").header("X-Request-Id");
    String second = given().get("/q/health/live").header("X-Request-Id");
    assertThat(first).matches("[0-9a-f-]{36}").isNotEqualTo(second);
  }
}
