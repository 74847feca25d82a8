package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.History;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table that is copied anew does not hold up the others, and misses nothing of its own. */
class CopyBesideTest {
  @TempDir Path directory;
  private TestSource source;
  private CaptureHarness capture;
  private List<CapturedTable> others;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.seed(2, 20);
    capture = new CaptureHarness(directory, source);
    others = capture.tables.stream().filter(t -> !t.table().equals("core_event")).toList();
    capture.start().awaitStreaming();
  }

  @AfterEach
  void end() throws Exception {
    capture.close();
  }

  private void resync() throws InterruptedException {
    assertThat(capture.engine.resync("core_event", "A test asked."))
        .isEqualTo(CaptureEngine.Outcome.DONE);
  }

  @Test
  void othersGoOnWhileASnapshotWaitsForAnOpenTransaction() throws Exception {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN; DELETE FROM core_event WHERE tenant_id = 'tenant-2'");
      resync();
      source.execute("UPDATE core_order SET status = 'paid'");
      source.execute(
          "UPDATE core_event SET session_id = 'meanwhile'  WHERE tenant_id = 'tenant-1'");
      capture.awaitEqual(others);
      assertThat(capture.table("core_event").state()).isEqualTo(TableState.WAITING);
      assertThat(capture.table("core_event").reason()).contains("transactions that are open");
      statement.execute("COMMIT");
    }
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
  }

  @Test
  void othersGoOnWhileATableIsReadAndItCatchesUpWithWhatHappenedToIt() throws Exception {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      // Only an access share lock is refused by this: the copy begins, and its rows wait.
      AtomicBoolean locked = new AtomicBoolean();
      capture.stop();
      capture.steps =
          step -> {
            if (step == Step.SNAPSHOT_TAKEN && !locked.getAndSet(true)) {
              execute(statement, "BEGIN; LOCK TABLE core_event IN ACCESS EXCLUSIVE MODE");
            }
          };
      capture.start().awaitStreaming();
      resync();
      capture.await(
          "it is being copied", () -> capture.table("core_event").state() == TableState.COPYING);
      source.execute("UPDATE core_order SET status = 'paid'; DELETE FROM core_orderitem");
      capture.awaitEqual(others);
      assertThat(capture.table("core_event").state()).isEqualTo(TableState.COPYING);
      // Of its own: keys that go, come again, change; a tenant that changes; rows that come.
      statement.execute(
          "CREATE TEMP TABLE kept AS SELECT * FROM core_event ORDER BY id LIMIT 4;"
              + "DELETE FROM core_event WHERE id IN (SELECT id FROM kept LIMIT 2);"
              + "INSERT INTO core_event SELECT * FROM kept LIMIT 1;"
              + "UPDATE core_event SET id = gen_random_uuid() WHERE id = (SELECT id FROM kept OFFSET 2"
              + " LIMIT 1);"
              + "UPDATE core_event SET tenant_id = 'tenant-2' WHERE tenant_id = 'tenant-1' AND id <"
              + " '80000000-0000-0000-0000-000000000000'; COMMIT");
      for (int i = 0; i < 20; i++) {
        source.execute(
            "INSERT INTO core_event (id, session_id, event_type, event_data, user_agent,"
                + " created_at, tenant_id) VALUES (gen_random_uuid(), 'late', 'x', '{}', 'a',"
                + " now(), 'tenant-1'); DELETE FROM core_event WHERE id = (SELECT id FROM core_event"
                + " ORDER BY random() LIMIT 1); UPDATE core_order SET notes = notes || '.'");
      }
    }
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    assertThat(capture.copies("core_event"))
        .containsExactly("begun 1@0001", "completed 1@0001", "begun 2@0002", "completed 2@0002");
    assertCopiedRowsComeFirst();
  }

  /** Readers have no tombstones: what follows a copy's snapshot stands behind its rows. */
  private void assertCopiedRowsComeFirst() {
    int copied = 0;
    boolean complete = false;
    for (Manifest manifest : capture.manifests()) {
      if (manifest.epoch().equals("0001")) {
        continue;
      }
      for (BronzeFile file : manifest.files()) {
        if (file.table().equals("core_event") && file.kind() == Kind.STREAM) {
          assertThat(complete).as("a change before the copy is complete").isTrue();
        } else if (file.table().equals("core_event")) {
          copied++;
          assertThat(complete).as("a copied row behind the copy's end").isFalse();
        }
      }
      complete |= manifest.copiesCompleted().stream().anyMatch(c -> c.table().equals("core_event"));
    }
    assertThat(copied).isPositive();
    assertThat(complete).isTrue();
  }

  @Test
  void aCopyThatDidNotCatchUpIsMadeAgainWhateverTheTablesSize() throws Exception {
    capture.stop();
    AtomicBoolean died = new AtomicBoolean();
    capture.recopyRows = 5;
    capture.steps =
        step -> {
          if (step == Step.COPY_COMPLETED && !died.getAndSet(true)) {
            try {
              source.execute("DELETE FROM core_event WHERE tenant_id = 'tenant-1'");
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
            throw new UncheckedIOException(new IOException("dies here"));
          }
        };
    capture.start().awaitStreaming();
    resync();
    capture.awaitStreaming("core_event", 3);
    capture.awaitEqual();
    assertThat(capture.copies("core_event"))
        .endsWith("begun 2@0002", "completed 2@0002", "begun 3@0003", "completed 3@0003");
  }

  /** Who reads the chain alone would take a complete copy for the whole truth. */
  @Test
  void readersAreToldWhichTablesStillCatchUp() throws Exception {
    capture.stop();
    List<String> told = new CopyOnWriteArrayList<>();
    capture.steps =
        step -> {
          if (step == Step.COPY_COMPLETED || step == Step.COPY_CAUGHT_UP) {
            told.add(step + " " + catchingUp());
          }
        };
    capture.start().awaitStreaming();
    resync();
    capture.awaitStreaming("core_event", 2);
    assertThat(told).containsExactly("COPY_COMPLETED true", "COPY_CAUGHT_UP true");
    capture.await("it has caught up", () -> catchingUp().equals(""));
  }

  /** As the file says it to others; empty when it does not name the table. */
  private String catchingUp() {
    try {
      return Json.read(
              Files.readString(capture.root.resolve("bronze/_acknowledged.json")), JsonNode.class)
          .at("/gaps/core_event/catchesUp")
          .asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aMigrationWhileItCatchesUpIsNoticed() throws Exception {
    capture.stop();
    AtomicBoolean migrated = new AtomicBoolean();
    capture.steps =
        step -> {
          if (step == Step.COPY_COMPLETED && !migrated.getAndSet(true)) {
            try {
              source.execute("UPDATE core_event SET session_id = 'a'");
              source.execute("ALTER TABLE core_event ADD COLUMN more int NOT NULL DEFAULT 7");
              source.execute("UPDATE core_event SET session_id = 'b' WHERE tenant_id = 'tenant-1'");
              source.execute("ALTER TABLE core_event ADD COLUMN plain int");
              source.execute("UPDATE core_event SET plain = 1");
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    capture.start().awaitStreaming();
    resync();
    capture.awaitStreaming("core_event", 3);
    capture.awaitEqual();
  }

  @Test
  void tablesThatAreCopiedAgainAndAgainUnderLoadEqualTheSource() throws Exception {
    History.prepare(source);
    capture.stop();
    capture.copyBytes = 4 << 10;
    capture.start().awaitStreaming();
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    History history = new History(seed, 3);
    try (Connection connection = source.connect()) {
      for (int i = 0; i < 300; i++) {
        history.transaction(connection);
        if (i % 30 == 10) {
          String table = capture.tables.get(random.nextInt(capture.tables.size())).table();
          new Thread(() -> ask(table)).start();
        }
      }
    }
    try {
      capture.awaitEqual();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
    assertThat(capture.epoch()).as("tables were copied").isGreaterThan("0002");
    BronzeFold.assertEqualsSource(capture.root, source, capture.tables);
  }

  private void ask(String table) {
    try {
      capture.engine.resync(table, "A test asked.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void execute(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
