package dev.lakegate.kit.identity;

import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.model.policy.Principal;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collections;

/** Roles by persona names in the configuration. */
@ApplicationScoped
@DefaultBean
class ConfiguredRoles implements Roles {
  @Inject IdentityConfig config;

  @Override
  public boolean administers(Principal principal) {
    return !Collections.disjoint(config.administrators(), principal.personas());
  }

  @Override
  public boolean operates(Principal principal) {
    return administers(principal)
        || !Collections.disjoint(config.operators(), principal.personas());
  }
}
