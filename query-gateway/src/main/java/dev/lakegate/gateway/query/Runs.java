package dev.lakegate.gateway.query;

import dev.lakegate.gateway.cache.CacheKey;
import dev.lakegate.gateway.cache.ResultCache;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.engine.VanishedFileException;
import dev.lakegate.gateway.query.Phases.Phase;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;

/** Runs planned queries: their turn, the engine, the time limit, every row into a writer. */
final class Runs {
  private final Intake intake;
  private final Planning planning;
  private final DuckDbEngine engine;
  private final Workers workers;
  private final Endings endings;
  private final ResultCache cache;
  private final Duration clientWait;

  /**
   * @param clientWait how long a query may wait for its client beyond its run time
   */
  Runs(
      Intake intake,
      Planning planning,
      DuckDbEngine engine,
      Workers workers,
      Endings endings,
      ResultCache cache,
      Duration clientWait) {
    this.clientWait = clientWait;
    this.intake = intake;
    this.planning = planning;
    this.engine = engine;
    this.workers = workers;
    this.endings = endings;
    this.cache = cache;
  }

  /** Runs a planned query to its end, on this thread, which is one of {@link Workers}. */
  void run(GatewayQuery q, RowWriter out) {
    try {
      await(q);
      new Stream(q).writeNow(out);
    } catch (Throwable e) {
      // The first end counts: what failed in the middle has ended already.
      endings.failed(q, 0, e);
    }
  }

  /**
   * Starts a planned query.
   *
   * @throws LakegateException when it fails before its first row
   */
  Stream start(GatewayQuery q) {
    try {
      await(q);
      return workers.call(() -> new Stream(q));
    } catch (Throwable e) {
      endings.failed(q, 0, e);
      throw q.error() == null ? Endings.internal(e) : q.error();
    }
  }

  private void await(GatewayQuery q) throws InterruptedException {
    long began = System.nanoTime();
    try {
      intake.await(q);
    } finally {
      q.phases.add(Phase.WAIT, System.nanoTime() - began);
    }
  }

  /** A query whose first row is there: what can be refused has been refused. */
  final class Stream {
    private final GatewayQuery q;
    private final Deadline deadline;
    private final Rows rows;

    private Stream(GatewayQuery q) {
      this.q = q;
      long began = System.nanoTime();
      deadline = new Deadline(q);
      boolean done = false;
      try {
        rows = rows(q);
        done = true;
      } finally {
        q.phases.add(Phase.EXECUTE, System.nanoTime() - began);
        if (!done) {
          deadline.close();
        }
      }
    }

    /** Writes everything straight to a client; ends the query in any case. */
    void write(RowWriter out) throws IOException {
      q.writes();
      try {
        workers.call(
            () -> {
              writeNow(out);
              return null;
            });
      } finally {
        q.written();
      }
    }

    private void writeNow(RowWriter out) throws IOException {
      deadline.waitsFor(out);
      Copy copy = new Copy(q, rows, out);
      try (deadline) {
        try (rows) {
          copy.all();
        }
        // Durable before the last byte: the stream ends only when its event is kept.
        endings.finished(q, copy.written, copy.truncated);
        out.end();
      } catch (IOException e) {
        q.cancel("CLIENT_GONE");
        endings.failed(
            q, copy.written, new SqlFailure("USER_CANCELED", "The client closed the connection."));
        throw e;
      } catch (RuntimeException e) {
        endings.failed(q, copy.written, e);
        throw new IOException("the query failed in the middle of its result", e);
      } catch (Error e) {
        // Whatever becomes of this thread, the query's place is free again.
        endings.failed(q, copy.written, e);
        throw e;
      }
    }
  }

  /**
   * When a query's time is over. Waiting for its client does not count, also while it goes on, but
   * not for ever: the query has a place that others wait for.
   */
  private final class Deadline implements AutoCloseable {
    private static final long LOOK_AGAIN = 50_000_000;

    private final GatewayQuery q;
    private final long end;
    private volatile RowWriter out;

    // Guarded by this.
    private Future<?> timer;
    private boolean closed;

    private Deadline(GatewayQuery q) {
      this.q = q;
      long nanos = limit(q).toNanos();
      this.end = System.nanoTime() + nanos;
      look(nanos);
    }

    private void waitsFor(RowWriter writer) {
      out = writer;
    }

    private synchronized void look(long nanos) {
      if (!closed) {
        timer = workers.after(Duration.ofNanos(nanos + 1_000_000), this::over);
      }
    }

    private void over() {
      RowWriter writer = out;
      long waited = writer == null ? 0 : Math.min(writer.waitedNanos(), clientWait.toNanos());
      long left = end + waited - System.nanoTime();
      if (left <= 0) {
        q.timeOver();
      } else {
        look(Math.max(left, LOOK_AGAIN));
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      timer.cancel(false);
    }
  }

  /** Takes rows from where they come to where they are written, and the time of both. */
  private static final class Copy {
    /** Prime, so that it does not fall in step with the engine's chunks. */
    private static final int SAMPLED = 61;

    private final GatewayQuery q;
    private final Rows rows;
    private final RowWriter out;
    private long written;
    private boolean truncated;

    private Copy(GatewayQuery q, Rows rows, RowWriter out) {
      this.q = q;
      this.rows = rows;
      this.out = out;
    }

    private void all() throws IOException {
      long began = System.nanoTime();
      long encoding = 0;
      try {
        out.begin(q.columns());
        for (Object[] r = rows.first(); r != null; r = rows.next()) {
          if (written >= q.maxRows || out.full()) {
            truncated = true;
            break;
          }
          if (written % SAMPLED == 0) {
            long row = System.nanoTime();
            out.row(r);
            encoding += System.nanoTime() - row;
          } else {
            out.row(r);
          }
          written++;
        }
        if (!truncated) {
          rows.complete();
        }
        out.last();
      } finally {
        long all = System.nanoTime() - began;
        long sampled = (written + SAMPLED - 1) / SAMPLED;
        long encode = sampled == 0 ? 0 : Math.min(all, encoding * written / sampled);
        q.phases.add(Phase.ENCODE, encode);
        q.phases.add(Phase.EXECUTE, all - encode);
      }
    }
  }

  /** Where rows come from: the engine, or a former answer. */
  private interface Rows extends AutoCloseable {
    /** The first row; null when there is none. */
    Object[] first();

    /** The next row; null after the last. */
    Object[] next();

    /** All rows have been seen. */
    void complete();

    @Override
    void close();
  }

  private Rows rows(GatewayQuery q) {
    Optional<CacheKey> key = q.plan().cacheKey();
    Optional<List<Object[]>> former = key.flatMap(k -> cache.get(k, System.nanoTime()));
    if (former.isPresent()) {
      q.fromCache();
      return new Former(former.get());
    }
    Opened opened = open(q);
    // Its plan may be another one by now.
    q.plan().cacheKey().ifPresent(k -> opened.recording = cache.record(k, q.columns()));
    return opened;
  }

  /** A former answer. */
  private static final class Former implements Rows {
    private final Iterator<Object[]> rows;

    private Former(List<Object[]> rows) {
      this.rows = rows.iterator();
    }

    @Override
    public Object[] first() {
      return next();
    }

    @Override
    public Object[] next() {
      return rows.hasNext() ? rows.next() : null;
    }

    @Override
    public void complete() {
      // It is kept already.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  private Duration limit(GatewayQuery q) {
    Duration own = q.session.runTime();
    return own != null && own.compareTo(q.limits.runTime()) < 0 ? own : q.limits.runTime();
  }

  /** Starts it; when a file is gone meanwhile, the snapshot is resolved anew, once. */
  private Opened open(GatewayQuery q) {
    try {
      return new Opened(q);
    } catch (VanishedFileException e) {
      planning.forget(q);
      planning.plan(q);
      try {
        return new Opened(q);
      } catch (VanishedFileException again) {
        throw Endings.changed(q, "while the query was starting.");
      }
    }
  }

  /** A started execution whose first row is there. */
  private final class Opened implements Rows {
    private final Execution execution;
    private final Object[] first;
    private ResultCache.Recording recording;

    Opened(GatewayQuery q) {
      Planned plan = q.plan();
      execution = engine.begin(plan.query());
      q.running(execution);
      boolean done = false;
      try {
        execution.prepare(plan.relations());
        first = execution.next();
        done = true;
      } finally {
        if (!done) {
          close();
        }
      }
    }

    @Override
    public Object[] first() {
      return recorded(first);
    }

    @Override
    public Object[] next() {
      return recorded(execution.next());
    }

    private Object[] recorded(Object[] row) {
      if (recording != null && row != null) {
        recording.add(row);
      }
      return row;
    }

    @Override
    public void complete() {
      if (recording != null) {
        recording.complete(System.nanoTime());
      }
    }

    @Override
    public void close() {
      execution.close();
    }
  }
}
