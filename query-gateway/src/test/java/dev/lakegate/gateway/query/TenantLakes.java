package dev.lakegate.gateway.query;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A lake with three tenants' rows, and for each tenant one with nothing but its own, made by the
 * same steps. Other tenants' values are such that most expressions fail on them. Three tables keep
 * each tenant's rows in files of their own; {@code gold.mrr_metrics} mixes all in the same files.
 */
final class TenantLakes implements AutoCloseable {
  static final String ALL = "all";
  static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static final int STATES = 3;

  final Policy policy;
  private final Path directory;
  private final Lakehouse lakehouse;
  private final Map<String, DuckDbEngine> engines = new LinkedHashMap<>();
  private final Map<String, Planner> planners = new LinkedHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          r -> {
            Thread t = new Thread(r, "lakes-timer");
            t.setDaemon(true);
            return t;
          });

  TenantLakes(Path directory) {
    this.directory = directory;
    lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
    policy = PolicyCompiler.compile(lakehouse, 1);
    List<String> tenants = List.of("tenant-1", "tenant-2", "tenant-3");
    lake(ALL, tenants);
    lake("tenant-1", tenants.subList(0, 1));
    lake("tenant-2", tenants.subList(1, 2));
    lake("tenant-1+tenant-2", tenants.subList(0, 2));
  }

  /** Where the files of a lake lie. */
  Path root(String name) {
    return directory.resolve(name.replace('+', '_'));
  }

  private void lake(String name, List<String> tenants) {
    Path root = root(name);
    try (TestLake lake = new TestLake(root)) {
      // Former states, in which other tenants' rows were others; then the present one.
      for (int state = 1; state <= STATES; state++) {
        publish(lake, tenants, state);
        lake.pass(60);
      }
    }
    engines.put(
        name,
        new DuckDbEngine(
            new EngineSettings(root, directory.resolve("tmp-" + root.getFileName()), 192, 256, 1)));
    planners.put(name, new Planner(new Lake(root, lakehouse), engines.get(name)::value));
  }

  private static void publish(TestLake lake, List<String> tenants, int state) {
    Map<String, String> revenue = new LinkedHashMap<>();
    Map<String, String> customers = new LinkedHashMap<>();
    Map<String, String> funnel = new LinkedHashMap<>();
    Map<String, List<String>> mixed = new LinkedHashMap<>();
    for (String t : tenants) {
      int n = t.charAt(7) - '0';
      // Zeros and texts that are no numbers lie with other tenants: an error must not tell.
      revenue.put(
          t,
          ("SELECT '%s' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt,"
                  + " CAST(i + %d AS BIGINT) AS order_count,"
                  + " CAST(i %% 3 AS BIGINT) AS unique_customers,"
                  + " CAST(i * %d.5 AS DECIMAL(18,2)) AS total_revenue,"
                  + " CAST(i AS DECIMAL(18,2)) AS avg_order_value FROM range(%d) r(i)")
              .formatted(t, n == 1 ? 1 : (state + 1) % 2, n, 20 * state / STATES));
      customers.put(
          t,
          ("SELECT '%s' AS tenant_id, i AS customer_id, 'secret-%s' AS email, 'y' AS phone,"
                  + " 'F' AS first_name, 'L' AS last_name,"
                  + " CASE WHEN i %% 2 = 0 THEN '%s' END AS status,"
                  + " TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_days(CAST(i AS INTEGER)) AS"
                  + " created_at, TIMESTAMPTZ '2026-01-02 00:00:00+00' AS updated_at"
                  + " FROM range(%d) r(i)")
              .formatted(t, t, n == 1 ? "12" : "bad", 12 * state / STATES));
      funnel.put(
          t,
          ("SELECT '%s' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt,"
                  + " CAST(i %% 24 AS INTEGER) AS hour, %s AS page_views,"
                  + " CAST(i AS DOUBLE) / %d AS purchases FROM range(%d) r(i)")
              .formatted(
                  t, n == 1 ? "[i, i + 1]" : "[0, NULL, i]", n == 1 ? 2 : 0, 9 * state / STATES));
      for (int file = 0; file < 2; file++) {
        mixed
            .computeIfAbsent("file-" + file, k -> new ArrayList<>())
            .add(
                ("SELECT '%s' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt,"
                        + " CAST(%s AS DECIMAL(18,2)) AS mrr,"
                        + " CAST(%s AS BIGINT) AS active_subscriptions, %s AS arr"
                        + " FROM range(%d) r(i) WHERE i %% 2 = %d")
                    .formatted(
                        t,
                        n == 1 ? "i + 1" : "9999999999999999.99",
                        n == 1
                            ? "i + 1"
                            : "CASE WHEN i % 2 = 0 THEN 9223372036854775807 ELSE 0 END",
                        n == 1
                            ? "CASE WHEN i % 3 = 0 THEN '[1, 2]' ELSE CAST(i AS VARCHAR) END"
                            : "'bad-" + t + "'",
                        (n == 1 ? 14 : 40) * state / STATES,
                        file));
      }
    }
    lake.publish(
        "gold",
        "revenue_metrics",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("dt", "date"),
            TestLake.column("order_count", "bigint"),
            TestLake.column("unique_customers", "bigint"),
            TestLake.column("total_revenue", "decimal(18,2)"),
            TestLake.column("avg_order_value", "decimal(18,2)")),
        revenue);
    lake.publish(
        "gold",
        "dim_customer",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("customer_id", "bigint"),
            TestLake.column("email", "varchar"),
            TestLake.column("phone", "varchar"),
            TestLake.column("status", "varchar"),
            TestLake.column("created_at", "timestamp(6) with time zone")),
        customers);
    lake.publish(
        "gold",
        "funnel_metrics",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("dt", "date"),
            TestLake.column("hour", "integer"),
            TestLake.column("page_views", "array(bigint)"),
            TestLake.column("purchases", "double")),
        funnel);
    Map<String, String> files = new LinkedHashMap<>();
    mixed.forEach((file, parts) -> files.put(file, String.join(" UNION ALL ", parts)));
    lake.publish(
        "gold",
        "mrr_metrics",
        "tenant",
        List.of(),
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("dt", "date"),
            TestLake.column("mrr", "decimal(18,2)"),
            TestLake.column("active_subscriptions", "bigint"),
            TestLake.column("arr", "varchar")),
        files);
  }

  static Principal tenant(String... tenants) {
    return new Principal(
        "issuer",
        "analyst",
        new TreeSet<>(Set.of("TenantSpecificAnalyst")),
        new TreeSet<>(Arrays.asList(tenants)),
        null);
  }

  static Principal analyst() {
    return new Principal(
        "issuer", "analyst", new TreeSet<>(Set.of("DataAnalyst")), new TreeSet<>(), null);
  }

  Planned plan(String lake, Principal p, String sql) {
    return planners.get(lake).plan(sql, policy, p, new Session(NOW, "analyst", "gold"));
  }

  /**
   * All that a client gets to see: columns, rows, notes and what was read, or the error.
   *
   * @return begins with {@code [} when it is an answer, otherwise with the error's code
   */
  String answer(String lake, Principal p, String sql, Duration most) {
    try {
      Planned planned = plan(lake, p, sql);
      List<String> rows = new ArrayList<>();
      try (Execution e = engines.get(lake).begin(planned.query())) {
        ScheduledFuture<?> watch =
            timer.scheduleWithFixedDelay(e::cancel, most.toMillis(), 50, TimeUnit.MILLISECONDS);
        try {
          e.prepare(planned.relations());
          for (Object[] row = e.next(); row != null && rows.size() < 20_000; row = e.next()) {
            rows.add(Arrays.deepToString(row));
          }
        } finally {
          watch.cancel(false);
        }
      }
      rows.sort(null);
      return planned.query().columns()
          + " "
          + planned.notes().stream().map(Planned.Note::message).collect(Collectors.toList())
          + " "
          + planned.files()
          + " files "
          + planned.bytes()
          + " bytes "
          + planned.rows()
          + " rows: "
          + rows;
    } catch (SqlFailure f) {
      return f.code() + " " + f.getMessage() + " " + f.details();
    }
  }

  String answer(String lake, Principal p, String sql) {
    return answer(lake, p, sql, Duration.ofSeconds(20));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    engines.values().forEach(DuckDbEngine::close);
  }
}
