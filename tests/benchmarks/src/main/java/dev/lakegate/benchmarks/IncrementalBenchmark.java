package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a part of changed rows costs beside all of them: orders of 20 tenants over a year, from
 * Bronze to Silver and to every shipped table that reads orders alone and does not look at the
 * clock. The changed rows are the newest ones, a tenth of them new, in one batch. Baseline: the
 * same jobs in the same warm process with everything computed. Right when Gold's revenue equals
 * what DuckDB makes of the orders after each step.
 */
final class IncrementalBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 1_000_000;
  private static final double[] SHARES = {0.001, 0.01, 0.1};

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    long rows = options.rows().orElse(ROWS);
    int rounds = options.rounds().orElse(1);
    Path directory = Files.createTempDirectory("lakegate-bench");
    try {
      Lakehouse lakehouse =
          LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));
      SourceTable order = lakehouse.table("order").orElseThrow();
      List<Metric> readers =
          lakehouse.computed().stream()
              .filter(m -> m.inputs().equals(List.of("silver.order")))
              .filter(m -> m.clock() == Metric.Clock.NONE && m.incremental() != null)
              .toList();
      System.out.printf(
          "%,d orders; Silver and %s; %d round(s)%n",
          rows, readers.stream().map(Metric::dataset).toList(), rounds);
      for (int round = 1; round <= rounds; round++) {
        try (Lake lake = new Lake(directory.resolve("round-" + round), order, rows)) {
          lake.measure(rows, readers);
        }
      }
    } finally {
      BenchSource.delete(directory);
    }
  }

  /** One lake and the process that works on it. */
  private static final class Lake implements AutoCloseable {
    private final SourceTable order;
    private final OrdersInBronze orders;
    private final WarmJobs jobs;
    private long manifest;

    Lake(Path directory, SourceTable order, long rows) throws Exception {
      this.order = order;
      this.orders = new OrdersInBronze(rows);
      this.jobs = new WarmJobs(Files.createDirectories(directory));
    }

    void measure(long rows, List<Metric> readers) throws Exception {
      double load = silver("SELECT * FROM orders");
      Map<String, Double> first = new LinkedHashMap<>();
      for (Metric metric : readers) {
        first.put(metric.dataset(), gold(metric, false));
      }
      orders.requireRevenue(jobs.files("gold.revenue_metrics"));
      System.out.printf("first load: Silver %.1f s, %s%n", load, texts(first));
      // Once more, warm: the baseline of each table.
      Map<String, Double> full = new LinkedHashMap<>();
      for (Metric metric : readers) {
        full.put(metric.dataset(), gold(metric, true));
      }
      double whole = load + total(full);
      System.out.printf("everything, warm: %s; with Silver's load %.1f s%n", texts(full), whole);
      for (double share : SHARES) {
        long changed = Math.round(rows * share);
        long fresh = changed / 10;
        orders.execute(
            """
            CREATE OR REPLACE TEMP TABLE batch AS
            SELECT id, tenant_id, moment, customer_id, 'completed' AS status,
              (total + 1)::DECIMAL(12,2) AS total, version + 1 AS version
            FROM orders ORDER BY id DESC LIMIT %1$d
            """
                .formatted(changed - fresh));
        orders.execute(
            """
            INSERT INTO batch SELECT m + i, 'tenant-' || (i %% 20),
              (SELECT max(moment) FROM orders) + to_seconds(i), i %% 50000, 'completed', 5.00, 0
            FROM (SELECT max(id) AS m FROM orders), range(1, %d + 1) t(i)
            """
                .formatted(fresh));
        orders.execute("DELETE FROM orders WHERE id IN (SELECT id FROM batch)");
        orders.execute("INSERT INTO orders SELECT * FROM batch");
        double silver = silver("SELECT * FROM batch");
        Map<String, Double> part = new LinkedHashMap<>();
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (Metric metric : readers) {
          part.put(metric.dataset(), gold(metric, false));
          ratios.put(metric.dataset(), part.get(metric.dataset()) / full.get(metric.dataset()));
        }
        orders.requireRevenue(jobs.files("gold.revenue_metrics"));
        System.out.printf(
            Locale.ROOT,
            "%.1f %% changed (%,d rows): Silver %.2f s (%.3f of its load), %s (of everything: %s);"
                + " all together %.3f of the full load%n",
            share * 100,
            changed,
            silver,
            silver / load,
            texts(part),
            texts(ratios),
            (silver + total(part)) / whole);
      }
    }

    private static double total(Map<String, Double> seconds) {
      return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static String texts(Map<String, Double> values) {
      List<String> texts = new ArrayList<>();
      values.forEach((name, value) -> texts.add("%s %.2f".formatted(name, value)));
      return String.join(", ", texts);
    }

    /** Takes a batch to Silver; seconds. */
    private double silver(String select) throws Exception {
      manifest++;
      String path = orders.write(jobs.root(), manifest, 0, select);
      ObjectNode request =
          jobs.request(
              "bench-" + manifest,
              Json.MAPPER.valueToTree(JobSpecificationCompiler.compile(order)));
      if (manifest > 1) {
        request.putObject("after").put("epoch", "0001").put("manifest", manifest - 1);
      }
      request.putObject("through").put("epoch", "0001").put("manifest", manifest);
      request
          .putArray("files")
          .addObject()
          .put("manifest", manifest)
          .put("path", path)
          .put("kind", "stream")
          .put("schemaVersion", 1)
          .put("generation", 1)
          .put("rows", 1)
          .put("bytes", 1);
      return jobs.run(request).seconds();
    }

    /** Runs a metric; seconds. */
    private double gold(Metric metric, boolean full) throws Exception {
      ObjectNode request =
          jobs.request(
              "bench-" + manifest,
              Json.MAPPER.valueToTree(JobSpecificationCompiler.compile(metric)));
      if (full) {
        // Everything is computed and compared, and nothing differs.
        request.put("mode", "full");
      }
      request.putObject("through");
      WarmJobs.Done done = jobs.run(request);
      System.out.printf(
          Locale.ROOT,
          "  %s: %.2f s, %s%n",
          metric.dataset(),
          done.seconds(),
          done.result().at("/computation/reason").asText());
      return done.seconds();
    }

    @Override
    public void close() throws Exception {
      jobs.close();
      orders.close();
    }
  }
}
