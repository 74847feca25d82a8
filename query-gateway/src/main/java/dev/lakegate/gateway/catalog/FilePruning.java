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

/**
 * Leaves files unopened that surely hold no row that a statement asks for, by their partition and
 * by the smallest and largest values that the snapshot lists. What is not known counts as possible,
 * so the answer never changes. It is asked only about files that may be opened; so how many are
 * left says nothing about others. Pure.
 */
public final class FilePruning {
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
    return files.stream().filter(f -> possible(f, condition, columns)).toList();
  }

  private static boolean possible(DataFile f, Condition c, List<ColumnView> columns) {
    if (c instanceof Condition.All all) {
      return all.operands().stream().allMatch(o -> possible(f, o, columns));
    }
    if (c instanceof Condition.OneOf one) {
      return one.operands().stream().anyMatch(o -> possible(f, o, columns));
    }
    if (c instanceof Condition.Nullness n) {
      String column = columns.get(n.column()).name();
      return !f.partition().containsKey(column) || f.partition().get(column) == null == n.isNull();
    }
    if (c instanceof Condition.Comparison comparison) {
      return possible(f, comparison, columns.get(comparison.column()));
    }
    return true;
  }

  private static boolean possible(DataFile f, Condition.Comparison c, ColumnView column) {
    String low = f.min().get(column.name());
    String high = f.max().get(column.name());
    if (f.partition().containsKey(column.name())) {
      low = f.partition().get(column.name());
      high = low;
      if (low == null) {
        // NULL in every row: no comparison is true.
        return false;
      }
    }
    if (low == null || high == null) {
      return true;
    }
    Integer atLeast = order(low, column.type(), c.value());
    Integer atMost = order(high, column.type(), c.value());
    if (atLeast == null || atMost == null) {
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

  /** How a known value stands to the one of the condition; null when that cannot be told. */
  private static Integer order(String known, Type type, Object value) {
    try {
      return switch (type.kind()) {
        case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL ->
            value instanceof BigDecimal d ? (Integer) new BigDecimal(known).compareTo(d) : null;
        case VARCHAR -> value instanceof String s ? (Integer) order(known, s) : null;
        case DATE -> {
          LocalDate date = LocalDate.parse(known);
          yield value instanceof LocalDate d
              ? (Integer) date.compareTo(d)
              : value instanceof LocalDateTime t
                  ? (Integer) date.atStartOfDay().compareTo(t)
                  : null;
        }
        case TIMESTAMP -> {
          LocalDateTime time = LocalDateTime.parse(withoutZone(known));
          yield value instanceof LocalDateTime t
              ? (Integer) time.compareTo(t)
              : value instanceof LocalDate d ? (Integer) time.compareTo(d.atStartOfDay()) : null;
        }
        case TIMESTAMP_TZ ->
            value instanceof Instant i
                ? (Integer)
                    LocalDateTime.parse(withoutZone(known)).toInstant(ZoneOffset.UTC).compareTo(i)
                : null;
        default -> null;
      };
    } catch (DateTimeException | NumberFormatException e) {
      return null;
    }
  }

  /** Times in snapshots are UTC. */
  private static String withoutZone(String text) {
    String local = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
    return local.replace(' ', 'T');
  }

  /** As engines order text: by its bytes. */
  private static int order(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }
}
