package dev.lakegate.governance;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.governance.LakehouseCopy.Directory;
import dev.lakegate.kit.testing.ControlDatabaseResource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterEach;

/** Everything over HTTP, with real tokens, against a real database: one service for all tests. */
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(ControlDatabaseResource.class)
@QuarkusTestResource(LakehouseCopy.class)
public abstract class GovernanceTest {
  protected TestIssuer issuer;
  protected EmbeddedPostgres postgres;
  protected Directory lakehouse;

  protected static RequestSpecification as(String token) {
    return given().header("Authorization", "Bearer " + token);
  }

  protected RequestSpecification asAdmin() {
    return as(issuer.admin());
  }

  protected RequestSpecification asService() {
    return as(issuer.service("query-gateway"));
  }

  protected Response policy() {
    Response response = asService().get("/api/v1/policy");
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    return response;
  }

  protected String etag() {
    return policy().header("ETag");
  }

  protected ObjectNode policyJson() {
    return (ObjectNode) json(policy().asString());
  }

  protected static JsonNode json(String text) {
    return Json.read(text, JsonNode.class);
  }

  protected Response put(ObjectNode policy, String ifMatch) {
    RequestSpecification request =
        asAdmin().contentType("application/json").body(policy.toString());
    return (ifMatch == null ? request : request.header("If-Match", ifMatch)).put("/api/v1/policy");
  }

  protected Response apply(String ifMatch) {
    return asAdmin().header("If-Match", ifMatch).post("/api/v1/policy/apply");
  }

  /** Policies are only added, so a test that changed one brings the description's back. */
  @AfterEach
  void restore() {
    lakehouse.reset();
    assertThat(apply(etag()).statusCode()).isEqualTo(200);
  }
}
