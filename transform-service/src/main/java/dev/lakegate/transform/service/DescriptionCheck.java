package dev.lakegate.transform.service;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.health.DependencyCheck;
import dev.lakegate.transform.lakehouse.Description;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;

/** Without a description there is nothing to run. Later problems keep the last good one. */
@Readiness
@ApplicationScoped
class DescriptionCheck extends DependencyCheck {
  @Inject DescriptionFollower<Description> descriptions;

  DescriptionCheck() {
    super("lakehouse description");
  }

  @Override
  protected Optional<String> problem() {
    return descriptions.current().isPresent()
        ? Optional.empty()
        : Optional.of(
            "The lakehouse description has %d problems; the log and /api/v1/datasets list them."
                .formatted(descriptions.problems().size()));
  }
}
