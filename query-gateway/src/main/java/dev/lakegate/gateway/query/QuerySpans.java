package dev.lakegate.gateway.query;

import dev.lakegate.gateway.query.Phases.Phase;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A query and its phases in the trace of the request that brought it; no statement is in it. */
final class QuerySpans {
  private QuerySpans() {}

  static void write(GatewayQuery q) {
    if (!Span.fromContext(q.trace).getSpanContext().isSampled()) {
      return;
    }
    Tracer tracer = GlobalOpenTelemetry.getTracer("dev.lakegate.gateway");
    Span query =
        tracer
            .spanBuilder("query")
            .setParent(q.trace)
            .setStartTimestamp(q.submittedAt)
            .setAttribute("lakegate.query.id", q.id)
            .setAttribute("lakegate.query.state", q.state().name().toLowerCase(Locale.ROOT))
            .setAttribute("lakegate.workgroup", q.limits.workgroup())
            .setAttribute("lakegate.query.rows", q.rows())
            .setAttribute("lakegate.query.cached", q.isFromCache())
            .startSpan();
    if (q.error() != null) {
      query.setStatus(StatusCode.ERROR, q.error().code());
    }
    Context inQuery = q.trace.with(query);
    // Sums, one after the other: rows are fetched and written in turn.
    Instant at = q.submittedAt;
    for (Phase p : Phase.values()) {
      long nanos = q.phases.of(p);
      if (nanos > 0) {
        Span phase =
            tracer
                .spanBuilder(p.name().toLowerCase(Locale.ROOT))
                .setParent(inQuery)
                .setStartTimestamp(at)
                .startSpan();
        at = at.plusNanos(nanos);
        phase.end(at);
      }
    }
    query.end(TimeUnit.MILLISECONDS.toNanos(q.endedAt().toEpochMilli()), TimeUnit.NANOSECONDS);
  }

  /** The trace that a query belongs to; empty when there is none. */
  static String traceId(GatewayQuery q) {
    return Span.fromContext(q.trace).getSpanContext().isValid()
        ? Span.fromContext(q.trace).getSpanContext().getTraceId()
        : "";
  }
}
