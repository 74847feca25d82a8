package dev.lakegate.gateway.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.Condition;
import dev.lakegate.gateway.sql.Condition.Comparison;
import dev.lakegate.gateway.sql.Condition.Nullness;
import dev.lakegate.gateway.sql.Condition.Operator;
import dev.lakegate.gateway.sql.Types;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FilePruningTest {
  private static final List<ColumnView> COLUMNS =
      List.of(
          new ColumnView("n", Types.parse("bigint")),
          new ColumnView("s", Types.parse("varchar")),
          new ColumnView("dt", Types.parse("date")),
          new ColumnView("ts", Types.parse("timestamp(6)")),
          new ColumnView("tz", Types.parse("timestamp(6) with time zone")),
          new ColumnView("f", Types.parse("double")));

  private static DataFile file(String path, Map<String, String> min, Map<String, String> max) {
    return new DataFile(path, Map.of(), 1, 1, min, max);
  }

  private static List<String> left(Condition c, DataFile... files) {
    return FilePruning.prune(List.of(files), c, COLUMNS).stream().map(DataFile::path).toList();
  }

  @Test
  void shouldCompareAsTheColumnsTypeDoes() {
    DataFile f =
        file(
            "f",
            Map.of(
                "n", "9",
                "s", "A",
                "dt", "2026-01-02",
                "ts", "2026-01-02T00:00:00.5Z",
                "tz", "2026-01-02T00:00:00Z"),
            Map.of(
                "n", "10",
                "s", "a",
                "dt", "2026-01-03",
                "ts", "2026-01-02T23:00:00Z",
                "tz", "2026-01-02T00:00:00Z"));
    // 9 < 10 although "10" < "9".
    assertThat(left(new Comparison(0, Operator.EQUAL, new BigDecimal("9.5")), f)).isNotEmpty();
    assertThat(left(new Comparison(0, Operator.LESS, new BigDecimal(9)), f)).isEmpty();
    assertThat(left(new Comparison(0, Operator.GREATER, new BigDecimal(10)), f)).isEmpty();
    assertThat(left(new Comparison(1, Operator.EQUAL, "B"), f)).isNotEmpty();
    assertThat(left(new Comparison(1, Operator.EQUAL, "b"), f)).isEmpty();
    // Beyond the basic plane text is ordered by code points, not by surrogates.
    assertThat(left(new Comparison(1, Operator.GREATER, "\uD83D\uDE00"), f)).isEmpty();
    assertThat(left(new Comparison(2, Operator.LESS, LocalDate.parse("2026-01-02")), f)).isEmpty();
    assertThat(
            left(
                new Comparison(2, Operator.GREATER, LocalDateTime.parse("2026-01-03T00:00:01")), f))
        .isEmpty();
    assertThat(left(new Comparison(3, Operator.LESS_OR_EQUAL, LocalDate.parse("2026-01-02")), f))
        .isEmpty();
    assertThat(left(new Comparison(3, Operator.GREATER, LocalDate.parse("2026-01-02")), f))
        .isNotEmpty();
    assertThat(
            left(new Comparison(4, Operator.NOT_EQUAL, Instant.parse("2026-01-02T00:00:00Z")), f))
        .isEmpty();
    // What cannot be compared counts as possible.
    assertThat(left(new Comparison(0, Operator.EQUAL, "b"), f)).isNotEmpty();
    assertThat(left(new Comparison(5, Operator.EQUAL, new BigDecimal(1)), f)).isNotEmpty();
  }

  @Test
  void shouldKnowNullsByPartitionAlone() {
    Map<String, String> none = new HashMap<>();
    none.put("s", null);
    DataFile allNull = new DataFile("null", none, 1, 1);
    DataFile noNull = new DataFile("value", Map.of("s", "x"), 1, 1);
    DataFile unknown = file("unknown", Map.of("s", "x"), Map.of("s", "x"));
    assertThat(left(new Nullness(1, true), allNull, noNull, unknown))
        .containsExactly("null", "unknown");
    assertThat(left(new Nullness(1, false), allNull, noNull, unknown))
        .containsExactly("value", "unknown");
    assertThat(left(new Comparison(1, Operator.NOT_EQUAL, "y"), allNull, noNull, unknown))
        .containsExactly("value", "unknown");
    // Bounds are of the values that are there; others may be NULL.
    assertThat(left(new Comparison(1, Operator.NOT_EQUAL, "x"), unknown)).isEmpty();
  }

  /** A row: n, s, dt as days. */
  private record Row(Integer n, String s, Integer day) {}

  @Provide
  Arbitrary<List<Row>> rows() {
    return Combinators.combine(
            Arbitraries.integers().between(-12, 12).injectNull(0.2),
            Arbitraries.of("", "a", "B", "b", "é", "\uFFFD", "\uD83D\uDE00").injectNull(0.2),
            Arbitraries.integers().between(0, 6).injectNull(0.2))
        .as(Row::new)
        .list()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<Condition> conditions() {
    Arbitrary<Operator> operator = Arbitraries.of(Operator.values());
    Arbitrary<Condition> leaf =
        Arbitraries.oneOf(
            Combinators.combine(operator, Arbitraries.integers().between(-13, 13))
                .as((o, v) -> (Condition) new Comparison(0, o, BigDecimal.valueOf(v))),
            Combinators.combine(
                    operator, Arbitraries.of("", "A", "b", "é", "\uFFFD", "\uD83D\uDE00"))
                .as((o, v) -> (Condition) new Comparison(1, o, v)),
            Combinators.combine(operator, Arbitraries.integers().between(-1, 7))
                .as((o, v) -> (Condition) new Comparison(2, o, day(v))),
            Combinators.combine(Arbitraries.of(0, 1, 2), Arbitraries.of(true, false))
                .as((c, n) -> (Condition) new Nullness(c, n)),
            Arbitraries.just(Condition.ANY));
    return Arbitraries.lazyOf(
        () -> leaf,
        () -> leaf,
        () ->
            Combinators.combine(leaf.list().ofMinSize(1).ofMaxSize(3), conditions())
                .as((l, c) -> Condition.all(plus(l, c))),
        () ->
            Combinators.combine(leaf.list().ofMinSize(1).ofMaxSize(3), conditions())
                .as((l, c) -> Condition.oneOf(plus(l, c))));
  }

  private static List<Condition> plus(List<Condition> l, Condition c) {
    List<Condition> all = new ArrayList<>(l);
    all.add(c);
    return all;
  }

  private static LocalDate day(int n) {
    return LocalDate.parse("2026-01-01").plusDays(n);
  }

  @Property(tries = 3000)
  void shouldNeverLeaveOutAFileWithARowThatIsAskedFor(
      @ForAll("rows") List<Row> rows, @ForAll("conditions") Condition condition) {
    Map<String, String> min = new HashMap<>();
    Map<String, String> max = new HashMap<>();
    rows.stream()
        .map(Row::n)
        .filter(Objects::nonNull)
        .min(Integer::compare)
        .ifPresent(v -> min.put("n", "" + v));
    rows.stream()
        .map(Row::n)
        .filter(Objects::nonNull)
        .max(Integer::compare)
        .ifPresent(v -> max.put("n", "" + v));
    rows.stream()
        .map(Row::s)
        .filter(Objects::nonNull)
        .min(FilePruningTest::codePoints)
        .ifPresent(v -> min.put("s", v));
    rows.stream()
        .map(Row::s)
        .filter(Objects::nonNull)
        .max(FilePruningTest::codePoints)
        .ifPresent(v -> max.put("s", v));
    rows.stream()
        .map(Row::day)
        .filter(Objects::nonNull)
        .min(Integer::compare)
        .ifPresent(v -> min.put("dt", "" + day(v)));
    rows.stream()
        .map(Row::day)
        .filter(Objects::nonNull)
        .max(Integer::compare)
        .ifPresent(v -> max.put("dt", "" + day(v)));
    boolean asked = rows.stream().anyMatch(r -> Boolean.TRUE.equals(holds(r, condition)));
    if (asked) {
      assertThat(left(condition, file("f", min, max))).isNotEmpty();
    }
  }

  private static int codePoints(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    return java.util.Arrays.compare(x, y);
  }

  private static boolean holds(Row r, Condition c) {
    if (c instanceof Condition.All all) {
      return all.operands().stream().allMatch(o -> holds(r, o));
    }
    if (c instanceof Condition.OneOf one) {
      return one.operands().stream().anyMatch(o -> holds(r, o));
    }
    if (c instanceof Nullness n) {
      return value(r, n.column()) == null == n.isNull();
    }
    if (c instanceof Comparison x) {
      Object v = value(r, x.column());
      if (v == null) {
        return false;
      }
      int order =
          v instanceof BigDecimal d
              ? d.compareTo((BigDecimal) x.value())
              : v instanceof LocalDate d
                  ? d.compareTo((LocalDate) x.value())
                  : codePoints((String) v, (String) x.value());
      return switch (x.operator()) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
    return true;
  }

  private static Object value(Row r, int column) {
    return switch (column) {
      case 0 -> r.n() == null ? null : BigDecimal.valueOf(r.n());
      case 1 -> r.s();
      default -> r.day() == null ? null : day(r.day());
    };
  }
}
