package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.policy.RowPredicate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The second look at what is printed for Trino, and how predicates are written there. */
class TrinoEmitterTest {
  private static final Map<String, List<String>> EXPECTED =
      Map.of("lk_t1", List.of("lake", "gold", "revenue"));

  @Test
  void shouldTakeTablesOfTheLakeInOurPartAlone() {
    assertThatCode(
            () ->
                TrinoEmitter.verify(
                    "WITH lk_t1 AS (SELECT \"a\" FROM lake.gold.revenue WHERE a IN ('x')), u AS"
                        + " (SELECT * FROM lk_t1 z) SELECT * FROM u, lk_t1 WHERE EXISTS (TABLE u)",
                    EXPECTED))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue) SELECT * FROM lake.gold.revenue",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.other) SELECT * FROM lk_t1",
        "WITH lk_t1 AS (SELECT a FROM gold.revenue) SELECT * FROM lk_t1",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue), u AS (SELECT * FROM gold.x) SELECT *"
            + " FROM u",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue) SELECT (SELECT max(b) FROM gold.x)",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue) SELECT * FROM TABLE(f(1))",
        "WITH u AS (SELECT a FROM lake.gold.revenue) SELECT * FROM u",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue) SELECT * FROM revenue",
        "WITH lk_t1 AS (SELECT a FROM lake.gold.revenue) SELECT * FROM u WHERE a IN (WITH u AS"
            + " (SELECT 1) SELECT * FROM u)",
        "DELETE FROM lake.gold.revenue",
      })
  void shouldStopWhatNamesAnythingElse(String sql) {
    assertThatThrownBy(() -> TrinoEmitter.verify(sql, EXPECTED))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldWritePredicatesWithTheirQuotes() {
    assertThat(
            TrinoEmitter.predicate(
                new RowPredicate.And(
                    List.of(
                        new RowPredicate.In("a\"b", List.of("x'y", "z")),
                        new RowPredicate.Or(
                            List.of(
                                new RowPredicate.Comparison("c", "<=", "1"),
                                new RowPredicate.None()))))))
        .isEqualTo(
            "(CAST(\"a\"\"b\" AS varchar) IN ('x''y', 'z') AND (CAST(\"c\" AS varchar) <= '1' OR"
                + " false))");
    assertThat(TrinoEmitter.predicate(new RowPredicate.All())).isNull();
  }
}
