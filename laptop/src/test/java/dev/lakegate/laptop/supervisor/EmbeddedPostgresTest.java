package dev.lakegate.laptop.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.laptop.postgres.PostgresCluster;
import dev.lakegate.laptop.postgres.PostgresCluster.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
  @TempDir Path directory;

  @Test
  void keepsDataAndChangesPasswordsOverARestart() throws Exception {
    String firstPassword;
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      firstPassword = postgres.cluster().password(Role.LAKEGATE);
      try (Connection connection = postgres.connect(Role.LAKEGATE);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE kept (id int)");
        statement.execute("INSERT INTO kept VALUES (42)");
        assertThat(setting(statement, "fsync")).isEqualTo("on");
        assertThat(setting(statement, "synchronous_commit")).isEqualTo("on");
        assertThat(setting(statement, "wal_level")).isEqualTo("logical");
        assertThat(setting(statement, "listen_addresses")).isEqualTo("127.0.0.1");
      }
    }
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      assertThat(postgres.cluster().password(Role.LAKEGATE)).isNotEqualTo(firstPassword);
      try (Connection connection = postgres.connect(Role.LAKEGATE);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT id FROM kept")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(42);
      }
      assertThatThrownBy(
              () ->
                  DriverManager.getConnection(
                      postgres.cluster().jdbcUrl(Role.LAKEGATE), "lakegate", firstPassword))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void rolesReachOnlyTheirOwnDatabaseAndAppMayReplicate() throws Exception {
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      assertThatThrownBy(
              () ->
                  DriverManager.getConnection(
                      postgres.cluster().jdbcUrl(Role.LAKEGATE),
                      "app",
                      postgres.cluster().password(Role.APP)))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("permission denied for database");
      try (Connection connection = postgres.connect(Role.APP);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE t (id int PRIMARY KEY)");
        statement.execute("CREATE PUBLICATION p FOR TABLE t");
        statement.execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        statement.execute("SELECT pg_drop_replication_slot('s')");
      }
    }
  }

  @Test
  void noPasswordIsInAnyFile() throws Exception {
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      byte[] password = postgres.cluster().password(Role.APP).getBytes();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          assertThat(new String(Files.readAllBytes(file), "ISO-8859-1"))
              .as(file.toString())
              .doesNotContain(new String(password, "ISO-8859-1"));
        }
      }
    }
  }

  @Test
  void aServerLeftRunningByAKilledOwnerIsStopped() throws Exception {
    RunningPostgres left = RunningPostgres.start(directory);
    long pid = left.pid();
    try (Connection connection = left.connect(Role.LAKEGATE);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept (id int)");
    }
    left.abandon();
    assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      assertThat(postgres.pid()).isNotEqualTo(pid);
      Await.until(
          "old server gone", () -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
      try (Connection connection = postgres.connect(Role.LAKEGATE);
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT id FROM kept");
      }
    }
  }

  @Test
  void aKilledServerComesBackEvenWhenItsPidFileNamesAnotherProcess() throws Exception {
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      long pid = postgres.pid();
      PostgresCluster.signal("KILL", pid);
      Await.until("restart", () -> postgres.restarts() > 0 && postgres.cluster().isReady());
      assertThat(postgres.pid()).isNotEqualTo(pid);
    }
    // Its number now belongs to this very process, which is no PostgreSQL.
    Files.writeString(
        directory.resolve("postgres/postmaster.pid"), ProcessHandle.current().pid() + "\n");
    try (RunningPostgres postgres = RunningPostgres.start(directory)) {
      assertThat(postgres.cluster().isReady()).isTrue();
    }
  }

  @Test
  void foreignFilesAreNotTouched() throws Exception {
    Files.createDirectories(directory.resolve("postgres"));
    Files.writeString(directory.resolve("postgres/precious.txt"), "mine");
    assertThatThrownBy(() -> RunningPostgres.start(directory))
        .hasMessageContaining("holds no PostgreSQL cluster");
    assertThat(directory.resolve("postgres/precious.txt")).exists();
  }

  private static String setting(Statement statement, String name) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SHOW " + name)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
