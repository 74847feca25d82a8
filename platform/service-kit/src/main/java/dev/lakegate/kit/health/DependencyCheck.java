package dev.lakegate.kit.health;

import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Base of readiness checks: up, or down with a sentence that says why. Subclasses carry
 * {@code @Readiness} and {@code @ApplicationScoped} and answer within a second or two.
 */
public abstract class DependencyCheck implements HealthCheck {
  private final String name;

  /**
   * A check.
   *
   * @param name of what the service depends on, as operators know it
   */
  protected DependencyCheck(String name) {
    this.name = name;
  }

  /**
   * Why the dependency cannot be used now, in a sentence without secrets; empty when it can.
   *
   * @throws Exception counts as unusable; only its type is shown, for health is open to everybody
   */
  protected abstract Optional<String> problem() throws Exception;

  @Override
  public final HealthCheckResponse call() {
    Optional<String> problem;
    try {
      problem = problem();
    } catch (Exception e) {
      problem = Optional.of("failed with " + e.getClass().getSimpleName());
    }
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(problem.isEmpty());
    problem.ifPresent(reason -> response.withData("reason", reason));
    return response.build();
  }
}
