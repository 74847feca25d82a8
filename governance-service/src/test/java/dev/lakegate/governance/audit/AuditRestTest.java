package dev.lakegate.governance.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import dev.lakegate.governance.GovernanceTest;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.audit.AuditEvent.Outcome;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Principal;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditRestTest extends GovernanceTest {
  private static final Instant AT = Instant.parse("2026-03-02T10:15:30.123456Z");

  private static AuditEvent event(String subject, Instant at) {
    return new AuditEvent(
        AuditEvent.VERSION,
        UUID.randomUUID(),
        at,
        "query",
        new Principal("http://issuer", subject, new TreeSet<>(), new TreeSet<>(), null),
        "execute",
        "gold.revenue_metrics",
        Outcome.SUCCEEDED,
        null,
        "request-1",
        new TreeMap<>(Map.of("sql", "SELECT 1")));
  }

  private static List<AuditEvent> events(int count) {
    String subject = "batch-" + UUID.randomUUID();
    return IntStream.range(0, count).mapToObj(i -> event(subject, AT.plusMillis(i))).toList();
  }

  private static String body(List<?> events) {
    return Json.write(Map.of("events", events));
  }

  private Response post(String body) {
    return asService().contentType("application/json").body(body).post("/api/v1/audit-events");
  }

  private List<AuditEvent> read(String subject, int limit) {
    List<AuditEvent> read = new ArrayList<>();
    String next = null;
    do {
      Response page =
          (next == null ? asAdmin() : asAdmin().queryParam("cursor", next))
              .queryParam("subject", subject)
              .queryParam("limit", limit)
              .get("/api/v1/audit-events");
      assertThat(page.statusCode()).as(page.asString()).isEqualTo(200);
      for (var item : json(page.asString()).get("items")) {
        read.add(Json.read(item.toString(), AuditEvent.class));
      }
      next = page.path("next");
    } while (next != null);
    return read;
  }

  @Test
  void shouldKeepEventsAsTheyWereReportedNewestFirst() {
    List<AuditEvent> events = events(7);
    post(body(events))
        .then()
        .statusCode(200)
        .body("accepted", equalTo(7))
        .body("duplicates", equalTo(0));
    List<AuditEvent> newestFirst = new ArrayList<>(events);
    Collections.reverse(newestFirst);
    assertThat(read(events.get(0).principal().subject(), 3)).isEqualTo(newestFirst);
  }

  @Test
  void shouldPageThroughEventsOfTheSameInstantWithoutLossOrRepetition() {
    String subject = "burst-" + UUID.randomUUID();
    List<AuditEvent> events = IntStream.range(0, 25).mapToObj(i -> event(subject, AT)).toList();
    post(body(events)).then().statusCode(200);
    assertThat(read(subject, 4)).containsExactlyInAnyOrderElementsOf(events);
  }

  @Test
  void shouldKeepEachEventOnceHoweverOftenItIsSent() {
    List<AuditEvent> events = events(3);
    post(body(events.subList(0, 2))).then().body("accepted", equalTo(2));
    post(body(events)).then().body("accepted", equalTo(1)).body("duplicates", equalTo(2));
    post(body(List.of(events.get(0), events.get(0)))).then().body("accepted", equalTo(0));
    assertThat(read(events.get(0).principal().subject(), 100)).hasSize(3);
  }

  @Test
  void shouldTakeAThousandAtOnceAndNoMore() {
    List<AuditEvent> events = events(1_001);
    post(body(events.subList(0, 1_000))).then().statusCode(200).body("accepted", equalTo(1_000));
    post(body(events))
        .then()
        .statusCode(400)
        .body("error.code", equalTo("FIELD_INVALID"))
        .body("error.message", containsString("events"));
    assertThat(read(events.get(0).principal().subject(), 1_000)).hasSize(1_000);
  }

  @Test
  void shouldKeepNoneOfABatchWithAnInvalidEvent() {
    List<AuditEvent> good = events(2);
    String subject = good.get(0).principal().subject();
    Map<String, String> spoiled =
        Map.of(
            "\"version\":1", "\"version\":2",
            "\"type\":\"query\"", "\"type\":\"Not a word\"",
            "\"outcome\":\"succeeded\"", "\"outcome\":\"maybe\"",
            "\"at\":\"2026", "\"at\":\"1026",
            "\"reason\":null", "\"reason\":null,\"password\":\"x\"",
            "\"action\":\"execute\"", "\"action\":null");
    spoiled.forEach(
        (before, after) -> {
          String second = Json.write(good.get(1)).replace(before, after);
          assertThat(second).contains(after);
          Response response = post("{\"events\":[" + Json.write(good.get(0)) + "," + second + "]}");
          assertThat(response.statusCode()).as(after).isEqualTo(400);
          assertThat(response.<String>path("error.message")).as(after).contains("events[1]");
        });
    post("{\"events\":[null]}").then().statusCode(400);
    post("{\"events\":null}").then().statusCode(400);
    post("{}").then().statusCode(400);
    assertThat(read(subject, 10)).isEmpty();
  }

  @Test
  void shouldNotBeHeldUpByStrangeTexts() {
    AuditEvent strange = event("zero\0here \ud83d\ude00 \ud800 'quoted\" \\", AT);
    post(body(List.of(strange))).then().statusCode(200).body("accepted", equalTo(1));
  }

  @Test
  void shouldFilter() {
    String subject = "filtered-" + UUID.randomUUID();
    post(body(List.of(event(subject, AT), event(subject, AT.plusSeconds(60)))));
    asAdmin()
        .queryParam("subject", subject)
        .queryParam("type", "query")
        .queryParam("action", "execute")
        .queryParam("from", AT.toString())
        .queryParam("to", AT.plusSeconds(60).toString())
        .get("/api/v1/audit-events")
        .then()
        .statusCode(200)
        .body("items", hasSize(1));
    asAdmin()
        .queryParam("from", "yesterday")
        .get("/api/v1/audit-events")
        .then()
        .statusCode(400)
        .body("error.details.field", equalTo("from"));
    asAdmin().queryParam("limit", 0).get("/api/v1/audit-events").then().statusCode(400);
    asAdmin().queryParam("cursor", "x").get("/api/v1/audit-events").then().statusCode(400);
  }

  @Test
  void shouldTakeEventsFromServicesAndShowThemToAdministratorsOnly() {
    String body = body(events(1));
    for (String token : List.of(issuer.admin(), issuer.engineer(), issuer.analyst())) {
      as(token)
          .contentType("application/json")
          .body(body)
          .post("/api/v1/audit-events")
          .then()
          .statusCode(403);
    }
    for (String token :
        List.of(issuer.service("query-gateway"), issuer.engineer(), issuer.analyst())) {
      as(token)
          .get("/api/v1/audit-events")
          .then()
          .statusCode(403)
          .body("error.code", equalTo("FORBIDDEN"));
    }
    asAdmin()
        .queryParam("type", "audit")
        .queryParam("subject", "engineer")
        .get("/api/v1/audit-events")
        .then()
        .body("items[0].action", equalTo("read"))
        .body("items[1].action", equalTo("report"));
  }

  @Test
  void shouldKeepEveryEventExactlyOnceWhileConnectionsAreKilled() throws Exception {
    List<AuditEvent> events = events(400);
    Instant deadline = Instant.now().plusSeconds(90);
    AtomicBoolean killing = new AtomicBoolean(true);
    ExecutorService pool = Executors.newFixedThreadPool(5);
    try {
      Future<Integer> killer =
          pool.submit(
              () -> {
                int killed = 0;
                while (killed < 5 && Instant.now().isBefore(deadline)) {
                  killed += kill();
                }
                killing.set(false);
                return killed;
              });
      List<Future<?>> senders = new ArrayList<>();
      for (int s = 0; s < 4; s++) {
        // Overlapping ranges, in different orders: every event is sent by two senders.
        List<AuditEvent> own = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          own.add(events.get((s * 100 + i) % 400));
        }
        Collections.shuffle(own);
        senders.add(
            pool.submit(
                () -> {
                  do {
                    sendAll(own, deadline);
                  } while (killing.get());
                }));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
      assertThat(killer.get()).as("connections killed").isGreaterThanOrEqualTo(5);
    } finally {
      pool.shutdownNow();
    }
    assertThat(read(events.get(0).principal().subject(), 1_000))
        .containsExactlyInAnyOrderElementsOf(events);
  }

  /** As an outbox does: a batch is sent again until it is answered. */
  private void sendAll(List<AuditEvent> events, Instant deadline) {
    for (int i = 0; i < events.size(); i += 20) {
      String body = body(events.subList(i, i + 20));
      while (post(body).statusCode() != 200) {
        assertThat(Instant.now()).as("no batch is accepted any more").isBefore(deadline);
      }
    }
  }

  private int kill() throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'lakegate-governance' AND state <> 'idle'""")) {
      result.next();
      return result.getInt(1);
    }
  }
}
