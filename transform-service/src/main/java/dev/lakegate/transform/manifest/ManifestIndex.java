package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.PendingFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The indexed chain of manifests, in the control database. Thread-safe; each method is one
 * transaction.
 */
public final class ManifestIndex {
  private final DataSource database;

  public ManifestIndex(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
  }

  /**
   * Adds the next manifests of the chain; all of them or none.
   *
   * @throws IllegalStateException when the first does not follow the last one indexed
   */
  public void append(List<Manifest> manifests) throws SQLException {
    if (manifests.isEmpty()) {
      return;
    }
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        append(connection, manifests);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static void append(Connection connection, List<Manifest> manifests) throws SQLException {
    Optional<Bronze.Head> head = head(connection);
    long last = head.map(Bronze.Head::manifest).orElse(0L);
    Instant newest = head.map(Bronze.Head::newestCommitAt).orElse(null);
    try (PreparedStatement manifest =
            connection.prepareStatement(
                "INSERT INTO transform.manifest"
                    + " (number, epoch, created_at, newest_commit_at, fingerprint)"
                    + " VALUES (?, ?, ?, ?, ?)");
        PreparedStatement file =
            connection.prepareStatement(
                "INSERT INTO transform.bronze_file (bronze_table, manifest, path, kind,"
                    + " schema_version, generation, row_count, byte_count)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        PreparedStatement copy =
            connection.prepareStatement(
                "INSERT INTO transform.copy_completed"
                    + " (bronze_table, manifest, generation, row_count) VALUES (?, ?, ?, ?)")) {
      for (Manifest next : manifests) {
        if (next.number() != last + 1) {
          throw new IllegalStateException(
              "manifest %d does not follow %d".formatted(next.number(), last));
        }
        last = next.number();
        for (BronzeFile f : next.files()) {
          newest = later(newest, f.maxCommitTs());
          file.setString(1, f.table());
          file.setLong(2, next.number());
          file.setString(3, f.path());
          file.setString(4, f.kind().name().toLowerCase(Locale.ROOT));
          file.setInt(5, f.schemaVersion());
          file.setInt(6, f.generation());
          file.setLong(7, f.rows());
          file.setLong(8, f.bytes());
          file.addBatch();
        }
        for (CopyCompleted c : next.copiesCompleted()) {
          copy.setString(1, c.table());
          copy.setLong(2, next.number());
          copy.setInt(3, c.generation());
          copy.setLong(4, c.rows());
          copy.addBatch();
        }
        manifest.setLong(1, next.number());
        manifest.setString(2, next.epoch());
        manifest.setObject(3, utc(next.createdAt()));
        manifest.setObject(4, utc(newest));
        manifest.setString(5, Fingerprint.of(next));
        manifest.addBatch();
      }
      manifest.executeBatch();
      file.executeBatch();
      copy.executeBatch();
    }
  }

  /** Forgets everything; the chain is then indexed again from its first manifest. */
  public void clear() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "TRUNCATE transform.manifest, transform.bronze_file, transform.copy_completed")) {
      statement.execute();
    }
  }

  /** The end of the indexed chain; empty when nothing is indexed. */
  public Optional<Bronze.Head> head() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return head(connection);
    }
  }

  private static Optional<Bronze.Head> head(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT number, epoch, newest_commit_at FROM transform.manifest"
                    + " ORDER BY number DESC LIMIT 1");
        ResultSet rows = statement.executeQuery()) {
      return rows.next()
          ? Optional.of(new Bronze.Head(rows.getString(2), rows.getLong(1), instant(rows, 3)))
          : Optional.empty();
    }
  }

  /** What identifies the content of an indexed manifest; empty when it is not indexed. */
  public Optional<String> fingerprint(long number) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT fingerprint FROM transform.manifest WHERE number = ?")) {
      statement.setLong(1, number);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** Last manifest with a file of each source table. */
  public Map<String, Long> lastManifests() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT bronze_table, max(manifest) FROM transform.bronze_file GROUP BY 1");
        ResultSet rows = statement.executeQuery()) {
      Map<String, Long> result = new HashMap<>();
      while (rows.next()) {
        result.put(rows.getString(1), rows.getLong(2));
      }
      return result;
    }
  }

  /**
   * Manifest with which each source table's copy became complete in an epoch; the last if twice.
   */
  public Map<String, Long> copiesCompleted(String epoch) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT c.bronze_table, max(c.manifest) FROM transform.copy_completed c"
                    + " JOIN transform.manifest m ON m.number = c.manifest"
                    + " WHERE m.epoch = ? GROUP BY 1")) {
      statement.setString(1, epoch);
      try (ResultSet rows = statement.executeQuery()) {
        Map<String, Long> result = new HashMap<>();
        while (rows.next()) {
          result.put(rows.getString(1), rows.getLong(2));
        }
        return result;
      }
    }
  }

  /** Sums over a table's files after a manifest; empty when there is no such file. */
  public Optional<Bronze.Pending> pending(String bronzeTable, long after) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT count(*), sum(f.row_count), sum(f.byte_count), min(m.created_at)"
                    + " FROM transform.bronze_file f JOIN transform.manifest m"
                    + " ON m.number = f.manifest"
                    + " WHERE f.bronze_table = ? AND f.manifest > ?")) {
      statement.setString(1, bronzeTable);
      statement.setLong(2, after);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1) == 0
            ? Optional.empty()
            : Optional.of(
                new Bronze.Pending(
                    rows.getLong(1), rows.getLong(2), rows.getLong(3), instant(rows, 4)));
      }
    }
  }

  /**
   * Files of a table, in the order of their manifests.
   *
   * @param files all, or the first
   * @param truncated whether there are more; the last manifest listed is whole
   */
  public record Listing(List<PendingFile> files, boolean truncated) {}

  /**
   * A table's files after one manifest and up to another.
   *
   * @param after exclusive
   * @param upTo inclusive
   * @param limit about how many files to list; more when one manifest alone has more
   */
  public Listing files(String bronzeTable, long after, long upTo, int limit) throws SQLException {
    try (Connection connection = database.getConnection()) {
      List<PendingFile> files = list(connection, bronzeTable, after, upTo, limit + 1);
      if (files.size() <= limit) {
        return new Listing(files, false);
      }
      long cut = files.get(files.size() - 1).manifest();
      List<PendingFile> whole = files.stream().filter(f -> f.manifest() < cut).toList();
      if (!whole.isEmpty()) {
        return new Listing(whole, true);
      }
      List<PendingFile> one = list(connection, bronzeTable, cut - 1, cut, Integer.MAX_VALUE);
      return new Listing(one, !list(connection, bronzeTable, cut, upTo, 1).isEmpty());
    }
  }

  private static List<PendingFile> list(
      Connection connection, String bronzeTable, long after, long upTo, int limit)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT f.manifest, m.epoch, f.path, f.kind, f.schema_version, f.generation,"
                + " f.row_count, f.byte_count"
                + " FROM transform.bronze_file f JOIN transform.manifest m ON m.number = f.manifest"
                + " WHERE f.bronze_table = ? AND f.manifest > ? AND f.manifest <= ?"
                + " ORDER BY f.manifest, f.path LIMIT ?")) {
      statement.setString(1, bronzeTable);
      statement.setLong(2, after);
      statement.setLong(3, upTo);
      statement.setInt(4, limit);
      try (ResultSet rows = statement.executeQuery()) {
        List<PendingFile> files = new ArrayList<>();
        while (rows.next()) {
          files.add(
              new PendingFile(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getInt(5),
                  rows.getInt(6),
                  rows.getLong(7),
                  rows.getLong(8)));
        }
        return files;
      }
    }
  }

  /** Completed copies of a table in the manifests after one and up to another, in order. */
  public List<CopyCompleted> copiesCompleted(String bronzeTable, long after, long upTo)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT generation, row_count FROM transform.copy_completed"
                    + " WHERE bronze_table = ? AND manifest > ? AND manifest <= ?"
                    + " ORDER BY manifest, generation")) {
      statement.setString(1, bronzeTable);
      statement.setLong(2, after);
      statement.setLong(3, upTo);
      try (ResultSet rows = statement.executeQuery()) {
        List<CopyCompleted> copies = new ArrayList<>();
        while (rows.next()) {
          copies.add(new CopyCompleted(bronzeTable, rows.getInt(1), rows.getLong(2), null));
        }
        return copies;
      }
    }
  }

  /** Last manifest of an epoch; 0 when it has none. */
  public long endOfEpoch(String epoch) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT coalesce(max(number), 0) FROM transform.manifest WHERE epoch = ?")) {
      statement.setString(1, epoch);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Whether the chain began with another epoch than this. */
  public boolean hasEarlierEpoch(String epoch) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT EXISTS (SELECT 1 FROM transform.manifest WHERE epoch < ?)")) {
      statement.setString(1, epoch);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  /** Newest source commit in the chain up to a manifest; empty when no file has one. */
  public Optional<Instant> newestCommitAt(long manifest) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT newest_commit_at FROM transform.manifest WHERE number = ?")) {
      statement.setLong(1, manifest);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(instant(rows, 1)) : Optional.empty();
      }
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a == null || (b != null && b.isAfter(a)) ? b : a;
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    OffsetDateTime value = rows.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}
