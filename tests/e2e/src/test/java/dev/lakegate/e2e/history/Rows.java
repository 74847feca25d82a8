package dev.lakegate.e2e.history;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Rows as text, and how two sets of them differ. */
final class Rows {
  private static final int SHOWN = 4;
  private static final int SHOWN_CHARACTERS = 40;

  private Rows() {}

  /**
   * Rows at the source.
   *
   * @param anonymous addresses as Silver keeps them: IPv4 to /24, IPv6 to /48
   */
  static List<List<String>> of(
      Connection source, String table, List<Shape.Column> columns, boolean anonymous)
      throws SQLException {
    List<List<String>> rows =
        DuckFiles.rows(
            source,
            columns.stream()
                .map(c -> text(c, anonymous))
                .collect(Collectors.joining(", ", "SELECT ", " FROM " + table)));
    if (!source.getAutoCommit()) {
      source.rollback();
    }
    return rows;
  }

  private static String text(Shape.Column column, boolean anonymous) {
    String name = '"' + column.name() + '"';
    return switch (column.type()) {
      case "timestamp with time zone" ->
          "to_char(" + name + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";
      case "inet" ->
          anonymous
              ? "host(network(set_masklen(%1$s, CASE family(%1$s) WHEN 4 THEN 24 ELSE 48 END)))"
                  .formatted(name)
              : "host(" + name + ")";
      default -> name + "::text";
    };
  }

  /** Rows that are missing, wrong, ghosts or doubles; empty when there are none. */
  static List<String> differences(
      String name,
      List<String> columns,
      List<String> key,
      List<List<String>> expected,
      List<List<String>> actual) {
    List<Integer> keys = key.stream().map(columns::indexOf).toList();
    List<String> differences = new ArrayList<>();
    Map<List<String>, List<String>> found = new HashMap<>();
    for (List<String> row : actual) {
      List<String> id = keys.stream().map(row::get).toList();
      if (found.put(id, row) != null) {
        differences.add(name + " " + id + " is there more than once");
      }
    }
    for (List<String> row : expected) {
      List<String> id = keys.stream().map(row::get).toList();
      List<String> other = found.remove(id);
      if (other == null) {
        differences.add(name + " " + id + " is missing: " + shorten(row));
      } else if (!row.equals(other)) {
        differences.add(name + " " + id + " " + difference(columns, row, other));
      }
    }
    found.forEach((id, row) -> differences.add(name + " " + id + " is a ghost: " + shorten(row)));
    int more = differences.size() - SHOWN;
    if (more > 0) {
      differences.subList(SHOWN, differences.size()).clear();
      differences.add("and " + more + " more in " + name);
    }
    return differences;
  }

  private static String difference(List<String> columns, List<String> row, List<String> other) {
    List<String> what = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      if (!Objects.equals(row.get(i), other.get(i))) {
        what.add(
            "%s is %s at the source and %s here"
                .formatted(columns.get(i), shorten(row.get(i)), shorten(other.get(i))));
      }
    }
    return String.join("; ", what);
  }

  private static String shorten(List<String> row) {
    return row.stream().map(Rows::shorten).toList().toString();
  }

  private static String shorten(String value) {
    return value != null && value.length() > SHOWN_CHARACTERS * 2
        ? value.substring(0, SHOWN_CHARACTERS) + "... of " + value.length()
        : value;
  }
}
