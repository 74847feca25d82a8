package dev.lakegate.ingest.alarm;

import dev.lakegate.ingest.source.Connections;
import dev.lakegate.ingest.source.SourceSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Asks the source now and then what the slot, and one of a copy beside the stream, retains, on a
 * connection and a thread of its own. While the source does not answer, alarms stay as they are.
 * Thread-safe.
 */
public final class SlotWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SlotWatch.class);
  private static final int SOCKET_TIMEOUT_SECONDS = 20;

  /**
   * What was seen last.
   *
   * @param retainedBytes of log, for the slot or a temporary one; null without a slot
   * @param limitBytes at which the slot is lost, or by which the alarm judges where nothing limits
   * @param limited whether the source has that limit
   * @param walStatus as the source calls it; null without a slot
   */
  public record Retention(Long retainedBytes, long limitBytes, boolean limited, String walStatus) {}

  private final SourceSettings settings;
  private final RetentionRule rule;
  private final AlarmBoard board;
  private final Duration interval;
  private final Thread thread = new Thread(this::run, "slot-watch");
  private volatile boolean closed;
  private volatile Retention retention;
  private Connection connection;

  /**
   * @param unlimitedBytes bound to judge by where the source has no {@code max_slot_wal_keep_size}
   */
  public SlotWatch(
      SourceSettings settings, long unlimitedBytes, Duration interval, AlarmBoard board) {
    this.settings = settings;
    this.rule = new RetentionRule(unlimitedBytes);
    this.interval = interval;
    this.board = board;
    thread.setDaemon(true);
  }

  /** Starts watching; returns at once. */
  public void start() {
    thread.start();
  }

  /** What was seen last; empty before the source answered. */
  public Optional<Retention> retention() {
    return Optional.ofNullable(retention);
  }

  private void run() {
    while (!closed) {
      try {
        look();
      } catch (SQLException e) {
        LOG.debug("The source does not say what the slot retains", e);
        disconnect();
      } catch (RuntimeException e) {
        LOG.warn("Watching the slot failed", e);
        disconnect();
      }
      try {
        TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      } catch (InterruptedException e) {
        break;
      }
    }
    disconnect();
  }

  private void look() throws SQLException {
    if (connection == null) {
      connection = Connections.sql(settings, SOCKET_TIMEOUT_SECONDS);
    }
    List<SlotFacts> slots = slots();
    SlotFacts own = slots.get(0);
    retention =
        new Retention(
            slots.stream()
                .filter(SlotFacts::exists)
                .map(SlotFacts::retainedBytes)
                .max(Long::compare)
                .orElse(null),
            rule.limit(own),
            own.limitBytes() != null,
            own.walStatus());
    Instant now = Instant.now();
    List<Alarm> alarms = slots.stream().flatMap(s -> rule.judge(s, now).stream()).toList();
    for (String code : new String[] {RetentionRule.CODE, RetentionRule.LOST}) {
      // The most urgent one; of two that are, that of the slot itself.
      board.set(
          code,
          null,
          alarms.stream()
              .filter(a -> a.code().equals(code))
              .max(Comparator.comparing(Alarm::severity)));
    }
  }

  /** The slot, which may not exist, and the temporary ones that do. */
  private List<SlotFacts> slots() throws SQLException {
    List<SlotFacts> slots = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT one.name IS NULL, s.slot_name IS NOT NULL, s.wal_status, s.safe_wal_size,
                   coalesce(pg_wal_lsn_diff(
                     CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                          ELSE pg_current_wal_lsn() END, s.restart_lsn), 0)::bigint,
                   (SELECT CASE WHEN setting::bigint >= 0 THEN setting::bigint * 1048576 END
                    FROM pg_settings WHERE name = 'max_slot_wal_keep_size')
            FROM (SELECT ? AS name) one FULL JOIN
                 (SELECT * FROM pg_replication_slots
                  WHERE slot_name = ? OR temporary AND starts_with(slot_name, ?)) s
                 ON s.slot_name = one.name
            ORDER BY one.name NULLS LAST
            """)) {
      statement.setString(1, settings.slot());
      statement.setString(2, settings.slot());
      statement.setString(3, settings.temporarySlots());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          slots.add(
              new SlotFacts(
                  row.getBoolean(1),
                  row.getBoolean(2),
                  row.getLong(5),
                  row.getString(3),
                  row.getObject(4, Long.class),
                  row.getObject(6, Long.class)));
        }
      }
    }
    return slots;
  }

  private void disconnect() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // It is broken; that is why it is closed.
      }
      connection = null;
    }
  }

  /** Ends watching. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
