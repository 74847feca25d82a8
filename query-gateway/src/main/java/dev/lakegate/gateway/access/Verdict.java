package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Principal;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * What governance-service says of a token.
 *
 * @param reason {@code VALID}, or why it is not
 * @param subject of its owner; null when the token is unknown
 * @param login the name by which its owner logs in; null when the token is unknown
 * @param expiresAt null when the token is unknown
 * @param grant null unless it is valid
 * @param principal null unless it is valid
 */
record Verdict(
    String reason,
    String subject,
    String login,
    Instant expiresAt,
    TokenGrant grant,
    Principal principal) {

  static Verdict read(JsonNode answer) {
    JsonNode token = answer.path("token");
    if (!token.isObject()) {
      return new Verdict("UNKNOWN", null, null, null, null, null);
    }
    String subject = token.path("subject").asText();
    String login = answer.path("login").asText();
    Instant expiresAt = Instant.parse(token.path("expiresAt").asText());
    if (!answer.path("valid").asBoolean()) {
      return new Verdict(
          answer.path("reason").asText("UNKNOWN"), subject, login, expiresAt, null, null);
    }
    Set<String> scopes = new HashSet<>();
    token.path("scopes").forEach(scope -> scopes.add(scope.asText()));
    return new Verdict(
        "VALID",
        subject,
        login,
        expiresAt,
        new TokenGrant(token.path("id").asText(), token.path("name").asText(), scopes),
        Json.MAPPER.convertValue(answer.path("principal"), Principal.class));
  }

  boolean isKnown() {
    return subject != null;
  }

  boolean isGood(Instant at) {
    return reason.equals("VALID") && at.isBefore(expiresAt);
  }

  /** Whether somebody who gives this user name is the owner: by subject, or by log-in name. */
  boolean isOwner(String user) {
    return isKnown() && (user.equals(subject) || user.equals(login));
  }
}
