package dev.lakegate.ingest.reconcile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;

/**
 * A DuckDB database in a scratch directory of its own, with bounded memory: what does not fit is on
 * disk. {@link #cancel} may be called from any thread; the rest from one.
 */
final class ScratchDatabase implements AutoCloseable {
  private final Path directory;
  private final Connection connection;
  private volatile Statement running;

  ScratchDatabase(Path directory, String memoryLimit) throws IOException, SQLException {
    this.directory = directory;
    delete(directory);
    Files.createDirectories(directory);
    this.connection =
        new DuckDBDriver()
            .connect("jdbc:duckdb:" + directory.resolve("rows.duckdb"), new Properties());
    run("SET threads = 1");
    run("SET memory_limit = " + literal(memoryLimit));
    run("SET temp_directory = " + literal(directory.resolve("spill").toString()));
    run("SET preserve_insertion_order = false");
    run("SET TimeZone = 'UTC'");
    run("SET autoinstall_known_extensions = false");
    run("SET autoload_known_extensions = false");
  }

  Path directory() {
    return directory;
  }

  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running = statement;
      statement.execute(sql);
    } finally {
      running = null;
    }
  }

  /** All rows as texts. */
  List<List<String>> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running = statement;
      List<List<String>> all = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(sql)) {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          List<String> row = new ArrayList<>(columns);
          for (int i = 1; i <= columns; i++) {
            row.add(rows.getString(i));
          }
          all.add(row);
        }
      }
      return all;
    } finally {
      running = null;
    }
  }

  long number(String sql) throws SQLException {
    return Long.parseLong(rows(sql).get(0).get(0));
  }

  /** Ends what is running, if anything is. */
  void cancel() {
    Statement statement = running;
    if (statement != null) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        // It has ended by itself.
      }
    }
  }

  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** {@code read_parquet} over exactly these files; their paths say nothing about columns. */
  static String parquet(Collection<Path> files) {
    StringBuilder sql = new StringBuilder("read_parquet([");
    String separator = "";
    for (Path file : files) {
      // Characters of a pattern stand for themselves.
      sql.append(separator).append(literal(file.toString().replaceAll("[*?\\[]", "[$0]")));
      separator = ", ";
    }
    return sql.append("], union_by_name = true, hive_partitioning = false)").toString();
  }

  @Override
  public void close() throws SQLException, IOException {
    try {
      connection.close();
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
