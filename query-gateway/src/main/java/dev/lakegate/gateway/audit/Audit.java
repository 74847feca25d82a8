package dev.lakegate.gateway.audit;

import dev.lakegate.kit.audit.AuditDelivery;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.audit.AuditEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Makes audit events durable before answers end, and delivers them to governance-service. */
@Startup
@ApplicationScoped
public class Audit {
  @Inject WorkConfig work;
  @Inject AuditConfig config;
  @Inject ServiceClients clients;
  @Inject ServicesConfig services;

  private AuditDelivery delivery;

  @PostConstruct
  void start() {
    Path directory =
        work.directory()
            .orElseThrow(() -> new IllegalStateException("lakegate.work.directory is not set"))
            .resolve("audit-outbox");
    delivery =
        new AuditDelivery(
            directory,
            config.maxBytes().asLongValue(),
            services
                .governanceUrl()
                .map(url -> clients.client("governance-service", url, Duration.ofSeconds(10)))
                .orElse(null),
            config.drainInterval());
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    delivery.close();
  }

  /**
   * Lets a query begin only if its event will find room.
   *
   * @throws LakegateException 503 when the outbox is full
   */
  public void requireRoom() {
    if (!delivery.hasRoom()) {
      throw unavailable();
    }
  }

  /**
   * Makes an event durable.
   *
   * @throws LakegateException 503 when it cannot be; the answer must not be given then
   */
  public void write(AuditEvent event) {
    try {
      delivery.write(event);
    } catch (IOException e) {
      throw unavailable().withCause(e);
    }
  }

  private static LakegateException unavailable() {
    return LakegateException.unavailable(
        "AUDIT_UNAVAILABLE",
        "Queries are refused because their audit events cannot be kept.",
        "Operators: see that governance-service is healthy and that the gateway's disk has room.",
        Duration.ofSeconds(5));
  }
}
