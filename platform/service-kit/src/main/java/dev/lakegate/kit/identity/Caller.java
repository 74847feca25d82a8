package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;

/**
 * Who was authenticated.
 *
 * @param principal mapped from the token
 * @param service whether the token is one of the platform's services'
 */
record Caller(Principal principal, boolean service) {
  static final String ATTRIBUTE = "lakegate.caller";
}
