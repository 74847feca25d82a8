package dev.lakegate.gateway.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.client.ServiceClient;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.json.Json;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Makes audit events durable before answers end, and delivers them to governance-service. */
@Startup
@ApplicationScoped
public class Audit {
  private static final Logger LOG = Logger.getLogger(Audit.class);
  private static final int BATCH = 200;
  private static final long SEGMENT = 1024 * 1024;

  @Inject WorkConfig work;
  @Inject AuditConfig config;
  @Inject ServiceClients clients;
  @Inject ServicesConfig services;

  private Outbox outbox;
  private ServiceClient client;
  private ScheduledExecutorService executor;
  private boolean failing;

  @PostConstruct
  void start() {
    Path directory =
        work.directory()
            .orElseThrow(() -> new IllegalStateException("lakegate.work.directory is not set"))
            .resolve("audit-outbox");
    outbox = new Outbox(directory, config.maxBytes().asLongValue(), SEGMENT);
    client =
        services
            .governanceUrl()
            .map(url -> clients.client("governance-service", url, Duration.ofSeconds(10)))
            .orElse(null);
    executor =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "audit-drain");
              t.setDaemon(true);
              return t;
            });
    executor.scheduleWithFixedDelay(
        this::drain, 0, config.drainInterval().toMillis(), TimeUnit.MILLISECONDS);
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    executor.shutdown();
    outbox.close();
  }

  /**
   * Lets a query begin only if its event will find room.
   *
   * @throws LakegateException 503 when the outbox is full
   */
  public void requireRoom() {
    if (!outbox.hasRoom()) {
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
      outbox.append(Json.write(event));
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

  private void drain() {
    if (client == null) {
      return;
    }
    try {
      for (Outbox.Segment s = outbox.oldest(); s != null; s = outbox.oldest()) {
        List<JsonNode> events = new ArrayList<>();
        for (String line : s.lines()) {
          events.add(Json.MAPPER.readTree(line));
        }
        for (int from = 0; from < events.size(); from += BATCH) {
          client.post(
              "/api/v1/audit-events",
              new Events(events.subList(from, Math.min(events.size(), from + BATCH))),
              JsonNode.class);
        }
        outbox.delivered(s);
      }
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        LOG.warnf("audit events wait in the outbox: %s", e.getMessage());
      }
      failing = true;
    }
  }

  /** Body of a delivery. */
  record Events(List<JsonNode> events) {}
}
