package dev.lakegate.kit.health;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.lakegate.kit.testing.IssuerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
class OperationsTest {
  private static volatile Exception failure;
  private static volatile String problem;

  @Readiness
  @ApplicationScoped
  static class Lake extends DependencyCheck {
    Lake() {
      super("lake");
    }

    @Override
    protected Optional<String> problem() throws Exception {
      if (failure != null) {
        throw failure;
      }
      return Optional.ofNullable(problem);
    }
  }

  @AfterEach
  void heal() {
    failure = null;
    problem = null;
  }

  @Test
  void shouldShowHealthMetricsAndDescriptionWithoutAToken() {
    given().get("/q/health/live").then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
    given().get("/q/metrics").then().statusCode(200).body(containsString("jvm_memory_used_bytes"));
    given().get("/q/openapi").then().statusCode(200).body(containsString("/api/v1/trial/me"));
    given().get("/q/swagger-ui/").then().statusCode(200);
  }

  @Test
  void shouldSayWhyTheServiceIsNotReady() {
    problem = "the bucket is not there";
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(503)
        .body("checks.find { it.name == 'lake' }.data.reason", equalTo("the bucket is not there"));
    failure = new IllegalStateException("password=secret");
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(503)
        .body(
            "checks.find { it.name == 'lake' }.data.reason",
            equalTo("failed with IllegalStateException"))
        .body(not(containsString("secret")));
  }
}
