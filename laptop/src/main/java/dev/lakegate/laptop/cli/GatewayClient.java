package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.laptop.supervisor.StackState;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The gateway's REST interface, as the command line uses it. Not thread-safe. */
final class GatewayClient {
  private static final Duration TOKEN_USE = Duration.ofMinutes(10);

  private record Token(String text, Instant since) {}

  private final StackState state;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Login login;
  private final Map<String, Token> tokens = new HashMap<>();

  GatewayClient(StackState state) {
    this.state = state;
    this.login = new Login(state, http);
  }

  /** A refusal or failure, as the error envelope tells it. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient JsonNode error;

    Refusal(int status, JsonNode error) {
      super(error.path("message").asText("HTTP status " + status));
      this.status = status;
      this.code = error.path("code").asText("");
      this.error = error;
    }

    int status() {
      return status;
    }

    String code() {
      return code;
    }

    JsonNode error() {
      return error;
    }

    /** Message, remedy and who may, for people. */
    String describe() {
      StringBuilder text = new StringBuilder();
      text.append(code.isEmpty() ? "HTTP " + status : code).append(": ").append(getMessage());
      JsonNode details = error.path("details");
      if (details.hasNonNull("line")) {
        text.append("\n  at line ")
            .append(details.path("line").asText())
            .append(", column ")
            .append(details.path("column").asText("?"));
      }
      for (String name : new String[] {"reason", "reasonCode", "personas", "readableBy"}) {
        if (details.hasNonNull(name)) {
          text.append("\n  ").append(name).append(": ").append(plain(details.path(name)));
        }
      }
      if (error.hasNonNull("remedy") && !error.path("remedy").asText().isBlank()) {
        text.append("\n  ").append(error.path("remedy").asText());
      }
      return text.toString();
    }

    private static String plain(JsonNode node) {
      if (!node.isArray()) {
        return node.asText();
      }
      StringBuilder text = new StringBuilder();
      node.forEach(n -> text.append(text.length() == 0 ? "" : ", ").append(n.asText()));
      return text.toString();
    }
  }

  /** Submits a query and waits for its end. Its first page of rows is in the answer. */
  JsonNode query(String user, String sql, java.util.function.Consumer<String> submitted) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("sql", sql).put("waitMillis", 2000);
    JsonNode query = send(user, request("/api/v1/queries").POST(json(body)), 40);
    String id = query.path("id").asText();
    submitted.accept(id);
    while (query.path("state").asText().equals("queued")
        || query.path("state").asText().equals("running")) {
      query = send(user, request("/api/v1/queries/" + id + "?waitMillis=10000").GET(), 40);
    }
    if (!query.path("state").asText().equals("finished")) {
      throw new Refusal(
          200,
          query.hasNonNull("error")
              ? query.path("error")
              : Json.MAPPER
                  .createObjectNode()
                  .put("code", "QUERY_" + query.path("state").asText().toUpperCase())
                  .put("message", "The query was " + query.path("state").asText() + "."));
    }
    if (!query.path("rows").isArray()) {
      JsonNode page = rows(user, id, null);
      ((ObjectNode) query).set("rows", page.path("rows"));
      ((ObjectNode) query).set("next", page.path("next"));
    }
    return query;
  }

  /** A page of rows; the first without a cursor. */
  JsonNode rows(String user, String id, String cursor) {
    String path =
        "/api/v1/queries/"
            + id
            + "/rows?limit=1000"
            + (cursor == null
                ? ""
                : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8));
    return send(user, request(path).GET(), 120);
  }

  /** Cancels a query; one that has ended is no error. */
  void cancel(String user, String id) {
    send(user, request("/api/v1/queries/" + id).DELETE(), 10);
  }

  /** Runs a query and streams its whole result in a format. The caller closes the stream. */
  InputStream stream(String user, String sql, String mediaType) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("sql", sql);
    HttpRequest request =
        request("/api/v1/queries")
            .header("Authorization", "Bearer " + token(user))
            .header("Content-Type", "application/json")
            .header("Accept", mediaType)
            .POST(json(body))
            .build();
    try {
      HttpResponse<InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() / 100 != 2) {
        try (InputStream in = response.body()) {
          throw refusal(
              response.statusCode(), new String(in.readNBytes(1_000_000), StandardCharsets.UTF_8));
        }
      }
      return response.body();
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed(CommandFailed.FAILED, "interrupted", e);
    }
  }

  /** What operators look at. */
  JsonNode operations(String user) {
    return send(user, request("/api/v1/operations").GET(), 30);
  }

  /** GET from another service. */
  JsonNode get(String user, String service, String path) {
    return send(user, HttpRequest.newBuilder(URI.create(state.address(service) + path)).GET(), 30);
  }

  /** POST without a body to another service. */
  JsonNode post(String user, String service, String path) {
    return send(
        user,
        HttpRequest.newBuilder(URI.create(state.address(service) + path))
            .POST(HttpRequest.BodyPublishers.noBody()),
        60);
  }

  /** POST with a body to another service. */
  JsonNode post(String user, String service, String path, JsonNode body) {
    return send(
        user,
        HttpRequest.newBuilder(URI.create(state.address(service) + path)).POST(json(body)),
        60);
  }

  /** DELETE at another service that says what it does. */
  JsonNode deleted(String user, String service, String path) {
    return send(
        user, HttpRequest.newBuilder(URI.create(state.address(service) + path)).DELETE(), 30);
  }

  /** DELETE at another service. */
  void delete(String user, String service, String path) {
    send(user, HttpRequest.newBuilder(URI.create(state.address(service) + path)).DELETE(), 30);
  }

  String token(String user) {
    Token token = tokens.get(user);
    if (token == null || token.since().plus(TOKEN_USE).isBefore(Instant.now())) {
      token = new Token(login.accessToken(user), Instant.now());
      tokens.put(user, token);
    }
    return token.text();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(state.address("gateway") + path));
  }

  private static HttpRequest.BodyPublisher json(JsonNode body) {
    return HttpRequest.BodyPublishers.ofString(body.toString());
  }

  private JsonNode send(String user, HttpRequest.Builder request, int timeoutSeconds) {
    HttpRequest complete =
        request
            .timeout(Duration.ofSeconds(timeoutSeconds))
            .header("Authorization", "Bearer " + token(user))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .build();
    try {
      HttpResponse<String> response = http.send(complete, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw refusal(response.statusCode(), response.body());
      }
      return response.body().isBlank()
          ? Json.MAPPER.nullNode()
          : Json.MAPPER.readTree(response.body());
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed(CommandFailed.FAILED, "interrupted", e);
    }
  }

  private static Refusal refusal(int status, String body) {
    JsonNode error = Json.MAPPER.createObjectNode();
    try {
      error = Json.MAPPER.readTree(body).path("error");
    } catch (IOException | IllegalArgumentException e) {
      // Not one of our answers; the status must do.
    }
    return new Refusal(status, error);
  }

  private static CommandFailed unreachable(IOException e) {
    return new CommandFailed(
        CommandFailed.FAILED,
        "A service does not answer ("
            + e
            + "). './lakegate status' shows what runs; the logs are in logs/ of the data"
            + " directory.",
        e);
  }
}
