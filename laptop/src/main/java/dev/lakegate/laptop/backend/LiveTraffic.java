package dev.lakegate.laptop.backend;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Traffic at a rate: a thread in which the shop's users act, one after the other. A database that
 * is away for a while only delays it. Thread-safe.
 */
public final class LiveTraffic implements AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final SampleBackend backend;
  private final double changesPerSecond;
  private final long seed;
  private final AtomicLong changes = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;
  private volatile String problem;

  private LiveTraffic(SampleBackend backend, double changesPerSecond, long seed) {
    if (!(changesPerSecond > 0) || changesPerSecond > 1_000_000) {
      throw new IllegalArgumentException("traffic must be more than 0 changes a second");
    }
    this.backend = backend;
    this.changesPerSecond = changesPerSecond;
    this.seed = seed;
    this.thread = new Thread(this::run, "sample-traffic");
    thread.setDaemon(true);
  }

  static LiveTraffic start(SampleBackend backend, double changesPerSecond, long seed) {
    LiveTraffic traffic = new LiveTraffic(backend, changesPerSecond, seed);
    traffic.thread.start();
    return traffic;
  }

  /** Rows changed so far. */
  public long changes() {
    return changes.get();
  }

  /** Why nothing is being changed now, if so. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Stops after the transaction at hand. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long session = seed;
    while (!closed) {
      try (Shop shop = backend.shop(session++)) {
        problem = null;
        trade(shop);
      } catch (SQLException e) {
        problem = e.getMessage();
        pause(RETRY.toNanos());
      }
    }
  }

  private void trade(Shop shop) throws SQLException {
    long started = System.nanoTime();
    double due = 0;
    while (!closed) {
      int changed = shop.act();
      changes.addAndGet(changed);
      due += Math.max(changed, 1) / changesPerSecond;
      long ahead = (long) (due * 1e9) - (System.nanoTime() - started);
      if (ahead > 0) {
        pause(ahead);
      } else if (ahead < -1_000_000_000L) {
        // Too slow for the rate: do not try to catch up with a burst.
        started = System.nanoTime();
        due = 0;
      }
    }
  }

  private void pause(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
