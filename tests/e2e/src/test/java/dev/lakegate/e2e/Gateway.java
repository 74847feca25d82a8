package dev.lakegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The gateway's REST interface as one user's program sees it. */
public final class Gateway {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String base;
  private final String token;

  /**
   * @param token null for nobody's
   */
  public Gateway(String base, String token) {
    this.base = base;
    this.token = token;
  }

  /** Columns and all rows of a query, values as the gateway writes them, NULL as null. */
  public record Table(List<String> columns, List<List<String>> rows) {}

  /** An answer of any kind. */
  public record Reply(int status, JsonNode body) {
    /** The error's code; empty when there is none. */
    public String code() {
      return body.path("error").path("code").asText("");
    }
  }

  /** Runs a query to its end and reads every page. */
  public Table query(String sql) throws IOException, InterruptedException {
    Reply reply = post("/api/v1/queries", Map.of("sql", sql, "waitMillis", 10_000));
    String id = reply.body().path("id").asText();
    JsonNode state = reply.body();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (reply.status() < 300 && List.of("queued", "running").contains(text(state, "state"))) {
      if (System.nanoTime() > end) {
        throw new AssertionError("this query does not end: " + sql);
      }
      reply = get("/api/v1/queries/" + id + "?waitMillis=2000");
      state = reply.body();
    }
    assertThat(text(state, "state")).as("%s: %s", sql, reply.body()).isEqualTo("finished");
    List<String> columns = new ArrayList<>();
    state.path("columns").forEach(column -> columns.add(text(column, "name")));
    List<List<String>> rows = new ArrayList<>();
    JsonNode page = state.hasNonNull("rows") ? state : get(rowsPath(id, null)).body();
    while (true) {
      page.path("rows").forEach(row -> rows.add(values(row)));
      if (!page.hasNonNull("next")) {
        break;
      }
      page = get(rowsPath(id, text(page, "next"))).body();
    }
    assertThat(rows).as(sql).hasSize(state.path("rowCount").asInt());
    return new Table(columns, rows);
  }

  /** The first value of the first row. */
  String value(String sql) throws IOException, InterruptedException {
    return query(sql).rows().get(0).get(0);
  }

  /** Sends SQL and returns whatever comes. */
  Reply trying(String sql) throws IOException, InterruptedException {
    return post("/api/v1/queries", Map.of("sql", sql, "waitMillis", 10_000));
  }

  public Reply get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
  }

  public Reply post(String path, Object body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
  }

  private Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response =
        http.send(
            request.header("Accept", "application/json").timeout(Duration.ofSeconds(60)).build(),
            HttpResponse.BodyHandlers.ofString());
    return new Reply(
        response.statusCode(),
        response.body().isEmpty() ? JSON.missingNode() : JSON.readTree(response.body()));
  }

  private static String rowsPath(String id, String cursor) {
    return "/api/v1/queries/"
        + id
        + "/rows?limit=10000"
        + (cursor == null ? "" : "&cursor=" + cursor);
  }

  private static List<String> values(JsonNode row) {
    List<String> values = new ArrayList<>();
    row.forEach(
        value ->
            values.add(
                value.isNull() ? null : value.isValueNode() ? value.asText() : value.toString()));
    return values;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }
}
