package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.RollUp;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.PendingFile;
import dev.lakegate.transform.plan.SourceLedger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
    transaction(
        connection -> {
          append(connection, manifests);
          return null;
        });
  }

  private static void append(Connection connection, List<Manifest> manifests) throws SQLException {
    Optional<Bronze.Head> head = head(connection);
    long last = head.map(Bronze.Head::manifest).orElse(0L);
    Instant newest = head.map(Bronze.Head::newestCommitAt).orElse(null);
    try (PreparedStatement manifest =
            connection.prepareStatement(
                "INSERT INTO transform.manifest"
                    + " (number, epoch, timeline, created_at, newest_commit_at, fingerprint)"
                    + " VALUES (?, ?, ?, ?, ?, ?)");
        FileRows files = new FileRows(connection);
        LedgerRows ledger = new LedgerRows(connection)) {
      for (Manifest next : manifests) {
        if (next.number() != last + 1) {
          throw new IllegalStateException(
              "manifest %d does not follow %d".formatted(next.number(), last));
        }
        last = next.number();
        for (BronzeFile f : next.files()) {
          newest = later(newest, f.maxCommitTs());
          files.add(next.number(), f);
        }
        ledger.add(next);
        manifest.setLong(1, next.number());
        manifest.setString(2, next.epoch());
        manifest.setObject(3, next.timeline());
        manifest.setObject(4, utc(next.createdAt()));
        manifest.setObject(5, utc(newest));
        manifest.setString(6, Fingerprint.of(next));
        manifest.addBatch();
      }
      manifest.executeBatch();
      files.write();
      ledger.write();
    }
  }

  /**
   * Puts the files of a roll-up in the place of those that it was made from. Merged files, and what
   * stands beside them, count as the last manifest of the range that had a change of their table:
   * who has consumed that one has consumed them.
   */
  public void takeUp(RollUp rollUp) throws SQLException {
    Map<String, Map<String, BronzeFile>> rolled = new TreeMap<>();
    Map<String, Long> named = new HashMap<>();
    for (Manifest manifest : rollUp.manifests()) {
      for (BronzeFile file : manifest.files()) {
        rolled.computeIfAbsent(file.table(), t -> new TreeMap<>()).put(file.path(), file);
        named.put(file.table(), manifest.number());
      }
    }
    transaction(
        connection -> {
          Map<String, Map<String, Long>> indexed = paths(connection, rollUp.range());
          try (FileRows files = new FileRows(connection)) {
            for (Map.Entry<String, Map<String, BronzeFile>> table : rolled.entrySet()) {
              Map<String, Long> before = indexed.getOrDefault(table.getKey(), Map.of());
              if (before.keySet().equals(table.getValue().keySet())) {
                continue;
              }
              remove(connection, table.getKey(), rollUp.range());
              long counts =
                  before.values().stream()
                      .max(Comparator.naturalOrder())
                      .orElse(named.get(table.getKey()));
              for (BronzeFile file : table.getValue().values()) {
                files.add(counts, file);
              }
            }
            files.write();
          }
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "INSERT INTO transform.roll_up (first, last) VALUES (?, ?)"
                      + " ON CONFLICT (first) DO UPDATE SET last = excluded.last")) {
            statement.setLong(1, rollUp.first());
            statement.setLong(2, rollUp.last());
            statement.executeUpdate();
          }
          return null;
        });
  }

  private static Map<String, Map<String, Long>> paths(Connection connection, RollUp.Range range)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT bronze_table, path, manifest FROM transform.bronze_file"
                + " WHERE manifest BETWEEN ? AND ?")) {
      statement.setLong(1, range.first());
      statement.setLong(2, range.last());
      Map<String, Map<String, Long>> paths = new HashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          paths
              .computeIfAbsent(rows.getString(1), t -> new HashMap<>())
              .put(rows.getString(2), rows.getLong(3));
        }
      }
      return paths;
    }
  }

  private static void remove(Connection connection, String table, RollUp.Range range)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM transform.bronze_file WHERE bronze_table = ? AND manifest BETWEEN ? AND"
                + " ?")) {
      statement.setString(1, table);
      statement.setLong(2, range.first());
      statement.setLong(3, range.last());
      statement.executeUpdate();
    }
  }

  /** Roll-ups that were taken up. */
  public Set<RollUp.Range> takenUp() throws SQLException {
    return query(
        "SELECT first, last FROM transform.roll_up",
        statement -> {},
        rows -> {
          Set<RollUp.Range> ranges = new HashSet<>();
          while (rows.next()) {
            ranges.add(new RollUp.Range(rows.getLong(1), rows.getLong(2)));
          }
          return ranges;
        });
  }

  /** Forgets everything; the chain is then indexed again from its first manifest. */
  public void clear() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "TRUNCATE transform.manifest, transform.bronze_file, transform.bronze_version,"
                    + " transform.copy_begun, transform.copy_completed, transform.schema_version,"
                    + " transform.schema_approval, transform.roll_up")) {
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

  /** What identifies an indexed manifest; empty when it is not indexed. */
  public Optional<String> fingerprint(long number) throws SQLException {
    return text("SELECT fingerprint FROM transform.manifest WHERE number = ?", number);
  }

  /** Epoch of a manifest; empty when it is not indexed. */
  public Optional<String> epoch(long number) throws SQLException {
    return text("SELECT epoch FROM transform.manifest WHERE number = ?", number);
  }

  private Optional<String> text(String sql, long number) throws SQLException {
    return query(
        sql,
        statement -> statement.setLong(1, number),
        rows -> rows.next() ? Optional.of(rows.getString(1)) : Optional.empty());
  }

  /** Last manifest with a file of each source table. */
  public Map<String, Long> lastManifests() throws SQLException {
    return query(
        "SELECT bronze_table, max(last_manifest) FROM transform.bronze_version GROUP BY 1",
        statement -> {},
        rows -> {
          Map<String, Long> result = new HashMap<>();
          while (rows.next()) {
            result.put(rows.getString(1), rows.getLong(2));
          }
          return result;
        });
  }

  /** What the chain says of each source table besides its files. */
  public Map<String, SourceLedger> ledgers() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return LedgerRows.read(connection);
    }
  }

  /**
   * Sums over a table's files after one manifest and up to another; empty when there is no such
   * file.
   */
  public Optional<Bronze.Pending> pending(String bronzeTable, long after, long upTo)
      throws SQLException {
    return query(
        "SELECT count(*), sum(f.row_count), sum(f.byte_count), min(m.created_at)"
            + " FROM transform.bronze_file f JOIN transform.manifest m ON m.number = f.manifest"
            + " WHERE f.bronze_table = ? AND f.manifest > ? AND f.manifest <= ?",
        statement -> {
          statement.setString(1, bronzeTable);
          statement.setLong(2, after);
          statement.setLong(3, upTo);
        },
        rows -> {
          rows.next();
          return rows.getLong(1) == 0
              ? Optional.empty()
              : Optional.of(
                  new Bronze.Pending(
                      rows.getLong(1), rows.getLong(2), rows.getLong(3), instant(rows, 4)));
        });
  }

  /**
   * Commit times of a table's changes after one manifest and up to another: the newest of each
   * file; copied rows are no changes.
   *
   * @param limit most times to return, the newest
   */
  public List<Instant> commitTimes(String bronzeTable, long after, long upTo, int limit)
      throws SQLException {
    return query(
        "SELECT max_commit_at FROM transform.bronze_file WHERE bronze_table = ? AND manifest > ?"
            + " AND manifest <= ? AND kind = 'stream' AND max_commit_at IS NOT NULL"
            + " ORDER BY manifest DESC LIMIT ?",
        statement -> {
          statement.setString(1, bronzeTable);
          statement.setLong(2, after);
          statement.setLong(3, upTo);
          statement.setInt(4, limit);
        },
        rows -> {
          List<Instant> times = new ArrayList<>();
          while (rows.next()) {
            times.add(instant(rows, 1));
          }
          return times;
        });
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
            "SELECT f.manifest, f.path, f.kind, f.schema_version, f.generation,"
                + " f.row_count, f.byte_count FROM transform.bronze_file f"
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
                  rows.getInt(4),
                  rows.getInt(5),
                  rows.getLong(6),
                  rows.getLong(7)));
        }
        return files;
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

  private interface Binding {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private interface Reading<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T query(String sql, Binding binding, Reading<T> reading) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      binding.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        return reading.read(rows);
      }
    }
  }

  private <T> T transaction(Work<T> work) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a == null || (b != null && b.isAfter(a)) ? b : a;
  }

  static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    OffsetDateTime value = rows.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}
