package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.console.IssuerDiscovery;
import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Exchanges the code of a log-in for a token at the issuer, as the gateway's client. */
@ApplicationScoped
class CodeExchange {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int LARGEST_ANSWER = 256 * 1024;
  private static final int LONGEST_TOKEN = 16 * 1024;

  @Inject HttpClient http;
  @Inject IdentityConfig identity;
  @Inject LoginSettings settings;
  @Inject IssuerDiscovery discovery;

  /**
   * Who logged in.
   *
   * @param name for people; not verified
   */
  record LoggedIn(String accessToken, String name) {
    @Override
    public String toString() {
      return "LoggedIn[name=" + name + "]";
    }
  }

  /** The issuer gave no token. The message is for the user and names no secret. */
  static final class ExchangeFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    ExchangeFailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Where the browser is sent to log in. */
  URI authorization(String state, BrowserLogins.Pending login) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("response_type", "code");
    parameters.put("client_id", settings.clientId());
    parameters.put("redirect_uri", login.redirectUri().toString());
    parameters.put("scope", settings.scope());
    parameters.put("state", state);
    parameters.put("nonce", login.nonce());
    parameters.put("code_challenge", Tickets.hash(login.verifier()));
    parameters.put("code_challenge_method", "S256");
    String endpoint = discovery.endpoints().authorization().toString();
    return URI.create(endpoint + (endpoint.contains("?") ? "&" : "?") + form(parameters));
  }

  /** Blocking, for at most 5 seconds. */
  LoggedIn exchange(String code, BrowserLogins.Pending login) throws ExchangeFailedException {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("grant_type", "authorization_code");
    parameters.put("code", code);
    parameters.put("redirect_uri", login.redirectUri().toString());
    parameters.put("code_verifier", login.verifier());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(identity.tokenUrl().orElseGet(() -> discovery.endpoints().token()))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json");
    if (settings.clientSecret().isPresent()) {
      String pair = encode(settings.clientId()) + ":" + encode(settings.clientSecret().get());
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    } else {
      parameters.put("client_id", settings.clientId());
    }
    try {
      HttpResponse<InputStream> response =
          http.send(
              request.POST(HttpRequest.BodyPublishers.ofString(form(parameters))).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        JsonNode answer = Json.MAPPER.readTree(in.readNBytes(LARGEST_ANSWER));
        if (response.statusCode() != 200) {
          throw failed("The identity provider refused the log-in.", null);
        }
        return loggedIn(answer, login);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("The log-in was interrupted.", e);
    } catch (IOException e) {
      throw failed("The identity provider does not answer properly.", e);
    }
  }

  // The tokens came from the token endpoint itself; that they are good is found out when the
  // program uses the access token. The nonce ties them to this log-in.
  private static LoggedIn loggedIn(JsonNode answer, BrowserLogins.Pending login)
      throws ExchangeFailedException {
    String token = answer.path("access_token").asText("");
    if (token.isEmpty() || token.length() > LONGEST_TOKEN || !token.matches("[!-~]+")) {
      throw failed("The identity provider gave no usable token.", null);
    }
    JsonNode id = claims(answer.path("id_token").asText(""));
    if (!id.isMissingNode() && !id.path("nonce").asText("").equals(login.nonce())) {
      throw failed("The identity provider answered another log-in.", null);
    }
    JsonNode who = id.isMissingNode() ? claims(token) : id;
    String name = who.path("preferred_username").asText(who.path("sub").asText("you"));
    return new LoggedIn(token, name);
  }

  private static JsonNode claims(String jwt) {
    String[] parts = jwt.split("\\.", -1);
    if (parts.length != 3) {
      return Json.MAPPER.missingNode();
    }
    try {
      return Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
    } catch (IOException | IllegalArgumentException e) {
      return Json.MAPPER.missingNode();
    }
  }

  private static ExchangeFailedException failed(String message, Throwable cause) {
    return new ExchangeFailedException(message, cause);
  }

  private static String form(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(e -> e.getKey() + "=" + encode(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
