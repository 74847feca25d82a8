package dev.lakegate.kit.trace;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.nullValue;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** Nobody turned traces on. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = CollectorResource.class, restrictToAnnotatedClass = true)
class NoTraceTest {
  TestIssuer issuer;
  CollectorResource collector;

  @Test
  void shouldMakeNone() {
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .queryParam("base", collector.url())
        .queryParam("path", "/other")
        .get("/api/v1/trial/call")
        .then()
        .statusCode(200);
    assertThat(collector.parents).containsExactly("null");
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .get("/api/v1/trial/logged")
        .then()
        .body("traceId", nullValue());
    assertThat(collector.exported).isEmpty();
  }
}
