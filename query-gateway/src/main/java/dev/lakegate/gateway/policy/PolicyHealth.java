package dev.lakegate.gateway.policy;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready only with a policy in force. */
@Readiness
@ApplicationScoped
class PolicyHealth implements HealthCheck {
  @Inject PolicyPoller policy;

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("policy");
    return policy
        .keeper()
        .current()
        .map(p -> response.up().withData("version", p.policyVersion()).build())
        .orElseGet(
            () ->
                response
                    .down()
                    .withData("reason", "no policy: " + policy.keeper().problem())
                    .build());
  }
}
