package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.model.policy.RowPredicate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statements that would exhaust the heap, the stack or the time of a service that all tenants
 * share. Each must fail by itself, soon and with a code, and the engine must serve on.
 */
@Timeout(900)
class HostileLoadTest {
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          r -> {
            Thread t = new Thread(r, "watch");
            t.setDaemon(true);
            return t;
          });

  @TempDir static Path directory;

  private static DuckDbEngine engine;

  @BeforeAll
  static void open() {
    engine = new DuckDbEngine(new EngineSettings(directory, directory.resolve("tmp"), 256, 256, 2));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static List<Object[]> run(String sql) {
    SecuredQuery query =
        new SqlBoundary(engine::value)
            .secure(sql, new EmptyCatalog(), new Session(Instant.EPOCH, "user", "gold"));
    List<Object[]> rows = new ArrayList<>();
    try (Execution e = engine.execute(query, List.of())) {
      // As the gateway ends what runs for too long.
      ScheduledFuture<?> watch =
          TIMER.scheduleWithFixedDelay(e::cancel, 60_000, 100, TimeUnit.MILLISECONDS);
      try {
        for (Object[] row = e.next(); row != null; row = e.next()) {
          rows.add(row);
        }
      } finally {
        watch.cancel(false);
      }
    }
    return rows;
  }

  private static void refused(String sql, String... codes) {
    String head = sql.substring(0, Math.min(sql.length(), 100));
    long start = System.nanoTime();
    Throwable t = catchThrowable(() -> run(sql));
    assertThat(t).as(head).isInstanceOf(SqlFailure.class);
    assertThat(((SqlFailure) t).code()).as(head).isIn((Object[]) codes);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as(head)
        .isLessThan(Duration.ofMinutes(3));
    assertThat(run("SELECT 1")).hasSize(1);
  }

  private static String nested(int times, String open, String inner, String close) {
    return "SELECT " + open.repeat(times) + inner + close.repeat(times);
  }

  @Test
  void shouldRefuseNestingBeforeItIsParsed() {
    // Each of the first four took all of a small heap, or minutes, in the parser.
    refused(nested(3000, "(", "1", ")"), "QUERY_TOO_COMPLEX");
    refused(nested(3000, "CASE WHEN true THEN ", "1", " END"), "QUERY_TOO_COMPLEX");
    refused(nested(3000, "ARRAY[", "1", "]"), "QUERY_TOO_COMPLEX");
    refused(nested(3000, "x -> ", "1", ""), "QUERY_TOO_COMPLEX");
    refused(nested(40_000, "1,", "1", ""), "QUERY_TOO_COMPLEX");
    refused(nested(300, "('(' /* ) */ || ", "''", ")"), "QUERY_TOO_COMPLEX");
    refused(
        "SELECT 1 FROM " + "(".repeat(3000) + "VALUES 1" + ")".repeat(3000), "QUERY_TOO_COMPLEX");
  }

  @Test
  void shouldRefuseSubqueriesWhosePlanningTakesForEver() {
    refused(nested(55, "(SELECT ", "1", ")"), "QUERY_TOO_COMPLEX");
    assertThat(run(nested(8, "(SELECT ", "1", ")"))).hasSize(1);
  }

  @Test
  void shouldRefuseWhatIsTooDeepForTheEngine() {
    refused(nested(150, "1.0 / ", "1.0", ""), "QUERY_TOO_COMPLEX");
    refused(nested(190, "1.0 / ", "1.0", ""), "QUERY_TOO_COMPLEX");
    assertThat(run(nested(140, "(", "1", ")"))).hasSize(1);
    assertThat(run(nested(5000, "true AND ", "true", ""))).hasSize(1);
  }

  @Test
  void shouldRefuseGroupingSetsThatMultiply() {
    String from = " FROM (VALUES (1,1,1,1,1,1,1,1)) t(a,b,c,d,e,f,g,h) GROUP BY ";
    refused("SELECT count(*)" + from + "CUBE (a,b,c,d,e,f,g,h)", "QUERY_TOO_COMPLEX");
    refused("SELECT count(*)" + from + "CUBE (a,b,c,d), CUBE (e,f,g,h)", "QUERY_TOO_COMPLEX");
    refused(
        "SELECT count(*)" + from + "GROUPING SETS (" + "(),".repeat(100) + "())",
        "QUERY_TOO_COMPLEX");
    assertThat(run("SELECT count(*)" + from + "CUBE (a,b), ROLLUP (c,d)")).hasSize(12);
  }

  @Test
  void shouldRefuseTextThatGrowsWithoutEnd() {
    String limit = "EXCEEDED_LOCAL_MEMORY_LIMIT";
    refused("SELECT length(rpad('a', 2000000000, 'b'))", limit);
    refused("SELECT length(lpad(CAST(x AS varchar), 2000000000, 'b')) FROM (VALUES 1) t(x)", limit);
    StringBuilder doubling = new StringBuilder("WITH s0 AS (SELECT rpad('x', 100000, 'y') s)");
    StringBuilder binary = new StringBuilder("WITH s0 AS (SELECT to_utf8(rpad('x',100000,'y')) s)");
    StringBuilder joined = new StringBuilder("WITH s0 AS (SELECT rpad('x', 100000, 'y') s)");
    for (int i = 1; i <= 30; i++) {
      doubling.append(", s" + i + " AS (SELECT s || s s FROM s" + (i - 1) + ")");
      binary.append(", s" + i + " AS (SELECT s || s s FROM s" + (i - 1) + ")");
      joined.append(", s" + i + " AS (SELECT concat_ws(s, s, s) s FROM s" + (i - 1) + ")");
    }
    refused(doubling + " SELECT length(s) FROM s30", limit);
    refused(binary + " SELECT length(s) FROM s30", limit);
    refused(joined + " SELECT length(s) FROM s30", limit);
    String long1 = "rpad('a', 200000, 'a')";
    String with = "b".repeat(10_000);
    refused("SELECT length(replace(" + long1 + ", 'a', '" + with + "'))", limit);
    refused("SELECT length(replace(" + long1 + ", '', '" + with + "'))", limit);
    refused("SELECT length(regexp_replace(" + long1 + ", 'a', '" + with + "'))", limit);
  }

  @Test
  void shouldLetAllStepsOfAStatementShareItsMemory() {
    // Each step stays within what one may take; together they would take gigabytes.
    StringBuilder many = new StringBuilder("SELECT count(*)");
    StringBuilder few = new StringBuilder("SELECT count(*)");
    long each = ChunkBudget.CHUNK / 2048 * 3 / 4;
    for (int i = 0; i < 200; i++) {
      String step = ", max(length(rpad(CAST(x + " + i + " AS varchar), " + each + ", 'y')))";
      many.append(step);
      if (i < 3) {
        few.append(step);
      }
    }
    String from = " FROM UNNEST(sequence(1, 2048)) t(x)";
    refused(many + from, "EXCEEDED_LOCAL_MEMORY_LIMIT");
    assertThat(run(few + from)).hasSize(1);
    // Many steps over texts of a usual length are no matter.
    assertThat(run(many.toString().replace(", " + each + ",", ", 100,") + from)).hasSize(1);
  }

  @Test
  void shouldRefuseRowsThatTakeTheHeap() {
    String limit = "EXCEEDED_LOCAL_MEMORY_LIMIT";
    // One text, small enough, for each of 100 million rows: whole chunks become Java values.
    refused(
        "SELECT a.s, b.x FROM (SELECT rpad('x', 900000, 'y') s) a CROSS JOIN"
            + " UNNEST(sequence(1, 10000)) b(x) CROSS JOIN UNNEST(sequence(1, 10000)) c(y)",
        limit);
    refused(
        "SELECT array_agg(1) FROM UNNEST(sequence(1, 10000)) a(x)"
            + " CROSS JOIN UNNEST(sequence(1, 3000)) b(y)",
        limit);
    refused(
        "SELECT ROW(s, 1), ARRAY[s] FROM (SELECT rpad('x', 900000, 'y') s) a"
            + " CROSS JOIN UNNEST(sequence(1, 10000)) b(x)",
        limit);
    refused(
        "SELECT cardinality(transform(sequence(1, 10000), x -> sequence(1, 10000)))",
        "NOT_SUPPORTED");
    assertThat(run("SELECT rpad('x', 1000, 'y'), NULL FROM UNNEST(sequence(1, 3000)) t(x)"))
        .hasSize(3000);
    assertThat(run("SELECT transform(split('a,b', ','), s -> s || CAST(s AS varchar) || 'c')"))
        .singleElement()
        .satisfies(r -> assertThat(r[0]).isEqualTo(List.of("aac", "bbc")));
    assertThat(
            run(
                "SELECT x || y, count(*) FROM (VALUES ('a', CAST('b' AS varchar))) t(x, y) GROUP BY x || y ORDER BY x || y"))
        .singleElement()
        .satisfies(r -> assertThat(r).containsExactly("ab", 1L));
  }

  @Test
  void shouldRefuseRegularExpressionsThatBacktrackOrRecurse() {
    refused("SELECT regexp_like(rpad('a', 100000, 'b'), '(a|b)*c')", "REGEXP_TOO_COMPLEX");
    refused("SELECT regexp_like(rpad('a', 3000, 'a'), '(a+)+c')", "REGEXP_TOO_COMPLEX");
    // Each row stays within what one row may take; a whole chunk cannot be stopped in between.
    refused(
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) t(x)"
            + " WHERE regexp_like(rpad(CAST(x AS varchar), 1300, 'a'), 'a.*a.*b')",
        "REGEXP_TOO_COMPLEX");
  }

  @Test
  void shouldMatchLikeWithoutTryingEveryPlaceForEveryWildcard() {
    // DuckDB's own matching takes years for each of these, and cannot be stopped.
    String text = "rpad('a', 2000, 'a')";
    String many = "%a_".repeat(10) + "%b";
    for (String sql :
        List.of(
            "SELECT " + text + " LIKE '" + many + "'",
            "SELECT " + text + " LIKE '" + "%a".repeat(10) + "%b'",
            "SELECT " + text + " LIKE '" + "%a".repeat(10) + "%b$_' ESCAPE '$'",
            "SELECT s LIKE p FROM (VALUES (" + text + ", '" + many + "')) t(s, p)")) {
      assertThat(run(sql))
          .as(sql)
          .singleElement()
          .satisfies(r -> assertThat(r[0]).isEqualTo(false));
    }
    refused(
        "SELECT rpad('a', 900000, 'a') LIKE '%_" + "a".repeat(50_000) + "b%'",
        "REGEXP_TOO_COMPLEX");
    String[][] like = {
      {"abc", "%b%", "true"},
      {"abc", "a_c", "true"},
      {"abc", "%_%_%_", "true"},
      {"abc", "%_%_%_%_", "false"},
      {"", "%_%", "false"},
      {"", "%%", "true"},
      {"a\ud83d\ude00c", "%a%_c", "true"},
      {"a\ud83d\ude00c", "%a%__c", "false"},
      {"mississippi", "%iss%ip%_", "true"},
      {"mississippi", "%iss%ipx%_", "false"},
      {"a%b", "%a$%_%", "false"},
    };
    for (String[] l : like) {
      for (String sql :
          List.of(
              "SELECT '" + l[0] + "' LIKE '" + l[1] + "'",
              "SELECT s LIKE p FROM (VALUES ('" + l[0] + "', '" + l[1] + "')) t(s, p)")) {
        assertThat(run(sql))
            .as(sql)
            .singleElement()
            .satisfies(r -> assertThat(String.valueOf(r[0])).isEqualTo(l[2]));
      }
    }
    assertThat(run("SELECT 'a%b_c' LIKE '%$%%$_%c' ESCAPE '$', NULL LIKE '%_%', 'a' LIKE NULL"))
        .singleElement()
        .satisfies(r -> assertThat(r).containsExactly(true, null, null));
  }

  @Test
  void shouldRefuseListsAndTypesThatDouble() {
    StringBuilder types = new StringBuilder("WITH s0 AS (SELECT 1 AS x)");
    StringBuilder lists = new StringBuilder("WITH s0 AS (SELECT sequence(1, 10000) AS x)");
    StringBuilder deep = new StringBuilder("WITH s0 AS (SELECT sequence(1, 10000) AS x)");
    for (int i = 1; i <= 30; i++) {
      String from = " FROM s" + (i - 1) + ")";
      types.append(", s" + i + " AS (SELECT ROW(x, x) AS x" + from);
      if (i > 14) {
        // Enough to be refused, too little to take the machine when it is not.
        continue;
      }
      lists.append(", s" + i + " AS (SELECT flatten(ARRAY[x, x]) AS x" + from);
      deep.append(", s" + i + " AS (SELECT ARRAY[x, x] AS x" + from);
    }
    refused(types + " SELECT 1 FROM s30", "QUERY_TOO_COMPLEX");
    String[] limits = {"EXCEEDED_LOCAL_MEMORY_LIMIT", "QUERY_TOO_COMPLEX"};
    refused(lists + " SELECT cardinality(x) FROM s14", limits);
    refused(deep + " SELECT cardinality(x) FROM s14", limits);
    String many = "x, ".repeat(5_000) + "x";
    refused(
        "SELECT cardinality(flatten(ARRAY[" + many + "])) FROM (SELECT sequence(1, 10000) x) t",
        limits);
    assertThat(run("SELECT ARRAY[ARRAY[1, 2], NULL, ARRAY[]], flatten(ARRAY[ARRAY[1], ARRAY[2]])"))
        .hasSize(1);
  }

  @Test
  void shouldRefuseRecursionsWithinRecursions() {
    // Each step is written out eleven times, and each of those holds the next recursion.
    String sql = "SELECT 1 AS n";
    for (int i = 1; i <= 7; i++) {
      String r = "r" + i;
      sql =
          ("WITH RECURSIVE %s(n) AS (SELECT 1 UNION ALL SELECT a.n + x.n FROM %s a CROSS JOIN (%s) x"
                  + " WHERE a.n < 3) SELECT n FROM %s")
              .formatted(r, r, sql, r);
    }
    refused(sql, "QUERY_TOO_COMPLEX", "NOT_SUPPORTED");
  }

  @Test
  void shouldRefuseJsonPathsThatMultiply() {
    String[] limits = {"EXCEEDED_LOCAL_MEMORY_LIMIT", "REGEXP_TOO_COMPLEX", "QUERY_TOO_COMPLEX"};
    refused("SELECT json_query('1', 'lax $" + "[0,0]".repeat(40) + "' WITH WRAPPER)", limits);
    refused("SELECT json_exists('1', 'lax $" + "[0,0,0,0]".repeat(30) + "')", limits);
    String array = "'[" + "1,".repeat(2_000) + "1]'";
    refused(
        "SELECT json_exists(" + array + ", 'lax $[*]?(exists($[*]?(exists($[*]?(@ == 2)))))')",
        limits);
  }

  @Test
  void shouldRefuseTextThatTheEngineWouldCutOff() {
    refused("SELECT U&'\\0000'", "NOT_SUPPORTED");
    refused("SELECT 'a' || U&'x\\0000 FROM t1 --'", "NOT_SUPPORTED");
  }

  @Test
  void shouldBoundWhatMultiplies() {
    StringBuilder joins = new StringBuilder("WITH s0 AS (SELECT 1 AS x)");
    StringBuilder rows = new StringBuilder("WITH s0 AS (SELECT 1 AS x)");
    StringBuilder columns = new StringBuilder("SELECT 1 AS x");
    for (int i = 1; i <= 40; i++) {
      String s = " FROM s" + (i - 1);
      joins.append(", s" + i + " AS (SELECT a.x" + s + " a CROSS JOIN s" + (i - 1) + " b)");
      rows.append(", s" + i + " AS (SELECT x" + s + " UNION ALL SELECT x" + s + ")");
      columns.insert(0, "SELECT *, * FROM (").append(") s" + i);
    }
    // Each common table expression is worked out once.
    assertThat(run(joins + " SELECT count(*) FROM s40")).hasSize(1);
    refused(rows + " SELECT max(x) FROM s40", "EXCEEDED_LOCAL_MEMORY_LIMIT", "USER_CANCELED");
    refused(columns.toString(), "QUERY_TOO_COMPLEX");
    assertThat(run("SELECT 1 WHERE 5 IN (" + "1, ".repeat(9_000) + "5)")).hasSize(1);
    assertThat(run("SELECT count(*) FROM (VALUES " + "(1, 'a'), ".repeat(3_000) + "(2, 'b'))"))
        .hasSize(1);
    assertThat(run("SELECT length('" + "x".repeat(90_000) + "')")).hasSize(1);
    assertThat(run("SELECT json_extract_scalar(rpad('[', 100000, '['), '$[0]')")).hasSize(1);
  }

  @Test
  void shouldReadFilesOfTenantsWhoseNameHasABrace() {
    String sql =
        new SecuredRelation(
                "t1",
                List.of(new SecuredRelation.Column(0, "x", Type.BIGINT)),
                List.of("gold/a/tenant_id=a}b]c/1.parquet"),
                new RowPredicate.In("tenant_id", List.of("a}b]c")),
                false)
            .sql(directory, false);
    assertThat(sql).contains("tenant_id=a}b]c/1.parquet");
  }

  @Test
  void shouldOpenAnotherInstanceAfterAFatalError() {
    SecuredQuery query =
        new SqlBoundary(engine::value)
            .secure(
                "SELECT x FROM UNNEST(sequence(1, 5000)) AS t(x)",
                new EmptyCatalog(),
                new Session(Instant.EPOCH, "user", "gold"));
    try (Execution before = engine.execute(query, List.of())) {
      assertThat(before.next()).isNotNull();
      RuntimeException failure =
          engine.translate(
              new java.sql.SQLException(
                  "FATAL Error: database has been invalidated because of a fatal error"));
      assertThat(failure)
          .isInstanceOfSatisfying(
              SqlFailure.class, f -> assertThat(f.code()).isEqualTo("GENERIC_INTERNAL_ERROR"));
      // The next query runs elsewhere, with our functions and behind the same lock.
      assertThat(run("SELECT 7 / 2, concat('a', NULL)")).hasSize(1);
      int rest = 0;
      while (before.next() != null) {
        rest++;
      }
      assertThat(rest).isEqualTo(4999);
    }
    assertThat(run("SELECT 1")).hasSize(1);
  }

  @Test
  void shouldNotTakeAFailedQueryForAFailedEngine() {
    refused("SELECT 1 / 0", "DIVISION_BY_ZERO");
    assertThat(DuckErrors.isFatal(new java.sql.SQLException("Conversion Error: no INTERNAL Error")))
        .isFalse();
  }

  @Test
  void shouldRefusePercentagesThatTheEngineWouldReadOtherwise() {
    refused(
        "SELECT approx_percentile(x, -0.5) FROM UNNEST(ARRAY[1, 2, 3]) AS t(x)", "NOT_SUPPORTED");
  }
}
