package dev.lakegate.governance.lakeformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.governance.GovernanceTest;
import dev.lakegate.kit.aws.testing.Call;
import dev.lakegate.kit.aws.testing.DataCellsFilterStub;
import dev.lakegate.kit.aws.testing.EmulatedAws;
import dev.lakegate.kit.aws.testing.Fault;
import dev.lakegate.kit.aws.testing.RecordedCalls;
import dev.lakegate.kit.aws.testing.WorkgroupStub;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The whole way: policy, plan, AWS over its wire protocols, drift. */
@QuarkusTest
@QuarkusTestResource(value = AwsProfile.class, restrictToAnnotatedClass = true)
@EnabledIf("dev.lakegate.kit.aws.testing.Moto#installed")
class LakeFormationRestTest extends GovernanceTest {
  private static final String PATH = "/api/v1/lake-formation/";
  private static final String ROLE =
      "arn:aws:iam::123456789012:role/lakegate-dev/tenants/lakegate-dev-tenant-";

  EmulatedAws aws;
  DataCellsFilterStub filters;
  WorkgroupStub workgroups;

  @BeforeEach
  void estate() throws SQLException {
    aws.reset();
    try (Connection c = postgres.getPostgresDatabase().getConnection();
        Statement s = c.createStatement()) {
      s.execute(
          "TRUNCATE governance.lake_tenant, governance.lake_item, governance.lake_lease,"
              + " governance.lake_alert");
    }
    settings("");
    for (String layer : List.of("bronze", "silver", "gold")) {
      json(
          "RegisterResource",
          "{\"ResourceArn\":\"arn:aws:s3:::" + layer + "\",\"RoleArn\":\"arn:aws:iam::1:role/x\"}");
    }
    aws.prepare(
        "sns",
        "/",
        "application/x-www-form-urlencoded",
        "Action=CreateTopic&Version=2010-03-31&Name=lakegate-dev-pipeline");
  }

  private void settings(String tableDefaults) {
    json(
        "PutDataLakeSettings",
        "{\"DataLakeSettings\":{\"DataLakeAdmins\":[],\"CreateDatabaseDefaultPermissions\":[],"
            + "\"CreateTableDefaultPermissions\":["
            + tableDefaults
            + "]}}");
  }

  private void json(String operation, String body) {
    aws.prepare("lakeformation", "/" + operation, "application/json", body);
  }

  private void tenants(String state, String... tenants) {
    for (String tenant : tenants) {
      asService()
          .contentType("application/json")
          .body("{\"tenants\":[\"" + tenant + "\"]}")
          .post(PATH + "tenants")
          .then()
          .statusCode(200);
      asAdmin()
          .contentType("application/json")
          .body("{\"tenant\":\"" + tenant + "\",\"state\":\"" + state + "\"}")
          .post(PATH + "tenants/decisions")
          .then()
          .statusCode(200);
    }
  }

  private Response plan() {
    Response plan = asAdmin().accept("application/json").get(PATH + "plan");
    assertThat(plan.statusCode()).as(plan.asString()).isEqualTo(200);
    return plan;
  }

  private JsonNode applied() {
    Response begun = asAdmin().contentType("application/json").body("{}").post(PATH + "apply");
    assertThat(begun.statusCode()).as(begun.asString()).isEqualTo(202);
    Instant deadline = Instant.now().plus(Duration.ofSeconds(90));
    while (true) {
      JsonNode run = json(asAdmin().get(begun.header("Location")).asString());
      if (!run.path("state").asText().equals("running")) {
        return run;
      }
      assertThat(Instant.now()).as("still running: " + run).isBefore(deadline);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void succeeds() {
    JsonNode run = applied();
    assertThat(run.path("state").asText()).as(run.toPrettyString()).isEqualTo("succeeded");
  }

  private String grants() {
    return aws.prepare("lakeformation", "/ListPermissions", "application/json", "{}");
  }

  @Test
  void aTenantComesAndGoes() {
    tenants("approved", "tenant-1", "tenant-2");
    assertThat(asAdmin().accept("text/plain").get(PATH + "plan").asString())
        .contains("create role: role lakegate-dev-tenant-tenant-1")
        .contains("tenant_id = 'tenant-2'");
    succeeds();

    plan().then().body("changes", empty());
    assertThat(filters.filters())
        .isNotEmpty()
        .allSatisfy(
            filter ->
                assertThat(filter.path("RowFilter").path("FilterExpression").asText())
                    .isEqualTo("tenant_id = '" + filter.path("Name").asText().substring(7) + "'"));
    assertThat(grants()).contains(ROLE + "tenant-1").contains(ROLE + "tenant-2");

    tenants("removed", "tenant-1");
    succeeds();
    assertThat(grants()).doesNotContain(ROLE + "tenant-1").contains(ROLE + "tenant-2");
    assertThat(filters.filters()).allMatch(f -> f.path("Name").asText().equals("tenant-tenant-2"));
    plan().then().body("changes", empty());
  }

  @Test
  void filtersStandBeforeTheirGrants() {
    tenants("approved", "tenant-1");
    succeeds();
    List<String> order = aws.seen().stream().map(Call::operation).toList();
    assertThat(order.lastIndexOf("CreateDataCellsFilter"))
        .isLessThan(order.indexOf("BatchGrantPermissions"));
    assertThat(order.indexOf("CreateRole")).isLessThan(order.indexOf("BatchGrantPermissions"));
  }

  @Test
  void aTighterPolicyNarrowsTheFilters() {
    tenants("approved", "tenant-1");
    succeeds();
    long columns = columns("revenue_metrics");
    assertThat(columns).isGreaterThan(1);
    com.fasterxml.jackson.databind.node.ObjectNode policy = policyJson();
    for (JsonNode table : policy.path("tables")) {
      if (table.path("table").asText().equals("gold.revenue_metrics")) {
        for (JsonNode column : table.path("columns")) {
          if (!column.path("name").asText().equals("tenant_id")) {
            ((com.fasterxml.jackson.databind.node.ObjectNode) column).put("pii", true);
            break;
          }
        }
      }
    }
    assertThat(put(policy, etag()).statusCode()).isEqualTo(200);
    plan().then().body("changes.action", hasItem("NARROW_FILTER"));
    succeeds();
    assertThat(columns("revenue_metrics")).isEqualTo(columns - 1);
  }

  private long columns(String table) {
    return filters.filters().stream()
        .filter(f -> f.path("TableName").asText().equals(table))
        .findFirst()
        .orElseThrow()
        .path("ColumnNames")
        .size();
  }

  @Test
  void throttlingAndAnswersThatGetLostAreOvercome() {
    tenants("approved", "tenant-1");
    aws.fail("CreateDataCellsFilter", new Fault.Throttled(), 2);
    aws.fail("CreateRole", new Fault.DoneButFailed(), 1);
    aws.fail("CreateDataCellsFilter", new Fault.DoneButFailed(), 1);
    aws.fail("BatchGrantPermissions", new Fault.Truncated(), 1);
    succeeds();
    plan().then().body("changes", empty());
  }

  @Test
  void whatFailsForGoodIsToldByItemAndTheNextRunGoesOn() {
    tenants("approved", "tenant-1");
    aws.fail("CreateDataCellsFilter", new Fault.Denied(), 1);
    JsonNode run = applied();
    assertThat(run.path("state").asText()).isEqualTo("failed");
    assertThat(run.path("items").findValuesAsText("outcome"))
        .containsOnlyOnce("FAILED")
        .contains("SKIPPED", "DONE");
    assertThat(grants()).doesNotContain("\"Permissions\": [\"ALL\"]");

    succeeds();
    plan().then().body("changes", empty());
  }

  @Test
  void aPlanThatIsNotTheOneLookedAtIsRefused() {
    String seen = plan().path("plan");
    tenants("approved", "tenant-1");
    asAdmin()
        .contentType("application/json")
        .body("{\"plan\":\"" + seen + "\"}")
        .post(PATH + "apply")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("PLAN_CHANGED"));
  }

  @Test
  void onlyOneAppliesAtATimeAndWhoDiedIsNotWaitedForForever() throws SQLException {
    lease("1 hour");
    asAdmin()
        .contentType("application/json")
        .body("{}")
        .post(PATH + "apply")
        .then()
        .statusCode(429)
        .body("error.code", equalTo("APPLY_RUNNING"));
    lease("-1 second");
    succeeds();
  }

  private void lease(String length) throws SQLException {
    try (Connection c = postgres.getPostgresDatabase().getConnection();
        Statement s = c.createStatement()) {
      s.execute(
          "INSERT INTO governance.lake_lease (holder, until) VALUES (gen_random_uuid(), now() +"
              + " interval '"
              + length
              + "') ON CONFLICT (only_one) DO UPDATE SET until = excluded.until");
    }
  }

  @Test
  void openDefaultsLetNobodyBeGivenAnything() {
    tenants("approved", "tenant-1");
    settings(
        "{\"Principal\":{\"DataLakePrincipalIdentifier\":\"IAM_ALLOWED_PRINCIPALS\"},"
            + "\"Permissions\":[\"ALL\"]}");
    plan().then().body("blocked", equalTo(true));
    JsonNode run = applied();
    assertThat(run.path("items").findValuesAsText("outcome")).containsOnly("BLOCKED");
    assertThat(grants()).doesNotContain(ROLE);
  }

  @Test
  void driftIsFoundToldOnceAndNotTouched() {
    tenants("approved", "tenant-1");
    succeeds();
    json(
        "GrantPermissions",
        "{\"Principal\":{\"DataLakePrincipalIdentifier\":\""
            + ROLE
            + "tenant-1\"},\"Resource\":{\"Table\":{\"DatabaseName\":\"lakegate_dev_gold\","
            + "\"Name\":\"revenue_metrics\"}},\"Permissions\":[\"SELECT\"]}");

    asAdmin()
        .get(PATH + "drift")
        .then()
        .statusCode(200)
        .body("findings[0].severity", equalTo("CRITICAL"))
        .body("findings[0].code", equalTo("FOREIGN_GRANT"));
    asAdmin().get(PATH + "drift").then().statusCode(200);
    assertThat(aws.seen()).filteredOn(c -> c.operation().equals("Publish")).hasSize(1);
    plan().then().body("changes", empty());
    assertThat(as(issuer.service("query-gateway")).get("/q/metrics").asString())
        .contains("lakegate_lake_findings{severity=\"critical\"");
  }

  @Test
  void aWorkgroupThatSomebodyOpenedIsEnforcedAgain() {
    tenants("approved", "tenant-1");
    succeeds();
    aws.prepareStubs(
        "athena",
        "UpdateWorkGroup",
        "{\"WorkGroup\":\"lakegate-dev-tenant-tenant-1\",\"ConfigurationUpdates\":"
            + "{\"EnforceWorkGroupConfiguration\":false}}");
    plan().then().body("changes.action", equalTo(List.of("UPDATE_WORKGROUP")));
    succeeds();
    JsonNode group = workgroups.groups().get("lakegate-dev-tenant-tenant-1");
    assertThat(group.path("Configuration").path("EnforceWorkGroupConfiguration").asBoolean())
        .isTrue();
    assertThat(
            group.path("Configuration").path("ResultConfiguration").path("OutputLocation").asText())
        .isEqualTo("s3://lakegate-dev-results/tenants/tenant-1/");
  }

  @Test
  void expiredCredentialsAreSaidToBeThat() {
    aws.fail("ListPermissions", new Fault.ExpiredCredentials(), 1);
    asAdmin()
        .accept("application/json")
        .get(PATH + "plan")
        .then()
        .statusCode(503)
        .body("error.code", equalTo("AWS_CREDENTIALS"));
  }

  @Test
  void proposalsWaitForAnAdministrator() {
    asService()
        .contentType("application/json")
        .body("{\"tenants\":[\"tenant-9\"]}")
        .post(PATH + "tenants")
        .then()
        .statusCode(200)
        .body("proposed", equalTo(1));
    plan().then().body("changes", empty());
    asAdmin().get(PATH + "tenants").then().body("items", hasSize(1));
    asAdmin()
        .contentType("application/json")
        .body("{\"tenants\":[\"a\\nb\"]}")
        .post(PATH + "tenants")
        .then()
        .statusCode(400);
  }

  @Test
  void onlyAdministratorsApply() {
    String analyst = issuer.service("query-gateway");
    as(analyst)
        .contentType("application/json")
        .body("{}")
        .post(PATH + "apply")
        .then()
        .statusCode(403);
    as(analyst)
        .contentType("application/json")
        .body("{\"tenant\":\"a\",\"state\":\"approved\"}")
        .post(PATH + "tenants/decisions")
        .then()
        .statusCode(403);
  }

  /** Whoever adds a call of AWS says so in the documentation, from which the policy is checked. */
  @AfterAll
  static void callsAreThoseThatTheDocumentationNames() throws IOException {
    Path page = Path.of(System.getProperty("lakegate.basedir", "..")).resolve("docs/AWS.md");
    String text = Files.readString(page);
    String section =
        text.substring(
            text.indexOf("## governance-service"), text.indexOf("## How this is kept true"));
    Matcher call = Pattern.compile("(?m)^\\| `([a-z]+:[A-Z][A-Za-z]+)` \\|").matcher(section);
    SortedSet<String> documented = new TreeSet<>();
    while (call.find()) {
      documented.add(call.group(1));
    }
    assertThat(RecordedCalls.calls()).isEqualTo(documented);
  }
}
