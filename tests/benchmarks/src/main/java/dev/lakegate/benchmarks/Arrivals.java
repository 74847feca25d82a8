package dev.lakegate.benchmarks;

import dev.lakegate.model.snapshot.Snapshot;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Watches the snapshots that are published and notes when which changes could be queried for the
 * first time. Silver: when a snapshot appears that holds a commit as late. Gold: when a snapshot
 * appears that was computed from such a snapshot of the input. Thread-safe.
 */
final class Arrivals implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  /** Metrics by the Silver table whose changes they are watched for. */
  static final Map<String, String> METRICS =
      Map.of(
          "silver.order", "gold.revenue_metrics",
          "silver.event", "gold.funnel_metrics",
          "silver.customer", "gold.dim_customer",
          "silver.subscription", "gold.mrr_metrics");

  /**
   * A snapshot that appeared.
   *
   * @param seenMicros when it was seen, since 1970
   * @param reachesMicros commit time of the newest change in it
   */
  private record Arrival(String instant, long seenMicros, long reachesMicros) {}

  private final BenchLake lake;
  private final Map<String, List<Arrival>> arrivals = new HashMap<>();
  private final Thread thread = new Thread(this::watch, "arrivals");
  private volatile boolean closed;
  private volatile Exception failure;

  private Arrivals(BenchLake lake) {
    this.lake = lake;
  }

  static Arrivals watch(BenchLake lake) {
    Arrivals arrivals = new Arrivals(lake);
    arrivals.thread.setDaemon(true);
    arrivals.thread.start();
    return arrivals;
  }

  /** When a change of a Silver table's source could be queried in that dataset; empty: not yet. */
  synchronized OptionalLong seen(String dataset, long commitMicros) {
    return arrivals.getOrDefault(dataset, List.of()).stream()
        .filter(a -> a.reachesMicros() >= commitMicros)
        .mapToLong(Arrival::seenMicros)
        .min();
  }

  /** Waits until changes up to this commit can be queried in Silver and Gold. */
  void await(String silver, long commitMicros, long seconds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (seen(silver, commitMicros).isEmpty()
        || seen(METRICS.get(silver), commitMicros).isEmpty()) {
      if (failure != null) {
        throw failure;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "a change of " + silver + " cannot be queried " + seconds + " s after its commit");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  static long nowMicros() {
    return System.currentTimeMillis() * 1000;
  }

  private void watch() {
    try {
      while (!closed) {
        for (Map.Entry<String, String> pair : METRICS.entrySet()) {
          silver(pair.getKey());
          gold(pair.getValue(), pair.getKey());
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      // Told to end.
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }

  private void silver(String dataset) throws SQLException {
    Snapshot snapshot = lake.current(dataset).orElse(null);
    if (snapshot != null && !known(dataset, snapshot.instant()) && !snapshot.files().isEmpty()) {
      long seen = nowMicros();
      add(dataset, new Arrival(snapshot.instant(), seen, lake.newestCommitMicros(snapshot)));
    }
  }

  private void gold(String dataset, String input) {
    Snapshot snapshot = lake.current(dataset).orElse(null);
    if (snapshot == null || known(dataset, snapshot.instant())) {
      return;
    }
    long seen = nowMicros();
    String consumed = BenchLake.consumed(snapshot, input).orElse("");
    // An input that was replaced before it was seen reaches at least as far as the one before it.
    long reaches;
    synchronized (this) {
      reaches =
          arrivals.getOrDefault(input, List.of()).stream()
              .filter(a -> a.instant().compareTo(consumed) <= 0)
              .mapToLong(Arrival::reachesMicros)
              .max()
              .orElse(0);
    }
    add(dataset, new Arrival(snapshot.instant(), seen, reaches));
  }

  private synchronized boolean known(String dataset, String instant) {
    List<Arrival> list = arrivals.getOrDefault(dataset, List.of());
    return !list.isEmpty() && list.get(list.size() - 1).instant().equals(instant);
  }

  private synchronized void add(String dataset, Arrival arrival) {
    arrivals.computeIfAbsent(dataset, d -> new ArrayList<>()).add(arrival);
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.interrupt();
    thread.join();
  }
}
