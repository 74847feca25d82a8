package dev.lakegate.transform.run;

import dev.lakegate.transform.run.Backfill.Step;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/** The record of backfills in the control database. Thread-safe; each method is one transaction. */
public final class BackfillStore {
  private static final int LISTED = 100;

  private final DataSource database;

  public BackfillStore(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
  }

  /** Records one whose runs are queued. */
  void add(Backfill backfill) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement head =
              connection.prepareStatement(
                  "INSERT INTO transform.backfill (id, dataset, range_from, range_to, cascade,"
                      + " rows_read, by_whom, asked_at, whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
          PreparedStatement step =
              connection.prepareStatement(
                  "INSERT INTO transform.backfill_step (backfill, ordinal, dataset, run)"
                      + " VALUES (?, ?, ?, ?)")) {
        head.setString(1, backfill.id());
        head.setString(2, backfill.dataset());
        head.setObject(3, backfill.from().atOffset(ZoneOffset.UTC));
        head.setObject(4, backfill.to().atOffset(ZoneOffset.UTC));
        head.setBoolean(5, backfill.cascade());
        head.setLong(6, backfill.rowsRead());
        head.setString(7, backfill.by());
        head.setObject(8, backfill.askedAt().atOffset(ZoneOffset.UTC));
        head.setString(9, backfill.whole());
        head.executeUpdate();
        int ordinal = 0;
        for (Step one : backfill.steps()) {
          step.setString(1, backfill.id());
          step.setInt(2, ++ordinal);
          step.setString(3, one.dataset());
          step.setString(4, one.run());
          step.executeUpdate();
        }
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /** The newest, newest first. */
  public List<Backfill> list() throws SQLException {
    return read(null);
  }

  /** The one of that id. */
  public Optional<Backfill> find(String id) throws SQLException {
    return read(Objects.requireNonNull(id, "id is null")).stream().findFirst();
  }

  /** Runs, not ended, of the backfills that a run is a step of. */
  List<String> openBeside(String run) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT DISTINCT r.id FROM transform.backfill_step mine"
                    + " JOIN transform.backfill_step other ON other.backfill = mine.backfill"
                    + " JOIN transform.run r ON r.id = other.run"
                    + " WHERE mine.run = ? AND r.status = 'queued'")) {
      statement.setString(1, run);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> runs = new ArrayList<>();
        while (rows.next()) {
          runs.add(rows.getString(1));
        }
        return runs;
      }
    }
  }

  /** Forgets those that were asked for before. */
  void purge(Instant before) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("DELETE FROM transform.backfill WHERE asked_at < ?")) {
      statement.setObject(1, before.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
  }

  private List<Backfill> read(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT b.id, b.dataset, b.range_from, b.range_to, b.cascade, b.rows_read,"
                    + " b.by_whom, b.asked_at, s.dataset, s.run, r.status, r.rows_read, b.whole"
                    + " FROM (SELECT * FROM transform.backfill WHERE ?::text IS NULL OR id = ?"
                    + " ORDER BY id DESC LIMIT ?) b"
                    + " JOIN transform.backfill_step s ON s.backfill = b.id"
                    + " LEFT JOIN transform.run r ON r.id = s.run ORDER BY b.id DESC, s.ordinal")) {
      statement.setString(1, id);
      statement.setString(2, id);
      statement.setInt(3, LISTED);
      Map<String, Backfill> found = new LinkedHashMap<>();
      Map<String, List<Step>> steps = new LinkedHashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.put(
              rows.getString(1),
              new Backfill(
                  rows.getString(1),
                  rows.getString(2),
                  instant(rows, 3),
                  instant(rows, 4),
                  rows.getBoolean(5),
                  rows.getString(13),
                  rows.getLong(6),
                  rows.getString(7),
                  instant(rows, 8),
                  "queued",
                  0,
                  List.of()));
          steps
              .computeIfAbsent(rows.getString(1), one -> new ArrayList<>())
              .add(
                  new Step(
                      rows.getString(9),
                      rows.getString(10),
                      rows.getString(11) == null
                          ? null
                          : RunStatus.of(rows.getString(11)).orElseThrow(),
                      rows.getObject(12, Long.class)));
        }
      }
      return found.values().stream().map(b -> with(b, steps.get(b.id()))).toList();
    }
  }

  private static Backfill with(Backfill b, List<Step> steps) {
    return new Backfill(
        b.id(),
        b.dataset(),
        b.from(),
        b.to(),
        b.cascade(),
        b.whole(),
        b.rowsRead(),
        b.by(),
        b.askedAt(),
        Backfill.state(steps),
        (int)
            steps.stream()
                .filter(s -> s.status() == null || s.status() == RunStatus.SUCCEEDED)
                .count(),
        steps);
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, OffsetDateTime.class).toInstant();
  }
}
