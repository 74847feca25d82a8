package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.sql.CatalogView;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.gateway.sql.Types;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.RowPredicate;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that hold others' rows too: nothing of the user's statement runs on those rows, and nothing
 * of its plan depends on them.
 */
class BarrierTest {
  private static final List<String> NAMES = List.of("tenant_id", "region", "x", "s", "d");
  private static final Map<String, Type> TYPES =
      Map.of(
          "tenant_id", Type.VARCHAR,
          "region", Types.parse("integer"),
          "x", Type.BIGINT,
          "s", Type.VARCHAR,
          "d", Types.parse("double"));

  /** Over two columns, of which one is no text: DuckDB cannot answer it in the scan. */
  private static final RowPredicate MINE =
      new RowPredicate.Or(
          List.of(
              new RowPredicate.In("tenant_id", List.of("tenant-1")),
              new RowPredicate.Comparison("region", "=", "77")));

  @TempDir static Path directory;

  private static DuckDbEngine engine;
  private static List<String> shared;
  private static List<String> own;

  @BeforeAll
  static void open() {
    // Others' rows fail on everything that own rows do not fail on.
    String mine = "SELECT 'tenant-1' AS tenant_id, 1 AS region, i + 1 AS x, '7' AS s, 2e0 AS d";
    String theirs = "SELECT 'tenant-2', 2, 0, CASE i % 2 WHEN 0 THEN 'bad' ELSE '[' END, -1e0";
    try (TestLake lake = new TestLake(directory)) {
      lake.publish(
          "gold",
          "mixed",
          "tenant",
          List.of(),
          NAMES.stream().map(n -> TestLake.column(n, "varchar")).toList(),
          Map.of(
              "all",
              mine + " FROM range(3000) r(i) UNION ALL " + theirs + " FROM range(90000) r(i)"));
      lake.publish(
          "gold",
          "own",
          "tenant",
          List.of(),
          NAMES.stream().map(n -> TestLake.column(n, "varchar")).toList(),
          Map.of("all", mine + " FROM range(3000) r(i)"));
    }
    shared = files("mixed");
    own = files("own");
    engine = new DuckDbEngine(new EngineSettings(directory, directory.resolve("tmp"), 256, 256, 2));
  }

  private static List<String> files(String table) {
    try (var walk = java.nio.file.Files.walk(directory.resolve("gold").resolve(table))) {
      return walk.filter(f -> f.toString().endsWith(".parquet"))
          .map(f -> directory.relativize(f).toString())
          .toList();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static SecuredQuery secure(String sql) {
    return new SqlBoundary(engine::value)
        .secure(sql, new OneTable(), new Session(Instant.EPOCH, "user", "gold"));
  }

  private static List<SecuredRelation> relations(
      SecuredQuery q, List<String> files, boolean apart) {
    return q.bindings().stream()
        .map(
            b ->
                new SecuredRelation(
                    b.name(),
                    b.used().stream()
                        .map(
                            i ->
                                new SecuredRelation.Column(
                                    i, NAMES.get(i), TYPES.get(NAMES.get(i))))
                        .toList(),
                    files,
                    MINE,
                    apart))
        .toList();
  }

  private static String run(String sql, List<String> files, boolean apart) {
    SecuredQuery q = secure(sql);
    List<String> rows = new ArrayList<>();
    try (Execution e = engine.execute(q, relations(q, files, apart))) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        rows.add(Arrays.deepToString(row));
      }
    } catch (SqlFailure f) {
      return f.code();
    }
    rows.sort(null);
    return rows.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count(*) FROM mixed WHERE 100 / x > 1",
        "SELECT count(*) FROM mixed WHERE x > 0 AND 100 / x > 1",
        "SELECT count(*) FROM mixed WHERE 100 % x = 1",
        "SELECT count(*) FROM mixed WHERE CAST(s AS bigint) > 5",
        "SELECT count(*) FROM mixed WHERE CAST(s AS date) > DATE '2020-01-01'",
        "SELECT count(*) FROM mixed WHERE CAST(s AS double) > 5",
        "SELECT count(*) FROM mixed WHERE CAST(x * 100 + 100 AS smallint) > 5",
        "SELECT count(*) FROM mixed WHERE x BETWEEN 1 AND 100 / x",
        "SELECT count(*) FROM mixed WHERE json_array_length(s) IS NULL",
        "SELECT count(*) FROM mixed WHERE regexp_like(s, '(a|b)*c')",
        "SELECT count(*) FROM mixed WHERE sqrt(d) > 1",
        "SELECT count(*) FROM mixed WHERE substr(s, CAST(s AS bigint)) = ''",
        "SELECT count(*) FROM mixed WHERE split_part(s, ',', CAST(x AS integer)) = 'a'",
        "SELECT count(*) FROM mixed WHERE chr(CAST(x - 1 AS bigint)) = 'a'",
        "SELECT sum(100 / x) FROM mixed",
        "SELECT 100 / x FROM mixed ORDER BY 1 LIMIT 3",
        "SELECT max(CAST(s AS bigint)) OVER (PARTITION BY x) FROM mixed LIMIT 2",
        "SELECT count(*) FROM mixed GROUP BY 100 / x ORDER BY 1 LIMIT 2",
        "SELECT count(*) FROM mixed a JOIN mixed b ON 100 / a.x = b.x",
        "SELECT count(*) FROM mixed a JOIN (VALUES 7) v(y) ON CAST(a.s AS bigint) = v.y",
        "SELECT count(*) FROM mixed a WHERE EXISTS (SELECT 1 FROM mixed b WHERE b.x = 100 / a.x)",
        "SELECT count(*) FROM mixed WHERE x IN (SELECT 100 / x FROM mixed)",
        "SELECT count(*) FROM (SELECT 100 / x AS y FROM mixed) WHERE y > 1",
        "SELECT count(*) FROM (SELECT * FROM mixed WHERE 100 / x > 1 LIMIT 10)",
        "WITH w AS (SELECT 100 / x AS y FROM mixed) SELECT count(*) FROM w a, w b WHERE a.y = b.y",
        "SELECT count(*) FROM mixed, UNNEST(ARRAY[1, 100 / x]) u(e)",
        "SELECT count(*) FROM mixed WHERE CASE WHEN tenant_id = 'tenant-2' THEN 1 / x ELSE 1 END > 0",
        "SELECT count(*) FROM mixed WHERE tenant_id = 'tenant-2' AND 1 / x > 0",
        "SELECT tenant_id, count(*) FROM mixed GROUP BY 1",
        "SELECT min(x), max(x), count(*), count(DISTINCT s) FROM mixed",
        "SELECT count(*) FROM mixed",
        "SELECT 1 FROM mixed LIMIT 1"
      })
  void shouldAnswerAsIfTheFilesHeldNoOtherRows(String sql) {
    assertThat(run(sql, shared, true)).isEqualTo(run(sql, own, false));
  }

  @Test
  void shouldBeNeeded() {
    // Without it the optimizer evaluates the user's expressions on others' rows: the data of this
    // test would show a barrier that is none.
    assertThat(
            List.of(
                run("SELECT count(*) FROM mixed WHERE 100 / x > 1", shared, false),
                run("SELECT count(*) FROM mixed WHERE CAST(s AS bigint) > 5", shared, false)))
        .containsAnyOf("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT");
  }

  @Test
  void shouldPlanOverPermittedRowsAlone() throws SQLException {
    SecuredQuery q =
        secure("SELECT a.x FROM mixed a JOIN mixed b ON a.x = b.x WHERE 100 / a.x > 1");
    String apart = plan(q, shared, true);
    assertThat(apart).doesNotContain("PARQUET").contains("SEQ_SCAN");
    // Estimates decide the order of joins, and that decides which expression fails first.
    assertThat(apart).isEqualTo(plan(q, own, true));
    // What a tenant has in files of its own is read where it is used: filters reach the scan.
    String whole = plan(q, own, false);
    assertThat(whole).contains("READ_PARQUET").doesNotContain("SEQ_SCAN");
  }

  private static String plan(SecuredQuery q, List<String> files, boolean apart)
      throws SQLException {
    List<SecuredRelation> relations = relations(q, files, apart);
    try (Execution e = engine.begin(q)) {
      DuckDBConnection c = e.connection();
      try (Statement s = c.createStatement()) {
        for (String separation : engine.separations(relations, false)) {
          s.executeUpdate(separation);
        }
        StringBuilder plan = new StringBuilder();
        try (ResultSet r = s.executeQuery("EXPLAIN " + engine.text(c, q, relations, false, 0))) {
          while (r.next()) {
            plan.append(r.getString(2));
          }
        }
        return plan.toString();
      }
    }
  }

  @Test
  void shouldNotEvenCastValuesOfOtherRows() {
    // Declared as numbers; only in own rows they are.
    SecuredQuery q = secure("SELECT x FROM mixed");
    List<SecuredRelation> relations =
        q.bindings().stream()
            .map(
                b ->
                    new SecuredRelation(
                        b.name(),
                        List.of(new SecuredRelation.Column(2, "s", Type.BIGINT)),
                        shared,
                        MINE,
                        true))
            .toList();
    int rows = 0;
    try (Execution e = engine.execute(q, relations)) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        assertThat(row).containsExactly(7L);
        rows++;
      }
    }
    assertThat(rows).isEqualTo(3000);
  }

  @Test
  void shouldTakeAColumnThatNoFileHasForOneThatLetsNoRowThrough() {
    SecuredQuery q = secure("SELECT x FROM mixed");
    for (boolean apart : new boolean[] {true, false}) {
      List<SecuredRelation> relations =
          q.bindings().stream()
              .map(
                  b ->
                      new SecuredRelation(
                          b.name(),
                          List.of(new SecuredRelation.Column(2, "x", Type.BIGINT)),
                          shared,
                          new RowPredicate.In("owner", List.of("tenant-1")),
                          apart))
              .toList();
      try (Execution e = engine.execute(q, relations)) {
        assertThat(e.next()).isNull();
      }
    }
  }

  @Test
  void shouldLeaveNothingBehindForTheNextQuery() {
    String sql = "SELECT count(*) FROM mixed";
    assertThat(run(sql, shared, true)).isEqualTo("[[3000]]");
    SecuredQuery q = secure(sql);
    // Another connection, whose relation was forgotten: there is no table of the name.
    try (Execution e = engine.execute(q, List.of())) {
      assertThat(e.next()).isNull();
    } catch (SqlFailure f) {
      assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
      return;
    }
    throw new AssertionError("a relation of another query was readable");
  }

  /** A catalog with one table of which everything may be read by name. */
  private static final class OneTable implements CatalogView {
    @Override
    public String catalog() {
      return "lakehouse";
    }

    @Override
    public List<String> schemas() {
      return List.of("gold");
    }

    @Override
    public Optional<TableView> table(String schema, String name) {
      AccessDecision d =
          new AccessDecision(
              AccessDecision.VERSION,
              1,
              new Principal("issuer", "user", new TreeSet<>(), new TreeSet<>(), null),
              "gold.mixed",
              true,
              AccessDecision.Reason.ALLOWED,
              "",
              NAMES,
              List.of(),
              List.of(),
              MINE,
              List.of(),
              List.of());
      return name.equals("mixed")
          ? Optional.of(
              new TableView(
                  "gold",
                  "mixed",
                  NAMES.stream().map(n -> new ColumnView(n, TYPES.get(n))).toList(),
                  d,
                  null))
          : Optional.empty();
    }

    @Override
    public Optional<TableView> table(String schema, String name, AsOf asOf) {
      return Optional.empty();
    }

    @Override
    public List<ListedTable> listing() {
      return List.of();
    }
  }
}
