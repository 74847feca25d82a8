package dev.lakegate.governance.policy;

import dev.lakegate.kit.config.StartupChecks;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.flywaydb.core.Flyway;

/** Brings the schema up to date and a policy into force, once the start-up checks have passed. */
@ApplicationScoped
class PolicyStart {
  @Inject Flyway flyway;
  @Inject PolicyService policies;
  @Inject MeterRegistry metrics;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 100) StartupEvent event) {
    flyway.migrate();
    policies.bootstrap();
    metrics.gauge("lakegate.policy.version", policies, p -> p.current().policy().policyVersion());
  }
}
