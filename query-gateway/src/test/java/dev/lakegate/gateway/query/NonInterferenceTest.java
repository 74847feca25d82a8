package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a tenant is answered over everybody's data, rows and errors alike, is what it is answered
 * over a lake that holds nothing but its own data.
 */
class NonInterferenceTest {
  private static final int QUERIES = 400;
  private static final int STATES = 3;
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir static Path directory;

  private static final Map<String, DuckDbEngine> ENGINES = new LinkedHashMap<>();
  private static final Map<String, Planner> PLANNERS = new LinkedHashMap<>();
  private static Policy policy;

  @BeforeAll
  static void fill() {
    Lakehouse lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
    policy = PolicyCompiler.compile(lakehouse, 1);
    List<String> tenants = List.of("tenant-1", "tenant-2", "tenant-3");
    lake("all", tenants, lakehouse);
    for (String t : tenants) {
      lake(t, List.of(t), lakehouse);
    }
    lake("tenant-1+tenant-2", tenants.subList(0, 2), lakehouse);
  }

  private static void lake(String name, List<String> tenants, Lakehouse lakehouse) {
    Path root = directory.resolve(name.replace('+', '_'));
    try (TestLake lake = new TestLake(root)) {
      // Former states, in which other tenants' rows were others; then the present one.
      for (int state = 1; state <= STATES; state++) {
        publish(lake, tenants, state);
        lake.pass(60);
      }
    }
    ENGINES.put(
        name,
        new DuckDbEngine(
            new EngineSettings(root, directory.resolve("tmp-" + root.getFileName()), 128, 128, 1)));
    PLANNERS.put(name, new Planner(new Lake(root, lakehouse), ENGINES.get(name)::value));
  }

  private static void publish(TestLake lake, List<String> tenants, int state) {
    Map<String, String> revenue = new LinkedHashMap<>();
    Map<String, String> customers = new LinkedHashMap<>();
    for (String t : tenants) {
      int n = t.charAt(7) - '0';
      // Zeros and texts that are no numbers lie with other tenants: an error must not tell.
      revenue.put(
          t,
          "SELECT '"
              + t
              + "' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt, CAST(i + "
              + (n == 1 ? 1 : (state + 1) % 2)
              + " AS BIGINT) AS order_count, CAST(i % 3 AS BIGINT) AS unique_customers,"
              + " CAST(i * "
              + n
              + ".5 AS DECIMAL(18,2)) AS total_revenue, CAST(i AS DECIMAL(18,2)) AS"
              + " avg_order_value FROM range("
              + 20 * state / STATES
              + ") r(i)");
      customers.put(
          t,
          "SELECT '"
              + t
              + "' AS tenant_id, i AS customer_id, 'x' AS email, 'y' AS phone, 'F' AS"
              + " first_name, 'L' AS last_name, CASE WHEN i % 2 = 0 THEN '"
              + (n == 1 ? "12" : "bad")
              + "' END AS status, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_days(CAST(i AS"
              + " INTEGER)) AS created_at, TIMESTAMPTZ '2026-01-02 00:00:00+00' AS updated_at"
              + " FROM range("
              + 12 * state / STATES
              + ") r(i)");
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
            TestLake.column("status", "varchar"),
            TestLake.column("created_at", "timestamp(6) with time zone")),
        customers);
  }

  @AfterAll
  static void close() {
    ENGINES.values().forEach(DuckDbEngine::close);
  }

  private static Principal principal(String... tenants) {
    return new Principal(
        "issuer",
        "analyst",
        new TreeSet<>(Set.of("TenantSpecificAnalyst")),
        new TreeSet<>(Arrays.asList(tenants)),
        null);
  }

  private static String answer(String lake, Principal p, String sql) {
    try {
      Planned planned =
          PLANNERS.get(lake).plan(sql, policy, p, new Session(NOW, "analyst", "gold"));
      List<String> rows = new ArrayList<>();
      try (Execution e = ENGINES.get(lake).execute(planned.query(), planned.relations())) {
        for (Object[] row = e.next(); row != null; row = e.next()) {
          rows.add(Arrays.deepToString(row));
        }
      }
      rows.sort(null);
      return planned.query().columns() + " " + rows;
    } catch (SqlFailure f) {
      return f.code() + " " + f.getMessage() + " " + f.details();
    }
  }

  @Test
  void shouldAnswerAsIfNobodyElseHadData() {
    Random random = new Random(20260302);
    int answers = 0;
    int errors = 0;
    for (int i = 0; i < QUERIES; i++) {
      String sql = new QueryMaker(random).query(3);
      for (String tenant : List.of("tenant-1", "tenant-2")) {
        String alone = answer(tenant, principal(tenant), sql);
        assertThat(answer("all", principal(tenant), sql)).as(sql).isEqualTo(alone);
        assertThat(alone).doesNotContain("tenant-3");
        if (alone.startsWith("[")) {
          answers++;
        } else {
          errors++;
        }
      }
      if (i % 8 == 0) {
        assertThat(answer("all", principal("tenant-1", "tenant-2"), sql))
            .as(sql)
            .isEqualTo(answer("tenant-1+tenant-2", principal("tenant-1", "tenant-2"), sql));
      }
    }
    // A generator whose queries mostly fail would prove little.
    assertThat(answers).isGreaterThan(QUERIES / 2);
    assertThat(errors).isPositive();
  }

  @Test
  void shouldLetNoClaimSmuggleSqlOrOtherTenants() {
    for (String tenant :
        List.of(
            "tenant-1' OR '1'='1",
            "tenant-%",
            "tenant-1,tenant-2",
            "TENANT-1",
            "tenant-1 ",
            "*",
            "../tenant-1",
            "")) {
      String answer = answer("all", principal(tenant), "SELECT count(*) FROM revenue_metrics");
      assertThat(answer).as(tenant).doesNotContain("[20]").doesNotContain("[40]");
    }
  }

  /** Random queries over the two tables, many with data-dependent errors. */
  private static final class QueryMaker {
    private final Random random;
    private int alias;

    QueryMaker(Random random) {
      this.random = random;
    }

    private String pick(String... options) {
      return options[random.nextInt(options.length)];
    }

    private String revenue() {
      return "gold.revenue_metrics" + asOf();
    }

    private String customers() {
      return "dim_customer" + asOf();
    }

    /** Mostly the present, which other queries are about; sometimes too early for any state. */
    private String asOf() {
      return switch (random.nextInt(12)) {
        case 0 -> " FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:30 UTC'";
        case 1 -> " FOR TIMESTAMP AS OF now() - INTERVAL '118' MINUTE - INTERVAL '30' SECOND";
        case 2 -> " FOR VERSION AS OF '20260302100000001'";
        case 3 ->
            pick(
                " FOR VERSION AS OF '20260302100000002'",
                " FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 09:00:00'",
                "");
        default -> "";
      };
    }

    String query(int depth) {
      return switch (random.nextInt(depth > 0 ? 8 : 3)) {
        case 0 ->
            "SELECT dt, "
                + number("r")
                + " AS x FROM "
                + revenue()
                + " r WHERE "
                + condition("r", depth);
        case 1 ->
            "SELECT "
                + number("r")
                + " AS k, count(*), sum(r.total_revenue), max(dt) FROM "
                + revenue()
                + " r"
                + " WHERE "
                + condition("r", depth)
                + " GROUP BY "
                + "1";
        case 2 ->
            "SELECT c.customer_id, c.status, date_trunc('month', c.created_at) FROM "
                + customers()
                + " c WHERE "
                + pick(
                    "c.status IS NOT NULL",
                    "CAST(c.status AS bigint) > 3",
                    "c.status LIKE '1%'",
                    "c.tenant_id <> 'tenant-3'",
                    "try_cast(c.status AS integer) IS NULL");
        case 3 -> {
          String a = "a" + alias++;
          yield "SELECT count(*), min("
              + a
              + ".x) FROM (SELECT dt, "
              + number("r")
              + " AS x FROM "
              + revenue()
              + " r WHERE "
              + condition("r", depth - 1)
              + ") "
              + a;
        }
        case 4 ->
            "SELECT r.tenant_id, r.dt, c.customer_id FROM "
                + revenue()
                + " r "
                + pick("JOIN", "LEFT JOIN", "FULL JOIN")
                + " "
                + customers()
                + " c ON r.order_count = c.customer_id AND "
                + condition("r", 0);
        case 5 ->
            "SELECT dt, tenant_id, "
                + pick("rank()", "row_number()", "sum(order_count)", "lag(order_count)")
                + " OVER (PARTITION BY tenant_id ORDER BY dt) AS w FROM "
                + revenue()
                + " r WHERE "
                + condition("r", depth - 1);
        case 6 ->
            "SELECT dt FROM "
                + revenue()
                + " r WHERE "
                + condition("r", 0)
                + " "
                + pick("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
                + " SELECT dt FROM "
                + revenue()
                + " r WHERE "
                + condition("r", 0);
        default ->
            "WITH revenue_metrics AS (SELECT * FROM "
                + revenue()
                + " r WHERE "
                + condition("r", 0)
                + ") SELECT tenant_id, count(*), avg(total_revenue) FROM revenue_metrics GROUP BY ROLLUP (tenant_id)";
      };
    }

    private String number(String r) {
      return switch (random.nextInt(6)) {
        case 0 -> r + ".order_count";
        case 1 -> "100 / " + r + ".order_count";
        case 2 -> r + ".order_count % 4";
        case 3 -> "CAST(" + r + ".total_revenue AS bigint)";
        case 4 -> r + ".total_revenue / " + r + ".avg_order_value";
        default -> "CAST(" + r + ".order_count * 9 AS tinyint)";
      };
    }

    private String condition(String r, int depth) {
      return switch (random.nextInt(depth > 0 ? 7 : 4)) {
        case 0 -> r + ".order_count " + pick("<", ">", "<>") + " " + random.nextInt(20);
        case 1 ->
            r + ".dt BETWEEN DATE '2026-01-03' AND DATE '2026-01-1" + random.nextInt(10) + "'";
        case 2 ->
            r + ".tenant_id " + pick("=", "<>", ">") + " 'tenant-" + (1 + random.nextInt(3)) + "'";
        case 3 -> number(r) + " > " + random.nextInt(30);
        case 4 ->
            "EXISTS (SELECT 1 FROM "
                + customers()
                + " d WHERE d.customer_id = "
                + r
                + ".order_count AND d.status "
                + pick("IS NULL", "= 'bad'", "= '12'")
                + ")";
        case 5 ->
            r
                + ".order_count IN (SELECT customer_id FROM "
                + customers()
                + " WHERE "
                + pick("status = 'bad'", "customer_id > 5")
                + ")";
        default -> r + ".total_revenue > (SELECT avg(total_revenue) FROM " + revenue() + ")";
      };
    }
  }
}
