package dev.lakegate.gateway.query;

import dev.lakegate.gateway.audit.Audit;
import dev.lakegate.gateway.limits.FairQueue;
import dev.lakegate.gateway.limits.Rates;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Lets queries in, within the limits, and gives each its turn to run. Thread-safe. */
final class Intake {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final QueryConfig.Limits limits;
  private final Queries queries;
  private final Audit audit;
  private final Path results;
  private final ResultSpace space;
  private final LimitSets sets;
  private final FairQueue queue;
  private final Rates rates = new Rates();
  private volatile boolean draining;

  /**
   * @param results directory of kept results
   * @param space that they may take
   */
  Intake(
      QueryConfig.Limits limits,
      LimitSets sets,
      Queries queries,
      Audit audit,
      Path results,
      ResultSpace space) {
    this.space = space;
    this.limits = limits;
    this.sets = sets;
    this.queries = queries;
    this.audit = audit;
    this.results = results;
    this.queue = new FairQueue(limits.concurrent(), limits.queued());
  }

  /**
   * Lets a query in.
   *
   * @throws LakegateException when it is malformed, too large or too much
   */
  GatewayQuery admit(QueryRequest request) {
    require(request);
    audit.requireRoom();
    LimitSets.LimitSet own = sets.of(request.principal(), request.workgroup());
    boolean kept = request.delivery() == QueryRequest.Delivery.KEPT;
    long cap = kept ? own.resultRows() : Long.MAX_VALUE;
    String id = id();
    GatewayQuery q =
        new GatewayQuery(
            id,
            request,
            own,
            request.maxRows() == null ? cap : Math.min(request.maxRows(), cap),
            Instant.now(),
            kept ? new ResultStore(results.resolve(id), room(request.asker())) : null);
    enter(q);
    queries.add(q);
    return q;
  }

  /** What one kept result may take; its asker's older ones make way. */
  private ResultSpace.Room room(Asker asker) {
    return space.room(asker.person(), () -> queries.makeWay(asker.person()));
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

  private void enter(GatewayQuery q) {
    if (draining) {
      throw LakegateException.unavailable(
          "SHUTTING_DOWN",
          "The gateway is stopping and takes no further query.",
          "Try again in a moment.",
          Duration.ofSeconds(5));
    }
    long wait = rates.take(q.limits.rates(), System.nanoTime());
    if (wait > 0) {
      throw LakegateException.tooMany(
          "RATE_EXCEEDED",
          "You submit queries faster than allowed.",
          "Wait as long as Retry-After says.",
          Duration.ofSeconds(Math.max(1, (wait + 999_999_999L) / 1_000_000_000L)));
    }
    try {
      q.stands(
          queue.enter(
              LimitSets.line(q.principal), limits.concurrentPerPrincipal(), q.limits.shares()));
    } catch (FairQueue.FullException full) {
      throw full.ownLine()
          ? LakegateException.tooMany(
              "TOO_MANY_QUERIES",
              "You have "
                  + limits.concurrentPerPrincipal()
                  + " queries running or waiting already.",
              "Wait for one to end, or cancel one.",
              Duration.ofSeconds(1))
          : LakegateException.tooMany(
              "QUEUE_FULL",
              "Too many queries wait for their turn.",
              "Try again in a moment.",
              Duration.ofSeconds(2));
    }
  }

  /**
   * Waits for the query's turn; its end gives the place back.
   *
   * @throws SqlFailure when it is cancelled meanwhile or waited too long
   */
  void await(GatewayQuery q) throws InterruptedException {
    if (!q.ticket().await(q.limits.runTime().toNanos(), TimeUnit.NANOSECONDS)) {
      throw q.cancelCode() != null
          ? new SqlFailure("USER_CANCELED", "The query was cancelled.")
          : new SqlFailure("EXCEEDED_TIME_LIMIT", "The query waited too long for its turn.");
    }
    q.running(null);
  }

  /** From now on nobody gets in. */
  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  int running() {
    return queue.running();
  }

  int waiting() {
    return queue.waiting();
  }

  private static String id() {
    byte[] bytes = new byte[18];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
