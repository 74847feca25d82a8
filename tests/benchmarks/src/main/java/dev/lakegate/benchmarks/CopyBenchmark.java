package dev.lakegate.benchmarks;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.capture.TableState;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.backend.SampleSize;
import dev.lakegate.model.description.LakehouseLoader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/**
 * The initial copy of all eight tables into durable Bronze, against {@code COPY .. TO STDOUT} of
 * the same tables over the same connection settings, whose output is thrown away. The two take
 * turns. Right when every table's copied rows equal its rows at the source.
 */
final class CopyBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 300_000;
  private static final int TENANTS = 20;
  private static final int DAYS = 180;
  private static final int ROUNDS = 5;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  @Override
  public void run() throws Exception {
    Path directory = Files.createTempDirectory("lakegate-bench");
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start()) {
      String url = postgres.getJdbcUrl("postgres", "postgres");
      SampleBackend backend = new SampleBackend(url, "postgres", "postgres");
      backend.createTables();
      Map<String, Long> rows = backend.seed(SampleSize.endingToday(TENANTS, ROWS, DAYS, 7));
      long total = rows.values().stream().mapToLong(Long::longValue).sum();
      System.out.printf(
          "%,d rows of %d tables, %d tenants; %d rounds after one to warm up; %d processors%n",
          total, rows.size(), TENANTS, ROUNDS, Runtime.getRuntime().availableProcessors());
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round <= ROUNDS; round++) {
        double baseline = copyToNowhere(backend, rows);
        double capture = capture(url, directory.resolve("round-" + round), "bench_" + round, rows);
        if (round > 0) {
          ratios.add(baseline / capture);
          System.out.printf(
              "round %d: COPY TO STDOUT %,.0f rows/s, capture %,.0f rows/s, ratio %.2f%n",
              round, total / baseline, total / capture, baseline / capture);
        }
      }
      ratios.sort(null);
      System.out.printf(
          "ratio: median %.2f, spread %.2f to %.2f; every table's rows equal the source%n",
          ratios.get(ROUNDS / 2), ratios.get(0), ratios.get(ROUNDS - 1));
    } finally {
      delete(directory);
    }
  }

  private static double copyToNowhere(SampleBackend backend, Map<String, Long> rows)
      throws SQLException, IOException {
    long started = System.nanoTime();
    try (Connection connection = backend.connect()) {
      for (Map.Entry<String, Long> table : rows.entrySet()) {
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
    return (System.nanoTime() - started) / 1e9;
  }

  private static double capture(String url, Path directory, String slot, Map<String, Long> rows)
      throws Exception {
    List<CapturedTable> tables =
        LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"))
            .tables()
            .stream()
            .map(
                t ->
                    new CapturedTable(
                        t.sourceSchema(), t.sourceTable(), t.dataset(), t.tenantColumn()))
            .toList();
    CaptureSettings settings =
        new CaptureSettings(
            directory.resolve("lake"),
            directory.resolve("work"),
            new SourceSettings(url, "postgres", "postgres", slot, slot),
            tables,
            new FlushPolicy(Duration.ofSeconds(1), Duration.ofSeconds(15), 32, 10_000, 64L << 20),
            32L << 20,
            "128MB");
    Files.createDirectories(directory);
    CaptureEngine engine = new CaptureEngine(settings, CaptureMetrics.NONE);
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
    double seconds = (System.nanoTime() - started) / 1e9;
    for (CaptureState.Table table : state.tables()) {
      if (table.rowsCopied() != rows.get(table.table())) {
        throw new IllegalStateException(table.table() + " has " + table.rowsCopied() + " rows");
      }
    }
    engine.forget();
    return seconds;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
