package dev.lakegate.governance.policy;

import dev.lakegate.kit.config.StartupChecks;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.description.Lakehouse;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * Brings the schema up to date and a policy into force, once the start-up checks have passed. From
 * then on tables that are added to the description, or told to hold more personal data, are taken
 * over within seconds.
 */
@ApplicationScoped
class PolicyStart {
  private static final Logger LOG = Logger.getLogger(PolicyStart.class);

  @Inject Flyway flyway;
  @Inject PolicyService policies;
  @Inject MeterRegistry metrics;
  @Inject Description description;

  private volatile DescriptionFollower<Lakehouse> follower;
  // Of the scheduler's thread: a description that is not taken over yet.
  private volatile Lakehouse waiting;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 100) StartupEvent event) {
    flyway.migrate();
    // Before it is read for the first time: what changes meanwhile is seen as a change.
    DescriptionFollower<Lakehouse> started = description.follower();
    policies.bootstrap();
    follower = started;
    metrics.gauge("lakegate.policy.version", policies, p -> p.current().policy().policyVersion());
  }

  @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void follow() {
    DescriptionFollower<Lakehouse> started = follower;
    if (started == null) {
      return;
    }
    if (started.poll()) {
      waiting = started.current().orElseThrow();
    }
    if (waiting == null) {
      return;
    }
    try {
      policies.follow(waiting);
      description.inForce(waiting);
      waiting = null;
    } catch (RuntimeException e) {
      // A tightening that is not taken over is tried again until it is.
      LOG.errorf("The description is not taken over yet, and is tried again: %s", e.getMessage());
      LOG.debug("Details", e);
    }
  }
}
