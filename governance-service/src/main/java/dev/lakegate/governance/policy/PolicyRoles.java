package dev.lakegate.governance.policy;

import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.kit.identity.Roles;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collections;

/** Administers who bears a persona that the policy in force lets administer. */
@ApplicationScoped
class PolicyRoles implements Roles {
  @Inject PolicyService policies;
  @Inject IdentityConfig config;

  @Override
  public boolean administers(Principal principal) {
    return policies.current().policy().personas().stream()
        .filter(Persona::administers)
        .anyMatch(persona -> principal.personas().contains(persona.name()));
  }

  @Override
  public boolean operates(Principal principal) {
    return !Collections.disjoint(config.operators(), principal.personas())
        || administers(principal);
  }
}
