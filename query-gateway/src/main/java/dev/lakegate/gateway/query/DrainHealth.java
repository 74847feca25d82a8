package dev.lakegate.gateway.query;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready only as long as queries are taken, and with a catalog to answer them from. */
@Readiness
@ApplicationScoped
class DrainHealth implements HealthCheck {
  @Inject QueryService service;

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("queries")
        .status(!service.draining() && service.catalogReadable())
        .withData(
            "reason",
            service.draining()
                ? "the gateway is stopping"
                : service.catalogReadable() ? "" : "the storage root cannot be read")
        .build();
  }
}
