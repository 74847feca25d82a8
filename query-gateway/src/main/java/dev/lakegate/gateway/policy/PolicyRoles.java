package dev.lakegate.gateway.policy;

import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.kit.identity.Roles;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collections;

/** Administrators are those whose persona the policy in force lets administer. */
@ApplicationScoped
class PolicyRoles implements Roles {
  @Inject PolicyPoller policy;
  @Inject IdentityConfig config;

  @Override
  public boolean administers(Principal principal) {
    return policy
        .keeper()
        .current()
        .map(
            p ->
                p.personas().stream()
                    .filter(Policy.Persona::administers)
                    .anyMatch(x -> principal.personas().contains(x.name())))
        .orElse(false);
  }

  @Override
  public boolean operates(Principal principal) {
    // Operators see states and never rows, also while there is no policy: that is when they look.
    return administers(principal)
        || !Collections.disjoint(config.administrators(), principal.personas())
        || !Collections.disjoint(config.operators(), principal.personas());
  }
}
