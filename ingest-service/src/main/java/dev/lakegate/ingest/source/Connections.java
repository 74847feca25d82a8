package dev.lakegate.ingest.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens connections whose sessions print every value the same way. Stateless. */
public final class Connections {
  private static final String SESSION =
      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'iso_8601';"
          + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0;"
          + " SET idle_in_transaction_session_timeout = 0";

  private Connections() {}

  /** For SQL. A row that row security would hide is an error, not a gap. */
  public static Connection sql(SourceSettings settings, int socketTimeoutSeconds)
      throws SQLException {
    Properties properties = properties(settings);
    PGProperty.SOCKET_TIMEOUT.set(properties, socketTimeoutSeconds);
    Connection connection = open(settings, properties);
    prepare(connection, SESSION + "; SET row_security = off");
    return connection;
  }

  /** For the replication protocol. */
  public static Connection replication(SourceSettings settings) throws SQLException {
    Properties properties = properties(settings);
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    Connection connection = open(settings, properties);
    prepare(connection, SESSION);
    return connection;
  }

  /** The driver itself, since DriverManager knows only the drivers of whoever asked it first. */
  private static Connection open(SourceSettings settings, Properties properties)
      throws SQLException {
    Connection connection = new Driver().connect(settings.jdbcUrl(), properties);
    if (connection == null) {
      throw new SQLException("lakegate.capture.source.jdbc-url is no URL of PostgreSQL's driver");
    }
    return connection;
  }

  private static Properties properties(SourceSettings settings) {
    Properties properties = new Properties();
    if (settings.username() != null) {
      PGProperty.USER.set(properties, settings.username());
    }
    if (settings.password() != null) {
      PGProperty.PASSWORD.set(properties, settings.password());
    }
    PGProperty.APPLICATION_NAME.set(properties, "lakegate-ingest");
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.CONNECT_TIMEOUT.set(properties, 10);
    PGProperty.LOGIN_TIMEOUT.set(properties, 20);
    return properties;
  }

  private static void prepare(Connection connection, String statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements.split(";")) {
        statement.execute(sql.strip());
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
