package dev.lakegate.governance.policy;

import dev.lakegate.kit.health.DependencyCheck;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;

/** Ready means: the database answers and there is a policy in it. */
@Readiness
@ApplicationScoped
class PolicyReadiness extends DependencyCheck {
  @Inject PolicyStore store;

  PolicyReadiness() {
    super("policy");
  }

  @Override
  protected Optional<String> problem() {
    return store.current().isPresent()
        ? Optional.empty()
        : Optional.of("there is no policy in the control database");
  }
}
