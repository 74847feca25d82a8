package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the boundary lets through is text that DuckDB takes and that passes the second look. */
class GeneratedQueriesTest {
  /** Failures that come from values; anything else means that emitted text was not taken. */
  private static final Set<String> OF_VALUES =
      Set.of(
          "DIVISION_BY_ZERO",
          "NUMERIC_VALUE_OUT_OF_RANGE",
          "INVALID_CAST_ARGUMENT",
          "INVALID_FUNCTION_ARGUMENT",
          "SUBQUERY_MULTIPLE_ROWS");

  private static DuckDbEngine engine;

  @BeforeContainer
  static void open() throws java.io.IOException {
    Path directory = Files.createTempDirectory("generated");
    engine = new DuckDbEngine(new EngineSettings(directory, directory, 128, 128, 1));
  }

  @AfterContainer
  static void close() {
    engine.close();
  }

  @Provide
  Arbitrary<String> queries() {
    Arbitrary<String> leaf =
        Arbitraries.of(
            "1",
            "0",
            "x",
            "y",
            "t.x",
            "s",
            "-2",
            "1.50",
            "2.5e0",
            "'a''b'",
            "'12'",
            "NULL",
            "true",
            "DATE '2024-02-29'",
            "TIMESTAMP '2024-02-29 12:00:00.5'",
            "INTERVAL '1' DAY",
            "d",
            "ARRAY[1, NULL]",
            "ROW(1, 'a')",
            "X'0a'",
            "9223372036854775807");
    Arbitrary<String> expression =
        Arbitraries.lazyOf(
            () -> leaf,
            () -> leaf,
            () ->
                Combinators.combine(
                        expressionOf(leaf),
                        Arbitraries.of(
                            "+",
                            "-",
                            "*",
                            "/",
                            "%",
                            "=",
                            "<>",
                            "<",
                            ">=",
                            "||",
                            "AND",
                            "IS DISTINCT FROM"),
                        expressionOf(leaf))
                    .as((a, o, b) -> "(" + a + " " + o + " " + b + ")"));
    Arbitrary<String> shape =
        Arbitraries.of(
            "SELECT %1$s, %2$s FROM (VALUES (1, 2, 'a', DATE '2024-01-01'), (0, NULL, '12', NULL)) t(x, y, s, d)",
            "SELECT %1$s FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d) WHERE %2$s",
            "SELECT count(*), max(%1$s) FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d) GROUP BY %2$s",
            "SELECT DISTINCT %1$s AS z FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d) ORDER BY z",
            "SELECT CASE WHEN %2$s THEN %1$s END FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)",
            "SELECT sum(%1$s) OVER (PARTITION BY %2$s) FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)",
            "SELECT (SELECT %1$s FROM (VALUES 1) u(z)) FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d) ORDER BY %2$s",
            "WITH w AS (SELECT %1$s AS x FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)) SELECT w.x FROM w UNION ALL SELECT %1$s FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)",
            "SELECT coalesce(%1$s, %2$s), nullif(%1$s, %2$s), try(%1$s), typeof(%2$s) FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)",
            "SELECT CAST(%1$s AS varchar), try_cast(%2$s AS bigint) FROM (VALUES (1, 2, 'a', DATE '2024-01-01')) t(x, y, s, d)");
    return Combinators.combine(shape, expression, expression).as((s, a, b) -> s.formatted(a, b));
  }

  private static Arbitrary<String> expressionOf(Arbitrary<String> leaf) {
    Arbitrary<String> call =
        Combinators.combine(
                Arbitraries.of(
                    "abs(%s)",
                    "length(%s)",
                    "upper(%s)",
                    "year(%s)",
                    "round(%s)",
                    "-(%s)",
                    "NOT %s",
                    "%s IS NULL",
                    "%s IN (1, 2)",
                    "cardinality(%s)",
                    "date_trunc('month', %s)",
                    "if(%s, 1, 2)",
                    "%s BETWEEN 1 AND 3",
                    "%s LIKE 'a%%'"),
                leaf)
            .as((f, x) -> "(" + f.formatted(x) + ")");
    return Arbitraries.oneOf(leaf, call);
  }

  @Property(tries = 600)
  void shouldLetThroughOnlyWhatDuckDbTakes(@ForAll("queries") String sql) {
    SecuredQuery query;
    try {
      query =
          new SqlBoundary(engine::value)
              .secure(sql, new EmptyCatalog(), new Session(Instant.EPOCH, "user", "gold"));
    } catch (SqlFailure f) {
      return;
    }
    try (Execution e = engine.execute(query, List.of())) {
      while (e.next() != null) {
        // Rows are looked at elsewhere.
      }
    } catch (SqlFailure f) {
      // A value that is not supported is said to be one; a text that DuckDB does not take is not.
      if (!f.getMessage().startsWith("A value is not supported")) {
        assertThat(f.code()).as(sql + "\n" + query.body()).isIn(OF_VALUES);
      }
    }
  }
}
