package dev.lakegate.gateway.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Optional;

/**
 * Where browsers log in.
 *
 * @param authorization where the user does it
 * @param token where a code is exchanged
 * @param endSession null when the issuer keeps no session to end
 */
public record Endpoints(URI authorization, URI token, URI endSession) {

  /**
   * Reads a discovery document; settings win over what it says.
   *
   * @throws IllegalArgumentException when it belongs to another issuer or lacks an endpoint
   */
  static Endpoints read(JsonNode document, URI issuer, ConsoleSettings settings) {
    String named = document.path("issuer").asText("");
    if (!named.equals(issuer.toString())) {
      throw new IllegalArgumentException(
          "it names the issuer '" + named + "' instead of '" + issuer + "'");
    }
    return new Endpoints(
        settings.authorizationUrl().orElseGet(() -> required(document, "authorization_endpoint")),
        settings.tokenUrl().orElseGet(() -> required(document, "token_endpoint")),
        settings.logoutUrl().or(() -> optional(document, "end_session_endpoint")).orElse(null));
  }

  /** What the settings alone say, when that is enough. */
  static Optional<Endpoints> configured(ConsoleSettings settings) {
    return settings.authorizationUrl().isPresent() && settings.tokenUrl().isPresent()
        ? Optional.of(
            new Endpoints(
                settings.authorizationUrl().get(),
                settings.tokenUrl().get(),
                settings.logoutUrl().orElse(null)))
        : Optional.empty();
  }

  private static URI required(JsonNode document, String name) {
    return optional(document, name)
        .orElseThrow(() -> new IllegalArgumentException("it has no usable " + name));
  }

  /** Only web addresses: the browser is sent there. */
  private static Optional<URI> optional(JsonNode document, String name) {
    String text = document.path(name).asText("");
    return text.matches("https?://[^\\s\"'<>\\\\]+")
        ? Optional.of(URI.create(text))
        : Optional.empty();
  }
}
