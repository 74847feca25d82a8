package dev.lakegate.ingest.api;

import dev.lakegate.kit.audit.AuditDelivery;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.audit.AuditEvent.Outcome;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Keeps what people order of capture, done or refused. Thread-safe. */
@Startup
@ApplicationScoped
class OperatorAudit {
  private static final int FORBIDDEN = 403;

  @Inject WorkConfig work;
  @Inject AuditConfig config;
  @Inject ServiceClients clients;
  @Inject ServicesConfig services;
  @Inject CurrentPrincipal caller;

  private AuditDelivery delivery;

  @PostConstruct
  void start() {
    delivery =
        new AuditDelivery(
            work.directory()
                .orElseThrow(() -> new IllegalStateException("lakegate.work.directory is not set"))
                .resolve("audit-outbox"),
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

  /** An order that answers something. */
  @FunctionalInterface
  interface Order<T> {
    T carryOut() throws InterruptedException;
  }

  /**
   * Carries out an order and makes durable who gave it and what became of it, before anybody is
   * answered.
   *
   * @param action verb
   * @param object mostly a table
   * @throws LakegateException 503, before anything is done, when no event could be kept
   */
  <T> T keep(String action, String object, Map<String, String> details, Order<T> order)
      throws InterruptedException {
    if (!delivery.hasRoom()) {
      throw unavailable();
    }
    try {
      T answer = order.carryOut();
      write(action, object, details, Outcome.SUCCEEDED, null);
      return answer;
    } catch (LakegateException e) {
      write(
          action,
          object,
          details,
          e.status() == FORBIDDEN ? Outcome.REFUSED : Outcome.FAILED,
          e.code());
      throw e;
    }
  }

  private void write(
      String action, String object, Map<String, String> details, Outcome outcome, String reason) {
    TreeMap<String, String> cut = new TreeMap<>();
    details.forEach((name, value) -> cut.put(name, AuditEvent.cut(value)));
    try {
      delivery.write(
          new AuditEvent(
              AuditEvent.VERSION,
              UUID.randomUUID(),
              Instant.now().truncatedTo(ChronoUnit.MICROS),
              "capture",
              caller.require(),
              action,
              AuditEvent.cut(object),
              outcome,
              reason,
              RequestIds.current(),
              cut));
    } catch (IOException e) {
      throw unavailable().withCause(e);
    }
  }

  private static LakegateException unavailable() {
    return LakegateException.unavailable(
        "AUDIT_UNAVAILABLE",
        "Orders are refused because their audit events cannot be kept.",
        "See that governance-service is healthy and that the disk of ingest-service has room.",
        Duration.ofSeconds(5));
  }
}
