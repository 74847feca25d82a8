package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;

/**
 * Who administers and who operates. A service that holds the policy replaces the default bean,
 * which knows only the personas named in the configuration. Implementations are thread-safe.
 */
public interface Roles {
  /** Whether the principal may change policy and see every principal's queries. */
  boolean administers(Principal principal);

  /** Whether the principal may see the state of the platform. */
  boolean operates(Principal principal);
}
