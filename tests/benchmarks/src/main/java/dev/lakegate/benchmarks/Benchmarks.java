package dev.lakegate.benchmarks;

import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs one benchmark, or all of them. Each prints its method, its runs, and a ratio. */
public final class Benchmarks {
  private static final Map<String, Benchmark> ALL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("batch", new BatchBenchmark()),
              Map.entry("classes", new ClassesBenchmark()),
              Map.entry("commit-to-queryable", new CommitToQueryableBenchmark()),
              Map.entry("copy", new CopyBenchmark()),
              Map.entry("debezium", new DebeziumBenchmark()),
              Map.entry("drain", new DrainBenchmark()),
              Map.entry("empty-to-gold", new EmptyToGoldBenchmark()),
              Map.entry("flush", new FlushBenchmark()),
              Map.entry("gateway", new GatewayBenchmark()),
              Map.entry("incremental", new IncrementalBenchmark()),
              Map.entry("latency", new LatencyBenchmark()),
              Map.entry("start", new StartBenchmark())));

  // Held here, since a logger that nobody holds forgets its level.
  private static final Logger QUIET = Logger.getLogger("dev.lakegate");

  private Benchmarks() {}

  /**
   * How much to measure.
   *
   * @param rows rows or changes; empty for the benchmark's own size
   * @param rounds measured rounds; empty for the benchmark's own number
   * @param clients who ask at once, where a benchmark has several; empty for its own number
   */
  record Options(OptionalLong rows, OptionalInt rounds, OptionalInt clients) {
    static Options parse(String[] arguments, int from) {
      OptionalLong rows = OptionalLong.empty();
      OptionalInt rounds = OptionalInt.empty();
      OptionalInt clients = OptionalInt.empty();
      for (int i = from; i < arguments.length; i += 2) {
        long value = i + 1 < arguments.length ? number(arguments[i + 1]) : 0;
        if (value < 1 || value > Integer.MAX_VALUE) {
          throw new IllegalArgumentException(arguments[i] + " wants a number from 1");
        }
        switch (arguments[i]) {
          case "--rows" -> rows = OptionalLong.of(value);
          case "--rounds" -> rounds = OptionalInt.of((int) value);
          case "--clients" -> clients = OptionalInt.of((int) value);
          default -> throw new IllegalArgumentException("there is no option " + arguments[i]);
        }
      }
      return new Options(rows, rounds, clients);
    }

    private static long number(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        return 0;
      }
    }
  }

  /** A measurement against a baseline that runs beside it. */
  interface Benchmark {
    /**
     * Measures and prints.
     *
     * @throws Exception when it cannot run, or when what was measured was not right
     */
    void run(Options options) throws Exception;
  }

  /**
   * Runs the benchmark that is named, or all.
   *
   * @param arguments {@code [NAME] [--rows N] [--rounds N] [--clients N]}
   */
  public static void main(String[] arguments) throws Exception {
    boolean named = arguments.length > 0 && !arguments[0].startsWith("--");
    Options options = null;
    try {
      if (!named || ALL.containsKey(arguments[0])) {
        options = Options.parse(arguments, named ? 1 : 0);
      } else {
        System.err.println("There is no benchmark " + arguments[0] + ".");
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
    }
    if (options == null) {
      System.err.println(
          "Usage: bench ["
              + String.join("|", ALL.keySet())
              + "] [--rows N] [--rounds N] [--clients N]");
      System.exit(2);
    }
    QUIET.setLevel(Level.WARNING);
    for (Map.Entry<String, Benchmark> benchmark : ALL.entrySet()) {
      if (!named || arguments[0].equals(benchmark.getKey())) {
        System.out.println("== " + benchmark.getKey());
        benchmark.getValue().run(options);
      }
    }
  }
}
