package dev.lakegate.gateway.query;

import dev.lakegate.gateway.audit.Audit;
import dev.lakegate.gateway.engine.VanishedFileException;
import dev.lakegate.gateway.query.GatewayQuery.State;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.audit.AuditEvent;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jboss.logging.Logger;

/** How queries end: first in the audit, then for whoever waits for them. Thread-safe. */
final class Endings {
  private static final Logger LOG = Logger.getLogger(Endings.class);

  private final Queries queries;
  private final Audit audit;
  private final Records records;

  Endings(Queries queries, Audit audit, Records records) {
    this.queries = queries;
    this.audit = audit;
    this.records = records;
  }

  /**
   * It has all its rows. The audit event is durable before the state says so.
   *
   * @throws SqlFailure when it was asked to stop before; it has not ended then
   * @throws LakegateException 503 when the event cannot be kept; the query has failed then
   */
  void finished(GatewayQuery q, long rows, boolean truncated) {
    if (!q.claimEnd(State.FINISHED)) {
      throw new SqlFailure("USER_CANCELED", "The query was cancelled.");
    }
    end(q, State.FINISHED, rows, truncated, null);
  }

  /** It was refused before it ran: nothing of it is kept but the event. */
  LakegateException refused(GatewayQuery q, Throwable e) {
    LakegateException problem = problem(q, e);
    queries.remove(q);
    if (!q.claimEnd(State.FAILED)) {
      return problem;
    }
    try {
      // In the audit before anybody who waits for the end is told.
      write(q, problem.code(), 0);
    } catch (LakegateException audit) {
      problem = audit;
    }
    if (q.end(State.FAILED, 0, false, problem, Instant.now())) {
      records.ended(q);
    }
    return problem;
  }

  /** It failed, or was stopped, after so many rows. What has ended already stays as it is. */
  void failed(GatewayQuery q, long rows, Throwable e) {
    if (!q.claimEnd(State.FAILED)) {
      return;
    }
    boolean cancelled =
        e instanceof SqlFailure f
            && f.code().equals("USER_CANCELED")
            && (q.cancelCode() == null || q.cancelCode().equals("USER_CANCELED"));
    try {
      end(q, cancelled ? State.CANCELLED : State.FAILED, rows, false, problem(q, e));
    } catch (RuntimeException audit) {
      LOG.errorf("the end of query %s is not in the audit: %s", q.id, audit.getMessage());
    }
  }

  private static LakegateException problem(GatewayQuery q, Throwable e) {
    if (e instanceof SqlFailure f) {
      String cancel = q.cancelCode();
      boolean stopped = f.code().equals("USER_CANCELED") && cancel != null;
      return Failures.of(
          stopped && !cancel.equals("USER_CANCELED")
              ? new SqlFailure(cancel, "The query was stopped: " + reason(cancel))
              : f);
    }
    if (e instanceof VanishedFileException) {
      return Failures.of(changed(q, "while the query ran."));
    }
    if (e instanceof LakegateException l) {
      return l;
    }
    LOG.errorf(e, "query %s failed", q.id);
    return internal(e);
  }

  static LakegateException internal(Throwable cause) {
    return LakegateException.of(
            500,
            "INTERNAL",
            "The query failed unexpectedly.",
            "Try again. If it stays so, give the request id to the operators.")
        .withCause(cause);
  }

  static SqlFailure changed(GatewayQuery q, String when) {
    List<String> former = q.plan() == null ? List.of() : q.plan().formerStates();
    return former.isEmpty()
        ? new SqlFailure("DATA_CHANGED", "The table's files changed " + when)
        : new SqlFailure(
            "DATA_CHANGED",
            "Files of a former state were removed "
                + when
                + " "
                + String.join(", ", former)
                + " may be kept no more.");
  }

  private static String reason(String code) {
    return switch (code) {
      case "EXCEEDED_TIME_LIMIT" -> "it ran longer than allowed.";
      case "SERVER_SHUTTING_DOWN" -> "the gateway is shutting down.";
      case "CLIENT_GONE" -> "its client is gone.";
      case "ABANDONED_QUERY" -> "nobody asked for its rows any more.";
      default -> code;
    };
  }

  private void end(
      GatewayQuery q, State state, long rows, boolean truncated, LakegateException problem) {
    try {
      write(q, problem == null ? null : problem.code(), rows);
    } catch (LakegateException e) {
      if (q.end(State.FAILED, 0, false, e, Instant.now())) {
        records.ended(q);
      }
      q.dropResult();
      throw e;
    }
    if (q.end(state, rows, truncated, problem, Instant.now())) {
      records.ended(q);
    }
    if (problem != null) {
      q.dropResult();
    }
  }

  private void write(GatewayQuery q, String code, long rows) {
    Planned p = q.plan();
    TreeMap<String, String> details = new TreeMap<>();
    details.put("sql", AuditEvent.cut(q.sql));
    details.put("queryId", q.id);
    if (q.asker.token() != null) {
      // Which token, so that what a stolen one asked can be told from what its owner did.
      details.put("token", q.asker.token());
    }
    if (p != null && p.prepared() != null) {
      details.put("statement", AuditEvent.cut(p.prepared()));
    } else if (p == null && q.session.prepared() != null && !q.session.prepared().isEmpty()) {
      // What was refused may have been any of them.
      details.put("statement", AuditEvent.cut(q.session.prepared().toString()));
    }
    if (!q.session.parameters().isEmpty()) {
      details.put("parameters", AuditEvent.cut(q.session.parameters().toString()));
    }
    if (q.session.source() != null) {
      details.put("source", AuditEvent.cut(q.session.source()));
    }
    if (p != null && !p.formerStates().isEmpty()) {
      details.put("formerStates", AuditEvent.cut(String.join(",", p.formerStates())));
    }
    details.put("rows", String.valueOf(rows));
    details.put("elapsedMillis", String.valueOf(q.elapsedMillis()));
    details.put("workgroup", q.limits.workgroup());
    if (q.isFromCache()) {
      details.put("cached", "true");
    }
    if (p != null) {
      details.put("files", String.valueOf(p.files()));
      details.put("tables", AuditEvent.cut(String.join(",", p.tables())));
      if (!p.query().bindings().isEmpty()) {
        details.put(
            "policyVersion",
            String.valueOf(p.query().bindings().get(0).table().decision().policyVersion()));
      }
    }
    long began = System.nanoTime();
    audit.write(
        new AuditEvent(
            AuditEvent.VERSION,
            UUID.randomUUID(),
            Instant.now(),
            "query",
            q.principal,
            "execute",
            p == null || p.tables().isEmpty()
                ? "query"
                : AuditEvent.cut(String.join(",", p.tables())),
            code == null
                ? AuditEvent.Outcome.SUCCEEDED
                : Failures.refused(code) ? AuditEvent.Outcome.REFUSED : AuditEvent.Outcome.FAILED,
            code,
            q.requestId,
            details));
    q.phases.add(Phases.Phase.AUDIT, System.nanoTime() - began);
  }
}
