package dev.lakegate.laptop.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL cluster in a directory of ours: durable (fsync on), logical decoding on, on the
 * loopback interface only.
 *
 * <p>No password is stored: at each start every role gets a new one. The first is set while
 * PostgreSQL runs in single-user mode, where nobody can connect; with it the others are set.
 *
 * <p>This class prepares and describes; whoever owns the process starts {@link #command} and stops
 * it with SIGINT, which PostgreSQL takes as a fast, clean shutdown. Not thread-safe.
 */
public final class PostgresCluster {
  /** What a connection may do. */
  public enum Role {
    /** Owner of database {@code app}, the sample source; may replicate. */
    APP("app"),
    /** Owner of database {@code lakegate}, the control database. */
    LAKEGATE("lakegate");

    private final String roleName;

    Role(String roleName) {
      this.roleName = roleName;
    }

    /** Name of the role and of the database it owns. */
    public String roleName() {
      return roleName;
    }
  }

  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(2);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path directory;
  private final Path binariesCache;
  private final int port;
  private final String superuserPassword = newPassword();
  private final Map<Role, String> passwords = new EnumMap<>(Role.class);
  private PostgresBinaries binaries;
  private RunAs runAs;

  /**
   * @param directory the cluster's directory; made when it is missing
   * @param binariesCache where the programs are unpacked, shared between clusters
   * @param port port on 127.0.0.1
   */
  public PostgresCluster(Path directory, Path binariesCache, int port) {
    this.directory = directory.toAbsolutePath().normalize();
    this.binariesCache = binariesCache.toAbsolutePath().normalize();
    this.port = port;
    for (Role role : Role.values()) {
      passwords.put(role, newPassword());
    }
  }

  /**
   * Makes the cluster startable: unpacks the programs, initialises the directory when it is new,
   * stops a server that an earlier owner left running, and sets the administrator's password.
   *
   * @throws PostgresException when the cluster cannot be made or belongs to another version
   */
  public void prepare() {
    binaries = PostgresBinaries.unpack(binariesCache);
    runAs = RunAs.detect();
    try {
      if (!Files.exists(directory.resolve("PG_VERSION"))) {
        initialise();
      }
      String version = Files.readString(directory.resolve("PG_VERSION")).strip();
      if (!version.equals("15")) {
        throw new PostgresException(
            "The PostgreSQL cluster in "
                + directory
                + " is of version "
                + version
                + "; this Lakegate runs 15. Use another data directory (--data).");
      }
      runAs.own(directory);
      releaseFromEarlierOwner();
      setSuperuserPassword();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare PostgreSQL in " + directory, e);
    }
  }

  /** The command that runs the server in the foreground. Needs {@link #prepare} before. */
  public List<String> command() {
    return runAs.command(
        List.of(
            binaries.postgres(),
            "-D",
            directory.toString(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "port=" + port,
            "-c",
            "unix_socket_directories=",
            "-c",
            "wal_level=logical",
            "-c",
            "max_wal_senders=10",
            "-c",
            "max_replication_slots=10",
            "-c",
            "max_connections=60",
            "-c",
            "shared_buffers=48MB",
            "-c",
            "max_wal_size=512MB",
            "-c",
            "password_encryption=scram-sha-256",
            "-c",
            "timezone=UTC",
            "-c",
            "log_timezone=UTC",
            "-c",
            "log_line_prefix=%m [%p] %q%u@%d ",
            "-c",
            "logging_collector=off"));
  }

  /**
   * Stops a server that still runs in this directory although its owner is gone, and removes the
   * pid file of one that died. The caller must hold the lock of the data directory.
   */
  public void releaseFromEarlierOwner() throws IOException {
    Path pidFile = directory.resolve("postmaster.pid");
    Optional<ProcessHandle> left = runningServer(pidFile);
    if (left.isPresent()) {
      ProcessHandle server = left.get();
      signal("INT", server.pid());
      if (!waitForExit(server, Duration.ofSeconds(30))) {
        signal("QUIT", server.pid());
        if (!waitForExit(server, Duration.ofSeconds(15))) {
          throw new PostgresException(
              "A PostgreSQL server (process "
                  + server.pid()
                  + ") still runs in "
                  + directory
                  + " and does not stop. Stop it and start again.");
        }
      }
    }
    // The number in a dead server's file may by now be another program's, and PostgreSQL would
    // refuse to start because of it.
    Files.deleteIfExists(pidFile);
  }

  /** Whether the server accepts connections. */
  public boolean isReady() {
    try (Connection connection = superuser("postgres")) {
      return connection.isValid(2);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Makes the roles and databases that are missing, and gives the roles this start's passwords. */
  public void provision() throws SQLException {
    try (Connection connection = superuser("postgres");
        Statement statement = connection.createStatement()) {
      for (Role role : Role.values()) {
        String name = role.roleName();
        String verb =
            exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = ?", name)
                ? "ALTER"
                : "CREATE";
        String rights = role == Role.APP ? " LOGIN REPLICATION" : " LOGIN";
        statement.execute(
            verb + " ROLE " + name + rights + " PASSWORD '" + passwords.get(role) + "'");
        if (!exists(connection, "SELECT 1 FROM pg_database WHERE datname = ?", name)) {
          statement.execute("CREATE DATABASE " + name + " OWNER " + name);
          statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
        }
      }
    }
  }

  /** JDBC address of the role's database, without credentials. */
  public String jdbcUrl(Role role) {
    return url(role.roleName());
  }

  /** The role's password for this start. */
  public String password(Role role) {
    return passwords.get(role);
  }

  /** Sends a signal by name, for example {@code INT}. A process that is gone is no error. */
  public static void signal(String name, long pid) throws IOException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(pid))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      kill.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void initialise() throws IOException {
    Files.createDirectories(directory.getParent());
    if (Files.isDirectory(directory)) {
      try (var files = Files.list(directory)) {
        if (files.findAny().isPresent()) {
          throw new PostgresException(
              directory
                  + " is not empty and holds no PostgreSQL cluster. Move it away, or use another"
                  + " data directory (--data).");
        }
      }
      Files.delete(directory);
    }
    // Made beside and renamed, so that an interrupted first start leaves no half cluster behind.
    Path fresh = directory.resolveSibling(directory.getFileName() + ".new");
    PostgresBinaries.deleteTree(fresh);
    Files.createDirectory(fresh);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
    runAs.own(fresh);
    run(
        runAs.command(
            List.of(
                binaries.initdb(),
                "--pgdata=" + fresh,
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "--auth-host=reject",
                "--auth-local=reject")),
        "");
    Files.writeString(
        fresh.resolve("pg_hba.conf"),
        """
        # Loopback only, and only with a password.
        host all all 127.0.0.1/32 scram-sha-256
        """);
    Files.move(fresh, directory);
  }

  private void setSuperuserPassword() throws IOException {
    run(
        runAs.command(
            List.of(
                binaries.postgres(),
                "--single",
                "-D",
                directory.toString(),
                "-c",
                "wal_level=logical",
                "-c",
                "max_replication_slots=10",
                "-c",
                "max_wal_senders=10",
                "-c",
                "max_connections=60",
                "-c",
                "password_encryption=scram-sha-256",
                "postgres")),
        "ALTER ROLE postgres PASSWORD '" + superuserPassword + "'\n");
  }

  private void run(List<String> command, String input) throws IOException {
    Path output = Files.createTempFile(directory.getParent(), ".postgres-", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // The program ended before it read everything; its exit code and output say why.
      }
      boolean ended = process.waitFor(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String text = Files.readString(output);
      // In single-user mode a failing statement is only printed; the exit code stays 0.
      if (!ended || process.exitValue() != 0 || text.contains("ERROR:")) {
        String shown = text.length() > 2000 ? text.substring(text.length() - 2000) : text;
        throw new PostgresException(
            (ended ? "PostgreSQL failed: " : "PostgreSQL did not finish in time: ")
                + Path.of(command.stream().filter(c -> c.contains("/bin/")).findFirst().orElse("?"))
                    .getFileName()
                + "\n"
                + shown.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostgresException("interrupted while PostgreSQL was prepared", e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private Optional<ProcessHandle> runningServer(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(pidFile);
    long pid;
    try {
      pid = Math.abs(Long.parseLong(lines.get(0).strip()));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::servesThisDirectory);
  }

  private boolean servesThisDirectory(ProcessHandle process) {
    Path proc = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    try {
      if (Files.isReadable(proc)) {
        String commandLine = Files.readString(proc, StandardCharsets.ISO_8859_1);
        return commandLine.contains("postgres") && commandLine.contains(directory.toString());
      }
    } catch (IOException e) {
      return false;
    }
    return process.info().command().map(c -> c.endsWith("postgres")).orElse(false);
  }

  private static boolean waitForExit(ProcessHandle process, Duration timeout) {
    try {
      process.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      return !process.isAlive();
    }
  }

  private Connection superuser(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", superuserPassword);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    return DriverManager.getConnection(url(database), properties);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  private static boolean exists(Connection connection, String sql, String name)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static String newPassword() {
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
