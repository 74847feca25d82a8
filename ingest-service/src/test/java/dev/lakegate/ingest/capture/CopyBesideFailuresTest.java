package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.alarm.AlarmBoard;
import dev.lakegate.ingest.alarm.SlotWatch;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.capture.PendingResyncs.Wanted;
import dev.lakegate.ingest.source.Connections;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with a copy beside the stream is a matter of its tables alone. */
class CopyBesideFailuresTest {
  private static final String FIRST = "core_event";
  private static final String SECOND = "core_order";

  @TempDir Path directory;
  private TestSource source;
  private CaptureHarness capture;
  private List<CapturedTable> others;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.seed(2, 20);
    capture = new CaptureHarness(directory, source);
    others = capture.tables.stream().filter(t -> !t.table().equals(FIRST)).toList();
    capture.start().awaitStreaming();
  }

  @AfterEach
  void end() throws Exception {
    capture.close();
  }

  private void resync() throws InterruptedException {
    assertThat(capture.engine.resync(FIRST, "A test asked.")).isEqualTo(CaptureEngine.Outcome.DONE);
  }

  /** Both are found by one look, and so copied one after the other under one snapshot. */
  private void resyncBoth(CaptureSteps steps) throws Exception {
    capture.stop();
    Wanted wanted = new Wanted(1, "A test asked.");
    PendingResyncs.write(capture.root, Map.of(FIRST, wanted, SECOND, wanted));
    capture.steps = steps;
    capture.start();
  }

  private void execute(String sql) {
    try {
      source.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String query(String sql) {
    try {
      return source.query(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Process that sends the log to capture: another one is another session. */
  private String sender() throws InterruptedException {
    String active =
        "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '"
            + source.settings().slot()
            + "'";
    capture.await("the log is followed", () -> query(active) != null);
    return query(active);
  }

  private void awaitFailed(String table, String because) throws InterruptedException {
    capture.await(
        table + " failed because " + because,
        () ->
            capture.table(table).state() == TableState.FAILED
                && capture.table(table).reason().contains(because));
  }

  /** On a slow machine it was tried again before somebody asked, who then gets another copy. */
  private void awaitCopied(int generation) throws InterruptedException {
    capture.await(
        "it streams, copied anew",
        () ->
            capture.table(FIRST).state() == TableState.STREAMING
                && capture.table(FIRST).generation() >= generation);
  }

  @Test
  void aTableThatIsRewrittenAfterTheSnapshotFailsAlone() throws Exception {
    AtomicBoolean rewritten = new AtomicBoolean();
    resyncBoth(
        step -> {
          if (step == Step.SNAPSHOT_TAKEN && !rewritten.getAndSet(true)) {
            execute("VACUUM FULL " + SECOND);
            execute("UPDATE core_event SET session_id = 'after' WHERE tenant_id = 'tenant-1'");
          }
        });
    awaitFailed(SECOND, "rewritten after the snapshot");
    String sender = sender();
    assertThat(capture.table(SECOND).nextAction()).contains("tried again after 10 s");
    capture.awaitStreaming(FIRST, 2);
    capture.awaitStreaming(SECOND, 2);
    capture.awaitEqual();
    for (String table : List.of(FIRST, SECOND)) {
      assertThat(capture.copies(table))
          .containsExactly("begun 1@0001", "completed 1@0001", "begun 2@0002", "completed 2@0002");
    }
    assertThat(sender()).as("of the same session").isEqualTo(sender);
  }

  @Test
  void aTableWaitsForAWalSenderWhileTheOthersGoOn() throws Exception {
    String sender = sender();
    List<Connection> senders = new ArrayList<>();
    try {
      SQLException refused = null;
      while (refused == null) {
        try {
          senders.add(Connections.replication(source.settings()));
        } catch (SQLException e) {
          refused = e;
        }
      }
      resync();
      awaitFailed(FIRST, "no WAL sender is free");
      assertThat(capture.table(FIRST).nextAction()).contains("max_wal_senders", "tried again");
      source.execute("UPDATE core_order SET status = 'paid'");
      source.execute("UPDATE core_event SET session_id = 'meanwhile'");
      capture.awaitEqual(others);
      assertThat(sender()).as("of the same session").isEqualTo(sender);
    } finally {
      for (Connection connection : senders) {
        connection.close();
      }
    }
    resync();
    awaitCopied(2);
    capture.awaitEqual();
    assertThat(sender()).as("of the same session").isEqualTo(sender);
  }

  @Test
  void aSnapshotWhoseConnectionEndsIsAMatterOfItsTableWhichMayBeAskedForAgain() throws Exception {
    capture.stop();
    AtomicBoolean ended = new AtomicBoolean();
    capture.steps =
        step -> {
          if (step == Step.SNAPSHOT_TAKEN && !ended.getAndSet(true)) {
            execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                    + " 'lakegate-ingest' AND datname = current_database() AND state = 'idle in"
                    + " transaction'");
          }
        };
    capture.start().awaitStreaming();
    String sender = sender();
    resync();
    awaitFailed(FIRST, "terminating connection");
    assertThat(capture.table(FIRST).nextAction())
        .contains("or with ./lakegate resync core_event", "look at the source's log");
    source.execute(
        "UPDATE core_order SET status = 'paid'; DELETE FROM core_event WHERE id IN"
            + " (SELECT id FROM core_event LIMIT 3)");
    capture.awaitEqual(others);
    // Nobody waits for the end of the pause.
    resync();
    awaitCopied(2);
    capture.awaitEqual();
    assertThat(sender()).as("of the same session").isEqualTo(sender);
  }

  @Test
  void aSlotThatIsGoneWhileItsTableCatchesUpIsAMatterOfThatTable() throws Exception {
    capture.stop();
    // However large it is: once begun, its copy is made to its end.
    capture.recopyRows = 5;
    AtomicBoolean ended = new AtomicBoolean();
    capture.steps =
        step -> {
          if (step == Step.COPY_STREAM_BEGUN && !ended.getAndSet(true)) {
            execute("UPDATE core_event SET session_id = 'followed'");
            execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE "
                    + temporary());
          }
        };
    capture.start().awaitStreaming();
    String sender = sender();
    resync();
    awaitFailed(FIRST, "ended the connection of the copy's temporary slot");
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.awaitEqual(others);
    resync();
    awaitCopied(3);
    capture.awaitEqual();
    assertThat(sender()).as("of the same session").isEqualTo(sender);
  }

  private String temporary() {
    return "temporary AND starts_with(slot_name, '" + source.settings().temporarySlots() + "')";
  }

  @Test
  void aTransactionThatCouldNotBeReadToItsEndIsInNoManifest() throws Exception {
    capture.stop();
    capture.flushBytes = 16 << 10;
    capture.copyBytes = 64;
    AtomicReference<Step> last = new AtomicReference<>();
    capture.steps =
        step -> {
          if (step == Step.COPY_PART_APPENDED && last.get() == null) {
            last.set(step);
            // The other stream reads it while further parts are copied.
            execute(
                "INSERT INTO core_event (id, session_id, event_type, event_data, user_agent,"
                    + " created_at, tenant_id) SELECT gen_random_uuid(), 'whole', 'x', '{}',"
                    + " repeat('a', 100), now(), 'tenant-1' FROM generate_series(1, 20000)");
          } else if (step == Step.COPY_STREAM_BEGUN && last.get() == Step.COPY_PART_APPENDED) {
            last.set(step);
          } else if (step == Step.SPILLED && last.get() == Step.COPY_STREAM_BEGUN) {
            last.set(step);
            execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE "
                    + temporary());
          }
        };
    capture.start().awaitStreaming();
    resync();
    awaitFailed(FIRST, "ended the connection of the copy's temporary slot");
    assertThat(last).hasValue(Step.SPILLED);
    long streamed =
        capture.manifests().stream()
            .filter(m -> m.epoch().equals("0002"))
            .flatMap(m -> m.files().stream())
            .filter(f -> f.table().equals(FIRST) && f.kind() == Kind.STREAM)
            .count();
    assertThat(streamed).isZero();
    // Not in twenty thousand parts.
    capture.stop();
    capture.copyBytes = 32L << 20;
    capture.start();
    awaitCopied(3);
    capture.awaitEqual();
  }

  @Test
  void aLongTransactionDoesNotCutOffATableThatCatchesUp() throws Exception {
    capture.stop();
    capture.flushBytes = 16 << 10;
    Set<String> signs = ConcurrentHashMap.newKeySet();
    AtomicBoolean locked = new AtomicBoolean();
    try (Connection connection = source.connect();
        Statement lock = connection.createStatement()) {
      capture.steps =
          step -> {
            try {
              if (step == Step.SNAPSHOT_TAKEN && !locked.getAndSet(true)) {
                lock.execute("BEGIN; LOCK TABLE core_event IN ACCESS EXCLUSIVE MODE");
              } else if (step == Step.COPY_STREAM_BEGUN) {
                source.execute(
                    "DO $$ BEGIN FOR i IN 1..100 LOOP UPDATE core_order SET notes = repeat('x',"
                        + " 100) || i; END LOOP; END $$");
              } else if (step == Step.SPILLED && signs.size() < 3) {
                String sign =
                    source.query(
                        "SELECT reply_time FROM pg_stat_replication JOIN pg_replication_slots ON"
                            + " active_pid = pid WHERE "
                            + temporary());
                signs.add(String.valueOf(sign));
                // As if it were slow; there is housekeeping to do after that.
                TimeUnit.MILLISECONDS.sleep(250);
              }
            } catch (SQLException | InterruptedException e) {
              throw new IllegalStateException(e);
            }
          };
      capture.start().awaitStreaming();
      resync();
      capture.await("it is being copied", locked::get);
      // More than is read of it at once.
      source.execute(
          "DO $$ BEGIN FOR i IN 1..1500 LOOP UPDATE core_order SET notes = i::text WHERE id ="
              + " (SELECT min(id) FROM core_order); COMMIT; END LOOP; END $$");
      capture.awaitEqual(others);
      lock.execute("COMMIT");
    }
    capture.awaitStreaming(FIRST, 2);
    capture.awaitEqual();
    // The source ends a sender that it does not hear of for wal_sender_timeout.
    assertThat(signs).as("times at which the source heard of it").hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void aTableCatchesUpBeforeTheNextIsCopiedWhenThereWasMuchToCopy() throws Exception {
    capture.copyBytes = 16;
    List<Step> seen = new CopyOnWriteArrayList<>();
    resyncBoth(
        step -> {
          if (step == Step.COPY_COMPLETED || step == Step.COPY_CAUGHT_UP) {
            seen.add(step);
          }
        });
    source.execute("DELETE FROM core_orderitem; UPDATE core_order SET status = 'paid'");
    capture.awaitStreaming(FIRST, 2);
    capture.awaitStreaming(SECOND, 2);
    capture.awaitEqual();
    assertThat(seen)
        .containsExactly(
            Step.COPY_COMPLETED, Step.COPY_CAUGHT_UP, Step.COPY_COMPLETED, Step.COPY_CAUGHT_UP);
    for (String table : List.of(FIRST, SECOND)) {
      assertThat(capture.copies(table))
          .containsExactly("begun 1@0001", "completed 1@0001", "begun 2@0002", "completed 2@0002");
    }
  }

  @Test
  void aCopyThatOutlivesTheLogOfItsSlotFailsWithWhatToRaiseAfterAnAlarm() throws Exception {
    capture.close();
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("wal_level", "logical")
            .setServerConfig("fsync", "off")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_slot_wal_keep_size", "128MB")
            .setServerConfig("checkpoint_timeout", "1h")
            .setPGStartupWait(Duration.ofSeconds(120))
            .start()) {
      source = TestSource.in(postgres);
      source.seed(2, 100);
      AlarmBoard alarms = new AlarmBoard();
      capture = new CaptureHarness(Files.createDirectory(directory.resolve("own")), source);
      try (SlotWatch watch =
          new SlotWatch(source.settings(), 1L << 40, Duration.ofMillis(50), alarms)) {
        watch.start();
        capture.start().awaitStreaming();
        capture.stop();
        Writing writing = new Writing(alarms);
        capture.steps = writing;
        capture.copyBytes = 128;
        capture.start().awaitStreaming();
        String sender = sender();
        resync();
        awaitFailed(FIRST, "let go of log that the copy's temporary slot needed");
        assertThat(capture.table(FIRST).nextAction()).contains("raise max_slot_wal_keep_size");
        assertThat(writing.alarmed).isTrue();
        source.execute("UPDATE core_order SET status = 'paid'; DELETE FROM core_orderitem");
        capture.awaitEqual(others);
        assertThat(sender()).as("of the same session").isEqualTo(sender);
        resync();
        awaitCopied(2);
        capture.awaitEqual();
        assertThat(sender()).as("of the same session").isEqualTo(sender);
      } finally {
        capture.close();
        capture.engine = null;
      }
    }
  }

  /** Between the parts of a copy the source writes more log than it keeps for its slot. */
  private final class Writing implements CaptureSteps {
    private static final String OWN = "' FROM pg_replication_slots WHERE NOT temporary";

    private final AlarmBoard alarms;
    private volatile boolean alarmed;
    private boolean over;
    private String before;
    private int segments;

    Writing(AlarmBoard alarms) {
      this.alarms = alarms;
    }

    @Override
    public void done(Step step) {
      if (step != Step.COPY_PART_APPENDED || over) {
        return;
      }
      // Capture keeps up with it, and so the source lets go of what its own slot retained.
      if (before == null || "t".equals(query("SELECT confirmed_flush_lsn > '" + before + OWN))) {
        before = query("SELECT pg_current_wal_lsn()");
        execute("UPDATE core_order SET notes = '.' WHERE id = (SELECT min(id) FROM core_order)");
        execute("SELECT pg_switch_wal()");
        execute("CHECKPOINT");
        segments++;
      }
      if (segments == 6 && !alarmed) {
        try {
          capture.await(
              "an alarm",
              () ->
                  alarms.alarms().stream()
                      .anyMatch(a -> a.message().contains("The temporary slot of a copy retains")));
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        alarmed = true;
      }
      over = "0".equals(query("SELECT count(*) FROM pg_replication_slots WHERE temporary"));
    }
  }
}
