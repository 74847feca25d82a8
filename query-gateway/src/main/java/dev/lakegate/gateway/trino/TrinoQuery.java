package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.Asker;
import dev.lakegate.gateway.query.GatewayQuery;
import dev.lakegate.gateway.sql.SessionChange;
import dev.lakegate.kit.error.LakegateException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A query as one Trino client fetches it: page after page, each of which may be asked for again
 * until the next one is. Thread-safe.
 */
final class TrinoQuery {
  final String id;
  final GatewayQuery query;
  final boolean parametric;
  private final PageSpool spool;

  // Guarded by this.
  private long token = -1;
  private int from;
  private int to;
  private boolean last;
  private boolean dropped;
  private List<SessionHeaders.Header> headers;
  private CompletableFuture<Void> waiting = new CompletableFuture<>();
  private long lastAskedNanos = System.nanoTime();

  TrinoQuery(GatewayQuery query, PageSpool spool, boolean parametric) {
    this.id = query.id();
    this.query = query;
    this.spool = spool;
    this.parametric = parametric;
    spool.onChange(this::wake);
    query.onEnd(this::wake);
  }

  private void wake() {
    CompletableFuture<Void> done;
    synchronized (this) {
      done = waiting;
      waiting = new CompletableFuture<>();
    }
    done.complete(null);
  }

  boolean ownedBy(Asker asker) {
    return query.ownedBy(asker);
  }

  /** Whether nothing of it runs any more. */
  boolean ended() {
    return query.state().ended();
  }

  /** Nanoseconds since a new page was asked for: the same one again is no progress. */
  synchronized long idleNanos() {
    return System.nanoTime() - lastAskedNanos;
  }

  /** Whether its client has everything. */
  synchronized boolean fetched() {
    return last;
  }

  /** Whether a page of that number can be asked for. */
  synchronized boolean has(long wanted) {
    return wanted == token || (wanted == token + 1 && !last);
  }

  /** Completes when there is something to answer with, or at once. */
  synchronized CompletableFuture<Void> ready(long wanted) {
    boolean again = wanted == token;
    if (!again) {
      lastAskedNanos = System.nanoTime();
    }
    boolean pages = !spool.closed() && (again || spool.count() > to || spool.finished());
    return pages || dropped || failure() != null
        ? CompletableFuture.completedFuture(null)
        : waiting;
  }

  private LakegateException failure() {
    // Its end is known before its last page is there.
    return query.state().ended() ? query.error() : null;
  }

  /**
   * One answer.
   *
   * @param pages rows, in order
   * @param next number of the next page; -1 when this is the last
   * @param error why the query failed; null when it did not
   * @param headers about the session
   */
  record Answer(
      List<PageSpool.Rows> pages,
      long next,
      LakegateException error,
      List<SessionHeaders.Header> headers,
      SessionChange change) {}

  /**
   * The page of that number.
   *
   * @throws LakegateException 410 when it is gone by now: meanwhile the next one may have been
   *     answered, or the query dropped
   */
  synchronized Answer answer(long wanted, long maxBytes) throws IOException {
    if (dropped || !has(wanted)) {
      throw TrinoQueries.gone();
    }
    LakegateException error = failure();
    boolean again = wanted == token;
    if (!again) {
      lastAskedNanos = System.nanoTime();
      token = wanted;
      from = to;
      spool.release(from);
    }
    List<PageSpool.Rows> pages = List.of();
    if (error == null) {
      // Asked for again, the page is the one that it was.
      pages =
          again
              ? spool.read(from, Long.MAX_VALUE, to - from)
              : spool.read(from, maxBytes, Integer.MAX_VALUE);
      to = from + pages.size();
    }
    boolean complete = error != null || (spool.finished() && to == spool.count());
    last = again ? last || error != null : complete;
    if (headers == null && query.columns() != null) {
      headers = SessionHeaders.of(query.change());
    }
    boolean changed = error == null && headers != null;
    return new Answer(
        pages,
        last ? -1 : token + 1,
        error,
        changed ? headers : List.of(),
        changed ? query.change() : null);
  }

  /** Stops it, if it still runs, and drops its rows. */
  void end(String code) {
    synchronized (this) {
      dropped = true;
    }
    query.cancel(code);
    spool.close();
    wake();
  }
}
