package dev.lakegate.gateway.query;

import dev.lakegate.gateway.audit.Audit;
import dev.lakegate.gateway.query.GatewayQuery.State;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets queries in, within the limits, and gives each its turn to run. Thread-safe. */
final class Intake {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final QueryConfig.Limits limits;
  private final Queries queries;
  private final Audit audit;
  private final Path results;
  private final Semaphore running;

  /**
   * @param results directory of kept results
   */
  Intake(QueryConfig.Limits limits, Queries queries, Audit audit, Path results) {
    this.limits = limits;
    this.queries = queries;
    this.audit = audit;
    this.results = results;
    this.running = new Semaphore(limits.concurrent(), true);
  }

  /**
   * Lets a query in.
   *
   * @throws LakegateException when it is malformed, too large or too much
   */
  GatewayQuery admit(QueryRequest request) {
    require(request);
    audit.requireRoom();
    boolean kept = request.delivery() == QueryRequest.Delivery.KEPT;
    long cap = kept ? limits.resultRows() : Long.MAX_VALUE;
    String id = id();
    GatewayQuery q =
        new GatewayQuery(
            id,
            request,
            request.maxRows() == null ? cap : Math.min(request.maxRows(), cap),
            Instant.now(),
            kept ? new ResultStore(results.resolve(id)) : null);
    admit(q);
    return q;
  }

  private void require(QueryRequest request) {
    String sql = request.sql();
    if (sql == null || sql.isBlank()) {
      throw LakegateException.badRequest(
          "SQL_MISSING", "The field 'sql' is missing or empty.", "Send {\"sql\": \"SELECT ...\"}.");
    }
    if (sql.length() > limits.sqlLength()) {
      throw LakegateException.tooLarge(
          "SQL_TOO_LONG",
          "The statement is longer than " + limits.sqlLength() + " characters.",
          "Send a shorter statement.");
    }
    if (request.maxRows() != null && request.maxRows() < 0) {
      throw LakegateException.badRequest(
          "MAX_ROWS_INVALID", "maxRows is negative.", "Leave maxRows out or send 0 or more.");
    }
  }

  private synchronized void admit(GatewayQuery q) {
    long own = 0;
    long waiting = 0;
    long kept = 0;
    for (GatewayQuery other : queries.all()) {
      boolean mine = other.ownedBy(q.principal);
      if (!other.state().ended()) {
        waiting++;
        own += mine ? 1 : 0;
      } else if (mine) {
        kept++;
      }
    }
    if (kept > limits.keptPerPrincipal()) {
      queries.expire();
    }
    if (own >= limits.concurrentPerPrincipal()) {
      throw LakegateException.tooMany(
          "TOO_MANY_QUERIES",
          "You have " + own + " queries running or waiting already.",
          "Wait for one to end, or cancel one.",
          Duration.ofSeconds(1));
    }
    if (waiting >= limits.concurrent() + limits.queued()) {
      throw LakegateException.tooMany(
          "QUEUE_FULL",
          "Too many queries wait for their turn.",
          "Try again in a moment.",
          Duration.ofSeconds(2));
    }
    queries.add(q);
  }

  /**
   * Waits for the query's turn. Whoever gets it closes it, once.
   *
   * @throws SqlFailure when it is cancelled meanwhile or waited too long
   */
  Turn await(GatewayQuery q) throws InterruptedException {
    long end = System.nanoTime() + limits.runTime().toNanos();
    while (!begin(q)) {
      if (q.cancelCode() != null) {
        throw new SqlFailure("USER_CANCELED", "The query was cancelled.");
      }
      if (System.nanoTime() > end) {
        throw new SqlFailure("EXCEEDED_TIME_LIMIT", "The query waited too long for its turn.");
      }
    }
    return running::release;
  }

  /** A place to run. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** Takes a place to run; one principal never has all of them. */
  private boolean begin(GatewayQuery q) throws InterruptedException {
    if (!mayRun(q)) {
      Thread.sleep(50);
      return false;
    }
    if (!running.tryAcquire(50, TimeUnit.MILLISECONDS)) {
      return false;
    }
    synchronized (running) {
      if (mayRun(q)) {
        q.running(null);
        return true;
      }
    }
    running.release();
    return false;
  }

  private boolean mayRun(GatewayQuery q) {
    long own =
        queries.all().stream()
            .filter(o -> o.state() == State.RUNNING && o.ownedBy(q.principal))
            .count();
    return own < Math.max(1, limits.concurrent() - 1);
  }

  private static String id() {
    byte[] bytes = new byte[18];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
