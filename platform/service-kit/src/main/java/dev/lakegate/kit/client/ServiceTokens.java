package dev.lakegate.kit.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * This service's own access tokens, by the client credentials grant. A token is kept until most of
 * its life is over. Thread-safe; one thread fetches while the others wait for it.
 */
@ApplicationScoped
public class ServiceTokens {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String SERVICE = "identity provider";

  private final HttpClient http;
  private final IdentityConfig config;
  private final Clock clock;

  private String token;
  private Instant renewAt = Instant.MIN;

  @Inject
  ServiceTokens(HttpClient http, IdentityConfig config) {
    this(http, config, Clock.systemUTC());
  }

  ServiceTokens(HttpClient http, IdentityConfig config, Clock clock) {
    this.http = http;
    this.config = config;
    this.clock = clock;
  }

  /**
   * A token that is good for some time yet.
   *
   * @throws ServiceCallException when the identity provider gives none
   */
  public synchronized String get() {
    if (!clock.instant().isBefore(renewAt)) {
      fetch();
    }
    return token;
  }

  /** Forgets the token, for instance because a service refused it. */
  public synchronized void forget() {
    renewAt = Instant.MIN;
  }

  private void fetch() {
    URI url = config.tokenUrl().orElseThrow(() -> unset("token-url"));
    String id = config.clientId().orElseThrow(() -> unset("client-id"));
    String secret = config.clientSecret().orElseThrow(() -> unset("client-secret"));
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .header("Authorization", "Basic " + basic(id, secret))
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
            .build();
    Instant asked = clock.instant();
    HttpResponse<String> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new ServiceCallException(SERVICE, 0, "UNREACHABLE", "cannot be reached at " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceCallException(SERVICE, 0, "INTERRUPTED", "interrupted", e);
    }
    if (response.statusCode() != 200) {
      throw new ServiceCallException(
          SERVICE,
          response.statusCode(),
          "TOKEN_REFUSED",
          "gave client '" + id + "' no token (status " + response.statusCode() + ")",
          null);
    }
    try {
      JsonNode answer = Json.MAPPER.readTree(response.body());
      String fetched = answer.path("access_token").asText("");
      if (fetched.isEmpty()) {
        throw new ServiceCallException(SERVICE, 200, "BAD_ANSWER", "no access_token", null);
      }
      token = fetched;
      // Renewing at four fifths of the life leaves time for calls under way and for clock skew.
      renewAt = asked.plusMillis(answer.path("expires_in").asLong(60) * 800);
    } catch (IOException e) {
      throw new ServiceCallException(SERVICE, 200, "BAD_ANSWER", "answered without JSON", null);
    }
  }

  /** RFC 6749, 2.3.1: both parts are form-encoded before they are joined. */
  private static String basic(String id, String secret) {
    String pair =
        URLEncoder.encode(id, StandardCharsets.UTF_8)
            + ":"
            + URLEncoder.encode(secret, StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static ServiceCallException unset(String property) {
    return new ServiceCallException(
        SERVICE, 0, "NOT_CONFIGURED", "lakegate.identity." + property + " is not set", null);
  }
}
