package dev.lakegate.kit.trace;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A trace goes on from caller to callee, into logs, and to the collector. */
@QuarkusTest
@TestProfile(TraceTest.On.class)
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = CollectorResource.class, restrictToAnnotatedClass = true)
class TraceTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  TestIssuer issuer;
  CollectorResource collector;

  /** As an operator turns it on. */
  public static final class On implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.otel.sdk.disabled", "false",
          "quarkus.otel.exporter.otlp.traces.protocol", "http/protobuf",
          "quarkus.otel.bsp.schedule.delay", "0.1S");
    }
  }

  @Test
  void shouldGoOnToOtherServicesIntoLogsAndToTheCollector() throws InterruptedException {
    String parent = "00-" + TRACE + "-00f067aa0ba902b7-01";
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .header("traceparent", parent)
        .queryParam("base", collector.url())
        .queryParam("path", "/other")
        .get("/api/v1/trial/call")
        .then()
        .statusCode(200);
    assertThat(collector.parents).hasSize(1);
    assertThat(collector.parents.get(0))
        .matches("00-" + TRACE + "-[0-9a-f]{16}-01")
        .isNotEqualTo(parent);
    given()
        .header("Authorization", "Bearer " + issuer.analyst())
        .header("traceparent", parent)
        .get("/api/v1/trial/logged")
        .then()
        .body("traceId", equalTo(TRACE));
    String bytes = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
    long end = System.nanoTime() + 20_000_000_000L;
    while (collector.exported.stream()
        .noneMatch(b -> new String(b, StandardCharsets.ISO_8859_1).contains(bytes))) {
      assertThat(System.nanoTime()).as("the collector gets the trace").isLessThan(end);
      Thread.sleep(20);
    }
  }
}
