package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Files are left unopened where they can hold nothing that is asked for, and answers stay. */
class PruningTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final List<Snapshot.Column> COLUMNS =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("customer_id", "bigint"),
          TestLake.column("status", "varchar"),
          TestLake.column("created_at", "timestamp(6) with time zone"));
  private static final List<Snapshot.Column> REVENUE =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("dt", "date"),
          TestLake.column("order_count", "bigint"),
          TestLake.column("total_revenue", "decimal(18,2)"));

  private static final List<Snapshot.Column> MRR =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("dt", "date"),
          TestLake.column("mrr", "decimal(18,2)"));

  private static final Map<String, Lake> LAKES = new HashMap<>();
  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static DuckDbEngine engine;
  private static DuckDbEngine other;
  private static Policy policy;

  /** The same rows twice: once with all that snapshots say of files, once with nothing. */
  @BeforeContainer
  static void open() throws IOException {
    Path directory = Files.createTempDirectory("pruning");
    policy = PolicyCompiler.compile(LakehouseLoader.load(Path.of("../lakehouse")), 1);
    engine = fill("known", directory, true);
    other = fill("unknown", directory, false);
  }

  private static DuckDbEngine fill(String name, Path directory, boolean known) {
    TestLake lake = new TestLake(directory.resolve(name));
    OPEN.add(lake);
    List<TestLake.Contents> revenue = new ArrayList<>();
    List<TestLake.Contents> customers = new ArrayList<>();
    for (String tenant : List.of("tenant-1", "tenant-2")) {
      for (int month = 0; month < 4; month++) {
        revenue.add(
            new TestLake.Contents(
                Map.of("tenant_id", tenant),
                "SELECT '"
                    + tenant
                    + "' AS tenant_id, CASE WHEN i % 5 = 4 THEN NULL ELSE DATE '2026-01-01' + CAST("
                    + month * 31
                    + " + i AS INTEGER) END AS dt, CAST(i * 3 - 10 + "
                    + month
                    + " AS BIGINT) AS order_count, CAST(i + "
                    + month * 10
                    + ".50 AS DECIMAL(18,2)) AS total_revenue FROM range(12) r(i)"));
        customers.add(
            new TestLake.Contents(
                Map.of("tenant_id", tenant),
                "SELECT '"
                    + tenant
                    + "' AS tenant_id, CAST(i + "
                    + month * 8
                    + " AS BIGINT) AS customer_id, CASE WHEN i % 3 = 0 THEN NULL ELSE 's"
                    + month
                    + "' || i END AS status, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_hours("
                    + month * 24 * 20
                    + " + CAST(i AS INTEGER) * 7) AS created_at FROM range(8) r(i)"));
      }
    }
    lake.publish(
        "gold",
        "revenue_metrics",
        REVENUE,
        List.of("tenant_id"),
        revenue,
        known ? List.of("dt", "order_count", "total_revenue") : List.of());
    lake.publish(
        "gold",
        "dim_customer",
        COLUMNS,
        List.of("tenant_id"),
        customers,
        known ? List.of("customer_id", "status", "created_at") : List.of());
    // Both tenants' rows in the same files: partitions do not tell them apart.
    lake.publish(
        "gold",
        "mrr_metrics",
        MRR,
        List.of(),
        List.of(
            new TestLake.Contents(Map.of(), mixed("DATE '2026-01-01'")),
            new TestLake.Contents(Map.of(), mixed("DATE '2026-02-01'"))),
        known ? List.of("tenant_id", "dt", "mrr") : List.of());
    LAKES.put(name, new Lake(lake.root(), LakehouseLoader.load(Path.of("../lakehouse"))));
    DuckDbEngine duckdb =
        new DuckDbEngine(
            new EngineSettings(lake.root(), directory.resolve("t-" + name), 128, 128, 1));
    OPEN.add(duckdb);
    return duckdb;
  }

  private static String mixed(String day) {
    return "SELECT 'tenant-' || i AS tenant_id, "
        + day
        + " + CAST(i AS INTEGER) AS dt, CAST(i AS DECIMAL(18,2)) AS mrr FROM range(1, 4) r(i)";
  }

  @AfterContainer
  static void close() throws Exception {
    for (AutoCloseable c : OPEN) {
      c.close();
    }
  }

  private static Planned plan(String lake, String sql) {
    Principal p =
        new Principal(
            "issuer",
            "analyst",
            new TreeSet<>(Set.of("TenantSpecificAnalyst")),
            new TreeSet<>(Set.of("tenant-1", "tenant-2")),
            null);
    DuckDbEngine e = lake.equals("known") ? engine : other;
    return new Planner(LAKES.get(lake), e::value)
        .plan(sql, policy, p, new Session(NOW, "analyst", "gold"));
  }

  private static List<String> answer(String lake, Planned planned) {
    List<String> rows = new ArrayList<>();
    DuckDbEngine e = lake.equals("known") ? engine : other;
    try (Execution x = e.execute(planned.query(), planned.relations())) {
      for (Object[] row = x.next(); row != null; row = x.next()) {
        rows.add(Arrays.deepToString(row));
      }
    }
    Collections.sort(rows);
    return rows;
  }

  @Provide
  Arbitrary<String> predicates() {
    Arbitrary<String> date =
        Arbitraries.of(
            "DATE '2026-01-05'",
            "DATE '2026-02-03'",
            "DATE '2026-04-30'",
            "CAST('2026-03-01' AS date)",
            "current_date",
            "current_date - INTERVAL '20' DAY",
            "date_add('month', -1, current_date)",
            "TIMESTAMP '2026-02-03 01:00:00'",
            "date(substr('2026-02-03', 1, 10))");
    Arbitrary<String> instant =
        Arbitraries.of(
            "TIMESTAMP '2026-01-21 00:00:00 UTC'",
            "TIMESTAMP '2026-01-21 07:00:00'",
            "DATE '2026-02-10'",
            "current_timestamp",
            "TIMESTAMP '2026-01-21 02:00:00 Asia/Tokyo'");
    Arbitrary<String> number = Arbitraries.of("-9", "0", "5", "12.5", "20", "-(3)", "1e1");
    Arbitrary<String> text = Arbitraries.of("'s11'", "'s0'", "'s3'", "'zz'", "''");
    Arbitrary<String> operator = Arbitraries.of("=", "<>", "<", "<=", ">", ">=");
    Arbitrary<String> leaf =
        Arbitraries.oneOf(
            Combinators.combine(operator, date).as((o, v) -> "r.dt " + o + " " + v),
            Combinators.combine(operator, date).as((o, v) -> v + " " + o + " dt"),
            Combinators.combine(date, date).as((a, b) -> "dt BETWEEN " + a + " AND " + b),
            Combinators.combine(date, date).as((a, b) -> "dt IN (" + a + ", " + b + ")"),
            Combinators.combine(operator, number).as((o, v) -> "order_count " + o + " " + v),
            Combinators.combine(operator, number).as((o, v) -> "total_revenue " + o + " " + v),
            Combinators.combine(operator, number).as((o, v) -> "c.customer_id " + o + " " + v),
            Combinators.combine(operator, text).as((o, v) -> "status " + o + " " + v),
            Combinators.combine(operator, instant).as((o, v) -> "created_at " + o + " " + v),
            Combinators.combine(instant, instant)
                .as((a, b) -> "created_at BETWEEN " + a + " AND " + b),
            Arbitraries.of(
                "status IS NULL",
                "status IS NOT NULL",
                "dt IS NULL",
                "c.customer_id IS NULL",
                "r.tenant_id = 'tenant-1'",
                "c.tenant_id <> 'tenant-1'",
                "r.tenant_id IN ('tenant-2', 'tenant-9')",
                "order_count = customer_id",
                "NOT (dt = DATE '2026-01-05')",
                "dt IS DISTINCT FROM DATE '2026-01-05'",
                "dt NOT IN (DATE '2026-01-05')",
                "length(status) = 2",
                "true"));
    return Arbitraries.lazyOf(
        () -> leaf,
        () -> leaf,
        () ->
            Combinators.combine(leaf, Arbitraries.of("AND", "OR"), predicates())
                .as((a, o, b) -> "(" + a + " " + o + " " + b + ")"));
  }

  @Provide
  Arbitrary<String> shapes() {
    String join = " dim_customer c ON c.customer_id = r.order_count AND c.tenant_id = r.tenant_id";
    return Arbitraries.of(
        "SELECT * FROM revenue_metrics r JOIN" + join + " WHERE %s",
        "SELECT * FROM revenue_metrics r LEFT JOIN" + join + " WHERE %s",
        "SELECT * FROM revenue_metrics r RIGHT JOIN" + join + " WHERE %s",
        "SELECT * FROM revenue_metrics r FULL JOIN" + join + " WHERE %s",
        "SELECT count(*), sum(total_revenue) FROM revenue_metrics r, dim_customer c WHERE %s",
        "SELECT count(*) FROM revenue_metrics r CROSS JOIN dim_customer c WHERE %s AND EXISTS"
            + " (SELECT 1 FROM revenue_metrics r2 WHERE r2.dt = r.dt AND r.dt < DATE '2026-02-01')",
        "SELECT * FROM (SELECT r.*, c.customer_id, c.status FROM revenue_metrics r LEFT JOIN"
            + join
            + " WHERE %s) x LEFT JOIN revenue_metrics y ON y.dt = x.dt",
        "SELECT r.tenant_id, max(created_at) FROM revenue_metrics r JOIN dim_customer c USING"
            + " (tenant_id) JOIN revenue_metrics z ON z.dt = r.dt WHERE %s GROUP BY r.tenant_id");
  }

  @Property(tries = 250)
  void shouldNeverChangeAnAnswer(
      @ForAll("shapes") String shape, @ForAll("predicates") String predicate) {
    String sql = shape.formatted(predicate);
    Planned all;
    try {
      all = plan("unknown", sql);
    } catch (SqlFailure f) {
      // USING leaves no qualified column behind; what is refused is refused on both lakes.
      return;
    }
    Planned pruned = plan("known", sql);
    assertThat(pruned.files()).isLessThanOrEqualTo(all.files());
    assertThat(answer("known", pruned)).as(sql).isEqualTo(answer("unknown", all));
  }

  @Example
  void shouldOpenOnlyFilesThatCanHoldWhatIsAskedFor() {
    assertThat(files("SELECT * FROM revenue_metrics")).isEqualTo(8);
    assertThat(files("SELECT * FROM revenue_metrics WHERE tenant_id = 'tenant-1'")).isEqualTo(4);
    assertThat(files("SELECT * FROM revenue_metrics WHERE dt = DATE '2026-02-03'")).isEqualTo(2);
    assertThat(files("SELECT * FROM revenue_metrics x WHERE x.dt >= current_date")).isEqualTo(4);
    assertThat(files("SELECT * FROM dim_customer WHERE created_at < DATE '2026-01-02'"))
        .isEqualTo(2);
    assertThat(files("SELECT * FROM dim_customer WHERE customer_id IN (1, 9)")).isEqualTo(4);
    assertThat(files("SELECT * FROM dim_customer WHERE status > 't'")).isZero();
    assertThat(
            files(
                "SELECT count(*) FROM revenue_metrics a, revenue_metrics b WHERE a.dt ="
                    + " DATE '2026-02-03' AND b.dt = DATE '2026-01-05'"))
        .as("one relation serves both occurrences")
        .isEqualTo(4);
    assertThat(
            files(
                "SELECT count(*) FROM dim_customer c LEFT JOIN revenue_metrics r ON"
                    + " r.tenant_id = c.tenant_id WHERE r.dt IS NULL AND c.customer_id = 1"))
        .isEqualTo(10);
  }

  @Example
  void shouldAnswerWhereNoFileIsLeft() {
    Planned planned =
        plan("known", "SELECT count(*), max(dt) FROM revenue_metrics WHERE dt > DATE '2030-01-01'");
    assertThat(planned.files()).isZero();
    assertThat(answer("known", planned)).containsExactly("[0, null]");
  }

  /** Which of them stay unopened would tell of the smallest and largest values of others. */
  @Example
  void shouldOpenFilesThatHoldRowsOfOthersWhateverIsAskedFor() {
    for (String where :
        List.of(
            "true",
            "dt > DATE '2030-01-01'",
            "dt = DATE '2026-02-02'",
            "mrr < 0",
            "tenant_id = 'tenant-9'")) {
      Planned planned = plan("known", "SELECT count(*) FROM mrr_metrics WHERE " + where);
      assertThat(planned.relations())
          .as(where)
          .singleElement()
          .satisfies(
              r -> {
                assertThat(r.files()).hasSize(2);
                assertThat(r.apart()).isTrue();
              });
    }
  }

  private static int files(String sql) {
    return plan("known", sql).files();
  }
}
