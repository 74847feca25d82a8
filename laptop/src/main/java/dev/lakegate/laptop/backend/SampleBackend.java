package dev.lakegate.laptop.backend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A stand-in for the Django application whose database is captured: its eight tables, rows that are
 * determined by their {@link SampleSize}, and traffic. Thread-safe; each call opens a connection of
 * its own.
 */
public final class SampleBackend {
  /** The application's tables, in alphabetical order. */
  public static final List<String> TABLES =
      List.of(
          "core_customer",
          "core_event",
          "core_invoice",
          "core_order",
          "core_orderitem",
          "core_product",
          "core_subscription",
          "core_tenant");

  private final String jdbcUrl;
  private final Properties credentials;

  /**
   * @param jdbcUrl address of an empty database, or of one that this class filled before
   */
  public SampleBackend(String jdbcUrl, String user, String password) {
    this.jdbcUrl = jdbcUrl;
    this.credentials = new Properties();
    credentials.setProperty("user", user);
    credentials.setProperty("password", password);
    credentials.setProperty("ApplicationName", "sample backend");
    credentials.setProperty("stringtype", "unspecified");
  }

  /** A new connection to the database, in auto-commit mode; the caller closes it. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl, credentials);
  }

  /** Makes the eight tables unless they are there. */
  public void createTables() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet found =
          statement.executeQuery("SELECT to_regclass('public.core_tenant') IS NOT NULL")) {
        found.next();
        if (found.getBoolean(1)) {
          return;
        }
      }
      connection.setAutoCommit(false);
      statement.execute(resource("/backend/core_schema.sql"));
      connection.commit();
    }
  }

  /** Whether there is any tenant. */
  public boolean isSeeded() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT EXISTS (SELECT 1 FROM public.core_tenant)")) {
      found.next();
      return found.getBoolean(1);
    }
  }

  /**
   * Fills the empty tables.
   *
   * @return rows written, by table
   * @throws SQLException also when the tables hold such rows already
   */
  public Map<String, Long> seed(SampleSize size) throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      return new Seeder(size, connection).run();
    }
  }

  /** Rows now, by table. */
  public Map<String, Long> countRows() throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM public." + table)) {
          count.next();
          counts.put(table, count.getLong(1));
        }
      }
    }
    return counts;
  }

  /** What the application's users do, one transaction a call. */
  public Shop shop(long seed) throws SQLException {
    return new Shop(connect(), seed);
  }

  /**
   * Starts traffic in a thread of its own, until it is closed.
   *
   * @param changesPerSecond row changes a second, on average; more than 0
   */
  public LiveTraffic startTraffic(double changesPerSecond, long seed) {
    return LiveTraffic.start(this, changesPerSecond, seed);
  }

  private static String resource(String name) {
    try (InputStream in = SampleBackend.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
