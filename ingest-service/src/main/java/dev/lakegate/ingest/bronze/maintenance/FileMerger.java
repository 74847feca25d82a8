package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.bronze.RollUp;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/**
 * Writes the rows of several files into one, sorted by change sequence, columns and values as they
 * were. A file is durable when {@link #merge} returns. Not thread-safe, except for {@link #cancel}.
 */
final class FileMerger implements Closeable {
  private final Path root;
  private final Path staging;
  private final MaintenanceSteps steps;
  private final Connection duckdb;
  private final Statement statement;

  /**
   * @param scratch directory of this process, where sorting may spill
   */
  FileMerger(Path root, Path staging, Path scratch, String memoryLimit, MaintenanceSteps steps)
      throws IOException, SQLException {
    this.root = root;
    this.staging = staging;
    this.steps = steps;
    Files.createDirectories(staging);
    this.duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    this.statement = duckdb.createStatement();
    statement.execute("SET threads = 1");
    statement.execute("SET memory_limit = " + literal(memoryLimit));
    statement.execute("SET temp_directory = " + literal(scratch.resolve("merging").toString()));
    statement.execute("SET TimeZone = 'UTC'");
    statement.execute("SET autoinstall_known_extensions = false");
    statement.execute("SET autoload_known_extensions = false");
  }

  /**
   * Merges one group.
   *
   * @param index of the new file within the range
   */
  BronzeFile merge(MergePlan.Group group, RollUp.Range range, int index)
      throws IOException, SQLException {
    BronzeFile first = group.first();
    String path = BronzePaths.merged(first.table(), first.loadDate(), first.tenant(), range, index);
    Path staged = staging.resolve(index + ".parquet");
    String inputs =
        group.files().stream()
            .map(f -> literal(root.resolve(f.path()).toString()))
            .collect(Collectors.joining(", "));
    long rows =
        statement.executeLargeUpdate(
            "COPY (SELECT * FROM read_parquet(["
                + inputs
                + "], hive_partitioning = false) ORDER BY _change_seq) TO "
                + literal(staged.toString())
                + " (FORMAT parquet, COMPRESSION snappy)");
    if (rows != group.rows()) {
      throw new IOException(
          "merging "
              + group.files().size()
              + " files of "
              + first.table()
              + " gave "
              + rows
              + " rows instead of "
              + group.rows());
    }
    try (FileChannel file = FileChannel.open(staged, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    steps.done(MaintenanceSteps.Step.MERGED_STAGED);
    long bytes = Files.size(staged);
    Path target = root.resolve(path);
    // What stands there already is left over from an attempt that came to no roll-up.
    Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    ManifestWriter.sync(target.getParent());
    steps.done(MaintenanceSteps.Step.MERGED_PUBLISHED);
    return new BronzeFile(
        path,
        first.table(),
        first.tenant(),
        first.loadDate(),
        rows,
        bytes,
        first.kind(),
        first.schemaVersion(),
        first.generation(),
        group.files().stream().map(BronzeFile::firstSequence).min(String::compareTo).orElseThrow(),
        group.files().stream().map(BronzeFile::lastSequence).max(String::compareTo).orElseThrow(),
        group.files().stream().map(BronzeFile::maxCommitTs).max(Instant::compareTo).orElseThrow());
  }

  /** Makes a merge that is under way fail soon. Safe to call from any thread. */
  void cancel() {
    try {
      statement.cancel();
    } catch (SQLException e) {
      // It has just ended.
    }
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  @Override
  public void close() throws IOException {
    try {
      statement.close();
      duckdb.close();
    } catch (SQLException e) {
      throw new IOException("DuckDB did not close", e);
    }
  }
}
