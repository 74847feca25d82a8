package dev.lakegate.e2e;

import dev.lakegate.laptop.backend.LiveTraffic;
import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.backend.SampleSize;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A PostgreSQL that Lakegate did not make: a database with the application's tables and rows, and a
 * role with REPLICATION that owns the tables and may create in the database, no more.
 */
final class Source implements AutoCloseable {
  private static final String ROLE = "backend";
  // With characters that a URL must encode.
  private static final String PASSWORD = "p&ss word+%1";

  private final EmbeddedPostgres server;
  private final SampleBackend backend;

  private Source(EmbeddedPostgres server) {
    this.server = server;
    this.backend = new SampleBackend(url(), ROLE, PASSWORD);
  }

  /** Starts a server with seeded tables. */
  static Source start(Path directory, SampleSize size) throws IOException, SQLException {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("source"))
            .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_wal_senders", "4")
            .setServerConfig("max_replication_slots", "4")
            .setServerConfig("shared_buffers", "32MB")
            .setServerConfig("listen_addresses", "127.0.0.1")
            .start();
    Source source = new Source(server);
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'");
      statement.execute("CREATE DATABASE shop");
      statement.execute("GRANT CREATE ON DATABASE shop TO " + ROLE);
    } catch (SQLException e) {
      server.close();
      throw e;
    }
    try (Connection connection = source.asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute("GRANT CREATE ON SCHEMA public TO " + ROLE);
    }
    source.backend.createTables();
    source.backend.seed(size);
    return source;
  }

  /** The address as a user gives it to {@code --source}, with its credentials. */
  String urlWithCredentials() {
    return url() + "?user=" + ROLE + "&password=p%26ss%20word%2B%251";
  }

  SampleBackend backend() {
    return backend;
  }

  LiveTraffic traffic(double changesPerSecond) {
    return backend.startTraffic(changesPerSecond, 7);
  }

  /** Runs statements in one transaction as the application does. */
  void transaction(String... statements) throws SQLException {
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      connection.commit();
    }
  }

  /** A query's rows as text, UTC, NULL as null. */
  List<List<String>> rows(String sql, String... parameters) throws SQLException {
    try (Connection connection = backend.connect()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET TIME ZONE 'UTC'");
      }
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setString(i + 1, parameters[i]);
        }
        List<List<String>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
          int columns = result.getMetaData().getColumnCount();
          while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
              row.add(result.getString(i));
            }
            rows.add(row);
          }
        }
        return rows;
      }
    }
  }

  String value(String sql, String... parameters) throws SQLException {
    return rows(sql, parameters).get(0).get(0);
  }

  /**
   * Everything in the database and server that capture could have left behind, by kind and name.
   */
  Set<String> objects() throws SQLException {
    Set<String> objects = new TreeSet<>();
    try (Connection connection = asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                SELECT 'relation ' || relnamespace::regnamespace || '.' || relname
                       || ' identity ' || relreplident::text FROM pg_class
                  WHERE relnamespace::regnamespace::text !~ '^pg_(toast|temp)'
                UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
                  WHERE nspname !~ '^pg_(toast_)?temp'
                UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc
                UNION ALL SELECT 'type ' || oid::regtype FROM pg_type
                  WHERE typnamespace::regnamespace::text !~ '^pg_(toast|temp)'
                UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger
                  WHERE NOT tgisinternal
                UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger
                UNION ALL SELECT 'publication ' || pubname FROM pg_publication
                UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
                UNION ALL SELECT 'origin ' || roname FROM pg_replication_origin
                UNION ALL SELECT 'role ' || rolname FROM pg_roles
                UNION ALL SELECT 'extension ' || extname FROM pg_extension
                UNION ALL SELECT 'setting ' || setdatabase || ' ' || setrole || ' ' || setconfig::text
                  FROM pg_db_role_setting
                UNION ALL SELECT 'database ' || datname FROM pg_database
                """)) {
      while (result.next()) {
        objects.add(result.getString(1));
      }
    }
    return objects;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private Connection asSuperuser() throws SQLException {
    return server.getDatabase("postgres", "shop").getConnection();
  }

  private String url() {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/shop";
  }
}
