package dev.lakegate.gateway.query;

import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.model.policy.Principal;

/**
 * Who asks, and with what. A personal access token may be narrowed to less than its owner has: what
 * the owner or their other tokens asked does not exist for it. The owner, logged in, sees all of
 * it. Immutable.
 *
 * @param principal as the token at hand describes them
 * @param token id of the personal access token; null when they logged in
 */
public record Asker(Principal principal, String token) {
  /**
   * Of the present request.
   *
   * @throws dev.lakegate.kit.error.LakegateException 401 when nobody is authenticated
   */
  public static Asker of(CurrentPrincipal caller) {
    return new Asker(caller.require(), caller.personalToken().map(TokenGrant::id).orElse(null));
  }

  /** Names the person, whatever they ask with. */
  public String person() {
    return LimitSets.line(principal);
  }

  /** Whether what the other asked is theirs. */
  boolean owns(Asker other) {
    return principal.issuer().equals(other.principal.issuer())
        && principal.subject().equals(other.principal.subject())
        && (token == null || token.equals(other.token));
  }
}
