package dev.lakegate.gateway.access;

import dev.lakegate.kit.client.ServiceClient;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.error.LakegateException;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/** governance-service, as far as it keeps personal access tokens. Thread-safe. */
@ApplicationScoped
class GovernanceClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  @Inject ServiceClients clients;
  @Inject ServicesConfig services;

  private ServiceClient client;

  @PostConstruct
  void start() {
    client =
        services
            .governanceUrl()
            .map(url -> clients.client("governance-service", url, TIMEOUT))
            .orElse(null);
  }

  /**
   * The client.
   *
   * @throws LakegateException 503 when no governance-service is configured
   */
  ServiceClient get() {
    if (client == null) {
      throw LakegateException.unavailable(
          "SERVICE_UNAVAILABLE",
          "Personal access tokens are not available: the gateway knows no governance-service.",
          "Operators: set lakegate.services.governance-url.",
          Duration.ofSeconds(60));
    }
    return client;
  }
}
