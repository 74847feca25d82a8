package dev.lakegate.governance.decision;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.lakegate.governance.GovernanceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DecisionRestTest extends GovernanceTest {
  private static ValidatableResponse decide(String token, String body) {
    return as(token).contentType("application/json").body(body).post("/api/v1/decisions").then();
  }

  @Test
  void shouldDecideAboutTheCaller() {
    decide(issuer.tenantAnalyst("tenant-1"), "{\"table\":\"gold.dim_customer\"}")
        .statusCode(200)
        .body("allowed", equalTo(true))
        .body("principal.subject", equalTo("analyst@tenant-1"))
        .body("rows.type", equalTo("in"))
        .body("rows.values", contains("tenant-1"))
        .body("readableColumns", not(hasItem("email")))
        .body("hiddenColumns.name", hasItem("email"))
        .body("chain.step", contains("claim", "persona", "grant", "filter"));
  }

  @Test
  void shouldSayWhyNot() {
    decide(issuer.tenantAnalyst("tenant-1"), "{\"table\":\"silver.customer\"}")
        .statusCode(200)
        .body("allowed", equalTo(false))
        .body("reason", equalTo("LAYER_NOT_GRANTED"))
        .body("personasThatMay", hasItem("DataEngineer"));
    decide(issuer.user("nobody"), "{\"table\":\"gold.dim_customer\"}")
        .body("reason", equalTo("NO_PERSONA"));
    decide(issuer.tenantAnalyst(), "{\"table\":\"gold.dim_customer\"}")
        .body("reason", equalTo("NO_TENANT"));
    decide(issuer.analyst(), "{\"table\":\"gold.none\"}").body("reason", equalTo("UNKNOWN_TABLE"));
    decide(issuer.tierAnalyst("enterprise"), "{\"table\":\"gold.revenue_metrics\"}")
        .body("allowed", equalTo(true))
        .body("rows.values", contains("tenant-1", "tenant-2"));
  }

  @Test
  void shouldResolveAliases() {
    decide(issuer.engineer(), "{\"table\":\"Silver.Orders\"}")
        .statusCode(200)
        .body("table", equalTo("silver.order"))
        .body("allowed", equalTo(true));
  }

  /** Those who audit are told what the gateway goes by. */
  @Test
  void shouldDecideAboutATableOfAFormerStateByTheRulesOfItsOrigin() {
    String name = "dim_customer__asof_20260302095900000";
    decide(issuer.tenantAnalyst("tenant-1"), "{\"table\":\"gold." + name + "\"}")
        .statusCode(200)
        .body("table", equalTo("gold." + name))
        .body("allowed", equalTo(true))
        .body("rows.values", contains("tenant-1"))
        .body("readableColumns", not(hasItem("email")));
    decide(issuer.engineer(), "{\"table\":\"bronze.core_order__asof_20260302095900000\"}")
        .body("reason", equalTo("UNKNOWN_TABLE"));
  }

  @Test
  void shouldDecideAboutOthersForAdministratorsAndServicesOnly() {
    String about =
        "{\"table\":\"gold.revenue_metrics\",\"principal\":{\"subject\":\"analyst@tenant-2\","
            + "\"personas\":[\"TenantSpecificAnalyst\"],\"tenants\":[\"tenant-2\"]}}";
    for (String token : List.of(issuer.admin(), issuer.service("query-gateway"))) {
      decide(token, about)
          .statusCode(200)
          .body("principal.subject", equalTo("analyst@tenant-2"))
          .body("principal.issuer", equalTo(issuer.url().toString()))
          .body("rows.values", contains("tenant-2"));
    }
    for (String token : List.of(issuer.engineer(), issuer.tenantAnalyst("tenant-1"))) {
      decide(token, about).statusCode(403).body("error.code", equalTo("FORBIDDEN"));
    }
    decide(issuer.tenantAnalyst("tenant-2"), about).statusCode(200);
    asAdmin()
        .queryParam("type", "decision")
        .queryParam("subject", "engineer")
        .get("/api/v1/audit-events")
        .then()
        .body("items[0].outcome", equalTo("refused"))
        .body("items[0].object", equalTo("analyst@tenant-2"));
  }

  @Test
  void shouldRefuseQuestionsThatAreNone() {
    decide(issuer.admin(), "{}")
        .statusCode(400)
        .body("error.details.fields.field", contains("table"));
    decide(issuer.admin(), "{\"table\":\"gold.x\",\"principal\":{\"personas\":[\"\"]}}")
        .statusCode(400)
        .body("error.message", containsString("principal.subject"));
    decide(issuer.admin(), "{\"table\":\"" + "x".repeat(300) + "\"}").statusCode(400);
    decide(issuer.admin(), "{\"table\":\"gold.x\",\"as\":\"admin\"}")
        .statusCode(400)
        .body("error.message", containsString("'as' is not known"));
  }

  @Test
  void lakeFormationIsNotOnTheLaptop() {
    asAdmin()
        .get("/api/v1/lake-formation/plan")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("PLATFORM_LOCAL"));
  }
}
