package dev.lakegate.transform.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineageEmitterTest {
  private static final Instant AT = Instant.parse("2026-03-02T10:15:30.123456Z");
  private static final String RUN = "01JNB4Z0T6W2M7Q9";

  @TempDir Path directory;
  private HttpServer server;
  private LineageEmitter emitter;

  @AfterEach
  void close() {
    if (emitter != null) {
      emitter.close();
    }
    if (server != null) {
      server.stop(0);
    }
  }

  private LineageEmitter.Settings settings(Path file, long fileBytes, URI url, int waiting) {
    return new LineageEmitter.Settings(
        file,
        fileBytes,
        2,
        url,
        url == null ? null : "the-key",
        Duration.ofSeconds(30),
        "here",
        "https://example.org/lakegate",
        waiting,
        3,
        Duration.ofMillis(10));
  }

  private static JsonNode golden(String name) {
    Path folder =
        Path.of(
            System.getProperty("lakegate.basedir", ".."),
            "platform/model/src/main/resources/contracts/golden");
    try {
      JsonNode node = Json.MAPPER.readTree(folder.resolve(name).toFile());
      if (node.path("specification").has("$golden")) {
        ((ObjectNode) node)
            .set("specification", golden(node.at("/specification/$golden").asText()));
      }
      return node;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static RunResult result(String golden) throws IOException {
    return Json.MAPPER.treeToValue(golden(golden), RunResult.class);
  }

  private List<JsonNode> lines(Path file, int count) throws IOException {
    Eventually.until(
        () -> {
          try {
            return Files.exists(file) && Files.readAllLines(file).size() >= count;
          } catch (IOException e) {
            return false;
          }
        },
        () -> emitter.sent() + " sent, " + emitter.dropped() + " dropped");
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      events.add(Json.MAPPER.readTree(line));
    }
    return events;
  }

  @Test
  void shouldTellOfARunAsOpenLineageDescribesIt() throws Exception {
    Path file = directory.resolve("new/lineage.ndjson");
    emitter = LineageEmitter.of(settings(file, 1_000_000, null, 100));
    emitter.begins(RUN, "gold.revenue_metrics", AT, golden("run-request.gold.json"));
    emitter.completed(RUN, AT.plusSeconds(2), result("run-result.gold.json"));
    emitter.begins("02", "silver.order", AT, golden("run-request.silver.json"));
    emitter.completed("02", AT, result("run-result.json"));
    emitter.begins("03", "silver.order", AT, golden("run-request.silver.json"));
    emitter.failed("03", AT, "VALUE_UNFIT: it does not fit");
    emitter.begins("04", "silver.order", AT, golden("run-request.silver.json"));
    emitter.aborted("04", AT, "CANCELLED: somebody wanted it so");
    emitter.lost("05", "silver.order", Mode.FULL, AT);
    List<JsonNode> events = lines(file, 9);
    assertThat(events.stream().map(e -> e.path("eventType").asText()))
        .containsExactly(
            "START", "COMPLETE", "START", "COMPLETE", "START", "FAIL", "START", "ABORT", "ABORT");
    events.forEach(LineageEmitterTest::isAsDescribed);

    JsonNode start = events.get(0);
    JsonNode complete = events.get(1);
    assertThat(start.path("run").path("runId"))
        .isEqualTo(complete.path("run").path("runId"))
        .isNotEqualTo(events.get(2).path("run").path("runId"));
    assertThat(start.path("eventTime").asText()).isEqualTo("2026-03-02T10:15:30.123Z");
    assertThat(complete.path("job").path("namespace").asText()).isEqualTo("here");
    assertThat(complete.path("job").path("name").asText()).isEqualTo("gold.revenue_metrics");
    assertThat(complete.at("/job/facets/sql/query").asText()).contains("SELECT");
    assertThat(complete.at("/inputs/0/name").asText()).isEqualTo("silver.order");
    JsonNode output = complete.at("/outputs/0");
    assertThat(output.path("name").asText()).isEqualTo("gold.revenue_metrics");
    assertThat(output.at("/facets/schema/fields").findValuesAsText("name"))
        .contains("tenant_id", "dt", "total_revenue");
    assertThat(start.at("/outputs/0/facets").has("columnLineage")).isFalse();
    assertThat(start.at("/outputs/0").has("outputFacets")).isFalse();
    // The golden result: revenue is summed up from totals, and grouped by the tenant.
    JsonNode total = output.at("/facets/columnLineage/fields/total_revenue/inputFields/0");
    assertThat(Json.write(total))
        .isEqualTo(
            "{\"namespace\":\"here\",\"name\":\"silver.order\",\"field\":\"total\",\"transformations\":"
                + "[{\"type\":\"DIRECT\",\"subtype\":\"AGGREGATION\"}]}");
    assertThat(Json.write(output.at("/facets/columnLineage/dataset/0")))
        .isEqualTo(
            "{\"namespace\":\"here\",\"name\":\"silver.order\",\"field\":\"tenant_id\",\"transformations\":"
                + "[{\"type\":\"INDIRECT\",\"subtype\":\"GROUP_BY\"}]}");
    JsonNode golden = golden("run-result.gold.json");
    JsonNode statistics = output.at("/outputFacets/outputStatistics");
    assertThat(statistics.path("rowCount")).isEqualTo(golden.path("rowsUpserted"));
    assertThat(statistics.path("size")).isEqualTo(golden.path("bytesWritten"));
    assertThat(statistics.path("fileCount")).isEqualTo(golden.path("filesWritten"));

    JsonNode silver = events.get(3);
    String bronze =
        "bronze." + golden("run-request.silver.json").at("/specification/bronzeTable").asText();
    assertThat(silver.at("/inputs/0/name").asText()).isEqualTo(bronze);
    assertThat(Json.write(silver.at("/outputs/0/facets/columnLineage/fields/id/inputFields")))
        .isEqualTo(
            "[{\"namespace\":\"here\",\"name\":\""
                + bronze
                + "\",\"field\":\"id\",\"transformations\":[{\"type\":\"DIRECT\",\"subtype\":\"IDENTITY\"}]}]");
    assertThat(events.get(5).at("/run/facets/errorMessage/message").asText())
        .isEqualTo("VALUE_UNFIT: it does not fit");
    assertThat(events.get(7).at("/run/facets/errorMessage/message").asText()).contains("CANCELLED");
    assertThat(emitter.sent()).isEqualTo(9);
    assertThat(emitter.dropped()).isZero();
  }

  /** The rules of OpenLineage's schemas for the event and for the facets that are used. */
  private static void isAsDescribed(JsonNode event) {
    assertThat(Set.of("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"))
        .contains(event.path("eventType").asText());
    OffsetDateTime.parse(event.path("eventTime").asText());
    assertThat(URI.create(event.path("producer").asText()).isAbsolute()).isTrue();
    assertThat(event.path("schemaURL").asText())
        .isEqualTo("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
    UUID.fromString(event.at("/run/runId").asText());
    named(event.path("job"));
    assertThat(event.path("inputs").isArray() && event.path("outputs").isArray()).isTrue();
    event.path("inputs").forEach(LineageEmitterTest::named);
    event.path("outputs").forEach(LineageEmitterTest::named);
    List<JsonNode> holders = new ArrayList<>(List.of(event.path("run"), event.path("job")));
    event.path("inputs").forEach(holders::add);
    event.path("outputs").forEach(holders::add);
    for (JsonNode holder : holders) {
      for (String kind : List.of("facets", "inputFacets", "outputFacets")) {
        Iterator<Map.Entry<String, JsonNode>> facets = holder.path(kind).fields();
        while (facets.hasNext()) {
          facet(facets.next());
        }
      }
    }
  }

  private static void named(JsonNode node) {
    assertThat(node.path("namespace").asText()).isNotEmpty();
    assertThat(node.path("name").asText()).isNotEmpty();
  }

  private static void facet(Map.Entry<String, JsonNode> facet) {
    JsonNode node = facet.getValue();
    assertThat(URI.create(node.path("_producer").asText()).isAbsolute()).isTrue();
    assertThat(node.path("_schemaURL").asText())
        .matches("https://openlineage[.]io/spec/facets/\\d+-\\d+-\\d+/(\\w+)[.]json#/[$]defs/\\1");
    switch (facet.getKey()) {
      case "schema" ->
          node.path("fields").forEach(field -> assertThat(field.path("name").isTextual()).isTrue());
      case "columnLineage" -> {
        assertThat(node.path("fields").isObject()).isTrue();
        node.path("fields").forEach(field -> inputFields(field.path("inputFields")));
        inputFields(node.path("dataset"));
      }
      case "outputStatistics" ->
          List.of("rowCount", "size", "fileCount")
              .forEach(name -> assertThat(node.path(name).isIntegralNumber()).isTrue());
      case "errorMessage" -> {
        assertThat(node.path("message").isTextual()).isTrue();
        assertThat(node.path("programmingLanguage").isTextual()).isTrue();
      }
      case "jobType" -> {
        assertThat(node.path("processingType").asText()).isEqualTo("BATCH");
        assertThat(node.path("integration").isTextual()).isTrue();
      }
      case "sql" -> assertThat(node.path("query").isTextual()).isTrue();
      default -> throw new AssertionError("facet " + facet.getKey() + " is not looked at");
    }
  }

  private static void inputFields(JsonNode fields) {
    assertThat(fields.isArray()).isTrue();
    for (JsonNode field : fields) {
      named(field);
      assertThat(field.path("field").isTextual()).isTrue();
      for (JsonNode step : field.path("transformations")) {
        boolean direct =
            Set.of("IDENTITY", "TRANSFORMATION", "AGGREGATION")
                .contains(step.path("subtype").asText());
        assertThat(step.path("type").asText()).isEqualTo(direct ? "DIRECT" : "INDIRECT");
        assertThat(
                direct
                    || Set.of("CONDITIONAL", "FILTER", "JOIN", "GROUP_BY", "SORT", "WINDOW")
                        .contains(step.path("subtype").asText()))
            .isTrue();
      }
    }
  }

  @Test
  void shouldBeginANewFileWhenOneIsFull() throws Exception {
    Path file = directory.resolve("lineage.ndjson");
    emitter = LineageEmitter.of(settings(file, 2_000, null, 100));
    for (int i = 0; i < 20; i++) {
      emitter.lost("run-" + i, "silver.order", Mode.FULL, AT);
    }
    Eventually.until(() -> emitter.sent() == 20, () -> emitter.sent());
    List<Path> files = new ArrayList<>();
    try (var found = Files.list(directory)) {
      found.sorted().forEach(files::add);
    }
    assertThat(files.stream().map(f -> f.getFileName().toString()))
        .containsExactly("lineage.ndjson", "lineage.ndjson.1", "lineage.ndjson.2");
    for (Path one : files) {
      assertThat(Files.size(one)).isLessThanOrEqualTo(2_000);
      for (String line : Files.readAllLines(one)) {
        isAsDescribed(Json.MAPPER.readTree(line));
      }
    }
    assertThat(Files.readString(file)).contains(OpenLineage.uuid("run-19").toString());
  }

  private URI serve(com.sun.net.httpserver.HttpHandler handler) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/lineage", handler);
    server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool());
    server.start();
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api/v1/lineage");
  }

  @Test
  void shouldPostAgainWhatMayBeTakenLaterAndCountWhatIsRefused() throws Exception {
    Queue<Integer> answers =
        new ConcurrentLinkedQueue<>(List.of(503, 429, 201, 400, 500, 500, 500));
    Queue<String> bodies = new ConcurrentLinkedQueue<>();
    URI url =
        serve(
            exchange -> {
              bodies.add(
                  exchange.getRequestHeaders().getFirst("Authorization")
                      + " "
                      + new String(
                          exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
              Integer answer = answers.poll();
              exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
              exchange.close();
            });
    emitter = LineageEmitter.of(settings(null, 0, url, 100));
    for (int i = 0; i < 4; i++) {
      emitter.lost("run-" + i, "silver.order", Mode.FULL, AT);
    }
    Eventually.until(() -> emitter.sent() + emitter.dropped() == 4, () -> bodies);
    // The first came through with the third try, the second was refused, the third tried thrice.
    assertThat(emitter.sent()).isEqualTo(2);
    assertThat(emitter.dropped()).isEqualTo(2);
    List<String> expected = new ArrayList<>();
    for (int run : List.of(0, 0, 0, 1, 2, 2, 2, 3)) {
      expected.add(OpenLineage.uuid("run-" + run).toString());
    }
    List<String> got = new ArrayList<>();
    for (String body : bodies) {
      assertThat(body).startsWith("Bearer the-key ");
      got.add(
          Json.MAPPER
              .readTree(body.substring("Bearer the-key ".length()))
              .at("/run/runId")
              .asText());
    }
    assertThat(got).isEqualTo(expected);
  }

  @Test
  void shouldNeverWaitForWhoeverListens() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    URI url =
        serve(
            exchange -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              exchange.sendResponseHeaders(200, -1);
              exchange.close();
            });
    emitter = LineageEmitter.of(settings(null, 0, url, 5));
    // Returns although nobody answers; what finds no room is dropped.
    for (int i = 0; i < 50; i++) {
      emitter.lost("run-" + i, "silver.order", Mode.FULL, AT);
    }
    assertThat(emitter.sent()).isZero();
    assertThat(emitter.dropped()).isBetween(44L, 45L);
    long dropped = emitter.dropped();
    end.countDown();
    Eventually.until(() -> emitter.sent() == 50 - dropped, () -> emitter.sent());
  }

  @Test
  void shouldDoNothingWhenNobodyListens() {
    emitter = LineageEmitter.of(settings(null, 0, null, 5));
    emitter.begins(RUN, "silver.order", AT, Json.MAPPER.createObjectNode());
    emitter.failed(RUN, AT, "x");
    assertThat(emitter.sent() + emitter.dropped()).isZero();
  }
}
