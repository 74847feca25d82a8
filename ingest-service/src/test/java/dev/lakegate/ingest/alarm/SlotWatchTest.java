package dev.lakegate.ingest.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.alarm.Alarm.Severity;
import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.TableState;
import dev.lakegate.ingest.testing.TestCapture;
import dev.lakegate.ingest.testing.TestSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real PostgreSQL retains for the slot, and what is said of it. */
class SlotWatchTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final long MB = 1 << 20;

  @TempDir Path directory;

  private static EmbeddedPostgres cluster() throws Exception {
    return EmbeddedPostgres.builder()
        .setServerConfig("wal_level", "logical")
        .setServerConfig("fsync", "off")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_slot_wal_keep_size", "256MB")
        .setServerConfig("checkpoint_timeout", "1h")
        .setServerConfig("max_wal_size", "2GB")
        .setPGStartupWait(Duration.ofSeconds(120))
        .start();
  }

  private static void awaitStreaming(CaptureEngine engine) throws InterruptedException {
    TestSource.await(
        "all tables stream",
        LIMIT,
        () -> engine.state().tables().stream().allMatch(t -> t.state() == TableState.STREAMING));
  }

  /** Fills segments of 16 MB without writing them. */
  private static void writeLog(TestSource source, int segments) throws SQLException {
    for (int i = 0; i < segments; i++) {
      source.execute("SELECT pg_logical_emit_message(false, 'test', 'x'); SELECT pg_switch_wal()");
    }
  }

  @Test
  void shouldAlarmWhileCaptureIsAwayAndBeforeTheSlotIsLost() throws Exception {
    try (EmbeddedPostgres postgres = cluster()) {
      TestSource source = TestSource.in(postgres);
      AlarmBoard board = new AlarmBoard();
      try (SlotWatch watch =
          new SlotWatch(source.settings(), 1024 * MB, Duration.ofMillis(100), board)) {
        watch.start();
        CaptureEngine engine = TestCapture.engine(directory, source, CaptureMetrics.NONE);
        engine.start();
        awaitStreaming(engine);
        assertThat(engine.stop(LIMIT)).isTrue();
        TestSource.await(
            "the slot is seen",
            LIMIT,
            () -> watch.retention().isPresent() && watch.retention().get().retainedBytes() != null);
        assertThat(watch.retention().get().limitBytes()).isEqualTo(256 * MB);
        assertThat(board.alarms()).isEmpty();

        writeLog(source, 10);
        TestSource.await("a warning", LIMIT, () -> !board.alarms().isEmpty());
        assertThat(board.alarms().get(0).severity()).isEqualTo(Severity.WARNING);
        writeLog(source, 4);
        TestSource.await(
            "an urgent alarm", LIMIT, () -> board.alarms().get(0).severity() == Severity.CRITICAL);
        // It strikes at a checkpoint, and has not yet.
        source.execute("CHECKPOINT");
        assertThat(source.query("SELECT wal_status FROM pg_replication_slots"))
            .isNotEqualTo("lost");

        CaptureEngine again = TestCapture.engine(directory, source, CaptureMetrics.NONE);
        again.start();
        awaitStreaming(again);
        TestSource.await(
            "capture has caught up and the alarm has ended",
            LIMIT,
            () -> {
              checkpoint(source);
              return board.alarms().isEmpty();
            });
        again.forget();
      }
    }
  }

  private static void checkpoint(TestSource source) {
    try {
      source.execute("CHECKPOINT");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldNotRetainLogForASourceAtRestBesideBusyOnes() throws Exception {
    try (EmbeddedPostgres postgres = cluster()) {
      TestSource source = TestSource.in(postgres);
      TestSource other = source.newDatabase("busy");
      other.execute("CREATE TABLE noise (text text)");
      source.execute("CREATE TABLE not_captured (text text)");
      AlarmBoard board = new AlarmBoard();
      CaptureEngine engine = TestCapture.engine(directory, source, CaptureMetrics.NONE);
      try (SlotWatch watch =
          new SlotWatch(source.settings(), 1024 * MB, Duration.ofMillis(100), board)) {
        watch.start();
        engine.start();
        awaitStreaming(engine);
        long manifests = engine.state().lastManifest();
        String noise = " SELECT repeat('x', 2000) FROM generate_series(1, 1000)";
        // 48 MB of each, then segments that count as full.
        for (int i = 0; i < 3; i++) {
          other.execute("INSERT INTO noise" + noise);
          source.execute("INSERT INTO not_captured" + noise);
          writeLog(source, 3);
        }
        long end = Long.parseLong(source.query("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"));
        TestSource.await(
            "the slot has moved on without manifests",
            LIMIT,
            () -> {
              checkpoint(source);
              try {
                return Long.parseLong(
                        source.query(
                            "SELECT restart_lsn - '0/0'::pg_lsn FROM pg_replication_slots"))
                    >= end - 16 * MB;
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
        assertThat(engine.state().lastManifest()).isEqualTo(manifests);
        TestSource.await(
            "the watch, which looks again and again, sees it",
            LIMIT,
            () -> watch.retention().orElseThrow().retainedBytes() < 64 * MB);
      } finally {
        engine.forget();
      }
    }
  }
}
