package dev.lakegate.transform.service;

import dev.lakegate.transform.run.Conductor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Always up: while Spark warms up, or another service works and this one stands by, it answers all
 * the same. What it does is data.
 */
@Readiness
@ApplicationScoped
class RunnerCheck implements HealthCheck {
  @Inject Conductor conductor;

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("job runner")
        .up()
        .withData("standby", conductor.standby().orElse("no"))
        .withData(
            "phase",
            conductor
                .view()
                .map(v -> v.runner().phase().name().toLowerCase(java.util.Locale.ROOT))
                .orElse("starting"))
        .build();
  }
}
