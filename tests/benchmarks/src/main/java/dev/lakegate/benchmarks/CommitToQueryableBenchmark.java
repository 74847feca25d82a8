package dev.lakegate.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * From a commit at the source until its changes can be queried in Silver and in Gold, at 100
 * changes a second over 20 tenants, against the same for a single change on the same lake at rest.
 * The two take turns. Right when Silver's rows and Gold's revenue equal the source in the end.
 */
final class CommitToQueryableBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 100_000;
  private static final int ROUNDS = 2;
  private static final int SINGLE_CHANGES = 3;
  private static final int CHANGES_PER_SECOND = 100;
  private static final int SECONDS = 60;
  private static final int CHANGES_PER_COMMIT = 5;
  private static final long LIMIT_SECONDS = 600;

  /** A commit: its table's Silver dataset, and a moment at which it was done. */
  private record Commit(String dataset, long beganMicros, long doneMicros) {}

  private record Latencies(List<Double> silver, List<Double> gold) {
    Latencies() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private final Random random = new Random(5);
  private long made;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    try (BenchSource source = BenchSource.start(options.rows().orElse(ROWS))) {
      System.out.printf(
          "%,d rows, %d tenants; %d changes/s for %d s a round, %d rounds after one to warm up; %d"
              + " processors%n",
          source.totalRows(),
          BenchSource.TENANTS,
          CHANGES_PER_SECOND,
          SECONDS,
          rounds,
          Runtime.getRuntime().availableProcessors());
      Path data = source.folder("lake");
      try (BenchLake lake = BenchLake.start(source, data);
          Arrivals arrivals = Arrivals.watch(lake);
          Connection connection = source.backend().connect()) {
        lake.awaitEqual(LIMIT_SECONDS * 2);
        connection.setAutoCommit(false);
        // Warm: both kinds of runs, several times each.
        for (int i = 0; i < SINGLE_CHANGES; i++) {
          single(connection, arrivals, new Latencies());
        }
        Latencies allSingle = new Latencies();
        Latencies allLoaded = new Latencies();
        List<Double> silverRatios = new ArrayList<>();
        List<Double> goldRatios = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
          Latencies single = new Latencies();
          for (int i = 0; i < SINGLE_CHANGES; i++) {
            single(connection, arrivals, single);
          }
          Latencies loaded = load(connection, arrivals);
          silverRatios.add(Figures.median(loaded.silver()) / Figures.median(single.silver()));
          goldRatios.add(Figures.median(loaded.gold()) / Figures.median(single.gold()));
          System.out.printf(
              "round %d: at rest Silver %s, Gold %s; at %d changes/s Silver %s, Gold %s%n",
              round,
              seconds(single.silver()),
              seconds(single.gold()),
              CHANGES_PER_SECOND,
              seconds(loaded.silver()),
              seconds(loaded.gold()));
          allSingle.silver().addAll(single.silver());
          allSingle.gold().addAll(single.gold());
          allLoaded.silver().addAll(loaded.silver());
          allLoaded.gold().addAll(loaded.gold());
        }
        lake.awaitEqual(LIMIT_SECONDS);
        System.out.printf(
            "all rounds: at rest Silver %s, Gold %s; at %d changes/s Silver %s, Gold %s%n",
            seconds(allSingle.silver()),
            seconds(allSingle.gold()),
            CHANGES_PER_SECOND,
            seconds(allLoaded.silver()),
            seconds(allLoaded.gold()));
        System.out.printf(
            "ratio of medians, loaded to at rest: Silver %s, Gold %s; Silver's rows and Gold's"
                + " revenue equal the source%n",
            Figures.spread(silverRatios), Figures.spread(goldRatios));
      }
    }
  }

  /** One change alone, and how long it took. */
  private void single(Connection connection, Arrivals arrivals, Latencies latencies)
      throws Exception {
    Commit commit = commit(connection, 1);
    note(commit, arrivals, latencies);
    // What the change set off must end before the next one is alone again.
    TimeUnit.SECONDS.sleep(2);
  }

  /** Changes at the rate, then waits until the last of them has arrived. */
  private Latencies load(Connection connection, Arrivals arrivals) throws Exception {
    List<Commit> commits = new ArrayList<>();
    long started = System.nanoTime();
    int due = CHANGES_PER_SECOND * SECONDS / CHANGES_PER_COMMIT;
    for (int i = 0; i < due; i++) {
      commits.add(commit(connection, CHANGES_PER_COMMIT));
      long ahead =
          (long) ((i + 1) * 1e9 * CHANGES_PER_COMMIT / CHANGES_PER_SECOND)
              - (System.nanoTime() - started);
      if (ahead > 0) {
        TimeUnit.NANOSECONDS.sleep(ahead);
      }
    }
    double rate = due * CHANGES_PER_COMMIT / ((System.nanoTime() - started) / 1e9);
    if (rate < CHANGES_PER_SECOND * 0.9) {
      System.out.printf(Locale.ROOT, "the source took %.0f changes/s only%n", rate);
    }
    // One more in each table, so that every commit has one after it.
    for (String dataset : Arrivals.METRICS.keySet()) {
      commit(connection, dataset, 1);
    }
    Latencies latencies = new Latencies();
    for (Commit commit : commits) {
      note(commit, arrivals, latencies);
    }
    return latencies;
  }

  private static void note(Commit commit, Arrivals arrivals, Latencies latencies) throws Exception {
    // For the newest commit of all, the time at which it began is as much as is known to be in.
    arrivals.await(commit.dataset(), commit.beganMicros(), LIMIT_SECONDS);
    String metric = Arrivals.METRICS.get(commit.dataset());
    latencies.silver().add(latency(arrivals, commit.dataset(), commit));
    latencies.gold().add(latency(arrivals, metric, commit));
  }

  private static double latency(Arrivals arrivals, String dataset, Commit commit) {
    long seen =
        arrivals
            .seen(dataset, commit.doneMicros())
            .orElseGet(() -> arrivals.seen(dataset, commit.beganMicros()).orElseThrow());
    return (seen - commit.beganMicros()) / 1e6;
  }

  private Commit commit(Connection connection, int changes) throws SQLException {
    String dataset =
        switch (random.nextInt(8)) {
          case 0 -> "silver.customer";
          case 1 -> "silver.subscription";
          case 2, 3 -> "silver.order";
          default -> "silver.event";
        };
    return commit(connection, dataset, changes);
  }

  private Commit commit(Connection connection, String dataset, int changes) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (int i = 0; i < changes; i++) {
        statement.addBatch(
            switch (dataset) {
              case "silver.order" -> order();
              case "silver.customer" -> customer();
              case "silver.subscription" -> subscription();
              default -> event();
            });
      }
      statement.executeBatch();
      long began = Arrivals.nowMicros();
      connection.commit();
      return new Commit(dataset, began, Arrivals.nowMicros() + 1000);
    }
  }

  private String tenant() {
    return "tenant-" + (1 + random.nextInt(BenchSource.TENANTS));
  }

  /** Half of them new, half updates of orders of the last rows' ids. */
  private String order() {
    String tenant = tenant();
    return random.nextBoolean()
        ? """
          INSERT INTO core_order (created_at, updated_at, order_number, status, order_date, subtotal,
                                  tax, shipping, total, currency, notes, customer_id, tenant_id)
          SELECT now(), now(), 'bench-%1$d', 'completed', now(), 10, 1, 1, 12.00, 'EUR', '', id,
                 tenant_id
          FROM core_customer WHERE tenant_id = '%2$s' LIMIT 1
          """
            .formatted(++made, tenant)
        : """
          UPDATE core_order SET status = 'completed', updated_at = now()
          WHERE id = (SELECT max(id) - %d FROM core_order)
          """
            .formatted(random.nextInt(2000));
  }

  private String customer() {
    return "UPDATE core_customer SET updated_at = now() WHERE id = (SELECT max(id) - %d FROM core_customer)"
        .formatted(random.nextInt(500));
  }

  private String subscription() {
    return """
    UPDATE core_subscription SET monthly_amount = monthly_amount + 1
    WHERE id = (SELECT max(id) - %d FROM core_subscription)
    """
        .formatted(random.nextInt(100));
  }

  private String event() {
    return """
    INSERT INTO core_event (id, session_id, event_type, event_data, ip_address, user_agent,
                            created_at, customer_id, tenant_id)
    VALUES (gen_random_uuid(), 'bench', 'page_view', '{"page": "/"}', '203.0.113.7', 'bench', now(),
            NULL, '%s')
    """
        .formatted(tenant());
  }

  private static String seconds(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    return String.format(
        Locale.ROOT,
        "p50 %.1f p95 %.1f p99 %.1f s",
        Figures.percentile(sorted, 0.5),
        Figures.percentile(sorted, 0.95),
        Figures.percentile(sorted, 0.99));
  }
}
