package dev.lakegate.gateway.query;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.gateway.history.History;
import dev.lakegate.gateway.history.StatementShape;
import dev.lakegate.gateway.query.GatewayQuery.State;
import dev.lakegate.gateway.query.Phases.Phase;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.json.Json;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What is remembered of a query that has ended: figures, its place in the history, and a line in
 * the log when it was slow. The log holds no value of a statement, since others read it; the
 * history does, and is its author's. Thread-safe.
 */
final class Records {
  private static final Logger LOG = Logger.getLogger("dev.lakegate.gateway.slow");

  private final MeterRegistry meters;
  private final History history;
  private final long slowNanos;
  private final Map<Phase, Timer> phases = new EnumMap<>(Phase.class);
  private final Map<State, Timer> ends = new EnumMap<>(State.class);

  Records(MeterRegistry meters, History history, Duration slow) {
    this.meters = meters;
    this.history = history;
    this.slowNanos = slow.toNanos();
    for (Phase p : Phase.values()) {
      phases.put(p, phase(meters, p.name().toLowerCase(Locale.ROOT)));
    }
    for (State s : State.values()) {
      if (s.ended()) {
        ends.put(
            s,
            Timer.builder("lakegate.queries")
                .description("Queries from their submission to their end.")
                .tag("state", s.name().toLowerCase(Locale.ROOT))
                .publishPercentileHistogram()
                .register(meters));
      }
    }
  }

  static Timer phase(MeterRegistry meters, String name) {
    return Timer.builder("lakegate.query.phase")
        .description("Time that queries take in each phase.")
        .tag("phase", name)
        .register(meters);
  }

  /** A query was not let in. */
  void refused(LakegateException e) {
    meters.counter("lakegate.queries.refused", "reason", e.code()).increment();
  }

  /** A query has ended. Never throws. */
  void ended(GatewayQuery q) {
    try {
      State state = q.state();
      ends.get(state).record(q.elapsedMillis(), TimeUnit.MILLISECONDS);
      long sum = 0;
      for (Map.Entry<Phase, Timer> p : phases.entrySet()) {
        long nanos = q.phases.of(p.getKey());
        if (nanos > 0) {
          p.getValue().record(nanos, TimeUnit.NANOSECONDS);
        }
        sum += nanos;
      }
      if (state == State.FINISHED && q.plan() != null && q.plan().files() > 0) {
        meters
            .counter("lakegate.query.cache", "result", q.isFromCache() ? "hit" : "miss")
            .increment();
      }
      if (q.error() != null && state == State.FAILED) {
        refused(q.error());
      }
      history.add(LimitSets.line(q.principal), entry(q));
      QuerySpans.write(q);
      if (sum >= slowNanos) {
        slow(q);
      }
    } catch (RuntimeException e) {
      LOG.errorf("query %s is not in the history: %s", q.id, e.getMessage());
    }
  }

  private static ObjectNode entry(GatewayQuery q) {
    ObjectNode e = Json.MAPPER.createObjectNode();
    e.put("id", q.id);
    e.put("state", q.state().name().toLowerCase(Locale.ROOT));
    e.put("principal", q.principal.subject());
    if (q.asker.token() != null) {
      e.put(History.TOKEN, q.asker.token());
    }
    e.put("workgroup", q.limits.workgroup());
    e.put("submittedAt", q.submittedAt.toString());
    e.put("sql", q.sql.length() > 10_000 ? q.sql.substring(0, 10_000) + "\u2026" : q.sql);
    e.put("rowCount", q.rows());
    e.put("truncated", q.truncated());
    e.put("cached", q.isFromCache());
    e.put("elapsedMillis", q.elapsedMillis());
    ObjectNode millis = e.putObject("phaseMillis");
    for (Phase p : Phase.values()) {
      millis.put(p.name().toLowerCase(Locale.ROOT), Math.round(q.phases.of(p) / 1e4) / 100.0);
    }
    ArrayNode tables = e.putArray("tables");
    Planned plan = q.plan();
    if (plan != null) {
      plan.tables().forEach(tables::add);
      e.put("filesRead", plan.files());
      e.put("bytesRead", plan.bytes());
    }
    if (q.error() == null) {
      e.putNull("errorCode");
    } else {
      e.put("errorCode", q.error().code());
      e.put("errorMessage", q.error().getMessage());
    }
    return e;
  }

  private static void slow(GatewayQuery q) {
    Planned plan = q.plan();
    LOG.warnf(
        "slow query %s of workgroup %s, trace %s: %d ms, %s, %d rows, tables %s, %d files, phases"
            + " %s, statement: %s",
        q.id,
        q.limits.workgroup(),
        QuerySpans.traceId(q),
        q.elapsedMillis(),
        q.state().name().toLowerCase(Locale.ROOT),
        q.rows(),
        plan == null ? "unknown" : plan.tables(),
        plan == null ? 0 : plan.files(),
        millis(q.phases),
        StatementShape.of(q.sql));
  }

  private static String millis(Phases phases) {
    StringBuilder text = new StringBuilder();
    for (Phase p : Phase.values()) {
      text.append(text.length() == 0 ? "" : " ")
          .append(p.name().toLowerCase(Locale.ROOT))
          .append('=')
          .append(TimeUnit.NANOSECONDS.toMillis(phases.of(p)));
    }
    return text.toString();
  }
}
