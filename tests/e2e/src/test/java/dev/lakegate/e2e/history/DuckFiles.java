package dev.lakegate.e2e.history;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/** Reads Parquet files. Used by one thread. */
final class DuckFiles implements AutoCloseable {
  private final Connection connection;

  DuckFiles() throws SQLException {
    connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("SET threads = 1");
    }
  }

  List<List<String>> rows(String sql) throws SQLException {
    return rows(connection, sql);
  }

  /** Rows as text, NULL as null. */
  static List<List<String>> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int width = result.getMetaData().getColumnCount();
      List<List<String>> rows = new ArrayList<>();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= width; i++) {
          row.add(result.getString(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  /** A column of a file as text, times in the form of {@link Rows}. */
  static String text(String name, String type) {
    return type.startsWith("timestamp")
        ? "strftime(\"" + name + "\"::TIMESTAMPTZ, '%Y-%m-%d %H:%M:%S.%f')"
        : '"' + name + "\"::VARCHAR";
  }

  /** A relation over exactly these files. */
  static String parquet(List<Path> files) {
    return files.stream()
        .map(f -> "'" + glob(f.toString().replace("'", "''")) + "'")
        .collect(
            Collectors.joining(
                ", ", "read_parquet([", "], union_by_name = true, hive_partitioning = false)"));
  }

  /** Characters that DuckDB would take for a pattern stand for themselves. */
  private static String glob(String file) {
    StringBuilder text = new StringBuilder();
    for (char c : file.toCharArray()) {
      text.append(c == '*' || c == '?' || c == '[' ? "[" + c + "]" : String.valueOf(c));
    }
    return text.toString();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
