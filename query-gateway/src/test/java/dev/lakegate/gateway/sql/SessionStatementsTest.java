package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements about the session, prepared statements, parameters and the session's zone. */
class SessionStatementsTest {
  private static final Instant NOW = Instant.parse("2026-03-03T23:30:00Z");
  private final SqlBoundary boundary =
      new SqlBoundary(
          q -> {
            throw new AssertionError("evaluated: " + q.body());
          });

  private Checked check(String sql, String zone, Map<String, String> prepared, String transaction) {
    return boundary.check(
        sql,
        new TestCatalog(TestCatalog.TENANT),
        new Session(NOW, "u", null, "gold", zone, Parameters.NONE, prepared, transaction),
        () -> {});
  }

  private Checked check(String sql) {
    return check(sql, "UTC", Map.of(), null);
  }

  private SqlFailure refused(String sql, Map<String, String> prepared) {
    SqlFailure f = catchThrowableOfType(SqlFailure.class, () -> check(sql, "UTC", prepared, null));
    assertThat(f).as(sql).isNotNull();
    return f;
  }

  @Test
  void shouldTellWhatASessionStatementChangesAndAnswerARow() {
    Checked use = check("USE lakehouse.gold");
    assertThat(use.change()).isEqualTo(new SessionChange.Use("lakehouse", "gold"));
    assertThat(use.query().columns())
        .extracting(OutputColumn::name, OutputColumn::type)
        .containsExactly(tuple("result", Type.BOOLEAN));
    assertThat(check("SET SESSION query_max_run_time = '10m'").change())
        .isEqualTo(new SessionChange.Set("SET SESSION", "query_max_run_time", "10m"));
    assertThat(check("RESET SESSION query_max_run_time").change())
        .isEqualTo(new SessionChange.Reset("query_max_run_time"));
    assertThat(check("SET ROLE NONE").change()).isEqualTo(new SessionChange.Role("system", "NONE"));
    assertThat(check("SET TIME ZONE 'Asia/Tokyo'").change())
        .isEqualTo(new SessionChange.Set("SET TIME ZONE", "time_zone_id", "Asia/Tokyo"));
    assertThat(check("SET TIME ZONE INTERVAL '-3' HOUR").change())
        .isEqualTo(new SessionChange.Set("SET TIME ZONE", "time_zone_id", "-03:00"));
    assertThat(check("START TRANSACTION READ ONLY").change())
        .isEqualTo(new SessionChange.Started());
    assertThat(check("COMMIT", "UTC", Map.of(), "t1").change())
        .isEqualTo(new SessionChange.Ended("COMMIT"));
    assertThat(check("SELECT 1").change()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INVALID_SESSION_PROPERTY | SET SESSION no_such = true
          INVALID_SESSION_PROPERTY | SET SESSION lakehouse.x = true
          INVALID_SESSION_PROPERTY | SET SESSION spill_enabled = 'maybe'
          INVALID_SESSION_PROPERTY | SET SESSION query_max_run_time = 'long'
          INVALID_SESSION_PROPERTY | SET SESSION parse_decimal_literals_as_double = true
          ROLE_NOT_FOUND           | SET ROLE admin
          INVALID_LITERAL          | SET TIME ZONE 'Mars/Olympus'
          CATALOG_NOT_FOUND        | USE nowhere.gold
          SCHEMA_NOT_FOUND         | USE nowhere
          NOT_FOUND                | EXECUTE p
          NOT_FOUND                | DEALLOCATE PREPARE p
          NOT_FOUND                | DESCRIBE INPUT p
          NOT_IN_TRANSACTION       | COMMIT
          STATEMENT_NOT_ALLOWED    | SET SESSION AUTHORIZATION admin
          STATEMENT_NOT_ALLOWED    | RESET SESSION AUTHORIZATION
          STATEMENT_NOT_ALLOWED    | SET PATH a
          STATEMENT_NOT_ALLOWED    | PREPARE p FROM DELETE FROM gold.dim_customer
          STATEMENT_NOT_ALLOWED    | PREPARE p FROM EXECUTE q
          STATEMENT_NOT_ALLOWED    | EXECUTE IMMEDIATE 'DELETE FROM gold.dim_customer'
          STATEMENT_NOT_ALLOWED    | EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''SELECT 1'''
          STATEMENT_NOT_ALLOWED    | EXECUTE IMMEDIATE 'SET ROLE NONE'
          TABLE_NOT_READABLE       | EXECUTE IMMEDIATE 'SELECT * FROM silver.orders'
          TABLE_NOT_READABLE       | PREPARE p FROM SELECT * FROM silver.orders
          INVALID_PARAMETER_USAGE  | EXECUTE IMMEDIATE 'SELECT ?'
          INVALID_PARAMETER_USAGE  | SELECT ?
          """)
  void shouldRefuse(String code, String sql) {
    assertThat(refused(sql, Map.of()).code()).as(sql).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM gold.dim_customer",
        "SELECT * FROM silver.orders",
        "EXECUTE q",
        "SET ROLE NONE"
      })
  void shouldCheckWhatAHeaderSaysIsPreparedAsIfItWereSent(String hidden) {
    assertThat(refused("EXECUTE p", Map.of("p", hidden, "q", "SELECT 1")).code())
        .isIn("STATEMENT_NOT_ALLOWED", "TABLE_NOT_READABLE");
    assertThat(refused("DESCRIBE OUTPUT p", Map.of("p", hidden, "q", "SELECT 1")).code())
        .isIn("STATEMENT_NOT_ALLOWED", "TABLE_NOT_READABLE");
  }

  @Test
  void shouldKeepThePreparedTextAsItWasWritten() {
    assertThat(check("PREPARE p FROM\n  SELECT ? AS \"Ä\" -- why\nFROM revenue_metrics").change())
        .isEqualTo(
            new SessionChange.Prepared("p", "SELECT ? AS \"Ä\" -- why\nFROM revenue_metrics"));
  }

  @Test
  void shouldPutParametersInAsValuesOfTheirOwn() {
    Checked c =
        check(
            "EXECUTE p USING 'x'' OR true --', 2, DATE '2026-01-01'",
            "UTC",
            Map.of("p", "SELECT ?, ? + 1 FROM revenue_metrics WHERE dt >= ? LIMIT 5"),
            null);
    assertThat(c.query().columns())
        .extracting(OutputColumn::type)
        .containsExactly(Type.varchar(13), Type.INTEGER);
    assertThat(c.query().body()).contains("'x'' OR true --'").doesNotContain("?");
    Checked limit = check("EXECUTE IMMEDIATE 'SELECT 1 LIMIT ?' USING 7");
    assertThat(limit.query().body()).contains("LIMIT 7");
    for (String value : List.of("dt", "(SELECT 1)", "sum(1)", "count(*) OVER ()")) {
      assertThat(refused("EXECUTE IMMEDIATE 'SELECT ?' USING " + value, Map.of()).code())
          .as(value)
          .isIn("COLUMN_NOT_FOUND", "EXPRESSION_NOT_CONSTANT", "EXPRESSION_NOT_SCALAR");
    }
  }

  @Test
  void shouldTakeTypedParametersFromOutsideOfSql() {
    Session session =
        new Session(
            NOW,
            "u",
            null,
            "gold",
            "UTC",
            Parameters.of(
                List.of(
                    new Parameters.Value("varchar", "a'b"),
                    new Parameters.Value("decimal(5,2)", "1.25"),
                    new Parameters.Value("bigint", null))),
            null,
            null);
    SecuredQuery q =
        boundary.secure("SELECT ?, ?, ?", new TestCatalog(TestCatalog.TENANT), session);
    assertThat(q.columns())
        .extracting(c -> c.type().display())
        .containsExactly("varchar", "decimal(5,2)", "bigint");
    assertThat(q.body()).contains("'a''b'");
  }

  @Test
  void shouldFindTheTypesThatParametersAreUsedAs() {
    Checked c =
        check(
            "DESCRIBE INPUT p",
            "UTC",
            Map.of("p", "SELECT ? FROM revenue_metrics WHERE dt = ? AND tenant_id IN (?) LIMIT ?"),
            null);
    assertThat(c.query().columns())
        .extracting(OutputColumn::name)
        .containsExactly("Position", "Type");
    assertThat(c.query().body()).contains("'unknown'", "'date'", "'varchar'", "'bigint'");
    Checked none = check("DESCRIBE INPUT p", "UTC", Map.of("p", "SELECT 1"), null);
    assertThat(none.query().columns()).hasSize(2);
    Checked out =
        check("DESCRIBE OUTPUT p", "UTC", Map.of("p", "SELECT dt, 1 FROM revenue_metrics"), null);
    assertThat(out.query().columns())
        .extracting(OutputColumn::name)
        .containsExactly(
            "Column Name", "Catalog", "Schema", "Table", "Type", "Type Size", "Aliased");
    assertThat(out.query().body())
        .contains("'dt'", "'lakehouse'", "'gold'", "'revenue_metrics'", "'date'")
        .contains("'_col1'", "'integer'");
  }

  /** As a Trino 476 describes columns of one of its own tables. */
  @Test
  void shouldNameTheTableOfAColumnThatIsSelectedAsItIs() {
    String here = " lakehouse.gold.revenue_metrics";
    Map<String, List<String>> expected = new LinkedHashMap<>();
    expected.put(
        "SELECT dt, 1, dt AS n, year(dt) u FROM revenue_metrics",
        List.of("dt" + here, "null", "n" + here + " aliased", "u aliased"));
    expected.put("SELECT * FROM dim_customer t(a, b, c)", List.of("a", "b", "c"));
    expected.put("SELECT t.* AS (a, b, c) FROM dim_customer t", List.of("A", "B", "C"));
    for (String from : List.of("SELECT x, y FROM ", "SELECT * FROM ")) {
      expected.put(
          from + "(SELECT dt AS x, 1 AS y FROM revenue_metrics)", List.of("x" + here, "y"));
    }
    expected.put(
        "WITH w(p, q) AS (SELECT dt, 2 FROM revenue_metrics) SELECT * FROM w",
        List.of("p" + here, "q"));
    expected.put(
        "WITH w AS (SELECT dt FROM revenue_metrics) SELECT dt FROM w ORDER BY 1",
        List.of("dt" + here));
    expected.put(
        "SELECT dt FROM revenue_metrics UNION SELECT DATE '2026-01-01'", List.of("dt" + here));
    expected.put(
        "SELECT DATE '2026-01-01' AS z UNION SELECT dt FROM revenue_metrics", List.of("z aliased"));
    expected.put(
        "SELECT dt, count(*) c FROM revenue_metrics GROUP BY dt",
        List.of("dt" + here, "c aliased"));
    expected.put(
        "SELECT dt, a.order_count FROM revenue_metrics a JOIN revenue_metrics b USING (dt)",
        List.of("dt", "order_count" + here));
    expected.put("VALUES (1, 'a')", List.of("null", "null"));
    expected.put(
        "SELECT DISTINCT (revenue_metrics.dt), CAST(dt AS varchar) FROM revenue_metrics LIMIT 1",
        List.of("dt" + here, "null"));
    expected.put(
        "SELECT u.e FROM revenue_metrics CROSS JOIN UNNEST(ARRAY[dt]) AS u(e)", List.of("e"));
    expected.put("SELECT dt FROM revenue_metrics TABLESAMPLE BERNOULLI (50)", List.of("dt" + here));
    expected.put(
        "SELECT table_name FROM information_schema.tables",
        List.of("table_name lakehouse.information_schema.tables"));
    expected.forEach(
        (sql, columns) -> {
          String there = " lakehouse.gold.dim_customer";
          List<String> all =
              sql.contains("dim_customer")
                  ? columns.stream().map(c -> c + there).toList()
                  : columns;
          assertThat(check(sql).query().columns().stream().map(c -> described(c)).toList())
              .as(sql)
              .isEqualTo(all);
        });
  }

  private static String described(OutputColumn c) {
    return c.name()
        + (c.origin() == null
            ? ""
            : " " + c.origin().catalog() + "." + c.origin().schema() + "." + c.origin().table())
        + (c.aliased() ? " aliased" : "");
  }

  @Test
  void shouldFindTheTypesOfTextsThatAreReadAsTimes() {
    for (String zone : List.of("UTC", "Asia/Tokyo")) {
      Checked c =
          check(
              "DESCRIBE INPUT p",
              zone,
              Map.of("p", "SELECT from_iso8601_timestamp(?), parse_datetime(?, 'yyyy')"),
              null);
      assertThat(c.query().body()).contains("'varchar'").doesNotContain("'unknown'");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from_iso8601_timestamp('2025-01-02T03:04:05')",
        "from_iso8601_timestamp(tenant_id)",
        "parse_datetime('2025-01-02', 'yyyy-MM-dd')",
        "parse_datetime('01-1200', 'MM-yyyy')",
        "parse_datetime(tenant_id, 'yyyy-MM-dd')"
      })
  void shouldReadNoTextWithoutAZoneAsOfUtcElsewhere(String call) {
    String sql = "SELECT " + call + " FROM revenue_metrics";
    SqlFailure f =
        catchThrowableOfType(SqlFailure.class, () -> check(sql, "Asia/Tokyo", Map.of(), null));
    assertThat(f).isNotNull();
    assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
    assertThat(check(sql).query().columns().get(0).type()).isEqualTo(Type.timestampTz(3, "UTC"));
  }

  @Test
  void shouldReadTextWithAZoneEverywhere() {
    Checked c =
        check(
            "SELECT from_iso8601_timestamp('2025-01-02T03:04:05Z'),"
                + " from_iso8601_timestamp('2025-01-02T03:04:05+02:00'),"
                + " parse_datetime('2025 +0200', 'yyyy Z')",
            "Asia/Tokyo",
            Map.of(),
            null);
    assertThat(c.query().columns())
        .extracting(OutputColumn::type)
        .containsExactly(
            Type.timestampTz(3, "UTC"),
            Type.timestampTz(3, "+02:00"),
            Type.timestampTz(3, "+02:00"));
  }

  @Test
  void shouldPrintNoZoneOfATimeThatHasNone() {
    String sql = "SELECT format_datetime(TIMESTAMP '2025-01-02 03:04:05', 'yyyy %s')";
    for (String letter : List.of("Z", "ZZ", "z")) {
      assertThat(refused(String.format(sql, letter), Map.of()).code()).isEqualTo("NOT_SUPPORTED");
    }
    check(String.format(sql, "''Z''"));
  }

  @Test
  void shouldMeanTheSessionsZoneWhereNoneIsSaid() {
    Checked c =
        check(
            "SELECT current_timestamp, localtimestamp, current_date, current_timezone(),"
                + " CAST(TIMESTAMP '2026-01-01 00:00:00' AS timestamp with time zone),"
                + " TIMESTAMP '2026-01-01 00:00:00' < now()",
            "Europe/Berlin",
            Map.of(),
            null);
    assertThat(c.query().columns().get(0).type()).isEqualTo(Type.timestampTz(3, "Europe/Berlin"));
    assertThat(c.query().columns().get(4).type().zone()).isEqualTo("Europe/Berlin");
    assertThat(c.query().body())
        .contains("'2026-03-03 23:30:00.000'")
        .contains("'2026-03-04 00:30:00.000'")
        .contains("'2026-03-04' AS DATE")
        .contains("AT TIME ZONE 'Europe/Berlin'");
    assertThat(check("SELECT localtimestamp", "+05:30", Map.of(), null).query().body())
        .contains("'2026-03-04 05:00:00.000'");
    assertThat(
            check(
                    "SELECT TIMESTAMP '2026-01-01 00:00:00' AT TIME ZONE 'Asia/Tokyo'",
                    "+05:30",
                    Map.of(),
                    null)
                .query()
                .body())
        .contains("19800000000");
  }

  @Test
  void shouldNotShowValuesOfSeveralZonesInOne() {
    SqlFailure f =
        catchThrowableOfType(
            SqlFailure.class,
            () ->
                check(
                    "SELECT coalesce(now(), TIMESTAMP '2026-01-01 00:00:00 Asia/Tokyo')",
                    "Europe/Berlin",
                    Map.of(),
                    null));
    assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
    assertThat(
            check(
                    "SELECT now() > TIMESTAMP '2026-01-01 00:00:00 Asia/Tokyo'",
                    "Europe/Berlin",
                    Map.of(),
                    null)
                .query()
                .columns())
        .hasSize(1);
  }

  @Test
  void shouldKnowZonesByTrinosNames() {
    assertThat(Zones.find("Etc/UTC")).contains("UTC");
    assertThat(Zones.find("Z")).contains("UTC");
    assertThat(Zones.find("GMT+2")).contains("+02:00");
    assertThat(Zones.find("-0330")).contains("-03:30");
    assertThat(Zones.find("America/Argentina/Buenos_Aires"))
        .contains("America/Argentina/Buenos_Aires");
    assertThat(Zones.find("+15:00")).isEmpty();
    assertThat(Zones.find("x'; DROP")).isEmpty();
  }
}
