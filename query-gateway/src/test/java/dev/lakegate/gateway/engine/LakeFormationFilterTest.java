package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.lakeformation.RowFilter;
import dev.lakegate.model.policy.RowPredicate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * The two walls say the same: what a compiled filter of Lake Formation lets through, read by an
 * evaluator that knows nothing of the compiler, is what DuckDB lets through of the gateway's own
 * predicate.
 */
class LakeFormationFilterTest {
  private static Connection duckdb;

  record Row(String tenant, String region) {}

  @BeforeContainer
  static void open() throws SQLException {
    duckdb = new org.duckdb.DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    try (Statement s = duckdb.createStatement()) {
      s.execute("CREATE TABLE lake (n INTEGER, tenant_id VARCHAR, region VARCHAR)");
    }
  }

  @AfterContainer
  static void close() throws SQLException {
    duckdb.close();
  }

  @Property(tries = 400)
  void bothLetTheSameRowsThrough(
      @ForAll("predicates") RowPredicate predicate, @ForAll("rows") List<Row> rows)
      throws SQLException {
    assertThat(byLakeFormation(predicate, rows)).isEqualTo(byDuckDb(predicate, rows));
  }

  private static Set<Integer> byDuckDb(RowPredicate predicate, List<Row> rows) throws SQLException {
    try (Statement s = duckdb.createStatement()) {
      s.execute("DELETE FROM lake");
    }
    try (PreparedStatement s = duckdb.prepareStatement("INSERT INTO lake VALUES (?, ?, ?)")) {
      for (int n = 0; n < rows.size(); n++) {
        s.setInt(1, n);
        s.setString(2, rows.get(n).tenant());
        s.setString(3, rows.get(n).region());
        s.execute();
      }
    }
    String where = SecuredRelation.predicate(predicate);
    Set<Integer> found = new TreeSet<>();
    try (Statement s = duckdb.createStatement();
        ResultSet row =
            s.executeQuery("SELECT n FROM lake" + (where == null ? "" : " WHERE " + where))) {
      while (row.next()) {
        found.add(row.getInt(1));
      }
    }
    return found;
  }

  private static Set<Integer> byLakeFormation(RowPredicate predicate, List<Row> rows) {
    RowFilter filter = RowFilter.compile(predicate, Set.of("tenant_id", "region"));
    Set<Integer> found = new TreeSet<>();
    for (int n = 0; n < rows.size(); n++) {
      Map<String, String> row = new HashMap<>();
      row.put("tenant_id", rows.get(n).tenant());
      row.put("region", rows.get(n).region());
      if (filter instanceof RowFilter.AllRows
          || filter instanceof RowFilter.Expression e
              && Boolean.TRUE.equals(new Evaluator(e.text(), row).value())) {
        found.add(n);
      }
    }
    return found;
  }

  /** Reads an expression with SQL's three truth values: null is unknown. */
  private static final class Evaluator {
    private static final Pattern TOKEN =
        Pattern.compile("\\s*('(?:[^']|'')*'|<=|>=|<>|[=<>(),]|[A-Za-z_][A-Za-z0-9_]*)\\s*");

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, String> row;
    private int at;

    Evaluator(String text, Map<String, String> row) {
      this.row = row;
      Matcher matcher = TOKEN.matcher(text);
      int end = 0;
      while (end < text.length()) {
        assertThat(matcher.find(end) && matcher.start() == end)
            .as("at %s of %s", end, text)
            .isTrue();
        tokens.add(matcher.group(1));
        end = matcher.end();
      }
    }

    Boolean value() {
      Boolean value = or();
      assertThat(at).isEqualTo(tokens.size());
      return value;
    }

    private boolean next(String token) {
      boolean there = at < tokens.size() && tokens.get(at).equals(token);
      if (there) {
        at++;
      }
      return there;
    }

    private Boolean or() {
      Boolean left = and();
      while (next("OR")) {
        Boolean right = and();
        left =
            Boolean.TRUE.equals(left) || Boolean.TRUE.equals(right)
                ? Boolean.TRUE
                : left == null || right == null ? null : Boolean.FALSE;
      }
      return left;
    }

    private Boolean and() {
      Boolean left = primary();
      while (next("AND")) {
        Boolean right = primary();
        left =
            Boolean.FALSE.equals(left) || Boolean.FALSE.equals(right)
                ? Boolean.FALSE
                : left == null || right == null ? null : Boolean.TRUE;
      }
      return left;
    }

    private Boolean primary() {
      if (next("(")) {
        Boolean inner = or();
        assertThat(next(")")).isTrue();
        return inner;
      }
      String column = tokens.get(at++);
      assertThat(row).containsKey(column);
      String value = row.get(column);
      if (next("IN")) {
        assertThat(next("(")).isTrue();
        boolean found = false;
        do {
          found |= literal().equals(value);
        } while (next(","));
        assertThat(next(")")).isTrue();
        return value == null ? null : found;
      }
      String operator = tokens.get(at++);
      String literal = literal();
      if (value == null) {
        return null;
      }
      int order = compare(value, literal);
      return switch (operator) {
        case "=" -> order == 0;
        case "<>" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        case ">=" -> order >= 0;
        default -> throw new AssertionError("no operator: " + operator);
      };
    }

    // By code points, as text is compared that has no collation.
    private static int compare(String one, String other) {
      int[] a = one.codePoints().toArray();
      int[] b = other.codePoints().toArray();
      return java.util.Arrays.compare(a, b);
    }

    private String literal() {
      String token = tokens.get(at++);
      assertThat(token).startsWith("'");
      return token.substring(1, token.length() - 1).replace("''", "'");
    }
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.of(
        "a",
        "b",
        "A",
        "ab",
        "a b",
        "a'b",
        "'",
        "''",
        "",
        "ä",
        "\uD834\uDD1E",
        "\uFFFD",
        "%",
        "_",
        "') OR (tenant_id <> '",
        "tenant-1",
        "10",
        "9");
  }

  @Provide
  Arbitrary<List<Row>> rows() {
    return Combinators.combine(texts().injectNull(0.1), texts().injectNull(0.2))
        .as(Row::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(12);
  }

  @Provide
  Arbitrary<RowPredicate> predicates() {
    return predicates(3);
  }

  private static Arbitrary<RowPredicate> predicates(int depth) {
    Arbitrary<String> columns = Arbitraries.of("tenant_id", "region");
    Arbitrary<RowPredicate> leaves =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(1, Arbitraries.just(new RowPredicate.All())),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(new RowPredicate.None())),
            net.jqwik.api.Tuple.of(
                4,
                Combinators.combine(columns, texts().list().ofMinSize(1).ofMaxSize(4))
                    .as(RowPredicate.In::new)),
            net.jqwik.api.Tuple.of(
                4,
                Combinators.combine(
                        columns, Arbitraries.of("=", "<>", "<", "<=", ">", ">="), texts())
                    .as(RowPredicate.Comparison::new)));
    if (depth == 0) {
      return leaves;
    }
    Arbitrary<List<RowPredicate>> operands =
        Arbitraries.lazy(() -> predicates(depth - 1)).list().ofMinSize(2).ofMaxSize(3);
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(2, leaves),
        net.jqwik.api.Tuple.of(1, operands.map(RowPredicate.And::new)),
        net.jqwik.api.Tuple.of(1, operands.map(RowPredicate.Or::new)));
  }
}
