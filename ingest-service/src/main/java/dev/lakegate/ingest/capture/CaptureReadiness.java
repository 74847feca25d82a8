package dev.lakegate.ingest.capture;

import dev.lakegate.kit.health.DependencyCheck;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while the capturing thread lives: a source that is down is a matter of state, not of us.
 */
@Readiness
@ApplicationScoped
class CaptureReadiness extends DependencyCheck {
  @Inject CaptureEngine engine;

  CaptureReadiness() {
    super("capture");
  }

  @Override
  protected Optional<String> problem() {
    return engine.isAlive() || engine.isForgotten()
        ? Optional.empty()
        : Optional.of("the capturing thread has ended");
  }
}
