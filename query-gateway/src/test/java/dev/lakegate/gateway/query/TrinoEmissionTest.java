package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.PrincipalCatalog;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.Parameters;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.TrinoQuery;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import io.trino.sql.parser.SqlParser;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A query printed for Trino and run by someone who may read everything answers what the query
 * itself answers the principal for whom it was printed.
 */
class TrinoEmissionTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static final Session SESSION = new Session(NOW, "analyst", "gold");

  @TempDir static Path directory;

  private static DuckDbEngine engine;
  private static Planner planner;
  private static SqlBoundary boundary;
  private static Lake lake;
  private static Policy policy;

  @BeforeAll
  static void fill() {
    Lakehouse lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
    policy = PolicyCompiler.compile(lakehouse, 1);
    Path root = directory.resolve("lake");
    try (TestLake files = new TestLake(root)) {
      Map<String, String> revenue = new LinkedHashMap<>();
      Map<String, String> customers = new LinkedHashMap<>();
      for (int n = 1; n <= 3; n++) {
        String t = "tenant-" + n;
        revenue.put(
            t,
            "SELECT '"
                + t
                + "' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt, CAST(i + "
                + n
                + " AS BIGINT) AS order_count, CAST(i % 3 AS BIGINT) AS unique_customers, CAST(i *"
                + " "
                + n
                + " AS DECIMAL(18,2)) AS total_revenue, CAST(i AS DECIMAL(18,2)) AS"
                + " avg_order_value FROM range(9) r(i)");
        customers.put(
            t,
            "SELECT '"
                + t
                + "' AS tenant_id, i AS customer_id, 'x' AS email, 's"
                + n
                + "' AS status, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS created_at FROM range("
                + n
                + ") r(i)");
      }
      files.publish(
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
      files.publish(
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
    engine = new DuckDbEngine(new EngineSettings(root, directory.resolve("tmp"), 128, 128, 1));
    lake = new Lake(root, lakehouse);
    planner = new Planner(lake, engine::value);
    boundary = new SqlBoundary(engine::value);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static Principal principal(String persona, String... tenants) {
    return new Principal(
        "issuer",
        "analyst",
        new TreeSet<>(Set.of(persona)),
        new TreeSet<>(Arrays.asList(tenants)),
        null);
  }

  private static final Principal ANALYST = principal("TenantSpecificAnalyst", "tenant-1");
  private static final Principal ADMIN = principal("LakeFormationAdmin");

  private static TrinoQuery printed(String sql) {
    return boundary.trino(
        sql,
        new PrincipalCatalog(lake, policy, ANALYST),
        SESSION,
        t -> List.of("lakehouse", t.schema(), t.name()));
  }

  private static List<String> rows(String sql, Principal p) {
    Planned planned = planner.plan(sql, policy, p, SESSION);
    List<String> rows = new ArrayList<>();
    try (Execution e = engine.execute(planned.query(), planned.relations())) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        rows.add(Arrays.deepToString(row));
      }
    }
    rows.sort(null);
    rows.add(0, planned.query().columns().stream().map(OutputColumn::type).toList().toString());
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM revenue_metrics",
        "SELECT count(*) FROM gold.revenue_metrics",
        "TABLE lakehouse.gold.revenue_metrics",
        "SELECT gold.revenue_metrics.tenant_id, sum(lakehouse.gold.revenue_metrics.total_revenue)"
            + " FROM gold.revenue_metrics GROUP BY 1 HAVING count(*) > 1",
        "SELECT gold.revenue_metrics.* FROM gold.revenue_metrics WHERE order_count > 3",
        "SELECT r.dt, c.status FROM gold.revenue_metrics AS r JOIN dim_customer c USING"
            + " (tenant_id)",
        "SELECT r.dt FROM revenue_metrics r, dim_customer c WHERE r.tenant_id = c.tenant_id AND"
            + " EXISTS (SELECT 1 FROM dim_customer d WHERE d.customer_id = r.order_count)",
        "WITH lk_t1 AS (SELECT * FROM revenue_metrics), t AS (SELECT tenant_id, max(total_revenue)"
            + " AS m FROM lk_t1 GROUP BY tenant_id) SELECT * FROM t UNION ALL SELECT tenant_id, 1"
            + " FROM dim_customer",
        "SELECT (SELECT max(customer_id) FROM dim_customer) AS m, dt FROM revenue_metrics ORDER BY"
            + " dt DESC LIMIT 3",
        "SELECT dt, sum(order_count) OVER (PARTITION BY tenant_id ORDER BY dt ROWS BETWEEN 2"
            + " PRECEDING AND CURRENT ROW) AS s, lag(order_count) OVER w AS l FROM revenue_metrics"
            + " WINDOW w AS (ORDER BY dt)",
        "SELECT tenant_id, unique_customers, grouping(unique_customers), count(*) FROM"
            + " revenue_metrics GROUP BY ROLLUP (tenant_id, unique_customers)",
        "SELECT x, o FROM revenue_metrics CROSS JOIN UNNEST(ARRAY[order_count, 7]) WITH ORDINALITY"
            + " AS u(x, o) WHERE dt < DATE '2026-01-03'",
        "SELECT r.dt, l.n FROM revenue_metrics r CROSS JOIN LATERAL (SELECT count(*) AS n FROM"
            + " dim_customer c WHERE c.tenant_id = r.tenant_id) l",
        "SELECT current_user, current_schema, transform(ARRAY[order_count], x -> x + 1), TRY(1 /"
            + " order_count), CAST(dt AS varchar), format('%s', tenant_id), status FROM"
            + " revenue_metrics NATURAL_ JOIN (VALUES ('tenant-1', 'a'), ('tenant-2', 'b'))"
            + " AS v(t, status) ON v.t = NATURAL_.tenant_id",
        "SELECT listagg(status, ',') WITHIN GROUP (ORDER BY status) FROM dim_customer",
        "SELECT tenant_id FROM revenue_metrics INTERSECT SELECT tenant_id FROM dim_customer",
        "SELECT DISTINCT tenant_id FROM revenue_metrics EXCEPT SELECT 'tenant-2'",
        "SELECT dt AT TIME ZONE 'UTC' FROM (SELECT CAST(dt AS timestamp) AS dt FROM"
            + " revenue_metrics) WHERE dt BETWEEN TIMESTAMP '2026-01-01 00:00' AND TIMESTAMP"
            + " '2026-01-04 00:00:00'",
        "SELECT tenant_id, CASE WHEN order_count IN (1, 2) THEN 'low' ELSE 'o''k' END FROM"
            + " revenue_metrics WHERE tenant_id LIKE 'tenant-%' ESCAPE '\\'",
      })
  void shouldAnswerTheSameAsTheQueryItself(String sql) {
    TrinoQuery printed = printed(sql);
    new SqlParser().createStatement(printed.sql());
    assertThat(printed.sql()).contains("IN ('tenant-1')");
    assertThat(rows(printed.sql(), ADMIN)).as(printed.sql()).isEqualTo(rows(sql, ANALYST));
  }

  @Test
  void shouldPrintValuesInPlaceOfQuestionMarks() {
    Parameters values =
        Parameters.of(
            List.of(
                new Parameters.Value("varchar", "o'k"),
                new Parameters.Value("bigint", "3"),
                new Parameters.Value("date", null),
                new Parameters.Value("bigint", "1"),
                new Parameters.Value("bigint", "2")));
    TrinoQuery q =
        boundary.trino(
            "SELECT ? AS a, order_count FROM revenue_metrics WHERE order_count > ? OR dt = ?"
                + " ORDER BY order_count OFFSET ? LIMIT ?",
            new PrincipalCatalog(lake, policy, ANALYST),
            new Session(NOW, "analyst", null, "gold", "UTC", values, null, null),
            t -> List.of("lakehouse", t.schema(), t.name()));
    assertThat(q.sql()).doesNotContain("?");
    assertThat(rows(q.sql(), ADMIN))
        .isEqualTo(
            rows(
                "SELECT CAST('o''k' AS varchar) AS a, order_count FROM revenue_metrics WHERE"
                    + " order_count > 3 ORDER BY order_count OFFSET 1 LIMIT 2",
                ANALYST));
  }

  @Test
  void shouldReadEachTableByTheNameThatItHasOverThere() {
    TrinoQuery q =
        boundary.trino(
            "SELECT * FROM revenue_metrics a, revenue_metrics b",
            new PrincipalCatalog(lake, policy, ANALYST),
            SESSION,
            t -> List.of("awsdatacatalog", "lake-prod_" + t.schema(), t.name()));
    assertThat(q.sql())
        .containsOnlyOnce("\"awsdatacatalog\".\"lake-prod_gold\".\"revenue_metrics\"")
        .doesNotContain("lakehouse");
    assertThat(q.bindings()).hasSize(1);
  }

  @Test
  void shouldRefuseWhatTheQueryItselfIsRefused() {
    for (String sql :
        List.of(
            "SELECT email FROM dim_customer",
            "SELECT * FROM bronze.customers",
            "DELETE FROM revenue_metrics",
            "SELECT * FROM TABLE(sequence(1, 2))")) {
      assertThatThrownBy(() -> printed(sql)).as(sql).isInstanceOf(SqlFailure.class);
    }
  }

  @Test
  void shouldRefuseWhatOnlyTheGatewayKnows() {
    for (String sql :
        List.of(
            "SHOW TABLES",
            "SELECT * FROM information_schema.tables",
            "SELECT * FROM revenue_metrics FOR VERSION AS OF '20260302100000001'")) {
      assertThatThrownBy(() -> printed(sql)).as(sql).isInstanceOf(SqlFailure.class);
    }
  }
}
