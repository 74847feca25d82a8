package dev.lakegate.ingest.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The service as a whole. Its one source is forgotten by the last test, hence the order. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(CaptureSourceResource.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IngestApiTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  TestIssuer issuer;
  TestSource source;
  Path directory;

  private void awaitStreaming() throws InterruptedException {
    TestSource.await(
        "all tables stream",
        LIMIT,
        () ->
            given()
                .auth()
                .oauth2(issuer.engineer())
                .get("/api/v1/state")
                .jsonPath()
                .getList("tables.state", String.class)
                .stream()
                .allMatch("streaming"::equals));
  }

  @Test
  @Order(1)
  void showsTheStateToOperatorsAndServices() throws Exception {
    awaitStreaming();
    given()
        .auth()
        .oauth2(issuer.engineer())
        .get("/api/v1/state")
        .then()
        .statusCode(200)
        .body("source.connected", equalTo(true))
        .body("retention.limited", equalTo(false))
        .body("retention.limitBytes", equalTo(17179869184L))
        .body("source.host", equalTo("localhost"))
        .body("source.slot", equalTo(source.settings().slot()))
        .body("source.publication", equalTo("lakegate"))
        .body("source.id", containsString("/app"))
        .body("lastManifest", greaterThan(7))
        .body("lastFlushAt", containsString("T"))
        .body("capturedPosition", containsString("/"))
        .body("acknowledgedPosition", notNullValue())
        .body("tables", hasSize(8))
        .body("tables.state", everyItem(equalTo("streaming")))
        .body("tables.find { it.table == 'core_customer' }.dataset", equalTo("silver.customer"))
        .body("tables.find { it.table == 'core_customer' }.rowsCopied", equalTo(6));
    given()
        .auth()
        .oauth2(issuer.service("transform-service"))
        .get("/api/v1/state")
        .then()
        .statusCode(200);
  }

  @Test
  @Order(1)
  void refusesEverybodyElse() {
    given().get("/api/v1/state").then().statusCode(401);
    given()
        .auth()
        .oauth2(issuer.analyst())
        .get("/api/v1/state")
        .then()
        .statusCode(403)
        .body("error.code", equalTo("FORBIDDEN"));
    given()
        .auth()
        .oauth2(issuer.engineer())
        .post("/api/v1/source/forget")
        .then()
        .statusCode(403)
        .body("error.code", equalTo("FORBIDDEN"));
  }

  @Test
  @Order(1)
  void isReadyAndCounts() throws Exception {
    awaitStreaming();
    source.execute("UPDATE core_order SET status = 'paid'");
    TestSource.await(
        "the updates are counted",
        LIMIT,
        () ->
            given()
                .get("/q/metrics")
                .asString()
                .lines()
                .anyMatch(
                    l ->
                        l.startsWith("lakegate_capture_rows_total")
                            && l.contains("table=\"core_order\"")
                            && l.contains("operation=\"update\"")
                            && l.endsWith(" 6.0")));
    given().get("/q/health/ready").then().statusCode(200).body(containsString("capture"));
    String metrics = given().get("/q/metrics").asString();
    assertThat(metrics)
        .contains(
            "lakegate_capture_lag_seconds",
            "lakegate_capture_retained_wal_bytes",
            "lakegate_capture_retained_wal_limit_bytes",
            "lakegate_capture_alarms{severity=\"critical\"} 0.0",
            "lakegate_capture_connected 1.0",
            "lakegate_capture_tables{state=\"streaming\"} 8.0",
            "lakegate_capture_tables{state=\"held\"} 0.0",
            "lakegate_capture_approvals_pending",
            "lakegate_capture_flush_seconds");
  }

  private io.restassured.specification.RequestSpecification as(String token) {
    return given().auth().oauth2(token).contentType("application/json");
  }

  @Test
  @Order(1)
  void showsTablesAndTheirSchemaVersions() throws Exception {
    awaitStreaming();
    as(issuer.engineer())
        .get("/api/v1/tables")
        .then()
        .statusCode(200)
        .body("items", hasSize(8))
        .body("next", nullValue())
        .body("items.find { it.table == 'core_customer' }.state", equalTo("streaming"))
        .body("items.find { it.table == 'core_customer' }.generation", equalTo(1))
        .body("items.find { it.table == 'core_customer' }.schemaVersion", equalTo(1))
        .body("items.find { it.table == 'core_customer' }.copiedAt", containsString("T"))
        .body("items.find { it.table == 'core_customer' }.pendingApproval", nullValue());
    as(issuer.service("transform-service"))
        .get("/api/v1/tables/core_customer/schema-versions")
        .then()
        .statusCode(200)
        .body("items", hasSize(1))
        .body("items[0].effect", equalTo("first"))
        .body("items[0].key", equalTo(java.util.List.of("id")))
        .body("items[0].storage", containsString("/"))
        .body("items[0].columns.name", org.hamcrest.Matchers.hasItem("email"));
    as(issuer.engineer())
        .get("/api/v1/tables/nope")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("TABLE_UNKNOWN"));
    as(issuer.analyst()).get("/api/v1/tables").then().statusCode(403);
    given().get("/api/v1/tables").then().statusCode(401);
    as(issuer.analyst()).body("{}").post("/api/v1/tables/core_order/resync").then().statusCode(403);
    as(issuer.analyst())
        .body("{\"schemaVersion\": 1}")
        .post("/api/v1/tables/core_order/approve")
        .then()
        .statusCode(403);
  }

  @Test
  @Order(1)
  void approvesADestructiveVersionWithinASecondAlsoWhenIdle() throws Exception {
    awaitStreaming();
    String path = "/api/v1/tables/core_subscription";
    source.execute("ALTER TABLE core_subscription DROP COLUMN cancelled_at");
    // Nobody writes to the table; the catalog tells.
    TestSource.await(
        "the version is pending",
        LIMIT,
        () ->
            as(issuer.engineer()).get(path).jsonPath().get("pendingApproval.schemaVersion")
                != null);
    as(issuer.engineer())
        .get(path)
        .then()
        .body("state", equalTo("streaming"))
        .body("pendingApproval.schemaVersion", equalTo(2))
        .body("pendingApproval.explanation", containsString("cancelled_at is gone"))
        .body("nextAction", containsString("./lakegate approve core_subscription"));
    as(issuer.engineer())
        .body("{\"schemaVersion\": 1}")
        .post(path + "/approve")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("NOTHING_TO_APPROVE"));
    as(issuer.engineer())
        .body("{\"schemaVersion\": 3}")
        .post(path + "/approve")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("SCHEMA_VERSION_UNKNOWN"));
    as(issuer.engineer()).body("{}").post(path + "/approve").then().statusCode(400);
    // The answer comes when it is in a manifest; one that is not there in time is a 503.
    for (int i = 0; i < 2; i++) {
      as(issuer.engineer())
          .body("{\"schemaVersion\": 2}")
          .post(path + "/approve")
          .then()
          .statusCode(200)
          .body("pendingApproval", nullValue());
    }
    as(issuer.engineer())
        .get(path + "/schema-versions")
        .then()
        .body("items.effect", equalTo(java.util.List.of("first", "destructive")))
        .body("items[1].approvedBy", equalTo("engineer"))
        .body("items[1].approvedAt", containsString("T"));
  }

  @Test
  @Order(1)
  void copiesATableAnewWhenAsked() throws Exception {
    awaitStreaming();
    String path = "/api/v1/tables/core_event";
    as(issuer.engineer())
        .body("{\"reason\": \"somebody edited the file\"}")
        .post(path + "/resync")
        .then()
        .statusCode(200)
        .body("status", equalTo("begun"));
    awaitStreaming();
    as(issuer.engineer())
        .get(path)
        .then()
        .body("generation", equalTo(2))
        .body("rowsCopied", equalTo(6));
    // Without a body as well; a control character is none of a sentence.
    as(issuer.service("transform-service")).post(path + "/resync").then().statusCode(200);
    as(issuer.engineer())
        .body("{\"reason\": \"a\\u0000b\"}")
        .post(path + "/resync")
        .then()
        .statusCode(400);
    as(issuer.engineer())
        .body("{}")
        .post("/api/v1/tables/nope/resync")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("TABLE_UNKNOWN"));
    awaitStreaming();
  }

  @Test
  @Order(1)
  void looksAtTheSourceBeforeItIsCaptured() throws Exception {
    given()
        .auth()
        .oauth2(issuer.engineer())
        .get("/api/v1/preflight")
        .then()
        .statusCode(200)
        .body("findings.find { it.code == 'WAL_LEVEL' }.severity", equalTo("ok"))
        .body("findings.findAll { it.code == 'SIZE' }.table", hasItem("public.core_customer"));
    given().auth().oauth2(issuer.analyst()).get("/api/v1/preflight").then().statusCode(403);
  }

  @Test
  @Order(1)
  void showsWhatIsKeptAside() throws Exception {
    awaitStreaming();
    source.execute(
        "SET session_replication_role = replica; INSERT INTO core_tenant VALUES ('', 'Nobody',"
            + " 'small', now())");
    TestSource.await(
        "the row is in quarantine",
        LIMIT,
        () ->
            "TENANT_MISSING"
                .equals(
                    given()
                        .auth()
                        .oauth2(issuer.engineer())
                        .get("/api/v1/quarantine?table=core_tenant")
                        .path("items[0].code")));
    given()
        .auth()
        .oauth2(issuer.engineer())
        .get("/api/v1/state")
        .then()
        .body("alarms.find { it.code == 'QUARANTINE' }.table", equalTo("core_tenant"));
    assertThat(given().get("/q/metrics").asString())
        .contains("lakegate_capture_quarantined_rows{table=\"core_tenant\"} 1.0");
    source.execute("DELETE FROM core_tenant WHERE slug = ''");
    TestSource.await(
        "the row is gone",
        LIMIT,
        () ->
            given()
                    .auth()
                    .oauth2(issuer.engineer())
                    .get("/api/v1/tables/core_tenant")
                    .jsonPath()
                    .getInt("quarantinedRows")
                == 0);
    given()
        .auth()
        .oauth2(issuer.engineer())
        .contentType("application/json")
        .body("{\"table\": \"core_tenant\"}")
        .post("/api/v1/quarantine/replay")
        .then()
        .statusCode(200)
        .body("status", equalTo("nothing"));
    given()
        .auth()
        .oauth2(issuer.engineer())
        .contentType("application/json")
        .body("{\"table\": \"core_nothing\"}")
        .post("/api/v1/quarantine/replay")
        .then()
        .statusCode(404);
    given().auth().oauth2(issuer.analyst()).get("/api/v1/quarantine").then().statusCode(403);
  }

  @Test
  @Order(1)
  void comparesOnDemand() throws Exception {
    awaitStreaming();
    String id =
        given()
            .auth()
            .oauth2(issuer.engineer())
            .contentType("application/json")
            .body("{\"tables\": [\"core_order\"]}")
            .post("/api/v1/reconciliations")
            .then()
            .statusCode(202)
            .body("tables.table", hasSize(1))
            .extract()
            .path("id");
    // There is no Silver here, so it waits for it.
    TestSource.await(
        "the comparison waits for Silver",
        LIMIT,
        () ->
            "catching-up"
                .equals(
                    given()
                        .auth()
                        .oauth2(issuer.service("transform-service"))
                        .get("/api/v1/reconciliations/" + id)
                        .path("tables[0].state")));
    given()
        .auth()
        .oauth2(issuer.engineer())
        .delete("/api/v1/reconciliations/" + id)
        .then()
        .statusCode(204);
    TestSource.await(
        "the comparison is cancelled",
        LIMIT,
        () ->
            "cancelled"
                .equals(
                    given()
                        .auth()
                        .oauth2(issuer.engineer())
                        .get("/api/v1/reconciliations")
                        .path("items[0].state")));
    given()
        .auth()
        .oauth2(issuer.engineer())
        .contentType("application/json")
        .body("{\"tables\": [\"core_nothing\"]}")
        .post("/api/v1/reconciliations")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("TABLE_NOT_FOUND"));
    given()
        .auth()
        .oauth2(issuer.analyst())
        .contentType("application/json")
        .post("/api/v1/reconciliations")
        .then()
        .statusCode(403);
    given()
        .auth()
        .oauth2(issuer.engineer())
        .delete("/api/v1/reconciliations/none")
        .then()
        .statusCode(404);
  }

  /** After the tests that give orders. */
  @Test
  @Order(2)
  void keepsWhatWasOrdered() throws Exception {
    as(issuer.analyst()).body("{}").post("/api/v1/tables/core_order/resync").then().statusCode(403);
    as(issuer.engineer())
        .body("{\"schemaVersion\": 1}")
        .post("/api/v1/tables/core_tenant/approve")
        .then()
        .statusCode(409);
    as(issuer.engineer())
        .body("{\"reason\": \"A row was mended.\"}")
        .post("/api/v1/tables/core_tenant/resync")
        .then()
        .statusCode(200);
    as(issuer.engineer())
        .body("{\"table\": \"core_tenant\"}")
        .post("/api/v1/quarantine/replay")
        .then()
        .statusCode(200);
    as(issuer.engineer())
        .body("{\"tables\": [\"core_tenant\"]}")
        .post("/api/v1/reconciliations")
        .then()
        .statusCode(202);
    List<JsonNode> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("work/audit-outbox"))) {
      for (Path file : files.sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          // Behind the last line a segment is made long beforehand.
          if (line.startsWith("{")) {
            events.add(Json.MAPPER.readTree(line));
          }
        }
      }
    }
    assertThat(events)
        .extracting(
            e ->
                e.at("/principal/subject").asText()
                    + " "
                    + e.path("action").asText()
                    + " "
                    + e.path("object").asText()
                    + " "
                    + e.path("outcome").asText()
                    + " "
                    + e.path("reason").asText("-"))
        .endsWith(
            "analyst resync core_order refused FORBIDDEN",
            "engineer approve core_tenant failed NOTHING_TO_APPROVE",
            "engineer resync core_tenant succeeded -",
            "engineer replay core_tenant succeeded -",
            "engineer reconcile core_tenant succeeded -");
    assertThat(events)
        .allSatisfy(
            e -> {
              assertThat(e.path("type").asText()).isEqualTo("capture");
              assertThat(e.path("requestId").asText()).isNotBlank();
            });
    assertThat(events.get(events.size() - 3).at("/details/givenReason").asText())
        .isEqualTo("A row was mended.");
  }

  @Test
  @Order(3)
  void forgetsTheSource() throws Exception {
    awaitStreaming();
    given()
        .auth()
        .oauth2(issuer.admin())
        .post("/api/v1/source/forget")
        .then()
        .statusCode(200)
        .body("slotDropped", equalTo(true))
        .body("publicationDropped", equalTo(true));
    assertThat(
            source.query(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
                    + source.settings().slot()
                    + "'"))
        .isEqualTo("0");
    assertThat(source.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    given()
        .auth()
        .oauth2(issuer.engineer())
        .get("/api/v1/state")
        .then()
        .statusCode(200)
        .body("source.connected", equalTo(false))
        .body("source.message", containsString("forget"));
    given().get("/q/health/ready").then().statusCode(200);
  }
}
