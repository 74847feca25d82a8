package dev.lakegate.benchmarks;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
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
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/**
 * How fast capture makes waiting changes durable, against a replication stream that throws them
 * away. All slots exist before the changes are made, so each run reads the same log. The capture is
 * a process of its own, its start included. Right when Bronze holds every change once, and the last
 * change of each order equals the order at the source.
 */
final class DrainBenchmark implements Benchmarks.Benchmark {
  private static final long CHANGES = 300_000;
  private static final int ROUNDS = 3;
  private static final long ROWS = 20_000;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    try (BenchSource source = BenchSource.start(ROWS)) {
      for (int round = 0; round <= rounds; round++) {
        copied(source, "drain_" + round);
        source.execute(
            "SELECT pg_create_logical_replication_slot('baseline_" + round + "', 'pgoutput')");
      }
      long changes = Changes.make(source, options.rows().orElse(CHANGES));
      source.execute("CHECKPOINT");
      System.out.printf(
          "%,d changes in transactions of %d, %d tenants; %d rounds after one to warm up;"
              + " baseline: a replication stream of the JDBC driver whose messages are thrown away"
              + " (the embedded PostgreSQL has no pg_recvlogical); %d processors%n",
          changes,
          Changes.PER_TRANSACTION,
          BenchSource.TENANTS,
          rounds,
          Runtime.getRuntime().availableProcessors());
      List<Double> ratios = new ArrayList<>();
      List<Double> rates = new ArrayList<>();
      for (int round = 0; round <= rounds; round++) {
        double cpu = BenchSource.ownCpu();
        double sourceCpu = source.sourceCpu();
        long started = System.nanoTime();
        try (LogStream stream = new LogStream(source, "baseline_" + round, "drain_" + round)) {
          stream.drain(changes);
        }
        double baseline = (System.nanoTime() - started) / 1e9;
        double baselineCpu = BenchSource.ownCpu() - cpu;
        double baselineSource = source.sourceCpu() - sourceCpu;
        sourceCpu = source.sourceCpu();
        Map<String, String> result;
        try (CaptureChild.Running capture =
            CaptureChild.start(
                "drain",
                source.url(),
                "drain_" + round,
                source.folder("drain_" + round).toString(),
                Long.toString(changes))) {
          result = capture.next();
        }
        double captureSource = source.sourceCpu() - sourceCpu;
        check(source, source.folder("drain_" + round).resolve("lake"), changes);
        double seconds = Double.parseDouble(result.get("seconds"));
        if (round > 0) {
          ratios.add(baseline / seconds);
          rates.add(changes / seconds);
          System.out.printf(
              "round %d: baseline %,.0f changes/s (%.2f + %.2f CPU s at the source), capture %,.0f"
                  + " changes/s (%.2f s, of which %s in flushes; %s + %.2f CPU s at the source, %s"
                  + " MB RSS), ratio %.2f%n",
              round,
              changes / baseline,
              baselineCpu,
              baselineSource,
              changes / seconds,
              seconds,
              result.get("flushing"),
              result.get("cpu"),
              captureSource,
              result.get("rss"),
              baseline / seconds);
        }
      }
      System.out.printf(
          "ratio of rates, median (spread): %s; changes/s: %s; every change is in Bronze once%n",
          Figures.spread(ratios), Figures.spread(rates));
    }
  }

  /** Leaves a slot and a lake in which every table is copied. */
  static void copied(BenchSource source, String slot) throws Exception {
    CaptureEngine engine =
        new CaptureEngine(
            BenchSource.capture(source.url(), slot, source.folder(slot)), CaptureMetrics.NONE);
    engine.start();
    CaptureChild.awaitStreaming(engine);
    if (!engine.stop(Duration.ofSeconds(30))) {
      throw new IllegalStateException("capture did not stop");
    }
  }

  static void check(BenchSource source, Path lake, long changes) throws Exception {
    List<BronzeFile> files =
        new ManifestReader(lake)
            .chain(1, Integer.MAX_VALUE).stream()
                .flatMap(m -> m.files().stream())
                .filter(f -> f.kind() == Kind.STREAM)
                .toList();
    long rows = files.stream().mapToLong(BronzeFile::rows).sum();
    String orders =
        files.stream()
            .filter(f -> f.table().equals("core_order"))
            .map(f -> "'" + lake.resolve(f.path()) + "'")
            .collect(Collectors.joining(", "));
    String bronze;
    long sequences;
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      String read = "read_parquet([" + orders + "], hive_partitioning = false)";
      try (ResultSet one =
          statement.executeQuery("SELECT count(DISTINCT _change_seq) - count(*) FROM " + read)) {
        one.next();
        sequences = one.getLong(1);
      }
      try (ResultSet one =
          statement.executeQuery(
              "SELECT count(*) || ' ' || sum(id) || ' ' || sum(total) || ' ' || count(*) FILTER"
                  + " (status = 'completed') FROM (SELECT id, arg_max(total, _change_seq) AS total,"
                  + " arg_max(status, _change_seq) AS status FROM "
                  + read
                  + " GROUP BY id)")) {
        one.next();
        bronze = one.getString(1);
      }
    }
    String expected =
        source.value(
            "SELECT count(*) || ' ' || sum(id) || ' ' || sum(total) || ' ' || count(*) FILTER"
                + " (WHERE status = 'completed') FROM core_order"
                + " WHERE updated_at >= (SELECT min(updated_at) FROM core_order"
                + " WHERE order_number LIKE 'B-%')");
    if (rows != changes || sequences != 0 || !bronze.equals(expected)) {
      throw new IllegalStateException(
          "Bronze has "
              + rows
              + " of "
              + changes
              + " changes, and orders "
              + bronze
              + " where the source has "
              + expected);
    }
  }
}
