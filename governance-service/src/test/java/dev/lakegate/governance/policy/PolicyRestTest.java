package dev.lakegate.governance.policy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.governance.GovernanceTest;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PolicyRestTest extends GovernanceTest {
  @Inject PolicyService policies;

  private static ObjectNode find(JsonNode items, String field, String value) {
    for (JsonNode item : items) {
      if (item.get(field).asText().equals(value)) {
        return (ObjectNode) item;
      }
    }
    throw new AssertionError("no " + field + " " + value + " in " + items);
  }

  private static ObjectNode persona(ObjectNode policy, String name) {
    return find(policy.get("personas"), "name", name);
  }

  private static ObjectNode column(ObjectNode policy, String table, String column) {
    return find(find(policy.get("tables"), "table", table).get("columns"), "name", column);
  }

  @Test
  void shouldStartWithThePolicyOfTheDescription() {
    Policy compiled = PolicyCompiler.compile(LakehouseLoader.load(lakehouse.path()), 1);
    Policy first = Json.read(asService().get("/api/v1/policy/versions/1").asString(), Policy.class);
    assertThat(first).isEqualTo(compiled);
    Policy current = Json.read(policy().asString(), Policy.class);
    assertThat(current.personas()).isEqualTo(compiled.personas());
    assertThat(current.tables()).isEqualTo(compiled.tables());
  }

  @Test
  void shouldShowThePolicyToServicesAndOperatorsOnly() {
    as(issuer.engineer()).get("/api/v1/policy").then().statusCode(200);
    asAdmin().get("/api/v1/policy/versions").then().statusCode(200);
    for (String path : List.of("", "/versions", "/versions/1", "/plan")) {
      as(issuer.analyst())
          .get("/api/v1/policy" + path)
          .then()
          .statusCode(403)
          .body("error.code", equalTo("FORBIDDEN"));
      given().get("/api/v1/policy" + path).then().statusCode(401);
    }
  }

  @Test
  void shouldNotSendAgainWhatTheCallerHas() {
    Response first = policy();
    String etag = first.header("ETag");
    assertThat(etag).matches("\"\\d+-[0-9a-f]{16}\"");
    asService()
        .header("If-None-Match", etag)
        .get("/api/v1/policy")
        .then()
        .statusCode(304)
        .header("ETag", etag)
        .body(equalTo(""));
    asService()
        .header("If-None-Match", "\"1-0000000000000000\"")
        .get("/api/v1/policy")
        .then()
        .statusCode(200);
    assertThat(policy().asString()).isEqualTo(first.asString());
  }

  @Test
  void shouldPutANewVersionInForceAndKeepTheOld() {
    ObjectNode before = policyJson();
    ObjectNode changed = policyJson();
    persona(changed, "DataAnalyst").put("pii", true);
    Response put =
        asAdmin()
            .contentType("application/json")
            .header("If-Match", etag())
            .queryParam("comment", "analysts call customers")
            .body(changed.toString())
            .put("/api/v1/policy");
    long version = before.get("policyVersion").asLong() + 1;
    put.then()
        .statusCode(200)
        .body("changed", equalTo(true))
        .body("version.policyVersion", equalTo((int) version))
        .body("version.changedBy", equalTo("admin"))
        .body("version.origin", equalTo("put"))
        .body("version.comment", equalTo("analysts call customers"))
        .body("version.changedAt", matchesPattern("\\d{4}-.*Z"))
        .body("differences", hasSize(1))
        .body("differences[0].effect", equalTo("widens"))
        .body(
            "differences[0].message", equalTo("Persona DataAnalyst: pii from 'false' to 'true'."));
    assertThat(put.header("ETag")).isEqualTo(etag());
    assertThat(persona(policyJson(), "DataAnalyst").get("pii").asBoolean()).isTrue();
    assertThat(policyJson().get("policyVersion").asLong()).isEqualTo(version);
    assertThat(json(asService().get("/api/v1/policy/versions/" + (version - 1)).asString()))
        .isEqualTo(before);
    asAdmin()
        .get("/api/v1/policy/versions?limit=1")
        .then()
        .body("items", hasSize(1))
        .body("items[0].policyVersion", equalTo((int) version))
        .body("next", not(nullValue()));
    asAdmin()
        .queryParam("action", "put")
        .queryParam("limit", 1)
        .get("/api/v1/audit-events")
        .then()
        .statusCode(200)
        .body("items[0].principal.subject", equalTo("admin"))
        .body("items[0].object", equalTo("policy version " + version))
        .body("items[0].outcome", equalTo("succeeded"))
        .body("items[0].details.comment", equalTo("analysts call customers"))
        .body("items[0].details.differences", containsString("DataAnalyst"));
  }

  @Test
  void shouldPageThroughTheWholeHistory() {
    List<Integer> seen = new ArrayList<>();
    String next = null;
    do {
      Response page =
          (next == null ? asAdmin() : asAdmin().queryParam("cursor", next))
              .queryParam("limit", 2)
              .get("/api/v1/policy/versions");
      assertThat(page.statusCode()).isEqualTo(200);
      seen.addAll(page.path("items.policyVersion"));
      next = page.path("next");
    } while (next != null);
    assertThat(seen).isSortedAccordingTo((a, b) -> b - a).doesNotHaveDuplicates().endsWith(1);
    asAdmin().queryParam("cursor", "!").get("/api/v1/policy/versions").then().statusCode(400);
    asAdmin()
        .get("/api/v1/policy/versions/999999")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("POLICY_VERSION_UNKNOWN"));
    asAdmin().get("/api/v1/policy/versions/first").then().statusCode(404);
  }

  @Test
  void shouldNotAddAVersionThatChangesNothing() {
    String etag = etag();
    put(policyJson(), etag)
        .then()
        .statusCode(200)
        .header("ETag", etag)
        .body("changed", equalTo(false));
  }

  @Test
  void shouldChangeOnlyTheVersionThatTheCallerKnows() {
    ObjectNode policy = policyJson();
    for (String missing : new String[] {null, "*", ""}) {
      put(policy, missing).then().statusCode(428).body("error.code", equalTo("IF_MATCH_MISSING"));
    }
    String etag = etag();
    for (String other : List.of("\"1-0000000000000000\"", "W/" + etag, etag.replace("\"", ""))) {
      put(policy, other)
          .then()
          .statusCode(412)
          .body("error.code", equalTo("POLICY_CHANGED"))
          .body("error.details.etag", equalTo(etag.replace("\"", "")));
    }
    put(policy, "\"1-0000000000000000\", " + etag).then().statusCode(200);
  }

  @Test
  void shouldLetOnlyAdministratorsChangeThePolicyAndRecordWhoTried() {
    String etag = etag();
    for (String token :
        List.of(issuer.engineer(), issuer.analyst(), issuer.service("query-gateway"))) {
      as(token)
          .contentType("application/json")
          .header("If-Match", etag)
          .body(policyJson().toString())
          .put("/api/v1/policy")
          .then()
          .statusCode(403);
      as(token).header("If-Match", etag).post("/api/v1/policy/apply").then().statusCode(403);
    }
    assertThat(etag()).isEqualTo(etag);
    asAdmin()
        .queryParam("subject", "engineer")
        .queryParam("type", "policy")
        .get("/api/v1/audit-events")
        .then()
        .body("items.action", hasItems("put", "apply"))
        .body("items.outcome", everyItem(equalTo("refused")))
        .body("items.reason", everyItem(equalTo("FORBIDDEN")));
  }

  @Test
  void shouldListAllProblemsAtOnceAndChangeNothing() {
    String etag = etag();
    ObjectNode policy = policyJson();
    persona(policy, "LakeFormationAdmin").put("administers", false);
    persona(policy, "DataEngineer").put("name", "DataAnalyst");
    ((ArrayNode) persona(policy, "TenantSpecificAnalyst").get("schemas")).add("platinum");
    ((ObjectNode) policy.get("tierFilters").get(0)).putArray("tenants");
    column(policy, "gold.dim_customer", "email").put("pii", false);
    put(policy, etag)
        .then()
        .statusCode(422)
        .body("error.code", equalTo("POLICY_INVALID"))
        .body(
            "error.details.problems",
            hasItems(
                containsString("none administers"),
                containsString("'DataAnalyst' occurs twice"),
                containsString("unknown schema 'platinum'"),
                containsString("lets no tenant through"),
                containsString("gold.dim_customer.email is marked as personal data"),
                containsString("none of your own")));
    assertThat(etag()).isEqualTo(etag);
  }

  @Test
  void shouldRefuseAPolicyThatIsNone() {
    for (String body :
        List.of(
            "",
            "{",
            "[]",
            "null",
            "{\"version\":1}",
            "{\"version\":1,\"policyVersion\":1,\"personas\":null,\"tierFilters\":[],\"tables\":[]}")) {
      asAdmin()
          .contentType("application/json")
          .header("If-Match", etag())
          .body(body)
          .put("/api/v1/policy")
          .then()
          .statusCode(400);
    }
  }

  @Test
  void shouldLetSomebodyTightenFactsByHandButNotLoosenThem() {
    ObjectNode policy = policyJson();
    column(policy, "gold.dim_customer", "tenant_id").put("pii", true);
    put(policy, etag()).then().statusCode(200).body("differences[0].effect", equalTo("narrows"));
    ObjectNode looser = policyJson();
    column(looser, "gold.dim_customer", "tenant_id").put("pii", false);
    put(looser, etag()).then().statusCode(422);
  }

  @Test
  void shouldLetExactlyOneOfManyChangesToTheSameVersionWin() throws Exception {
    String etag = etag();
    long before = policyJson().get("policyVersion").asLong();
    int writers = 8;
    ExecutorService pool = Executors.newFixedThreadPool(writers);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        ObjectNode policy = policyJson();
        ((ObjectNode) policy.get("tierFilters").get(0)).putArray("tenants").add("tenant-w" + i);
        answers.add(
            pool.submit(
                () -> {
                  start.await();
                  return put(policy, etag).statusCode();
                }));
      }
      start.countDown();
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> answer : answers) {
        statuses.add(answer.get());
      }
      assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
    } finally {
      pool.shutdownNow();
    }
    assertThat(policyJson().get("policyVersion").asLong()).isEqualTo(before + 1);
  }

  @Test
  void shouldPlanAndApplyWhatTheDescriptionProposes() {
    lakehouse.replace(
        "governance.yaml",
        "tenants: [tenant-1, tenant-2]",
        "tenants: [tenant-1, tenant-2, tenant-9]");
    String etag = etag();
    Response plan = as(issuer.engineer()).get("/api/v1/policy/plan");
    plan.then()
        .statusCode(200)
        .body("etag", equalTo(etag.replace("\"", "")))
        .body("differences", hasSize(1))
        .body("differences[0].part", equalTo("tierFilter"))
        .body("differences[0].name", equalTo("tenant_filter_enterprise"))
        .body("differences[0].field", equalTo("tenants"))
        .body("differences[0].after", equalTo("tenant-1, tenant-2, tenant-9"))
        .body("differences[0].effect", equalTo("widens"));
    assertThat(etag()).as("a plan changes nothing").isEqualTo(etag);
    String id = plan.path("plan");

    lakehouse.replace("governance.yaml", "tenant-9]", "tenant-9, tenant-10]");
    asAdmin()
        .header("If-Match", etag)
        .queryParam("plan", id)
        .post("/api/v1/policy/apply")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("PLAN_CHANGED"));

    lakehouse.replace("governance.yaml", "tenant-9, tenant-10]", "tenant-9]");
    asAdmin()
        .header("If-Match", etag)
        .queryParam("plan", id)
        .queryParam("comment", "a new enterprise")
        .post("/api/v1/policy/apply")
        .then()
        .statusCode(200)
        .body("changed", equalTo(true))
        .body("version.origin", equalTo("apply"))
        .body("version.comment", equalTo("a new enterprise"));
    asAdmin().get("/api/v1/policy/plan").then().body("differences", hasSize(0));
    assertThat(
            find(policyJson().get("tierFilters"), "tier", "enterprise").get("tenants").toString())
        .contains("tenant-9");
    apply("\"1-0000000000000000\"").then().statusCode(412);
    asAdmin().post("/api/v1/policy/apply").then().statusCode(428);
  }

  @Test
  void shouldReportEveryProblemOfTheDescriptionAndKeepWhatIsInForce() {
    String etag = etag();
    lakehouse.replace("governance.yaml", "rows: tenants", "rows: everything");
    lakehouse.replace("tables/customer.yaml", "scope: tenant", "scope: secret");
    Response plan = asAdmin().get("/api/v1/policy/plan");
    plan.then()
        .statusCode(422)
        .body("error.code", equalTo("DESCRIPTION_INVALID"))
        .body("error.details.problems", hasSize(greaterThan(1)))
        .body("error.details.problems", hasItem(containsString("governance.yaml:")))
        .body("error.details.problems", hasItem(containsString("tables/customer.yaml:")));
    apply(etag).then().statusCode(422);
    policies.bootstrap();
    assertThat(etag()).isEqualTo(etag);
  }

  @Test
  void shouldChangeNothingWhenItStartsAgain() {
    String etag = etag();
    policies.bootstrap();
    assertThat(etag()).isEqualTo(etag);
  }

  @Test
  void shouldTakeOverAtStartWhatTheDescriptionTightensAndOnlyProposeTheRest() {
    // A column that becomes personal data, one that no longer is, and a persona that sees more.
    lakehouse.replace(
        "tables/product.yaml", "{name: attributes, ", "{name: attributes, pii: true, ");
    lakehouse.replace("metrics/dim_customer.sql", "pii: true", "pii: false");
    lakehouse.replace("governance.yaml", "schemas: [gold]", "schemas: [silver, gold]");
    policies.bootstrap();
    ObjectNode policy = policyJson();
    assertThat(column(policy, "silver.product", "attributes").get("pii").asBoolean()).isTrue();
    assertThat(column(policy, "gold.dim_customer", "email").get("pii").asBoolean()).isTrue();
    assertThat(persona(policy, "DataAnalyst").get("schemas").toString()).isEqualTo("[\"gold\"]");
    asAdmin()
        .get("/api/v1/policy/versions?limit=1")
        .then()
        .body("items[0].origin", equalTo("facts"))
        .body("items[0].changedBy", equalTo("system"));
    asAdmin()
        .get("/api/v1/policy/plan")
        .then()
        .body("differences.effect", everyItem(equalTo("widens")))
        .body("differences.name", hasItems("DataAnalyst", "gold.dim_customer"));
  }

  @Test
  void shouldHideATableThatTheDescriptionNoLongerHas() throws Exception {
    java.nio.file.Files.delete(lakehouse.path().resolve("metrics/dim_product.sql"));
    policies.bootstrap();
    asAdmin()
        .contentType("application/json")
        .body("{\"table\":\"gold.dim_product\"}")
        .post("/api/v1/decisions")
        .then()
        .body("reason", equalTo("UNKNOWN_TABLE"));
    lakehouse.reset();
    policies.bootstrap();
    asAdmin()
        .contentType("application/json")
        .body("{\"table\":\"gold.dim_product\"}")
        .post("/api/v1/decisions")
        .then()
        .body("reason", equalTo("ALLOWED"));
  }

  @Test
  void shouldNeverChangeOrRemoveAVersion() throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql :
          List.of(
              "UPDATE governance.policy_version SET comment = 'x'",
              "DELETE FROM governance.policy_version",
              "TRUNCATE governance.policy_version",
              "DELETE FROM governance.audit_event",
              "UPDATE governance.audit_event SET subject = 'x'")) {
        Assertions.assertThatThrownBy(() -> statement.execute(sql))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("append-only");
      }
    }
  }

  @Test
  void shouldBeReadyWithPolicyAndDescribeItself() {
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(200)
        .body("checks.find { it.name == 'policy' }.status", equalTo("UP"));
    given().get("/q/metrics").then().body(containsString("lakegate_policy_version"));
    given()
        .get("/q/openapi")
        .then()
        .body(containsString("/api/v1/policy/apply"))
        .body(containsString("/api/v1/audit-events"))
        .body(containsString("If-Match"));
  }
}
