package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;
import java.time.Instant;

/**
 * Who was authenticated.
 *
 * @param principal mapped from the token
 * @param service whether the token is one of the platform's services'
 * @param login the name by which they log in
 * @param issuedAt when the issuer made the token; null where it does not say
 * @param token the personal access token that was used; null with a token of the issuer
 */
record Caller(
    Principal principal, boolean service, String login, Instant issuedAt, TokenGrant token) {
  static final String ATTRIBUTE = "lakegate.caller";
}
