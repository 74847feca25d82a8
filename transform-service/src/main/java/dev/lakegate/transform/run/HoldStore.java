package dev.lakegate.transform.run;

import dev.lakegate.transform.plan.Situation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * Tables that stay at a former state until somebody releases them. Thread-safe; each method is one
 * transaction.
 */
public final class HoldStore {
  private final DataSource database;

  public HoldStore(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
  }

  /** Holds a table, also one that is held for another run already. */
  static void hold(
      Connection connection, String dataset, String run, String instant, String by, Instant now)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO transform.hold (dataset, run, instant, by_whom, since)"
                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      statement.setString(1, dataset);
      statement.setString(2, run);
      statement.setString(3, instant);
      statement.setString(4, by);
      statement.setObject(5, now.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
  }

  /** The newest hold of each dataset. */
  Map<String, Situation.Hold> all() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                // A run of which nothing is known any more was deleted from the record long after.
                "SELECT h.dataset, h.run, h.instant, h.by_whom, h.since,"
                    + " coalesce(r.status = 'succeeded', true) FROM transform.hold h"
                    + " LEFT JOIN transform.run r ON r.id = h.run ORDER BY h.since, h.run");
        ResultSet rows = statement.executeQuery()) {
      Map<String, Situation.Hold> holds = new HashMap<>();
      while (rows.next()) {
        holds.put(
            rows.getString(1),
            new Situation.Hold(
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getObject(5, OffsetDateTime.class).toInstant(),
                rows.getBoolean(6)));
      }
      return holds;
    }
  }

  /** Lets go what is held for a run that has changed nothing. */
  void undo(String run) throws SQLException {
    update("DELETE FROM transform.hold WHERE run = ?", run);
  }

  /**
   * Lets a table go on.
   *
   * @return whether it was held
   */
  boolean release(String dataset) throws SQLException {
    return update("DELETE FROM transform.hold WHERE dataset = ?", dataset);
  }

  private boolean update(String sql, String parameter) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, parameter);
      return statement.executeUpdate() > 0;
    }
  }
}
