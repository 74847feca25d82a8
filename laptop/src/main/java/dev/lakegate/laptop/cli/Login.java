package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.identity.IdentityProvider;
import dev.lakegate.laptop.supervisor.StackState;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** Gets access tokens for demo users from the laptop's identity provider. */
final class Login {
  private final StackState state;
  private final HttpClient http;

  Login(StackState state, HttpClient http) {
    this.state = state;
    this.http = http;
  }

  /**
   * @throws CommandFailed when there is no such user
   */
  String accessToken(String user) {
    String form =
        Map.of(
                "grant_type",
                "password",
                "client_id",
                IdentityProvider.CLI,
                "scope",
                "openid",
                "username",
                user,
                "password",
                state.demoPassword())
            .entrySet()
            .stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(state.address("identity") + "/token"))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode answer = Json.MAPPER.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new CommandFailed(
            CommandFailed.FAILED,
            "No token for '" + user + "': " + answer.path("error_description").asText());
      }
      return answer.path("access_token").asText();
    } catch (IOException e) {
      throw new CommandFailed(
          CommandFailed.FAILED, "The identity provider does not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed(CommandFailed.FAILED, "interrupted", e);
    }
  }
}
