package dev.lakegate.e2e.history;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A table as the source has it at the moment: its columns change while a history goes on.
 *
 * @param table in schema public
 * @param key primary key columns
 * @param columns in order
 */
record Shape(String table, List<String> key, List<Column> columns) {
  /**
   * A column.
   *
   * @param type in PostgreSQL's notation
   */
  record Column(String name, String type, boolean nullable) {}

  static Shape of(Connection connection, String table, List<String> key) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute"
                    + " WHERE attrelid = to_regclass('public."
                    + table
                    + "') AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
      while (rows.next()) {
        columns.add(new Column(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
      }
    }
    return new Shape(table, key, List.copyOf(columns));
  }

  boolean has(String column) {
    return columns.stream().anyMatch(c -> c.name().equals(column));
  }

  String quoted() {
    return "public." + table;
  }

  /** The column that may hold values large enough to be stored aside; null when there is none. */
  String large() {
    return columns.stream()
        .filter(c -> c.type().equals("text") || c.type().equals("jsonb"))
        .map(Column::name)
        .findFirst()
        .orElse(null);
  }

  Column keyColumn() {
    return columns.stream().filter(c -> c.name().equals(key.get(0))).findFirst().orElseThrow();
  }
}
