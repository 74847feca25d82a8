package dev.lakegate.benchmarks;

import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/**
 * From services that are ready and an empty lake until all of Silver and Gold hold the source,
 * against reading the same tables with {@code COPY .. TO STDOUT}. Right when Silver's rows and
 * Gold's revenue equal the source.
 */
final class EmptyToGoldBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 1_000_000;
  private static final int ROUNDS = 1;
  private static final long LIMIT_SECONDS = 3600;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    try (BenchSource source = BenchSource.start(options.rows().orElse(ROWS))) {
      System.out.printf(
          "%,d rows, %d tenants; %d rounds, none to warm up, since a first load is never warm; %d"
              + " processors%n",
          source.totalRows(),
          BenchSource.TENANTS,
          rounds,
          Runtime.getRuntime().availableProcessors());
      List<Double> rates = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        double baseline = copyToNowhere(source);
        Path data = source.folder("empty-to-gold-" + round);
        long starting = System.nanoTime();
        double start;
        double seconds;
        try (BenchLake lake = BenchLake.start(source, data)) {
          long ready = System.nanoTime();
          start = (ready - starting) / 1e9;
          lake.awaitEqual(LIMIT_SECONDS);
          seconds = (System.nanoTime() - ready) / 1e9;
        }
        source.execute(
            "SELECT pg_drop_replication_slot('lakegate')", "DROP PUBLICATION IF EXISTS lakegate");
        BenchSource.delete(data);
        rates.add(source.totalRows() / seconds);
        ratios.add(seconds / baseline);
        System.out.printf(
            "round %d: services ready after %.1f s; Gold after %.1f s more, %,.0f rows/s; COPY TO"
                + " STDOUT %.1f s%n",
            round, start, seconds, source.totalRows() / seconds, baseline);
      }
      System.out.printf(
          "rows/s: %s; times the seconds of COPY TO STDOUT: %s; Silver's rows and Gold's revenue"
              + " equal the source%n",
          Figures.spread(rates), Figures.spread(ratios));
    }
  }

  private static double copyToNowhere(BenchSource source) throws Exception {
    long started = System.nanoTime();
    try (Connection connection = source.backend().connect()) {
      for (String table : source.rows().keySet()) {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY public." + table + " TO STDOUT", OutputStream.nullOutputStream());
      }
    }
    return (System.nanoTime() - started) / 1e9;
  }
}
