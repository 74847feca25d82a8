package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.backend.SampleSize;
import dev.lakegate.laptop.supervisor.Ports;
import dev.lakegate.laptop.supervisor.SourceAddress;
import dev.lakegate.laptop.supervisor.Stack;
import dev.lakegate.laptop.supervisor.StackOptions;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/** A whole Lakegate on a benchmark's source, and what its published snapshots hold. */
final class BenchLake implements AutoCloseable {
  /** Orders of status completed as revenue counts them: every tenant and day. */
  private static final String REVENUE_AT_THE_SOURCE =
      "SELECT coalesce(sum(total), 0)::numeric(38,2)::text || ' ' || count(*) FROM core_order WHERE"
          + " status = 'completed'";

  private final BenchSource source;
  private final Path root;
  private final SnapshotReader snapshots;
  private final Stack stack;
  private final Connection duckdb;

  private BenchLake(BenchSource source, Path data) throws SQLException {
    this.source = source;
    this.root = data.resolve("lake");
    this.snapshots = new SnapshotReader(root);
    this.duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    try (Statement statement = duckdb.createStatement()) {
      statement.execute("SET threads = 1");
      statement.execute("SET TimeZone = 'UTC'");
    }
    this.stack =
        Stack.start(
            new StackOptions(
                Path.of(System.getProperty("lakegate.basedir")).toAbsolutePath().normalize(),
                data,
                Ports.free(),
                Optional.of(SourceAddress.parse(source.url(), "postgres", "postgres")),
                SampleSize.standard(),
                0),
            line -> {});
  }

  /** Starts all services on an empty data directory; returns when they are ready. */
  static BenchLake start(BenchSource source, Path data) throws SQLException {
    return new BenchLake(source, data);
  }

  /** The newest snapshot of {@code silver.order} and the like; empty when there is none yet. */
  Optional<Snapshot> current(String dataset) {
    String[] parts = dataset.split("\\.");
    return snapshots.current(parts[0], parts[1]);
  }

  /** Silver instants that a Gold snapshot was computed from. */
  static Optional<String> consumed(Snapshot gold, String input) {
    JsonNode instant = gold.checkpoint().path(input);
    return instant.isTextual() ? Optional.of(instant.textValue()) : Optional.empty();
  }

  /** Commit time of the newest change in a Silver snapshot, microseconds since 1970. */
  long newestCommitMicros(Snapshot snapshot) throws SQLException {
    String text = value("SELECT coalesce(max(epoch_us(_commit_ts)), 0) FROM " + files(snapshot));
    return Long.parseLong(text);
  }

  long rows(String dataset) {
    return current(dataset)
        .map(s -> s.files().stream().mapToLong(Snapshot.File::rows).sum())
        .orElse(-1L);
  }

  /** Whether all Silver tables have the source's number of rows and Gold the source's revenue. */
  boolean equalsSource() throws SQLException {
    for (var table : source.backend().countRows().entrySet()) {
      if (rows("silver." + table.getKey().substring("core_".length())) != table.getValue()) {
        return false;
      }
    }
    for (String metric : List.of("dim_customer", "funnel_metrics", "mrr_metrics")) {
      if (current("gold." + metric).isEmpty()) {
        return false;
      }
    }
    Optional<Snapshot> revenue = current("gold.revenue_metrics");
    return revenue.isPresent()
        && !revenue.get().files().isEmpty()
        && value(
                "SELECT sum(total_revenue)::DECIMAL(38,2)::VARCHAR || ' ' || sum(order_count) FROM "
                    + files(revenue.get()))
            .equals(source.value(REVENUE_AT_THE_SOURCE));
  }

  /**
   * Waits until Silver and Gold equal the source.
   *
   * @throws IllegalStateException when they do not in time
   */
  void awaitEqual(long seconds) throws SQLException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!equalsSource()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "Silver and Gold do not equal the source in " + seconds + " s");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private String value(String sql) throws SQLException {
    synchronized (duckdb) {
      try (Statement statement = duckdb.createStatement();
          ResultSet row = statement.executeQuery(sql)) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private String files(Snapshot snapshot) {
    return snapshot.files().stream()
        .map(f -> "'" + root.resolve(f.path()).toString().replace("'", "''") + "'")
        .collect(
            Collectors.joining(
                ", ", "read_parquet([", "], union_by_name = true, hive_partitioning = false)"));
  }

  @Override
  public void close() throws SQLException {
    stack.close();
    duckdb.close();
  }
}
