package dev.lakegate.benchmarks;

import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs one benchmark, or all of them. Each prints its method, its runs, and a ratio. */
public final class Benchmarks {
  private static final Map<String, Benchmark> ALL =
      new TreeMap<>(Map.of("copy", new CopyBenchmark()));

  // Held here, since a logger that nobody holds forgets its level.
  private static final Logger QUIET = Logger.getLogger("dev.lakegate");

  private Benchmarks() {}

  /** A measurement against a baseline that runs beside it. */
  interface Benchmark {
    /**
     * Measures and prints.
     *
     * @throws Exception when it cannot run, or when what was measured was not right
     */
    void run() throws Exception;
  }

  /**
   * Runs the benchmark that is named, or all.
   *
   * @param arguments at most one name
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 1 || arguments.length == 1 && !ALL.containsKey(arguments[0])) {
      System.err.println("There are these benchmarks: " + String.join(", ", ALL.keySet()) + ".");
      System.exit(2);
    }
    QUIET.setLevel(Level.WARNING);
    for (Map.Entry<String, Benchmark> benchmark : ALL.entrySet()) {
      if (arguments.length == 0 || arguments[0].equals(benchmark.getKey())) {
        System.out.println("== " + benchmark.getKey());
        benchmark.getValue().run();
      }
    }
  }
}
