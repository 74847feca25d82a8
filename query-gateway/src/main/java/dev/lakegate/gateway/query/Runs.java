package dev.lakegate.gateway.query;

import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.engine.VanishedFileException;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;

/** Runs planned queries: their turn, the engine, the time limit, every row into a writer. */
final class Runs {
  private final Intake intake;
  private final Planning planning;
  private final DuckDbEngine engine;
  private final Workers workers;
  private final Endings endings;
  private final Duration runTime;

  Runs(
      Intake intake,
      Planning planning,
      DuckDbEngine engine,
      Workers workers,
      Endings endings,
      Duration runTime) {
    this.intake = intake;
    this.planning = planning;
    this.engine = engine;
    this.workers = workers;
    this.endings = endings;
    this.runTime = runTime;
  }

  /** Runs a planned query to its end, on this thread, which is one of {@link Workers}. */
  void run(GatewayQuery q, RowWriter out) {
    try {
      new Stream(q, intake.await(q)).writeNow(out);
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
      Intake.Turn turn = intake.await(q);
      return workers.call(() -> new Stream(q, turn));
    } catch (Throwable e) {
      endings.failed(q, 0, e);
      throw q.error() == null ? Endings.internal(e) : q.error();
    }
  }

  /** A query whose first row is there: what can be refused has been refused. */
  final class Stream {
    private final GatewayQuery q;
    private final Intake.Turn turn;
    private final Opened opened;

    private Stream(GatewayQuery q, Intake.Turn turn) {
      this.q = q;
      this.turn = turn;
      boolean done = false;
      try {
        opened = open(q);
        done = true;
      } finally {
        if (!done) {
          turn.close();
        }
      }
    }

    /** Writes everything; ends the query in any case. */
    void write(RowWriter out) throws IOException {
      workers.call(
          () -> {
            writeNow(out);
            return null;
          });
    }

    private void writeNow(RowWriter out) throws IOException {
      long rows = 0;
      boolean truncated = false;
      try (turn) {
        try (opened) {
          out.begin(q.columns());
          for (Object[] r = opened.first(); r != null; r = opened.next()) {
            if (rows >= q.maxRows || out.full()) {
              truncated = true;
              break;
            }
            out.row(r);
            rows++;
          }
        }
        // Durable before the last byte: the stream ends only when its event is kept.
        endings.finished(q, rows, truncated);
        out.end();
      } catch (IOException e) {
        q.cancel("CLIENT_GONE");
        endings.failed(
            q, rows, new SqlFailure("USER_CANCELED", "The client closed the connection."));
        throw e;
      } catch (RuntimeException e) {
        endings.failed(q, rows, e);
        throw new IOException("the query failed in the middle of its result", e);
      }
    }
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
  private final class Opened implements AutoCloseable {
    private final Execution execution;
    private final Future<?> timeout;
    private final Object[] first;

    Opened(GatewayQuery q) {
      Planned plan = q.plan();
      execution = engine.begin(plan.query());
      q.running(execution);
      timeout = workers.after(runTime, () -> q.cancel("EXCEEDED_TIME_LIMIT"));
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

    Object[] first() {
      return first;
    }

    Object[] next() {
      return execution.next();
    }

    @Override
    public void close() {
      timeout.cancel(false);
      execution.close();
    }
  }
}
