package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.Condition;
import dev.lakegate.gateway.sql.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Leaves files unopened that surely hold no row that a statement asks for, by their partition and
 * by the smallest and largest values that the snapshot lists. What is not known counts as possible,
 * so the answer never changes. It is asked only about files that may be opened; so how many are
 * left says nothing about others. Pure.
 */
public final class FilePruning {
  private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}(?:[T ]|$)");

  private FilePruning() {}

  /**
   * The files that may hold a row for which the condition is true.
   *
   * @param files permitted ones
   * @param condition about the columns
   * @param columns that the condition's positions mean
   */
  public static List<DataFile> prune(
      List<DataFile> files, Condition condition, List<ColumnView> columns) {
    if (condition instanceof Condition.Any) {
      return files;
    }
    Predicate<DataFile> possible = possible(condition, columns);
    return files.stream().filter(possible).toList();
  }

  private static Predicate<DataFile> possible(Condition c, List<ColumnView> columns) {
    if (c instanceof Condition.All all) {
      List<Predicate<DataFile>> operands =
          all.operands().stream().map(o -> possible(o, columns)).toList();
      return f -> operands.stream().allMatch(o -> o.test(f));
    }
    if (c instanceof Condition.OneOf one) {
      List<Predicate<DataFile>> operands =
          one.operands().stream().map(o -> possible(o, columns)).toList();
      return f -> operands.stream().anyMatch(o -> o.test(f));
    }
    if (c instanceof Condition.Nullness n) {
      String column = columns.get(n.column()).name();
      return f ->
          !f.partition().containsKey(column) || f.partition().get(column) == null == n.isNull();
    }
    if (c instanceof Condition.Comparison comparison) {
      ColumnView column = columns.get(comparison.column());
      Order order = order(column.type(), comparison.value());
      return order == null ? f -> true : f -> possible(f, comparison, column.name(), order);
    }
    return f -> true;
  }

  private static boolean possible(DataFile f, Condition.Comparison c, String column, Order order) {
    String low = f.min().get(column);
    String high = f.max().get(column);
    if (f.partition().containsKey(column)) {
      low = f.partition().get(column);
      high = low;
      if (low == null) {
        // NULL in every row: no comparison is true.
        return false;
      }
    }
    if (low == null || high == null) {
      return true;
    }
    int atLeast;
    int atMost;
    try {
      atLeast = order.of(low);
      atMost = order.of(high);
    } catch (DateTimeException | NumberFormatException e) {
      return true;
    }
    return switch (c.operator()) {
      case EQUAL -> atLeast <= 0 && atMost >= 0;
      case NOT_EQUAL -> atLeast != 0 || atMost != 0;
      case LESS -> atLeast < 0;
      case LESS_OR_EQUAL -> atLeast <= 0;
      case GREATER -> atMost > 0;
      case GREATER_OR_EQUAL -> atMost >= 0;
    };
  }

  /** How a value that a file is known to have stands to the one of a condition. */
  @FunctionalInterface
  private interface Order {
    /**
     * Less than, equal to or more than 0.
     *
     * @throws DateTimeException or NumberFormatException when it cannot be told
     */
    int of(String known);
  }

  /** Null when values of the two cannot be compared. */
  private static Order order(Type type, Object value) {
    switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL:
        return value instanceof BigDecimal d ? known -> new BigDecimal(known).compareTo(d) : null;
      case VARCHAR:
        if (value instanceof String s) {
          byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
          // As engines order text: by its bytes.
          return known -> Arrays.compareUnsigned(known.getBytes(StandardCharsets.UTF_8), bytes);
        }
        return null;
      case DATE:
        return value instanceof LocalDate d
            ? days(d.atStartOfDay(), known -> LocalDate.parse(known).atStartOfDay())
            : value instanceof LocalDateTime t
                ? days(t, known -> LocalDate.parse(known).atStartOfDay())
                : null;
      case TIMESTAMP:
        return value instanceof LocalDateTime t
            ? days(t, known -> LocalDateTime.parse(withoutZone(known)))
            : value instanceof LocalDate d
                ? days(d.atStartOfDay(), known -> LocalDateTime.parse(withoutZone(known)))
                : null;
      case TIMESTAMP_TZ:
        return value instanceof Instant i
            ? days(
                LocalDateTime.ofInstant(i, ZoneOffset.UTC),
                known -> LocalDateTime.parse(withoutZone(known)))
            : null;
      default:
        return null;
    }
  }

  /** Most files are of another day, which a look at the text tells without reading it. */
  private static Order days(LocalDateTime value, Function<String, LocalDateTime> read) {
    String day =
        value.getYear() >= 0 && value.getYear() <= 9999 ? value.toLocalDate().toString() : null;
    return known -> {
      if (day != null && DAY.matcher(known).lookingAt()) {
        int order = known.substring(0, 10).compareTo(day);
        if (order != 0) {
          return order;
        }
      }
      return read.apply(known).compareTo(value);
    };
  }

  /** Times in snapshots are UTC. */
  private static String withoutZone(String text) {
    String local = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
    return local.replace(' ', 'T');
  }
}
