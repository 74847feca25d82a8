package dev.lakegate.transform.run;

import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.plan.Situation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/** Runs that were asked for and have not started. Thread-safe; each method is one transaction. */
final class RunQueue {
  private final DataSource database;

  RunQueue(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
  }

  /**
   * Records a run that somebody asks for.
   *
   * @return the id of the run: another one's when an equal one is queued already; empty when too
   *     many are queued
   */
  Optional<String> add(
      String id, String dataset, Mode mode, String reason, String by, Instant now, int most)
      throws SQLException {
    return add(id, dataset, mode, null, null, reason, by, now, most);
  }

  /**
   * As above, about a kept state. A table that is to be restored is held from then on.
   *
   * @param past null for runs that apply what their inputs have
   * @param definition of the dataset under which this is asked for, where it may not be done under
   *     another one; otherwise null
   */
  Optional<String> add(
      String id,
      String dataset,
      Mode mode,
      Past past,
      String definition,
      String reason,
      String by,
      Instant now,
      int most)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Optional<String> queued =
            add(connection, id, dataset, mode, past, definition, reason, by, now, most);
        if (queued.isPresent() && mode == Mode.RESTORE && !Boolean.TRUE.equals(past.dryRun())) {
          HoldStore.hold(connection, dataset, queued.get(), past.instant(), by, now);
        }
        connection.commit();
        return queued;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static Optional<String> add(
      Connection connection,
      String id,
      String dataset,
      Mode mode,
      Past past,
      String definition,
      String reason,
      String by,
      Instant now,
      int most)
      throws SQLException {
    String about = past == null ? null : Json.write(past);
    try (PreparedStatement same =
        connection.prepareStatement(
            "SELECT id FROM transform.run WHERE status IN ('queued', CASE WHEN ?::jsonb IS NULL"
                + " THEN 'queued' ELSE 'running' END) AND dataset = ? AND mode = ?"
                + " AND past ->> 'instant' IS NOT DISTINCT FROM ?"
                + " AND coalesce((past ->> 'dryRun')::boolean, false) = ?"
                + " ORDER BY id LIMIT 1")) {
      same.setString(1, about);
      same.setString(2, dataset);
      same.setString(3, RunStore.wireName(mode));
      same.setString(4, past == null ? null : past.instant());
      same.setBoolean(5, past != null && Boolean.TRUE.equals(past.dryRun()));
      try (ResultSet rows = same.executeQuery()) {
        if (rows.next()) {
          return Optional.of(rows.getString(1));
        }
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO transform.run"
                + " (id, dataset, mode, reason, status, requested_by, queued_at, past, definition)"
                + " SELECT ?, ?, ?, ?, 'queued', ?, ?, ?::jsonb, ?"
                + " WHERE (SELECT count(*) FROM transform.run WHERE status = 'queued') < ?")) {
      insert.setString(1, id);
      insert.setString(2, dataset);
      insert.setString(3, RunStore.wireName(mode));
      insert.setString(4, reason);
      insert.setString(5, by);
      insert.setObject(6, RunStore.utc(now));
      insert.setString(7, about);
      insert.setString(8, definition);
      insert.setInt(9, most);
      return insert.executeUpdate() == 1 ? Optional.of(id) : Optional.empty();
    }
  }

  /** Runs asked for and not started, oldest first. */
  List<Situation.Request> all() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT id, dataset, mode, requested_by, past FROM transform.run"
                    + " WHERE status = 'queued' ORDER BY id");
        ResultSet rows = statement.executeQuery()) {
      List<Situation.Request> requests = new ArrayList<>();
      while (rows.next()) {
        requests.add(
            new Situation.Request(
                rows.getString(1),
                rows.getString(2),
                RunStore.mode(rows.getString(3)),
                rows.getString(4),
                rows.getString(5) == null ? null : Json.read(rows.getString(5), Past.class)));
      }
      return requests;
    }
  }

  /**
   * Ends a queued run.
   *
   * @return whether it was queued
   */
  boolean end(String id, RunStatus status, String code, String message, Instant now)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE transform.run SET status = ?, finished_at = ?, error_code = ?,"
                    + " error_message = ? WHERE id = ? AND status = 'queued'")) {
      statement.setString(1, status.wireName());
      statement.setObject(2, RunStore.utc(now));
      statement.setString(3, code);
      statement.setString(4, message);
      statement.setString(5, id);
      return statement.executeUpdate() == 1;
    }
  }

  /**
   * The definition of its dataset under which a run was asked for; empty when that does not matter,
   * and when the run is not queued.
   */
  Optional<String> definitionOf(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT definition FROM transform.run WHERE id = ? AND status = 'queued'")) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** What somebody asked about a kept state is done nevertheless, later. */
  boolean again(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE transform.run SET status = 'queued', started_at = NULL"
                    + " WHERE id = ? AND status = 'running' AND past IS NOT NULL")) {
      statement.setString(1, id);
      return statement.executeUpdate() == 1;
    }
  }
}
