package dev.lakegate.benchmarks;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/**
 * From a change's commit until Bronze holds it durably and the slot is acknowledged, at 1,000
 * changes a second and the default flush settings, against the time until a bare replication stream
 * has received it. Right when Bronze holds every change once.
 */
final class LatencyBenchmark implements Benchmarks.Benchmark {
  private static final int PER_SECOND = 1_000;
  private static final long CHANGES = 20_000;
  private static final int ROUNDS = 2;
  private static final long ROWS = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    int seconds = (int) Math.max(5, options.rows().orElse(CHANGES) / PER_SECOND);
    System.out.printf(
        "%,d changes/s for %d s in transactions of %d, %d tenants, flush settings as by default;"
            + " %d rounds%n",
        PER_SECOND, seconds, Changes.PER_TRANSACTION, BenchSource.TENANTS, rounds);
    try (BenchSource source = BenchSource.start(ROWS)) {
      for (int round = 1; round <= rounds; round++) {
        double[] baseline = baseline(source, round, seconds);
        String slot = "latency_" + round;
        DrainBenchmark.copied(source, slot);
        Path folder = source.folder(slot);
        long copied = new ManifestReader(folder.resolve("lake")).lastNumber();
        Map<String, String> result;
        long changes;
        try (CaptureChild.Running capture =
            CaptureChild.start("follow", source.url(), slot, folder.toString())) {
          capture.next();
          changes = Changes.make(source, PER_SECOND, seconds);
          awaitRows(folder.resolve("lake"), changes);
          capture.end();
          result = capture.next();
        }
        double[] durable = durable(folder.resolve("lake"), copied, result.get("flushes"));
        if (durable.length != changes) {
          throw new IllegalStateException(
              "Bronze has " + durable.length + " of " + changes + " changes");
        }
        System.out.printf(
            "round %d: received p50 %.0f ms, p99 %.0f ms; durable p50 %.0f ms, p99 %.0f ms"
                + " (%s CPU s, %s MB RSS)%n",
            round,
            Figures.percentile(baseline, 0.5) / 1000,
            Figures.percentile(baseline, 0.99) / 1000,
            Figures.percentile(durable, 0.5) / 1000,
            Figures.percentile(durable, 0.99) / 1000,
            result.get("cpu"),
            result.get("rss"));
        source.execute("SELECT pg_drop_replication_slot('" + slot + "')");
      }
    }
  }

  private static double[] baseline(BenchSource source, int round, int seconds) throws Exception {
    String slot = "received_" + round;
    source.execute(
        "CREATE PUBLICATION " + slot + " FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (LogStream stream = new LogStream(source, slot, slot)) {
      // Some transactions may change a few rows less; those that are read are enough.
      int expected = PER_SECOND * seconds * 9 / 10;
      Future<double[]> received = executor.submit(() -> stream.latencies(expected));
      Changes.make(source, PER_SECOND, seconds);
      return received.get();
    } finally {
      executor.shutdownNow();
      source.execute("DROP PUBLICATION " + slot);
    }
  }

  private static List<BronzeFile> streamed(Manifest manifest) {
    return manifest.files().stream().filter(f -> f.kind() == Kind.STREAM).toList();
  }

  private static void awaitRows(Path lake, long changes) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long rows = 0;
    while (rows < changes) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("Bronze has " + rows + " of " + changes + " changes");
      }
      Thread.sleep(200);
      rows =
          new ManifestReader(lake)
              .chain(1, Integer.MAX_VALUE).stream()
                  .flatMap(m -> streamed(m).stream())
                  .mapToLong(BronzeFile::rows)
                  .sum();
    }
  }

  /** Microseconds from each change's commit until its flush was over. */
  private static double[] durable(Path lake, long copied, String flushes) throws Exception {
    String[] times = flushes.split(",");
    List<Manifest> manifests = new ManifestReader(lake).chain(copied + 1, Integer.MAX_VALUE);
    if (manifests.size() != times.length) {
      throw new IllegalStateException(
          manifests.size() + " manifests of " + times.length + " flushes");
    }
    List<Double> micros = new ArrayList<>();
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      for (int i = 0; i < times.length; i++) {
        String files =
            streamed(manifests.get(i)).stream()
                .map(f -> "'" + lake.resolve(f.path()) + "'")
                .collect(Collectors.joining(", "));
        if (files.isEmpty()) {
          continue;
        }
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT "
                    + times[i]
                    + " - epoch_us(_commit_ts) FROM read_parquet(["
                    + files
                    + "], hive_partitioning = false)")) {
          while (rows.next()) {
            micros.add(rows.getDouble(1));
          }
        }
      }
    }
    return micros.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
