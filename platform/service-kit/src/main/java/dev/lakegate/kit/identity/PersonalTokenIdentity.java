package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;

/** Makes the identity of a caller whose personal access token has been verified. */
public final class PersonalTokenIdentity {
  private PersonalTokenIdentity() {}

  /**
   * @param principal what the token gives: at most what its owner has
   * @param login the name by which its owner logs in
   * @param token what it is good for
   */
  public static SecurityIdentity of(Principal principal, String login, TokenGrant token) {
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new QuarkusPrincipal(principal.subject()))
        .addAttribute(Caller.ATTRIBUTE, new Caller(principal, false, login, null, token))
        .build();
  }
}
