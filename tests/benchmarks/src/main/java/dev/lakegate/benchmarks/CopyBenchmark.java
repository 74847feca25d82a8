package dev.lakegate.benchmarks;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.ingest.capture.TableState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * The initial copy of all eight tables into durable Bronze, against {@code COPY .. TO STDOUT} of
 * the same tables over the same driver, whose output is thrown away. The two take turns in one
 * process. Right when every table's copied rows equal its rows at the source.
 */
final class CopyBenchmark implements Benchmarks.Benchmark {
  private static final long[] SIZES = {100_000, 500_000};
  private static final int ROUNDS = 5;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    long[] sizes = options.rows().isPresent() ? new long[] {options.rows().getAsLong()} : SIZES;
    for (long size : sizes) {
      try (BenchSource source = BenchSource.start(size)) {
        measure(source, options.rounds().orElse(ROUNDS));
      }
    }
  }

  private record Run(double seconds, double cpu) {}

  private static void measure(BenchSource source, int rounds) throws Exception {
    long total = source.totalRows();
    System.out.printf(
        "%,d rows of %d tables, %d tenants; %d rounds after one to warm up; %d processors%n",
        total,
        source.rows().size(),
        BenchSource.TENANTS,
        rounds,
        Runtime.getRuntime().availableProcessors());
    List<Double> ratios = new ArrayList<>();
    List<Double> cpuRatios = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      Run baseline = timed(source, () -> copyToNowhere(source));
      Path folder = source.folder("round-" + round);
      CaptureEngine engine =
          new CaptureEngine(
              BenchSource.capture(source.url(), "bench_" + round, folder), CaptureMetrics.NONE);
      Run capture = timed(source, () -> capture(engine, source.rows()));
      engine.forget();
      BenchSource.delete(folder);
      if (round > 0) {
        ratios.add(baseline.seconds() / capture.seconds());
        cpuRatios.add(baseline.cpu() / capture.cpu());
        System.out.printf(
            "round %d: COPY TO STDOUT %,.0f rows/s (%.2f CPU s), capture %,.0f rows/s (%.2f CPU s),"
                + " ratio %.2f%n",
            round,
            total / baseline.seconds(),
            baseline.cpu(),
            total / capture.seconds(),
            capture.cpu(),
            baseline.seconds() / capture.seconds());
      }
    }
    System.out.printf(
        "ratio of rates, median (spread): %s; of CPU seconds: %s;"
            + " every table's rows equal the source%n",
        Figures.spread(ratios), Figures.spread(cpuRatios));
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  /** CPU seconds are those of this process and of PostgreSQL. */
  private static Run timed(BenchSource source, Work work) throws Exception {
    double cpu = BenchSource.ownCpu() + source.sourceCpu();
    long started = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - started) / 1e9;
    return new Run(seconds, BenchSource.ownCpu() + source.sourceCpu() - cpu);
  }

  private static void copyToNowhere(BenchSource source) throws SQLException, IOException {
    try (Connection connection = source.backend().connect()) {
      for (Map.Entry<String, Long> table : source.rows().entrySet()) {
        long copied =
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(
                    "COPY public." + table.getKey() + " TO STDOUT",
                    OutputStream.nullOutputStream());
        if (copied != table.getValue()) {
          throw new IllegalStateException("COPY of " + table.getKey() + " gave " + copied);
        }
      }
    }
  }

  private static void capture(CaptureEngine engine, Map<String, Long> rows) throws Exception {
    long started = System.nanoTime();
    engine.start();
    CaptureState state = engine.state();
    while (!state.tables().stream().allMatch(t -> t.state() == TableState.STREAMING)) {
      if (System.nanoTime() - started > LIMIT.toNanos()) {
        throw new IllegalStateException("the copy did not end: " + state.source().message());
      }
      Thread.sleep(5);
      state = engine.state();
    }
    for (CaptureState.Table table : state.tables()) {
      if (table.rowsCopied() != rows.get(table.table())) {
        throw new IllegalStateException(table.table() + " has " + table.rowsCopied() + " rows");
      }
    }
  }
}
