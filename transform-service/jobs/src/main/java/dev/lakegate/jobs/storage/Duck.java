package dev.lakegate.jobs.storage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;

/**
 * An embedded DuckDB for the work of one run: folding changes and looking up stored rows, with
 * memory bounded and the rest spilled to a scratch directory. Used by one thread.
 */
public final class Duck implements AutoCloseable {
  private final Connection connection;
  private final Statement statement;

  private Duck(Connection connection, Statement statement) {
    this.connection = connection;
    this.statement = statement;
  }

  /**
   * Opens an empty database in memory.
   *
   * @param scratch directory that it may spill into
   * @param memoryMegabytes what it may hold in memory
   */
  public static Duck open(Path scratch, int memoryMegabytes) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("memory_limit", memoryMegabytes + "MB");
    properties.setProperty("threads", "2");
    properties.setProperty("temp_directory", scratch.resolve("spill").toString());
    properties.setProperty("preserve_insertion_order", "false");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    Duck duck = new Duck(connection, connection.createStatement());
    duck.run("SET TimeZone = 'UTC'");
    return duck;
  }

  /** Runs a statement whose result does not matter. */
  public void run(String sql) throws SQLException {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new SQLException(e.getMessage() + " in: " + sql, e);
    }
  }

  /** The first column of the only row, as a number. */
  public long number(String sql) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** The first column of the first row as text; null when there is no row. */
  public String text(String sql) throws SQLException {
    List<String> texts = texts(sql);
    return texts.isEmpty() ? null : texts.get(0);
  }

  /** The first column of all rows, as text. */
  public List<String> texts(String sql) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(sql)) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }

  /** A name as SQL writes it. */
  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text literal. */
  public static String literal(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }

  /** {@code read_parquet} over exactly these files; their paths say nothing about columns. */
  public static String parquet(Collection<String> files) {
    return parquet(files, "");
  }

  /** As {@link #parquet}, with the path of each row's file in column {@code __file}. */
  public static String parquetWithNames(Collection<String> files) {
    return parquet(files, ", filename = '__file'");
  }

  private static String parquet(Collection<String> files, String options) {
    StringBuilder sql = new StringBuilder("read_parquet([");
    String separator = "";
    for (String file : files) {
      sql.append(separator).append(literal(glob(file)));
      separator = ", ";
    }
    return sql.append("], union_by_name = true, hive_partitioning = false")
        .append(options)
        .append(')')
        .toString();
  }

  /** Characters that DuckDB would take for a pattern stand for themselves. */
  private static String glob(String file) {
    StringBuilder text = new StringBuilder();
    for (char c : file.toCharArray()) {
      if (c == '*' || c == '?' || c == '[') {
        text.append('[').append(c).append(']');
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws SQLException {
    statement.close();
    connection.close();
  }
}
