package dev.lakegate.kit.audit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.lakegate.kit.client.ServiceClient;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.json.Json;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Makes a service's audit events durable before its answers end, and delivers them to
 * governance-service afterwards; what could not be delivered waits, also for the next start.
 * Thread-safe.
 */
public final class AuditDelivery implements Closeable {
  private static final Logger LOG = Logger.getLogger(AuditDelivery.class);
  private static final int BATCH = 200;
  private static final long SEGMENT = 1024 * 1024;

  private final Outbox outbox;
  private final ServiceClient governance;
  private final ScheduledExecutorService executor;
  private boolean failing;
  private boolean broken;

  /**
   * Starts delivering.
   *
   * @param directory of the outbox
   * @param maxBytes that may wait
   * @param governance the service that keeps them; null: they wait until there is one
   * @param interval between attempts to deliver
   */
  public AuditDelivery(Path directory, long maxBytes, ServiceClient governance, Duration interval) {
    this.outbox = new Outbox(directory, maxBytes, SEGMENT);
    this.governance = governance;
    this.executor =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "audit-drain");
              t.setDaemon(true);
              return t;
            });
    executor.scheduleWithFixedDelay(this::drain, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether an event of ordinary length finds room. */
  public boolean hasRoom() {
    return outbox.hasRoom();
  }

  /**
   * Makes an event durable.
   *
   * @throws IOException when it cannot be; what it tells of must not be answered then
   */
  public void write(AuditEvent event) throws IOException {
    outbox.append(Json.write(event));
  }

  private void drain() {
    repair();
    if (governance == null) {
      return;
    }
    try {
      for (Outbox.Segment s = outbox.oldest(); s != null; s = outbox.oldest()) {
        List<RawValue> events = new ArrayList<>();
        for (String line : s.lines()) {
          if (whole(line)) {
            events.add(new RawValue(line));
          } else {
            // Acknowledged lines are whole: this one is of a write that failed, and must not keep
            // those behind it from leaving.
            LOG.errorf("a torn line of audit segment %d is left out", s.number());
          }
        }
        for (int from = 0; from < events.size(); from += BATCH) {
          governance.post(
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

  /** Whether a line is one JSON object. It is sent as it is: nothing is made of its parts. */
  private static boolean whole(String line) {
    try (JsonParser parser = Json.MAPPER.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private void repair() {
    try {
      outbox.repair();
    } catch (IOException | RuntimeException e) {
      if (!broken) {
        LOG.errorf("audit events cannot be kept: %s", e.getMessage());
      }
      broken = true;
      return;
    }
    if (broken) {
      LOG.info("audit events can be kept again");
    }
    broken = false;
  }

  /** Body of a delivery. */
  record Events(List<RawValue> events) {}

  /** Ends delivering; what waits stays. */
  @Override
  public void close() throws IOException {
    executor.shutdown();
    outbox.close();
  }
}
