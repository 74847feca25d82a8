package dev.lakegate.gateway.query;

import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.limits.FairQueue;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.SessionChange;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Principal;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One query from its submission to its expiry. Thread-safe. */
public final class GatewayQuery {
  /** States as clients see them. */
  public enum State {
    QUEUED,
    RUNNING,
    FINISHED,
    FAILED,
    CANCELLED;

    /** Whether nothing of it runs or waits any more. */
    public boolean ended() {
      return this == FINISHED || this == FAILED || this == CANCELLED;
    }
  }

  final String id;
  final Principal principal;
  final String sql;
  final String requestId;
  final LimitSets.LimitSet limits;
  final Phases phases = new Phases();

  /** Of the request that brought it. */
  final Context trace = Context.current();

  final Asker asker;
  final QueryRequest.ClientSession session;
  final long maxRows;
  final Instant submittedAt;
  final ResultStore result;
  private final long startedNanos = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch settled = new CountDownLatch(1);

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
  private FairQueue.Ticket ticket;
  private boolean fromCache;
  private Runnable onEnd;
  private boolean ending;
  private boolean writing;

  GatewayQuery(
      String id,
      QueryRequest request,
      LimitSets.LimitSet limits,
      long maxRows,
      Instant submittedAt,
      ResultStore result) {
    this.limits = limits;
    this.id = id;
    this.asker = request.asker();
    this.principal = request.principal();
    this.sql = request.sql();
    this.requestId = request.requestId();
    this.session = request.session();
    this.maxRows = maxRows;
    this.submittedAt = submittedAt;
    this.result = result;
  }

  /** Unguessable. */
  public String id() {
    return id;
  }

  /** Whether it is theirs. */
  public boolean ownedBy(Asker other) {
    return other.owns(asker);
  }

  /** Who asked, and with what. */
  public Asker asker() {
    return asker;
  }

  /** Frees what is kept of its rows. */
  void dropResult() {
    if (result != null) {
      result.close();
    }
  }

  /** It waits for its turn or has it; its end gives that back. */
  synchronized void stands(FairQueue.Ticket newTicket) {
    ticket = newTicket;
  }

  synchronized FairQueue.Ticket ticket() {
    return ticket;
  }

  /** Its rows are those of a former answer. */
  synchronized void fromCache() {
    fromCache = true;
  }

  synchronized boolean isFromCache() {
    return fromCache;
  }

  synchronized void planned(Planned p) {
    planned = p;
    settled.countDown();
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

  /**
   * Claims its end, so that it ends once and one event is written of it. Afterwards it cannot be
   * cancelled any more.
   *
   * @param as how it is to end; not as finished once it was asked to stop
   * @return whether it is the caller's to end
   */
  synchronized boolean claimEnd(State as) {
    if (ending || (as == State.FINISHED && cancelCode != null)) {
      return false;
    }
    ending = true;
    return true;
  }

  /** Asks to stop. The reason is a code; the first one counts. */
  public synchronized void cancel(String code) {
    if (ending || cancelCode != null) {
      return;
    }
    cancelCode = code;
    if (execution != null) {
      execution.cancel();
    }
    if (ticket != null && !ticket.hasPlace()) {
      ticket.close();
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

  /** Its time is over, also the time that its last bytes have after its end. */
  synchronized void timeOver() {
    cancel("EXCEEDED_TIME_LIMIT");
    if (ending && writing && onStop != null) {
      onStop.run();
    }
  }

  /** What else is to be done when it is asked to stop; at once when it was. Must not wait. */
  public synchronized void onStop(Runnable action) {
    if (state.ended()) {
      return;
    }
    onStop = action;
    if (cancelCode != null) {
      action.run();
    }
  }

  /**
   * Its rows go straight to a client, who may take the last of them slowly: until {@link #written}
   * it keeps its place, also after its end.
   */
  synchronized void writes() {
    writing = true;
  }

  /** Nothing is written to its client any more. */
  synchronized void written() {
    writing = false;
    if (state.ended()) {
      leave();
    }
  }

  private void leave() {
    onStop = null;
    if (ticket != null) {
      ticket.close();
    }
  }

  /** What is to be done once it has ended, on whatever thread ends it; at once if it has. */
  public void onEnd(Runnable action) {
    synchronized (this) {
      if (!state.ended()) {
        onEnd = action;
        return;
      }
    }
    action.run();
  }

  synchronized String cancelCode() {
    return cancelCode;
  }

  /** Ends it; the first end counts. */
  boolean end(
      State newState, long rowCount, boolean wasTruncated, LakegateException problem, Instant at) {
    Runnable after;
    synchronized (this) {
      after = onEnd;
      if (!endNow(newState, rowCount, wasTruncated, problem, at)) {
        return false;
      }
    }
    if (after != null) {
      after.run();
    }
    return true;
  }

  private boolean endNow(
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
    onEnd = null;
    planned = planned == null ? null : planned.ended();
    if (!writing) {
      leave();
    }
    settled.countDown();
    ended.countDown();
    return true;
  }

  /** Waits until it is planned, or refused. */
  void awaitPlanned() throws InterruptedException {
    settled.await();
  }

  /** Waits for its end; whether it came. */
  public boolean await(long millis) throws InterruptedException {
    return ended.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  /** The present state. */
  public synchronized State state() {
    return state;
  }

  synchronized Planned plan() {
    return planned;
  }

  /** Columns of the result; null until it is planned. */
  public synchronized List<OutputColumn> columns() {
    return planned == null ? null : planned.query().columns();
  }

  /** How much of its input the engine has read, from 0 to 1. */
  public double progress() {
    Execution e;
    synchronized (this) {
      if (state.ended()) {
        return 1;
      }
      e = execution;
    }
    return e == null ? 0 : e.progress();
  }

  /** What its statement changed about the session; null for nothing, or when it is not planned. */
  public synchronized SessionChange change() {
    return planned == null ? null : planned.change();
  }

  /** Remarks about the answer. */
  public synchronized List<Planned.Note> notes() {
    return planned == null ? List.of() : planned.notes();
  }

  /** Rows in the files that it may open; 0 until it is planned. */
  public synchronized long inputRows() {
    return planned == null ? 0 : planned.rows();
  }

  /** Bytes of the files that it may open; 0 until it is planned. */
  public synchronized long inputBytes() {
    return planned == null ? 0 : planned.bytes();
  }

  /** Files that it may open; 0 until it is planned. */
  public synchronized int inputFiles() {
    return planned == null ? 0 : planned.files();
  }

  /** Whether a limit cut the result off. */
  public synchronized boolean truncated() {
    return truncated;
  }

  /** Rows of the result when it has ended. */
  public synchronized long rows() {
    return rows;
  }

  /** Why it failed; null when it did not. */
  public synchronized LakegateException error() {
    return error;
  }

  synchronized Instant endedAt() {
    return endedAt;
  }

  /** Milliseconds since it was submitted, or that it took. */
  public synchronized long elapsedMillis() {
    return (state.ended() ? elapsedNanos : System.nanoTime() - startedNanos) / 1_000_000;
  }
}
