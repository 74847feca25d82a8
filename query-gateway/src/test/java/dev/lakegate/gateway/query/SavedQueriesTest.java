package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.LakeTable;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SavedQuery;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped saved queries over a lake with data: the same rows as a DuckDB that reads the same
 * values without any boundary, and for a tenant exactly its own of them.
 */
class SavedQueriesTest {
  private static final List<String> TENANTS = List.of("tenant-1", "tenant-2");
  private static final int ROWS = 60;

  private final Lakehouse lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
  private final Policy policy = PolicyCompiler.compile(lakehouse, 1);
  @TempDir Path directory;
  private TestLake lake;
  private DuckDbEngine engine;
  private Planner planner;
  private Connection oracle;

  @BeforeEach
  void fill() throws SQLException {
    lake = new TestLake(directory.resolve("lake"));
    oracle = new org.duckdb.DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    Lake described = new Lake(lake.root(), lakehouse);
    try (Statement s = oracle.createStatement()) {
      s.execute("SET TimeZone = 'UTC'");
      s.execute("SET default_null_order = 'nulls_last'");
      for (String schema : Lake.SCHEMAS) {
        s.execute("CREATE SCHEMA " + schema);
      }
      Set<String> inputs = new LinkedHashSet<>();
      lakehouse.queries().forEach(q -> inputs.addAll(q.inputs()));
      for (String input : inputs) {
        LakeTable table = described.table(input);
        Map<String, String> rows = new LinkedHashMap<>();
        for (String tenant : TENANTS) {
          rows.put(tenant, rows(table, tenant));
        }
        s.execute(
            "CREATE TABLE "
                + table.schema()
                + ".\""
                + table.name()
                + "\" AS "
                + String.join(" UNION ALL ", rows.values()));
        lake.publish(
            table.schema(),
            table.name(),
            table.columns().stream()
                .map(c -> TestLake.column(c.name(), c.type().display()))
                .toList(),
            rows);
      }
    }
    engine = new DuckDbEngine(new EngineSettings(lake.root(), directory.resolve("t"), 128, 128, 1));
    planner = new Planner(new Lake(lake.root(), lakehouse), engine::value);
  }

  @AfterEach
  void close() throws SQLException {
    engine.close();
    lake.close();
    oracle.close();
  }

  /** Rows that join with each other and spread over months, states and NULL. */
  private static String rows(LakeTable table, String tenant) {
    int shift = tenant.charAt(7) - '0';
    return "SELECT "
        + table.columns().stream()
            .map(c -> value(c, tenant, shift) + " AS \"" + c.name() + "\"")
            .collect(Collectors.joining(", "))
        + " FROM range("
        + ROWS
        + ") r(i)";
  }

  private static String value(LakeTable.Column c, String tenant, int shift) {
    String type = c.type().duck();
    String value =
        switch (c.name()) {
          case "tenant_id" -> "'" + tenant + "'";
          case "id" -> "i + " + 1000 * shift;
          case "product_id" -> "i % 5 + " + 1000 * shift;
          case "order_id" -> "i % 20 + " + 1000 * shift;
          case "status" -> "CASE i % 3 WHEN 0 THEN 'pending' ELSE 'completed' END";
          default ->
              switch (c.type().kind()) {
                case DATE -> "DATE '2026-01-01' + CAST(i AS INTEGER)";
                case TIMESTAMP -> "TIMESTAMP '2026-01-01 10:00:00' + to_days(CAST(i AS INTEGER))";
                case TIMESTAMP_TZ ->
                    "TIMESTAMPTZ '2026-01-01 10:00:00+00' + to_days(CAST(i AS INTEGER))";
                case BOOLEAN -> "i % 2 = 0";
                case VARCHAR -> "'" + c.name() + "' || (i % 7)";
                case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL ->
                    "(i * " + shift + ") % 11";
                default -> "NULL";
              };
        };
    boolean nulls = c.nullable() && c.type().kind() == Type.Kind.VARCHAR && !isKey(c.name());
    return "CAST("
        + (nulls ? "CASE WHEN i % 13 = 0 THEN NULL ELSE " + value + " END" : value)
        + " AS "
        + type
        + ")";
  }

  private static boolean isKey(String name) {
    return name.equals("id") || name.endsWith("_id") || name.equals("status");
  }

  @TestFactory
  List<DynamicTest> shouldAnswerAsDuckDbDoesOverTheSameRows() {
    assertThat(lakehouse.queries()).hasSize(5);
    return lakehouse.queries().stream()
        .map(q -> DynamicTest.dynamicTest(q.name(), () -> compare(q)))
        .toList();
  }

  private void compare(SavedQuery q) throws SQLException {
    // Rows that sort alike may come in any order; that each query sorts, others test.
    List<List<String>> expected = sorted(expected(q.sql()));
    assertThat(expected).hasSizeGreaterThan(TENANTS.size());
    assertThat(answer(principal("DataEngineer"), q)).isEqualTo(expected);
    if (q.inputs().stream().allMatch(i -> i.startsWith("gold."))) {
      for (String tenant : TENANTS) {
        List<List<String>> own = expected.stream().filter(r -> r.get(0).equals(tenant)).toList();
        assertThat(own).isNotEmpty();
        assertThat(answer(principal("TenantSpecificAnalyst", tenant), q)).isEqualTo(own);
      }
    }
  }

  private static Principal principal(String persona, String... tenants) {
    return new Principal(
        "issuer", "user", new TreeSet<>(Set.of(persona)), new TreeSet<>(List.of(tenants)), null);
  }

  private List<List<String>> answer(Principal p, SavedQuery q) {
    Planned planned =
        planner.plan(
            q.sql(),
            policy,
            p,
            new Session(Instant.parse("2026-03-02T12:00:00Z"), p.subject(), "gold"));
    List<List<String>> rows = new ArrayList<>();
    try (Execution e = engine.execute(planned.query(), planned.relations())) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        List<String> values = new ArrayList<>();
        for (Object v : row) {
          values.add(text(v));
        }
        rows.add(values);
      }
    }
    return sorted(rows);
  }

  private static List<List<String>> sorted(List<List<String>> rows) {
    return rows.stream().sorted(Comparator.comparing(List::toString)).toList();
  }

  private List<List<String>> expected(String sql) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Statement s = oracle.createStatement();
        ResultSet r = s.executeQuery(sql)) {
      while (r.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= r.getMetaData().getColumnCount(); i++) {
          values.add(text(r.getObject(i)));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  private static String text(Object v) {
    if (v instanceof BigDecimal d) {
      return d.stripTrailingZeros().toPlainString();
    }
    if (v instanceof java.time.OffsetDateTime t) {
      return t.toInstant().toString();
    }
    if (v instanceof java.sql.Timestamp t) {
      // DuckDB makes a timestamp of the month of a date, where Trino keeps a date.
      return t.toLocalDateTime().toLocalDate().toString();
    }
    return String.valueOf(v);
  }
}
