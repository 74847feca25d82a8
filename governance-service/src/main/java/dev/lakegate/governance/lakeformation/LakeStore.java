package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.database.Database;
import dev.lakegate.kit.error.LakegateException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The ledger, runs, the lease and the last alert, in the control database. Thread-safe. */
@ApplicationScoped
class LakeStore implements Ledger {
  private static final int RUNS_KEPT = 200;

  @Inject Database database;

  /**
   * A plan that was, or is being, carried out.
   *
   * @param state running, succeeded, failed or interrupted
   * @param endedAt null while it runs
   * @param message null unless it failed as a whole
   */
  record Run(
      UUID id,
      String plan,
      String state,
      Instant startedAt,
      String startedBy,
      Instant endedAt,
      String message) {}

  /** What came of one item of a run; {@code error} is null unless it was not done. */
  record RunItem(String action, String key, String message, String outcome, String error) {}

  @Override
  public Set<String> owned() {
    return database.transaction(
        c -> {
          Set<String> keys = new HashSet<>();
          try (PreparedStatement s = c.prepareStatement("SELECT key FROM lake_item");
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              keys.add(rows.getString(1));
            }
          }
          return keys;
        });
  }

  @Override
  public void intend(List<Item> items) {
    // What was made already stays made: it is only changed.
    write(
        items,
        "INSERT INTO lake_item (key, state, changed_at) VALUES (?, 'intended', now())"
            + " ON CONFLICT (key) DO NOTHING");
  }

  @Override
  public void made(List<Item> items) {
    write(items, "UPDATE lake_item SET state = 'made', changed_at = now() WHERE key = ?");
  }

  @Override
  public void gone(List<Item> items) {
    write(items, "DELETE FROM lake_item WHERE key = ?");
  }

  private void write(List<Item> items, String sql) {
    database.transaction(
        c -> {
          try (PreparedStatement s = c.prepareStatement(sql)) {
            for (Item item : items) {
              s.setString(1, item.key());
              s.addBatch();
            }
            s.executeBatch();
          }
          return null;
        });
  }

  /** Takes the lease, or renews it; false while another process has it. */
  boolean lease(UUID holder, Duration length) {
    return database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "INSERT INTO lake_lease (holder, until) VALUES (?, now() + ? * interval '1 ms')"
                      + " ON CONFLICT (only_one) DO UPDATE SET holder = excluded.holder,"
                      + " until = excluded.until"
                      + " WHERE lake_lease.until < now() OR lake_lease.holder = excluded.holder")) {
            s.setObject(1, holder);
            s.setLong(2, length.toMillis());
            return s.executeUpdate() == 1;
          }
        });
  }

  void release(UUID holder) {
    database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement("DELETE FROM lake_lease WHERE holder = ?")) {
            s.setObject(1, holder);
            s.executeUpdate();
          }
          return null;
        });
  }

  /** Begins a run. Whoever has the lease knows that every other one has ended. */
  void begin(Connection c, UUID id, String plan, String by) throws SQLException {
    try (PreparedStatement s =
        c.prepareStatement(
            "UPDATE lake_run SET state = 'interrupted', ended_at = now(), message ="
                + " 'The process ended; the next plan goes on from what is there.'"
                + " WHERE state = 'running'")) {
      s.executeUpdate();
    }
    try (PreparedStatement s =
        c.prepareStatement(
            "DELETE FROM lake_run WHERE id IN (SELECT id FROM lake_run ORDER BY started_at DESC"
                + " OFFSET ?)")) {
      s.setInt(1, RUNS_KEPT - 1);
      s.executeUpdate();
    }
    try (PreparedStatement s =
        c.prepareStatement(
            "INSERT INTO lake_run (id, plan, state, started_at, started_by)"
                + " VALUES (?, ?, 'running', now(), ?)")) {
      s.setObject(1, id);
      s.setString(2, plan);
      s.setString(3, by);
      s.executeUpdate();
    }
  }

  void item(UUID run, int position, Applier.Result result) {
    database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "INSERT INTO lake_run_item (run_id, position, action, key, message, outcome,"
                      + " error) VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            s.setObject(1, run);
            s.setInt(2, position);
            s.setString(3, result.step().action().name());
            s.setString(4, result.step().item().key());
            s.setString(5, result.step().text());
            s.setString(6, result.outcome().name());
            s.setString(7, result.error());
            s.executeUpdate();
          }
          return null;
        });
  }

  void end(UUID id, boolean succeeded, String message) {
    database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "UPDATE lake_run SET state = ?, ended_at = now(), message = ?"
                      + " WHERE id = ? AND state = 'running'")) {
            s.setString(1, succeeded ? "succeeded" : "failed");
            s.setString(2, message);
            s.setObject(3, id);
            s.executeUpdate();
          }
          return null;
        });
  }

  Optional<Run> run(UUID id) {
    return database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "SELECT id, plan, state, started_at, started_by, ended_at, message"
                      + " FROM lake_run WHERE id = ?")) {
            s.setObject(1, id);
            try (ResultSet row = s.executeQuery()) {
              return row.next()
                  ? Optional.of(
                      new Run(
                          row.getObject(1, UUID.class),
                          row.getString(2),
                          row.getString(3),
                          row.getTimestamp(4).toInstant(),
                          row.getString(5),
                          instant(row.getTimestamp(6)),
                          row.getString(7)))
                  : Optional.<Run>empty();
            }
          }
        });
  }

  /**
   * @param from first position
   * @param most of them
   */
  List<RunItem> items(UUID run, int from, int most) {
    return database.transaction(
        c -> {
          List<RunItem> items = new ArrayList<>();
          try (PreparedStatement s =
              c.prepareStatement(
                  "SELECT action, key, message, outcome, error FROM lake_run_item"
                      + " WHERE run_id = ? AND position >= ? ORDER BY position LIMIT ?")) {
            s.setObject(1, run);
            s.setInt(2, from);
            s.setInt(3, most);
            try (ResultSet row = s.executeQuery()) {
              while (row.next()) {
                items.add(
                    new RunItem(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5)));
              }
            }
          }
          return items;
        });
  }

  /** What the last alert was about; empty when there was none. */
  String alerted() {
    return database.transaction(
        c -> {
          try (PreparedStatement s = c.prepareStatement("SELECT fingerprint FROM lake_alert");
              ResultSet row = s.executeQuery()) {
            return row.next() ? row.getString(1) : "";
          }
        });
  }

  void alerted(String fingerprint) {
    database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "INSERT INTO lake_alert (fingerprint, sent_at) VALUES (?, now())"
                      + " ON CONFLICT (only_one) DO UPDATE SET"
                      + " fingerprint = excluded.fingerprint, sent_at = excluded.sent_at")) {
            s.setString(1, fingerprint);
            s.executeUpdate();
          }
          return null;
        });
  }

  private static Instant instant(Timestamp at) {
    return at == null ? null : at.toInstant();
  }

  /** Nobody has the lease but somebody else. */
  static LakegateException busy() {
    return LakegateException.tooMany(
        "APPLY_RUNNING",
        "A plan is being carried out now.",
        "Wait until it has ended, look at the plan again, and apply that.",
        Duration.ofSeconds(10));
  }
}
