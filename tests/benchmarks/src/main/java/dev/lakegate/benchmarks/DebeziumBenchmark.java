package dev.lakegate.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Initial copy and stream beside Debezium's embedded engine, each in a fresh process, its start
 * included. Debezium's records are counted and thrown away; ours are durable Parquet. Right when
 * both have seen every row and every change, and Bronze holds each once.
 */
final class DebeziumBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 100_000;
  private static final int ROUNDS = 2;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    try (BenchSource source = BenchSource.start(options.rows().orElse(ROWS))) {
      System.out.printf(
          "%,d rows of %d tables, %d tenants; Debezium 3.4 embedded, 512 MB heap, batches of 8,192;"
              + " %d rounds, each run a process of its own%n",
          source.totalRows(), source.rows().size(), BenchSource.TENANTS, rounds);
      List<Double> copies = new ArrayList<>();
      List<Double> copiesCpu = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        long total = source.totalRows();
        source.execute("CREATE PUBLICATION dbz_copy_" + round + " FOR ALL TABLES");
        Map<String, String> theirs = debezium(source, "copy", "dbz_copy_" + round, total);
        Map<String, String> ours = capture(source, "copy", "our_copy_" + round, total);
        source.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
        copies.add(number(theirs, "seconds") / number(ours, "seconds"));
        copiesCpu.add(number(theirs, "cpu") / number(ours, "cpu"));
        print("copy", round, total, theirs, ours);
      }
      for (int round = 1; round <= rounds; round++) {
        DrainBenchmark.copied(source, "our_stream_" + round);
        source.execute(
            "CREATE PUBLICATION dbz_stream_" + round + " FOR ALL TABLES",
            "SELECT pg_create_logical_replication_slot('dbz_stream_" + round + "', 'pgoutput')");
      }
      long changes = Changes.make(source, options.rows().orElse(ROWS));
      List<Double> streams = new ArrayList<>();
      List<Double> streamsCpu = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        Map<String, String> theirs = debezium(source, "drain", "dbz_stream_" + round, changes);
        String slot = "our_stream_" + round;
        Map<String, String> ours = capture(source, "drain", slot, changes);
        DrainBenchmark.check(source, source.folder(slot).resolve("lake"), changes);
        streams.add(number(theirs, "seconds") / number(ours, "seconds"));
        streamsCpu.add(number(theirs, "cpu") / number(ours, "cpu"));
        print("stream", round, changes, theirs, ours);
      }
      System.out.printf(
          "times as fast as Debezium, median (spread): copy %s, stream %s; CPU seconds: copy %s,"
              + " stream %s; all rows and changes arrived%n",
          Figures.spread(copies),
          Figures.spread(streams),
          Figures.spread(copiesCpu),
          Figures.spread(streamsCpu));
    }
  }

  private static void print(
      String what, int round, long rows, Map<String, String> theirs, Map<String, String> ours) {
    System.out.printf(
        "%s, round %d: Debezium %,.0f/s (%s CPU s, %s MB RSS), Lakegate %,.0f/s (%s CPU s, %s MB"
            + " RSS)%n",
        what,
        round,
        rows / number(theirs, "seconds"),
        theirs.get("cpu"),
        theirs.get("rss"),
        rows / number(ours, "seconds"),
        ours.get("cpu"),
        ours.get("rss"));
  }

  private static double number(Map<String, String> values, String name) {
    return Double.parseDouble(values.get(name));
  }

  private static Map<String, String> debezium(
      BenchSource source, String what, String slot, long records) throws Exception {
    try (CaptureChild.Running child =
        CaptureChild.start(
            DebeziumChild.class,
            List.of("-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
            List.of(
                what,
                Integer.toString(source.port()),
                slot,
                source.folder(slot).toString(),
                Long.toString(records)))) {
      return child.next();
    }
  }

  private static Map<String, String> capture(
      BenchSource source, String what, String slot, long records) throws Exception {
    try (CaptureChild.Running child =
        CaptureChild.start(
            what, source.url(), slot, source.folder(slot).toString(), Long.toString(records))) {
      return child.next();
    }
  }
}
