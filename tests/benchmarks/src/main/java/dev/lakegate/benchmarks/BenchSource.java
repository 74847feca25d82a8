package dev.lakegate.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.backend.SampleSize;
import dev.lakegate.model.description.LakehouseLoader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL on this machine with the sample application's tables, and a folder for lakes. */
final class BenchSource implements AutoCloseable {
  static final int TENANTS = 20;
  private static final int DAYS = 180;
  private static final String USER = "postgres";

  private final EmbeddedPostgres postgres;
  private final Path directory;
  private final SampleBackend backend;
  private final Map<String, Long> rows;
  private final long postmaster;

  private BenchSource(EmbeddedPostgres postgres, Path directory, long rows)
      throws SQLException, IOException {
    this.postgres = postgres;
    this.directory = directory;
    this.backend = new SampleBackend(url(), USER, USER);
    backend.createTables();
    this.rows = backend.seed(SampleSize.endingToday(TENANTS, rows, DAYS, 7));
    this.postmaster = postmasterPid();
    execute("VACUUM ANALYZE");
    execute("CHECKPOINT");
  }

  /** Starts it and fills its tables with about so many rows of {@value #TENANTS} tenants. */
  static BenchSource start(long rows) throws IOException, SQLException {
    Path directory = Files.createTempDirectory("lakegate-bench");
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_replication_slots", "60")
            // As on any source that keeps what it confirms; the embedded one would have it off, and
            // then sends nothing before its next background write.
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_wal_senders", "60")
            .setServerConfig("max_wal_size", "8GB")
            .start();
    try {
      return new BenchSource(postgres, directory, rows);
    } catch (SQLException | IOException | RuntimeException e) {
      postgres.close();
      throw e;
    }
  }

  String url() {
    return postgres.getJdbcUrl(USER, "postgres");
  }

  int port() {
    return postgres.getPort();
  }

  SampleBackend backend() {
    return backend;
  }

  /** Rows that were made at the start, by table. */
  Map<String, Long> rows() {
    return rows;
  }

  long totalRows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  /** A new folder. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** First column of the first row. */
  String value(String sql) throws SQLException {
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  /** Settings of a capture of the described tables, with all defaults. */
  static CaptureSettings capture(String url, String slot, Path folder) {
    List<CapturedTable> tables =
        LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"))
            .tables()
            .stream()
            .map(
                t ->
                    new CapturedTable(
                        t.sourceSchema(), t.sourceTable(), t.dataset(), t.tenantColumn()))
            .toList();
    return new CaptureSettings(
        folder.resolve("lake"),
        folder.resolve("work"),
        new SourceSettings(url, USER, USER, slot, slot),
        tables,
        new FlushPolicy(Duration.ofSeconds(1), Duration.ofSeconds(15), 32, 50_000, 64L << 20),
        32L << 20,
        "128MB");
  }

  /** CPU seconds of this process so far. */
  static double ownCpu() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  /** CPU seconds of PostgreSQL's processes so far, ended ones included; NaN where unknown. */
  double sourceCpu() {
    double ticks = 0;
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process :
          processes.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
        String[] fields = stat(process);
        if (fields == null) {
          continue;
        }
        boolean main = process.getFileName().toString().equals(Long.toString(postmaster));
        if (main || fields[1].equals(Long.toString(postmaster))) {
          ticks += Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        }
        if (main) {
          ticks += Double.parseDouble(fields[13]) + Double.parseDouble(fields[14]);
        }
      }
    } catch (IOException e) {
      return Double.NaN;
    }
    return ticks / 100;
  }

  /** Fields of /proc/PID/stat from the state on; null when the process has ended. */
  private static String[] stat(Path process) throws IOException {
    try {
      String line = Files.readString(process.resolve("stat"));
      return line.substring(line.lastIndexOf(')') + 2).split(" ");
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return null;
      }
      throw e;
    }
  }

  private long postmasterPid() throws SQLException, IOException {
    Path file = Path.of(value("SHOW data_directory"), "postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).get(0).strip());
  }

  /** Removes a folder and what is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      postgres.close();
    } finally {
      delete(directory);
    }
  }
}
