package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.JobSpecification;
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
 * A first load: orders from Bronze to Silver, and from there to every shipped table that reads
 * orders alone and does not look at the clock. Baseline: Spark in the same session settings and JVM
 * options, without anything around it, that reads the same Bronze, computes the same columns and
 * queries, and writes plain Parquet. Right when Silver's orders and Gold's revenue, and the
 * baseline's, equal what DuckDB makes of the orders.
 */
final class BatchBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 1_000_000;
  private static final long ROWS_OF_A_FILE = 100_000;
  private static final double SILVER_LIMIT = 600;
  private static final double GOLD_LIMIT = 300;
  private static final double GOAL = 2.5;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    long rows = options.rows().orElse(ROWS);
    int rounds = options.rounds().orElse(1);
    Lakehouse lakehouse =
        LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));
    SourceTable order = lakehouse.table("order").orElseThrow();
    List<Metric> readers =
        lakehouse.computed().stream()
            .filter(m -> m.inputs().equals(List.of("silver.order")))
            .filter(m -> m.clock() == Metric.Clock.NONE)
            .toList();
    System.out.printf(
        "%,d orders of 20 tenants; Silver, then %s; %d round(s), none to warm up, since a first"
            + " load is never warm; %d processors%n",
        rows,
        readers.stream().map(Metric::dataset).toList(),
        rounds,
        Runtime.getRuntime().availableProcessors());
    List<Double> silver = new ArrayList<>();
    List<Double> gold = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      Path directory = Files.createTempDirectory("lakegate-bench");
      try (OrdersInBronze orders = new OrdersInBronze(rows)) {
        Map<String, Double> ours = new LinkedHashMap<>();
        Map<String, Double> bare = new LinkedHashMap<>();
        List<String> paths;
        Path root;
        try (WarmJobs jobs = new WarmJobs(directory.resolve("jobs"))) {
          root = jobs.root();
          paths = bronze(orders, root, rows);
          product(jobs, orders, order, readers, paths, ours);
        }
        try (BareSparkProcess spark = new BareSparkProcess(directory.resolve("bare"))) {
          baseline(spark, orders, directory.resolve("plain"), root, order, readers, paths, bare);
        }
        double ourGold = ours.values().stream().skip(1).mapToDouble(Double::doubleValue).sum();
        double bareGold = bare.values().stream().skip(1).mapToDouble(Double::doubleValue).sum();
        silver.add(ours.get("silver.order") / bare.get("silver.order"));
        gold.add(ourGold / bareGold);
        System.out.printf(
            Locale.ROOT,
            "round %d: Bronze to Silver %.1f s (limit %.0f s), bare Spark %.1f s: %.2f times;"
                + " Silver to Gold %.1f s (limit %.0f s), bare Spark %.1f s: %.2f times%n",
            round,
            ours.get("silver.order"),
            SILVER_LIMIT,
            bare.get("silver.order"),
            silver.get(round - 1),
            ourGold,
            GOLD_LIMIT,
            bareGold,
            gold.get(round - 1));
        ours.forEach(
            (name, seconds) ->
                System.out.printf(
                    Locale.ROOT, "  %s: %.2f s, bare %.2f s%n", name, seconds, bare.get(name)));
        if (ours.get("silver.order") > SILVER_LIMIT || ourGold > GOLD_LIMIT) {
          throw new IllegalStateException("it took longer than the limit");
        }
      } finally {
        BenchSource.delete(directory);
      }
    }
    System.out.printf(
        "times bare Spark's seconds (goal %.1f): Silver %s, Gold %s; orders and revenue are right%n",
        GOAL, Figures.spread(silver), Figures.spread(gold));
  }

  private static List<String> bronze(OrdersInBronze orders, Path root, long rows) throws Exception {
    List<String> paths = new ArrayList<>();
    for (long from = 0; from < rows; from += ROWS_OF_A_FILE) {
      paths.add(
          orders.write(
              root,
              1,
              paths.size(),
              "SELECT * FROM orders WHERE id > %d AND id <= %d"
                  .formatted(from, from + ROWS_OF_A_FILE)));
    }
    return paths;
  }

  private static void product(
      WarmJobs jobs,
      OrdersInBronze orders,
      SourceTable order,
      List<Metric> readers,
      List<String> paths,
      Map<String, Double> seconds)
      throws Exception {
    ObjectNode request =
        jobs.request("batch", Json.MAPPER.valueToTree(JobSpecificationCompiler.compile(order)));
    request.putObject("through").put("epoch", "0001").put("manifest", 1);
    for (String path : paths) {
      request
          .withArray("files")
          .addObject()
          .put("manifest", 1)
          .put("path", path)
          .put("kind", "stream")
          .put("schemaVersion", 1)
          .put("generation", 1)
          .put("rows", 1)
          .put("bytes", 1);
    }
    seconds.put("silver.order", jobs.run(request).seconds());
    orders.requireOrders(jobs.files("silver.order"));
    for (Metric metric : readers) {
      ObjectNode gold =
          jobs.request("batch", Json.MAPPER.valueToTree(JobSpecificationCompiler.compile(metric)));
      gold.putObject("through");
      seconds.put(metric.dataset(), jobs.run(gold).seconds());
    }
    orders.requireRevenue(jobs.files("gold.revenue_metrics"));
  }

  private static void baseline(
      BareSparkProcess spark,
      OrdersInBronze orders,
      Path plain,
      Path root,
      SourceTable order,
      List<Metric> readers,
      List<String> paths,
      Map<String, Double> seconds)
      throws Exception {
    Files.createDirectories(plain);
    JobSpecification silver = JobSpecificationCompiler.compile(order);
    List<String> columns = new ArrayList<>();
    silver.columns().forEach(column -> columns.add("`" + column.name() + "`"));
    String query =
        "SELECT "
            + String.join(", ", columns)
            + " FROM parquet.`"
            + root.resolve(paths.get(0)).getParent()
            + "`";
    for (JobSpecification.Derivation derivation : silver.derivations()) {
      String name = "`" + derivation.column() + "`";
      columns.remove(name);
      query =
          "SELECT %s, (%s) AS %s FROM (%s)"
              .formatted(String.join(", ", columns), derivation.expression(), name, query);
      columns.add(name);
    }
    seconds.put("silver.order", spark.run(write(plain.resolve("silver.order"), query)));
    orders.requireOrders("['" + plain.resolve("silver.order") + "/*.parquet']");
    spark.run("CREATE DATABASE silver");
    spark.run(
        "CREATE TABLE silver.`order` USING parquet LOCATION '%s'"
            .formatted(plain.resolve("silver.order")));
    for (Metric metric : readers) {
      String sql = JobSpecificationCompiler.compile(metric).sql();
      seconds.put(metric.dataset(), spark.run(write(plain.resolve(metric.dataset()), sql)));
    }
    orders.requireRevenue("['" + plain.resolve("gold.revenue_metrics") + "/*.parquet']");
  }

  /** Comments end with their line, and a statement is one line. */
  private static String write(Path directory, String query) {
    return "INSERT OVERWRITE DIRECTORY '%s' USING parquet %s"
        .formatted(directory, query.replaceAll("(?m)--.*$", ""));
  }
}
