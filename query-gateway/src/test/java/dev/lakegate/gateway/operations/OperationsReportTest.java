package dev.lakegate.gateway.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.gateway.operations.Operations.Dataset;
import dev.lakegate.gateway.operations.Operations.PolicyState;
import dev.lakegate.gateway.operations.Operations.Service;
import dev.lakegate.gateway.operations.Operations.State;
import dev.lakegate.model.json.Json;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationsReportTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:10Z");
  private static final PolicyState POLICY = new PolicyState(7L, true, 0.1, "In force.");
  private static final Answer SILENCE = new Answer(null, "It did not answer.", 1);

  private static List<Service> services(String unhealthy) {
    return List.of(
        service("query-gateway", unhealthy),
        service("ingest-service", unhealthy),
        service("transform-service", unhealthy),
        service("governance-service", unhealthy));
  }

  private static Service service(String name, String unhealthy) {
    return new Service(name, "http://x", !name.equals(unhealthy), "Message.", 1);
  }

  private static Answer good(JsonNode body) {
    return new Answer(body, null, 1);
  }

  private static ObjectNode ingest() {
    return parse(FakeServices.INGEST);
  }

  private static ObjectNode datasets(String... stateAndReason) {
    return datasets(61.0, stateAndReason);
  }

  private static ObjectNode datasets(Double lag, String... stateAndReason) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode items = body.putArray("items");
    for (int i = 0; i < stateAndReason.length; i += 2) {
      items
          .addObject()
          .put("dataset", "gold.m" + i / 2)
          .put("layer", "gold")
          .put("state", stateAndReason[i])
          .put("lagSeconds", lag)
          .put("reason", stateAndReason[i + 1]);
    }
    return body;
  }

  private static ObjectNode parse(String json) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Operations report(String unhealthy, Answer ingest, Answer transform) {
    return OperationsReport.of(
        services(unhealthy), ingest, SILENCE, transform, List.of(), POLICY, NOW);
  }

  @Test
  void shouldSayThatAllIsWell() {
    Operations all = report(null, good(ingest()), good(datasets("fresh", "Up to date.")));
    assertThat(all.state()).isEqualTo(State.healthy);
    assertThat(all.headline()).isEqualTo("All 4 services are healthy; all 2 tables are fresh.");
    assertThat(all.generatedAt()).isEqualTo(NOW);
  }

  @Test
  void shouldCountTablesWithoutRows() {
    Operations all =
        report(null, good(ingest()), good(datasets("fresh", "a", "empty", "No order yet.")));
    assertThat(all.state()).isEqualTo(State.healthy);
    assertThat(all.headline())
        .isEqualTo("All 4 services are healthy; 2 tables are fresh; 1 has no rows yet.");
  }

  @Test
  void shouldPutWhatIsDownFirst() {
    Operations all = report("transform-service", good(ingest()), SILENCE);
    assertThat(all.state()).isEqualTo(State.degraded);
    assertThat(all.headline())
        .isEqualTo(
            "transform-service is not healthy: Silver and Gold stay as they are until it is back.");
    assertThat(all.datasets()).extracting(Dataset::layer).containsOnly("bronze");
  }

  @Test
  void shouldListWhatWasPublishedWhileNobodySaysHowOldItIs() {
    Dataset published =
        new Dataset("gold.m", "gold", "unknown", 3L, NOW, null, "It was published.");
    Operations all =
        OperationsReport.of(
            services("transform-service"),
            good(ingest()),
            SILENCE,
            SILENCE,
            List.of(published),
            POLICY,
            NOW);
    assertThat(all.datasets()).contains(published);
    assertThat(all.headline()).doesNotContain("gold.m");
  }

  @Test
  void shouldNotBlameAHealthyServiceTwice() {
    Operations all = report(null, SILENCE, good(datasets("fresh", "Up to date.")));
    assertThat(all.headline())
        .isEqualTo(
            "ingest-service is healthy, but does not say how its tables stand. It did not answer.");
    assertThat(all.capture()).isNull();
    assertThat(all.state()).isEqualTo(State.degraded);
  }

  @Test
  void shouldSayWhyWhatFailedFailed() {
    Operations all =
        report(
            null,
            good(ingest()),
            good(datasets("failed", "No space on the device", "failed", "b", "stale", "Waits.")));
    assertThat(all.headline())
        .isEqualTo(
            "gold.m0 and 1 other table are failed: no space on the device. gold.m2 is more than a"
                + " minute behind the source: waits.");
    assertThat(all.state()).isEqualTo(State.degraded);
  }

  @Test
  void shouldSayWhatIsLate() {
    ObjectNode datasets =
        datasets("stale", "WAL is held.", "stale", "It waits.", "running", "b", "fresh", "d");
    ((ObjectNode) datasets.get("items").get(1)).put("lagSeconds", 75).put("layer", "gold");
    ((ObjectNode) datasets.get("items").get(2))
        .put("lagSeconds", 75)
        .put("layer", "silver")
        .put("dataset", "silver.order");
    Operations all = report(null, good(ingest()), good(datasets));
    assertThat(all.state()).isEqualTo(State.late);
    assertThat(all.headline())
        .isEqualTo("3 of 5 tables are more than a minute behind the source: silver.order: b.");
  }

  @Test
  void shouldNotCallWorkLateThatIsUnderWay() {
    Operations all =
        report(null, good(ingest()), good(datasets(31.2, "stale", "Soon.", "running", "Now.")));
    assertThat(all.state()).isEqualTo(State.healthy);
    assertThat(all.headline())
        .isEqualTo(
            "All 4 services are healthy; all 3 tables are fresh, none more than 32 s behind.");
  }

  @Test
  void shouldCallLateWhatNobodyCanSayHowLateItIs() {
    Operations all =
        report(null, good(ingest()), good(datasets((Double) null, "stale", "Never ran.")));
    assertThat(all.state()).isEqualTo(State.late);
    assertThat(all.headline())
        .isEqualTo("gold.m0 is more than a minute behind the source: never ran.");
  }

  @Test
  void shouldSayThatCaptureIsCutOff() {
    ObjectNode capture = ingest();
    ((ObjectNode) capture.get("source"))
        .put("connected", false)
        .put("message", "Connection to 127.0.0.1:5432 refused");
    Operations all = report(null, good(capture), good(datasets("fresh", "a")));
    assertThat(all.headline())
        .startsWith(
            "Capture is not connected to the source: connection to 127.0.0.1:5432 refused.");
    assertThat(all.datasets().get(1).state()).isEqualTo("stale");
    assertThat(all.datasets().get(1).reason()).contains("not connected");
    assertThat(all.state()).isEqualTo(State.degraded);
  }

  @ParameterizedTest
  @CsvSource({
    "waiting,   0, 0.5, empty,   Its first copy has not begun.",
    "waiting,   5, 0.5, stale,   Its first copy has not begun.",
    "copying,   5, 0.5, copying, Its copy is under way (43 %).",
    "streaming, 5, 0.5, fresh,   Capture follows the source.",
    "streaming, 0, 0.5, empty,   The source table has no rows.",
    "streaming, 5, 31,  stale,   Capture is 31 s behind the source.",
    "held,      5, 0.5, held,    Capture holds it back.",
    "failed,    5, 0.5, failed,  Capture of it failed.",
    "other,     5, 0.5, unknown, ingest-service does not say how it stands.",
  })
  void shouldSayHowBronzeStands(
      String reported, long rows, double lag, String state, String reason) {
    ObjectNode capture = ingest();
    ((ObjectNode) capture.get("lag")).put("seconds", lag);
    ((ObjectNode) capture.get("tables").get(0))
        .put("state", reported)
        .put("progressPercent", 43)
        .put("rowsCopied", rows)
        .put("inserts", 0)
        .put("updates", 0)
        .put("deletes", 0);
    Dataset bronze = report(null, good(capture), good(datasets())).datasets().get(0);
    assertThat(bronze.dataset()).isEqualTo("bronze.core_order");
    assertThat(bronze.state()).isEqualTo(state);
    assertThat(bronze.reason()).isEqualTo(reason);
    assertThat(bronze.rows()).isEqualTo(rows);
  }

  @Test
  void shouldPreferTheServicesOwnReason() {
    ObjectNode capture = ingest();
    ((ObjectNode) capture.get("tables").get(0)).put("state", "held").put("reason", "No key.");
    assertThat(report(null, good(capture), good(datasets())).datasets().get(0).reason())
        .isEqualTo("No key.");
  }

  @Test
  void shouldSurviveAnswersWithoutContent() {
    Operations all = report(null, good(parse("{}")), good(parse("{\"items\":[{},{}]}")));
    assertThat(all.datasets()).extracting(Dataset::state).containsOnly("unknown");
    assertThat(all.state()).isEqualTo(State.degraded);
  }

  @Test
  void shouldSayThatNoPolicyIsInForce() {
    Operations all =
        OperationsReport.of(
            services(null),
            good(ingest()),
            SILENCE,
            good(datasets("fresh", "a")),
            List.of(),
            new PolicyState(null, false, null, "Queries are refused."),
            NOW);
    assertThat(all.headline()).isEqualTo("Queries are refused.");
  }

  @Test
  void shouldOfferTheCommandsThatEndAHold() {
    Answer tables =
        good(
            parse(
                """
                {"items": [{"table": "core_order", "dataset": "silver.order", "state": "held",
                  "reason": "Column note was dropped.",
                  "nextAction": "./lakegate approve core_order to let Silver go on with schema version 2, or ./lakegate resync core_order to copy it anew",
                  "pendingApproval": {"schemaVersion": 2, "explanation": "Column note is gone."},
                  "quarantinedRows": 3, "lossyValues": 1}], "next": null}
                """));
    ObjectNode capture = ingest();
    ((ObjectNode) capture.get("tables").get(0)).put("state", "held");
    ObjectNode datasets = datasets("held", "It waits for ./lakegate approve core_order.");
    ((ObjectNode) datasets.get("items").get(0))
        .set("freshness", parse("{\"p50\": 4.5, \"p95\": 9, \"p99\": null}"));
    Operations all =
        OperationsReport.of(
            services(null), good(capture), tables, good(datasets), List.of(), POLICY, NOW);
    Dataset bronze = all.datasets().get(1);
    assertThat(bronze.state()).isEqualTo("held");
    assertThat(bronze.reason()).contains("was dropped").endsWith("Column note is gone.");
    assertThat(bronze.nextAction()).startsWith("./lakegate approve core_order to let");
    assertThat(bronze.commands())
        .containsExactly("./lakegate approve core_order", "./lakegate resync core_order");
    assertThat(bronze.captured()).isEqualTo(new Operations.Captured(10, 3, 2, 1, 3L, 1L));
    Dataset gold = all.datasets().get(0);
    assertThat(gold.commands()).containsExactly("./lakegate approve core_order");
    assertThat(gold.freshness()).isEqualTo(new Operations.Freshness(4.5, 9.0, null));
    assertThat(all.state()).isEqualTo(State.late);
    assertThat(all.headline())
        .isEqualTo(
            "gold.m0, bronze.core_order wait for a decision: it waits for ./lakegate approve"
                + " core_order.");
  }

  @Test
  void shouldSoundTheAlarmsGravestFirst() {
    ObjectNode capture = ingest();
    capture.set(
        "alarms",
        parse(
                """
                {"x": [
                  {"code": "SLOW", "severity": "warning", "message": "It is slow", "since": "?"},
                  {"code": "WAL_NEARLY_FULL", "severity": "CRITICAL",
                   "message": "The slot keeps 9 of 10 GB.", "since": "2026-01-02T03:00:00Z",
                   "remedy": "Free it: ./lakegate resync core_event."}]}
                """)
            .get("x"));
    Operations all = report(null, good(capture), good(datasets("fresh", "a")));
    assertThat(all.state()).isEqualTo(State.degraded);
    assertThat(all.headline()).isEqualTo("The slot keeps 9 of 10 GB.");
    assertThat(all.alarms())
        .extracting(Operations.Alarm::code)
        .containsExactly("WAL_NEARLY_FULL", "SLOW");
    assertThat(all.alarms().get(0).commands()).containsExactly("./lakegate resync core_event");
    assertThat(all.alarms().get(0).severity()).isEqualTo("critical");
    ((ArrayNode) capture.get("alarms")).remove(1);
    Operations warned = report(null, good(capture), good(datasets("fresh", "a")));
    assertThat(warned.state()).isEqualTo(State.late);
    assertThat(warned.headline()).isEqualTo("It is slow.");
    // Whatever an alarm lacks, it is shown.
    capture.putArray("alarms").addObject();
    assertThat(report(null, good(capture), good(datasets("fresh", "a"))).alarms()).hasSize(1);
  }
}
