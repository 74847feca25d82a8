package dev.lakegate.ingest.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
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
  private static final Duration LIMIT = Duration.ofSeconds(60);

  TestIssuer issuer;
  TestSource source;

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
        .body("source.epoch", equalTo("0001"))
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
            "lakegate_capture_connected 1.0",
            "lakegate_capture_flush_seconds");
  }

  @Test
  @Order(2)
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
