package dev.lakegate.gateway.policy;

import dev.lakegate.kit.client.ServiceClient;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Policy;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Polls governance-service for the policy. */
@Startup
@ApplicationScoped
public class PolicyPoller {
  @Inject ServiceClients clients;
  @Inject ServicesConfig services;
  @Inject PolicyConfig config;

  private PolicyKeeper keeper;
  private ScheduledExecutorService executor;

  @PostConstruct
  void start() {
    ServiceClient client =
        services
            .governanceUrl()
            .map(url -> clients.client("governance-service", url, config.timeout()))
            .orElse(null);
    keeper =
        new PolicyKeeper(
            etag -> {
              if (client == null) {
                throw new IllegalStateException("lakegate.services.governance-url is not set");
              }
              return client.getIfChanged("/api/v1/policy", etag, Policy.class);
            },
            Clock.systemUTC(),
            config.grace());
    executor =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "policy-poller");
              t.setDaemon(true);
              return t;
            });
    long period = config.pollInterval().toMillis();
    executor.scheduleWithFixedDelay(keeper::poll, 0, period, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    executor.shutdownNow();
  }

  /** The keeper of the policy. */
  public PolicyKeeper keeper() {
    return keeper;
  }

  /**
   * The policy in force.
   *
   * @throws LakegateException 503 when there is none
   */
  public Policy require() {
    return keeper
        .current()
        .orElseThrow(
            () ->
                LakegateException.unavailable(
                    "POLICY_UNAVAILABLE",
                    "There is no policy to decide by: governance-service has not confirmed one"
                        + " lately.",
                    "Try again in a moment; if it stays so, look at the health of"
                        + " governance-service.",
                    Duration.ofSeconds(2)));
  }
}
