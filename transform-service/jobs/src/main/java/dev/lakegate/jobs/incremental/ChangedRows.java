package dev.lakegate.jobs.incremental;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The rows of a table that differ between two of its snapshots, as they were and as they are. Only
 * files that one of the snapshots lists and the other does not are read: a file never changes, and
 * a rewritten one carries unchanged rows on with the commit time that they had.
 */
final class ChangedRows {
  private final long before;
  private final long after;
  private final Path beforeFile;
  private final Path afterFile;

  private ChangedRows(long before, long after, Path beforeFile, Path afterFile) {
    this.before = before;
    this.after = after;
    this.beforeFile = beforeFile;
    this.afterFile = afterFile;
  }

  /**
   * Finds them.
   *
   * @param columns that are compared and given
   * @param directory empty, for the files of changed rows
   */
  static ChangedRows between(
      Snapshot old, Snapshot now, List<Column> columns, Path storageRoot, Duck duck, Path directory)
      throws SQLException {
    Set<String> gone = new LinkedHashSet<>(old.files(storageRoot));
    Set<String> come = new LinkedHashSet<>(now.files(storageRoot));
    List<String> common = new ArrayList<>(gone);
    common.retainAll(come);
    gone.removeAll(common);
    come.removeAll(common);
    String committed = name("_hoodie_commit_time");
    // What was committed since the old snapshot, and what is no longer there as it was then.
    rows(duck, "came", columns, come, committed + " > " + literal(old.instant()));
    rows(
        duck,
        "went",
        columns,
        gone,
        come.isEmpty()
            ? "true"
            : "NOT EXISTS (SELECT 1 FROM "
                + Duck.parquet(come)
                + " n WHERE n."
                + committed
                + " <= "
                + literal(old.instant())
                + " AND n._hoodie_record_key = o._hoodie_record_key"
                + " AND n._hoodie_partition_path IS NOT DISTINCT FROM o._hoodie_partition_path"
                + ")");
    Path before = directory.resolve("before.parquet");
    Path after = directory.resolve("after.parquet");
    // A row whose values are the same as before is no change.
    long wentRows = write(duck, "SELECT * FROM went EXCEPT ALL SELECT * FROM came", before);
    long cameRows = write(duck, "SELECT * FROM came EXCEPT ALL SELECT * FROM went", after);
    duck.run("DROP TABLE came");
    duck.run("DROP TABLE went");
    return new ChangedRows(wentRows, cameRows, before, after);
  }

  private static void rows(
      Duck duck, String table, List<Column> columns, Set<String> files, String condition)
      throws SQLException {
    Set<String> present = new LinkedHashSet<>();
    if (!files.isEmpty()) {
      present.addAll(
          duck.texts(
              "SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(files) + ")"));
    }
    List<String> select = new ArrayList<>();
    for (Column column : columns) {
      select.add(
          "CAST("
              + (present.contains(column.name()) ? name(column.name()) : "NULL")
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ") AS "
              + name(column.name()));
    }
    duck.run(
        "CREATE TEMP TABLE "
            + table
            + " AS SELECT "
            + String.join(", ", select)
            + (files.isEmpty()
                ? " WHERE false"
                : " FROM " + Duck.parquet(files) + " o WHERE " + condition));
  }

  private static long write(Duck duck, String query, Path file) throws SQLException {
    duck.run(
        "COPY ("
            + query
            + ") TO "
            + literal(file.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
    return duck.number("SELECT count(*) FROM read_parquet(" + literal(file.toString()) + ")");
  }

  /** Rows in {@link #beforeFile}. */
  long before() {
    return before;
  }

  /** Rows in {@link #afterFile}. */
  long after() {
    return after;
  }

  /** Parquet file of the rows as they were. */
  Path beforeFile() {
    return beforeFile;
  }

  /** Parquet file of the rows as they are. */
  Path afterFile() {
    return afterFile;
  }
}
