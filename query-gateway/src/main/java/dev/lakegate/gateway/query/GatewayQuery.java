package dev.lakegate.gateway.query;

import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Principal;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One query from its submission to its expiry. Thread-safe. */
final class GatewayQuery {
  /** States as clients see them. */
  enum State {
    QUEUED,
    RUNNING,
    FINISHED,
    FAILED,
    CANCELLED;

    boolean ended() {
      return this == FINISHED || this == FAILED || this == CANCELLED;
    }
  }

  final String id;
  final Principal principal;
  final String sql;
  final String requestId;
  final long maxRows;
  final boolean streamed;
  final Instant submittedAt;
  final ResultStore result;
  private final long startedNanos = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);

  // Guarded by this.
  private State state = State.QUEUED;
  private Planned planned;
  private Execution execution;
  private boolean truncated;
  private long rows;
  private LakegateException error;
  private long elapsedNanos;
  private Instant endedAt;
  private String cancelCode;
  private Runnable onStop;

  GatewayQuery(
      String id,
      Principal principal,
      String sql,
      String requestId,
      long maxRows,
      boolean streamed,
      Instant submittedAt,
      ResultStore result) {
    this.id = id;
    this.principal = principal;
    this.sql = sql;
    this.requestId = requestId;
    this.maxRows = maxRows;
    this.streamed = streamed;
    this.submittedAt = submittedAt;
    this.result = result;
  }

  boolean ownedBy(Principal p) {
    return principal.issuer().equals(p.issuer()) && principal.subject().equals(p.subject());
  }

  synchronized void planned(Planned p) {
    planned = p;
  }

  /** Hands over what runs; it is stopped at once when the query was cancelled before. */
  synchronized void running(Execution e) {
    execution = e;
    if (state == State.QUEUED) {
      state = State.RUNNING;
    }
    if (cancelCode != null && e != null) {
      e.cancel();
    }
  }

  /** Asks to stop. The reason is a code; the first one counts. */
  synchronized void cancel(String code) {
    if (state.ended() || cancelCode != null) {
      return;
    }
    cancelCode = code;
    if (execution != null) {
      execution.cancel();
    }
    if (onStop != null) {
      onStop.run();
    }
  }

  /** Stops what still runs although it was asked to stop. */
  synchronized void cancelAgain() {
    if (cancelCode != null && execution != null) {
      execution.cancel();
    }
  }

  /** What else is to be done when it is asked to stop. */
  synchronized void onStop(Runnable action) {
    onStop = action;
  }

  synchronized String cancelCode() {
    return cancelCode;
  }

  /** Ends it; the first end counts. */
  synchronized boolean end(
      State newState, long rowCount, boolean wasTruncated, LakegateException problem, Instant at) {
    if (state.ended()) {
      return false;
    }
    state = newState;
    rows = rowCount;
    truncated = wasTruncated;
    error = problem;
    elapsedNanos = System.nanoTime() - startedNanos;
    endedAt = at;
    execution = null;
    onStop = null;
    planned = planned == null ? null : planned.ended();
    ended.countDown();
    return true;
  }

  /** Waits for its end. */
  boolean await(long millis) throws InterruptedException {
    return ended.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  synchronized State state() {
    return state;
  }

  synchronized Planned plan() {
    return planned;
  }

  synchronized List<OutputColumn> columns() {
    return planned == null ? null : planned.query().columns();
  }

  synchronized boolean truncated() {
    return truncated;
  }

  synchronized long rows() {
    return rows;
  }

  synchronized LakegateException error() {
    return error;
  }

  synchronized Instant endedAt() {
    return endedAt;
  }

  synchronized long elapsedMillis() {
    return (state.ended() ? elapsedNanos : System.nanoTime() - startedNanos) / 1_000_000;
  }
}
