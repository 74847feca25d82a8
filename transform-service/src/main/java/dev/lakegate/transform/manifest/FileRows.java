package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.BronzeFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes files into the index, and what each table's schema versions span. */
final class FileRows implements AutoCloseable {
  private final PreparedStatement file;
  private final PreparedStatement version;
  private final Map<Version, long[]> spans = new TreeMap<>();

  private record Version(String table, int number) implements Comparable<Version> {
    @Override
    public int compareTo(Version other) {
      int byTable = table.compareTo(other.table);
      return byTable != 0 ? byTable : Integer.compare(number, other.number);
    }
  }

  FileRows(Connection connection) throws SQLException {
    file =
        connection.prepareStatement(
            "INSERT INTO transform.bronze_file (bronze_table, manifest, path, kind,"
                + " schema_version, generation, row_count, byte_count, max_commit_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    version =
        connection.prepareStatement(
            "INSERT INTO transform.bronze_version AS v"
                + " (bronze_table, schema_version, first_manifest, last_manifest)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT (bronze_table, schema_version) DO UPDATE"
                + " SET first_manifest = least(v.first_manifest, excluded.first_manifest),"
                + " last_manifest = greatest(v.last_manifest, excluded.last_manifest)");
  }

  void add(long manifest, BronzeFile f) throws SQLException {
    file.setString(1, f.table());
    file.setLong(2, manifest);
    file.setString(3, f.path());
    file.setString(4, f.kind().name().toLowerCase(Locale.ROOT));
    file.setInt(5, f.schemaVersion());
    file.setInt(6, f.generation());
    file.setLong(7, f.rows());
    file.setLong(8, f.bytes());
    file.setObject(9, ManifestIndex.utc(f.maxCommitTs()));
    file.addBatch();
    long[] span =
        spans.computeIfAbsent(
            new Version(f.table(), f.schemaVersion()), v -> new long[] {manifest, manifest});
    span[0] = Math.min(span[0], manifest);
    span[1] = Math.max(span[1], manifest);
  }

  /** The manifests that are named must be in the index by then. */
  void write() throws SQLException {
    file.executeBatch();
    for (Map.Entry<Version, long[]> span : spans.entrySet()) {
      version.setString(1, span.getKey().table());
      version.setInt(2, span.getKey().number());
      version.setLong(3, span.getValue()[0]);
      version.setLong(4, span.getValue()[1]);
      version.addBatch();
    }
    version.executeBatch();
    spans.clear();
  }

  @Override
  public void close() throws SQLException {
    try (file;
        version) {
      // Closed together.
    }
  }
}
