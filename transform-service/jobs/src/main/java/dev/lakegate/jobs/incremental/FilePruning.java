package dev.lakegate.jobs.incremental;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.table.ColumnType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files of an input can hold rows that contribute to some keys, by the smallest and largest
 * values that the snapshot lists. Only expressions are understood of which the values of a file lie
 * between those of its smallest and largest row: a column, and the day of a timestamp. Pure.
 */
final class FilePruning {
  private static final Pattern COLUMN = Pattern.compile("[a-z_][a-z0-9_]*");
  private static final Pattern DAY = Pattern.compile("(?i)to_date\\(\\s*([a-z_][a-z0-9_]*)\\s*\\)");
  private static final Pattern ISO_DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}.*");

  private FilePruning() {}

  /**
   * Keeps all files that may hold such rows, and perhaps some others.
   *
   * @param columns expression over a row of the input, by column of the key
   * @param values all values that a column of the keys has, as text; a column that is absent here
   *     is not looked at
   * @param types of the columns of the keys
   * @param inputTypes of the columns of the input
   */
  static Predicate<JsonNode> of(
      Map<String, String> columns,
      Map<String, List<String>> values,
      Map<String, ColumnType> types,
      Map<String, ColumnType> inputTypes) {
    Predicate<JsonNode> result = file -> true;
    for (Map.Entry<String, String> entry : columns.entrySet()) {
      List<String> wanted = values.get(entry.getKey());
      Predicate<JsonNode> one =
          wanted == null
              ? null
              : of(entry.getValue().trim(), wanted, types.get(entry.getKey()), inputTypes);
      if (one != null) {
        result = result.and(one);
      }
    }
    return result;
  }

  private static Predicate<JsonNode> of(
      String expression, List<String> wanted, ColumnType type, Map<String, ColumnType> inputTypes) {
    Matcher day = DAY.matcher(expression);
    String column =
        day.matches() ? day.group(1) : COLUMN.matcher(expression).matches() ? expression : null;
    ColumnType stored = column == null ? null : inputTypes.get(column);
    if (stored == null) {
      return null;
    }
    boolean days =
        day.matches()
            && type.family() == ColumnType.Family.DATE
            && (stored.family() == ColumnType.Family.TIMESTAMP
                || stored.family() == ColumnType.Family.DATE);
    Comparator<String> order = order(type.family());
    if (order == null || !days && (day.matches() || stored.family() != type.family())) {
      return null;
    }
    return file -> {
      String low = file.path("min").path(column).asText(null);
      String high = file.path("max").path(column).asText(null);
      if (low == null || high == null) {
        return true;
      }
      boolean calendar = days || type.family() == ColumnType.Family.DATE;
      if (calendar) {
        // Years before 0 and after 9999 are written in several ways, and none sorts as text.
        if (!ISO_DAY.matcher(low).matches() || !ISO_DAY.matcher(high).matches()) {
          return true;
        }
        low = low.substring(0, 10);
        high = high.substring(0, 10);
      }
      for (String value : wanted) {
        if (calendar && !ISO_DAY.matcher(value).matches()) {
          return true;
        }
        if (order.compare(low, value) <= 0 && order.compare(value, high) <= 0) {
          return true;
        }
      }
      return false;
    };
  }

  private static Comparator<String> order(ColumnType.Family family) {
    switch (family) {
      case TEXT:
        // As Parquet orders texts: by unsigned bytes.
        return Comparator.comparing(FilePruning::bytes);
      case INTEGER:
        return Comparator.comparing(BigInteger::new);
      case DATE:
        return Comparator.naturalOrder();
      default:
        return null;
    }
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
