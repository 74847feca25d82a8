package dev.lakegate.e2e.history;

import dev.lakegate.model.description.SourceTable;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL for many histories: each has a database of its own, with the application's tables
 * and without the constraints that random rows would run into.
 */
final class Cluster implements AutoCloseable {
  private static final String TEMPLATE = "application";

  private final Path directory;
  private final EmbeddedPostgres server;
  private int databases;

  Cluster(Path directory) throws IOException, SQLException {
    this.directory = directory;
    this.server =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("source"))
            .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_wal_senders", "8")
            .setServerConfig("max_replication_slots", "8")
            .setServerConfig("shared_buffers", "32MB")
            .setServerConfig("fsync", "off")
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Duration.ofSeconds(60))
            .start();
    execute("postgres", "CREATE DATABASE " + TEMPLATE);
    execute(TEMPLATE, schema());
    execute(
        TEMPLATE,
        """
        DO $$ DECLARE c record; BEGIN
          FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
                   WHERE contype IN ('f', 'u', 'c') AND connamespace = 'public'::regnamespace LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
          END LOOP;
        END $$
        """);
  }

  /** The DDL of the application's tables. */
  static String schema() throws IOException {
    try (InputStream in = Cluster.class.getResourceAsStream("/backend/core_schema.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A new database; its name. */
  String newDatabase() throws SQLException {
    String name = "history_" + ++databases;
    execute("postgres", "CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
    return name;
  }

  /** Removes a database, its slot and all connections to it. */
  void drop(String database, String slot) throws SQLException, InterruptedException {
    dropSlot(slot);
    execute("postgres", "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
  }

  /** Drops a slot however often capture takes it again; whether it was there. */
  boolean dropSlot(String slot) throws SQLException, InterruptedException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try (Connection connection = connect("postgres");
          Statement statement = connection.createStatement();
          ResultSet found =
              statement.executeQuery(
                  "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE"
                      + " slot_name = '"
                      + slot
                      + "'")) {
        if (!found.next()) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(20);
        statement.execute("SELECT pg_drop_replication_slot('" + slot + "')");
        return true;
      } catch (SQLException e) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
    throw new AssertionError("slot " + slot + " stays in use");
  }

  /** Ends the connections of capture. */
  void disconnect(String database) throws SQLException {
    execute(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND"
            + " datname = '"
            + database
            + "'");
  }

  /** Crashes the server and starts it again. */
  void restart() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("unshare", "-U"));
    }
    try (Stream<Path> all = Files.walk(directory.resolve("binaries"))) {
      command.add(all.filter(p -> p.endsWith("bin/pg_ctl")).findFirst().orElseThrow().toString());
    }
    command.addAll(
        List.of(
            "restart",
            "-D",
            directory.resolve("source").toString(),
            "-m",
            "immediate",
            "-w",
            "-l",
            directory.resolve("restarted.log").toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("pg_ctl.log").toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError(
          "the source did not restart: " + Files.readString(directory.resolve("pg_ctl.log")));
    }
  }

  String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + database;
  }

  /** As the application connects, with times in UTC. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        url(database) + "?options=-c%20TimeZone=UTC&stringtype=unspecified&socketTimeout=60",
        "postgres",
        "postgres");
  }

  void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** DDL that makes one table again as it was, without constraints but its key. */
  static String definition(SourceTable table) throws IOException {
    String schema = schema();
    StringBuilder sql = new StringBuilder();
    for (String statement : schema.split(";\\s*\\n")) {
      boolean creates = statement.contains("CREATE TABLE public." + table.sourceTable() + " (");
      boolean key =
          statement.contains("ALTER TABLE ONLY public." + table.sourceTable() + "\n")
              || statement.contains("ALTER TABLE public." + table.sourceTable() + "\n");
      if (creates || key && statement.contains("PRIMARY KEY")) {
        sql.append(statement.strip()).append(";\n");
      }
    }
    return sql.toString().replaceAll(",\\s*CONSTRAINT \\w+ CHECK [^\n]*", "");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
