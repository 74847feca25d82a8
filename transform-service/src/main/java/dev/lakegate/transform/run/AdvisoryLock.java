package dev.lakegate.transform.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Leads while a session of its own holds an advisory lock of the control database. PostgreSQL gives
 * the lock back when that session ends, however its process does; where only the network is gone,
 * keep-alives end it within seconds. Not thread-safe.
 */
public final class AdvisoryLock implements Leadership {
  /** The two halves of the lock's key, which no other software is likely to use. */
  static final int KEY = 0x6C616B65;

  static final int SUBKEY = 0x74726673;

  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int PATIENCE_MILLIS = 5_000;
  private static final String SESSION =
      "SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

  private final DataSource database;
  private final String name;
  private Connection session;
  private boolean leads;
  private String other;
  private long lookedAt;

  /**
   * @param database whose control database is shared
   * @param name of this service, as others are told
   */
  public AdvisoryLock(DataSource database, String name) {
    this.database = Objects.requireNonNull(database, "database is null");
    this.name = Objects.requireNonNull(name, "name is null");
  }

  @Override
  public Optional<String> standby() throws SQLException {
    if (session != null && System.nanoTime() - lookedAt < LOOK_EVERY_NANOS) {
      return Optional.ofNullable(other);
    }
    try {
      if (session == null) {
        open();
      }
      if (leads) {
        alive();
      } else {
        leads = tryLock();
        other = leads ? null : holder();
      }
      lookedAt = System.nanoTime();
      return Optional.ofNullable(other);
    } catch (SQLException | RuntimeException e) {
      // The lock is gone with its session, or will be.
      end();
      throw e;
    }
  }

  private void open() throws SQLException {
    session = database.getConnection();
    session.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
    session.setClientInfo("ApplicationName", "lakegate transform-service " + name);
    try (Statement statement = session.createStatement()) {
      statement.execute(SESSION);
    }
  }

  private void alive() throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private boolean tryLock() throws SQLException {
    try (PreparedStatement statement =
        session.prepareStatement("SELECT pg_try_advisory_lock(?, ?)")) {
      statement.setInt(1, KEY);
      statement.setInt(2, SUBKEY);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  private String holder() throws SQLException {
    try (PreparedStatement statement =
        session.prepareStatement(
            "SELECT a.application_name, a.backend_start FROM pg_locks l"
                + " JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory'"
                + " AND l.granted AND l.classid = ?::bigint::oid AND l.objid = ?::bigint::oid"
                + " AND l.database = (SELECT oid FROM pg_database WHERE datname ="
                + " current_database())")) {
      statement.setLong(1, KEY);
      statement.setLong(2, SUBKEY);
      try (ResultSet rows = statement.executeQuery()) {
        String who = "which has just ended";
        if (rows.next()) {
          OffsetDateTime since = rows.getObject(2, OffsetDateTime.class);
          who =
              "%s, there since %s"
                  .formatted(
                      rows.getString(1),
                      since == null
                          ? "an unknown time"
                          : Instant.from(since).truncatedTo(ChronoUnit.SECONDS));
        }
        return "Stands by: another transform-service works on this control database (%s). This one"
                .formatted(who)
            + " takes over when that ends.";
      }
    }
  }

  private void end() {
    Connection ending = session;
    boolean led = leads;
    session = null;
    leads = false;
    other = null;
    if (ending == null) {
      return;
    }
    try (ending) {
      if (led) {
        // A pool keeps the session, and with it the lock.
        try (Statement statement = ending.createStatement()) {
          statement.execute("SELECT pg_advisory_unlock_all()");
        }
      }
      ending.setNetworkTimeout(Runnable::run, 0);
    } catch (SQLException e) {
      abort(ending);
    }
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It is as dead as it can be made.
    }
  }

  @Override
  public void close() {
    end();
  }
}
