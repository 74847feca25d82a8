package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.ingest.testing.History;
import dev.lakegate.ingest.testing.OwnCluster;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else goes wrong around capture: nothing of it is lost or doubled. */
class DisturbanceTest {
  @TempDir Path directory;

  @Test
  void connectionsThatAreCutUnderLoadAreMade() throws Exception {
    TestSource source = TestSource.start();
    source.seed(2, 20);
    History.prepare(source);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      History history = new History(7, 3);
      try (Connection connection = source.connect()) {
        for (int i = 0; i < 60; i++) {
          history.transaction(connection);
          if (i % 20 == 10) {
            source.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name"
                    + " = '"
                    + source.settings().slot()
                    + "' AND active_pid IS NOT NULL");
          }
        }
      }
      capture.awaitEqual();
      assertThat(capture.epoch()).isEqualTo("0001");
    }
  }

  @Test
  void aSourceThatRestartsIsFollowedAndOneOnAnotherTimelineIsCopied() throws Exception {
    try (OwnCluster cluster = new OwnCluster(directory)) {
      TestSource source = cluster.source();
      source.seed(2, 5);
      try (CaptureHarness capture = new CaptureHarness(directory, source)) {
        capture.start().awaitStreaming();
        source.execute("UPDATE core_order SET status = 'paid'");
        cluster.stop();
        capture.await("it is noticed", () -> !capture.engine.state().source().connected());
        cluster.start();
        source.execute("DELETE FROM core_event WHERE tenant_id = 'tenant-1'");
        capture.awaitEqual();
        assertThat(capture.epoch()).isEqualTo("0001");
        assertThat(capture.manifests()).extracting(Manifest::timeline).containsOnly(1);

        cluster.stop();
        cluster.startOnAnotherTimeline();
        source.execute("DELETE FROM core_event");
        capture.await("epoch 2", () -> "0002".equals(capture.epoch()));
        capture.awaitStreaming();
        capture.awaitEqual();
        assertThat(capture.manifests())
            .last()
            .satisfies(m -> assertThat(m.timeline()).isEqualTo(2));
        assertThat(capture.manifests())
            .filteredOn(m -> m.epoch().equals("0002"))
            .first()
            .satisfies(m -> assertThat(m.copiesBegun()).hasSize(8));
      }
    }
  }

  @Test
  void aSecondEngineOnTheSameSlotIsRefusedAndDisturbsNothing() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    Path other = Files.createDirectory(directory.resolve("other"));
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      CaptureHarness second = new CaptureHarness(other, source);
      second.start();
      second.await(
          "it is refused",
          () -> second.engine.state().source().message().contains("knows nothing of it"));
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.awaitEqual();
      assertThat(second.manifests()).isEmpty();
      second.stop();
      assertThat(capture.epoch()).isEqualTo("0001");
    }
  }

  @Test
  void twoEnginesThatStartAtOnceOnOneRootEndAsOne() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    CaptureHarness one = new CaptureHarness(directory, source);
    CaptureHarness two = new CaptureHarness(directory, source);
    one.start();
    two.start();
    one.await(
        "one of them streams",
        () ->
            one.engine.tables().stream().allMatch(t -> t.state() == TableState.STREAMING)
                || two.engine.tables().stream().allMatch(t -> t.state() == TableState.STREAMING));
    source.execute("UPDATE core_order SET status = 'paid'");
    one.awaitEqual();
    one.stop();
    two.stop();
    source.execute("SELECT pg_drop_replication_slot('" + source.settings().slot() + "')");
  }

  @Test
  void aClockThatIsSetBackOrdersNothing() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2030-01-02T00:00:00Z"));
    TestSource source = TestSource.start();
    source.seed(1, 5);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.clock =
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now.get();
            }
          };
      capture.start().awaitStreaming();
      now.set(Instant.parse("2020-01-01T00:00:00Z"));
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.awaitEqual();
      capture.stop();
      source.execute("UPDATE core_order SET status = 'shipped'");
      capture.start().awaitStreaming();
      capture.awaitEqual();
      assertThat(capture.epoch()).isEqualTo("0001");
      assertThat(capture.manifests())
          .last()
          .satisfies(m -> assertThat(m.createdAt()).isEqualTo(now.get()));
    }
  }

  @Test
  void aFullDiskIsAMatterOfState() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    AtomicBoolean full = new AtomicBoolean();
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.steps =
          step -> {
            if (full.get() && step == Step.FLUSH_FILES_WRITTEN) {
              throw new UncheckedIOException(new IOException("No space left on device"));
            }
          };
      capture.start().awaitStreaming();
      full.set(true);
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.await(
          "the state says so",
          () -> capture.engine.state().source().message().startsWith("The disk is full"));
      source.execute("DELETE FROM core_order WHERE id % 2 = 0");
      full.set(false);
      capture.awaitEqual();
      assertThat(capture.epoch()).isEqualTo("0001");
    }
  }

  @Test
  void aDiskThatIsReallyFullIsAMatterOfState() throws Exception {
    Path lake = Files.createDirectory(directory.resolve("lake"));
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", lake.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assumeThat(mount.waitFor()).as("only root may mount").isZero();
    TestSource source = TestSource.start();
    source.seed(2, 20);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      Path ballast = lake.resolve("ballast");
      try (var out = Files.newOutputStream(ballast)) {
        byte[] block = new byte[4096];
        while (true) {
          out.write(block);
        }
      } catch (IOException expected) {
        assertThat(expected).hasMessageContaining("No space");
      }
      source.execute("UPDATE core_order SET status = 'paid'");
      source.execute("DELETE FROM core_event WHERE tenant_id = 'tenant-2'");
      capture.await(
          "the state says so",
          () -> capture.engine.state().source().message().startsWith("The disk is full"));
      Files.delete(ballast);
      capture.awaitEqual();
      assertThat(capture.epoch()).isEqualTo("0001");
    } finally {
      new ProcessBuilder("umount", lake.toString()).start().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void halvesOfFilesThatACrashLeftAreRemoved() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      capture.stop();
      List<Manifest> manifests = capture.manifests();
      BronzeFile some = manifests.get(manifests.size() - 1).files().get(0);
      Path folder = capture.root.resolve(some.path()).getParent();
      byte[] whole = Files.readAllBytes(capture.root.resolve(some.path()));
      byte[] half = java.util.Arrays.copyOf(whole, whole.length / 2);
      Path orphan = folder.resolve(String.format("%020d-0.parquet", manifests.size() + 1));
      Files.write(orphan, half);
      Path staged =
          Files.createDirectories(capture.root.resolve("bronze/_staging/9-9/_p=0"))
              .resolve("data_0.parquet");
      Files.write(staged, half);
      Files.writeString(
          capture.root.resolve(
              "bronze/_manifests/." + String.format("%020d", manifests.size() + 1) + ".json.x"),
          "{\"version\": 2, \"num");
      Files.writeString(capture.root.resolve("bronze/_acknowledged.json.new"), "{\"ver");
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.start().awaitStreaming();
      capture.awaitEqual();
      assertThat(staged).doesNotExist();
      assertThat(capture.epoch()).isEqualTo("0001");
    }
  }

  @Test
  void aManifestWhoseWritingFailsLateKeepsItsFiles() throws Exception {
    TestSource source = TestSource.start();
    source.seed(2, 20);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      AtomicBoolean failed = new AtomicBoolean();
      capture.copyBytes = 1 << 10;
      // As when making the folder's entries durable fails behind the manifest's link.
      capture.steps =
          step -> {
            if (step == Step.COPY_PART_APPENDED && !failed.getAndSet(true)) {
              DisturbanceTest.<RuntimeException>fail(new IOException("Input/output error"));
            }
          };
      capture.start().awaitStreaming();
      capture.awaitEqual();
      assertThat(failed).isTrue();
      assertThat(capture.manifests())
          .flatExtracting(Manifest::files)
          .extracting(BronzeFile::path)
          .allSatisfy(path -> assertThat(capture.root.resolve(path)).exists());
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void fail(Exception e) throws E {
    throw (E) e;
  }

  @Test
  void aTransactionThatIsOpenWhileItsTableIsCopiedIsWhole() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 10);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      try (Connection open = source.connect();
          Statement statement = open.createStatement()) {
        open.setAutoCommit(false);
        statement.execute("UPDATE core_order SET status = 'paid' WHERE id % 2 = 0");
        statement.execute("SAVEPOINT a");
        statement.execute("DELETE FROM core_order");
        statement.execute("ROLLBACK TO a");
        Thread resync =
            new Thread(
                () -> {
                  try {
                    capture.engine.resync("core_order", "For the test.");
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        resync.start();
        capture.await("the copy has begun", () -> capture.table("core_order").generation() == 2);
        source.execute("DELETE FROM core_event");
        statement.execute("UPDATE core_order SET id = id + 100 WHERE id % 3 = 0");
        open.commit();
        resync.join();
      }
      capture.awaitStreaming("core_order", 2);
      source.execute("UPDATE core_order SET status = 'shipped' WHERE id % 5 = 0");
      capture.awaitEqual();
    }
  }

  @Test
  void stoppingDoesNotWaitForTransactionsThatAreOpenAtTheSource() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    String slots =
        "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE '"
            + source.settings().slot()
            + "%'";
    CaptureHarness capture = new CaptureHarness(directory, source);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN; UPDATE core_order SET status = 'paid'");
      capture.start();
      capture.await(
          "the slot waits for it",
          () ->
              "1".equals(query(source, slots))
                  && capture.engine.state().source().message().contains("waits"));
      assertThat(capture.engine.stop(CaptureHarness.LIMIT)).isTrue();
      capture.await("nothing is left in use", () -> "0".equals(query(source, slots)));
      statement.execute("COMMIT");
    }
    try (CaptureHarness next = new CaptureHarness(directory, source)) {
      next.start().awaitStreaming();
      next.awaitEqual();
    }
  }

  @Test
  void stoppingDoesNotWaitForALockThatKeepsTheFirstCopyFromBeginning() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    CaptureHarness capture = new CaptureHarness(directory, source);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      capture.steps =
          step -> {
            if (step == Step.EPOCH_OPENED) {
              try {
                statement.execute("BEGIN; LOCK TABLE core_tenant IN ACCESS EXCLUSIVE MODE");
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            }
          };
      capture.start();
      capture.await(
          "the copy waits",
          () ->
              "1"
                  .equals(
                      query(
                          source,
                          "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
                              + " 'core_tenant'::regclass AND database = (SELECT oid FROM"
                              + " pg_database WHERE datname = current_database())")));
      assertThat(capture.engine.stop(CaptureHarness.LIMIT)).isTrue();
    }
    capture.steps = CaptureSteps.NONE;
    try (CaptureHarness next = new CaptureHarness(directory, source)) {
      next.start().awaitStreaming();
      next.awaitEqual();
    }
  }

  @Test
  void aSourceWhoseEncodingIsUnknownIsHeldWithItsReason() throws Exception {
    TestSource cluster = TestSource.start();
    cluster.execute(
        "CREATE DATABASE of_bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE"
            + " template0");
    SourceSettings settings =
        new SourceSettings(
            cluster.url().replaceAll("/[^/]*$", "/of_bytes"),
            "postgres",
            "postgres",
            "lakegate_of_bytes",
            "lakegate");
    CaptureHarness capture = new CaptureHarness(directory, cluster);
    capture.engine =
        new CaptureEngine(
            capture.settings(settings), CaptureMetrics.NONE, CaptureSteps.NONE, capture.clock);
    capture.engine.start();
    capture.await(
        "it says why", () -> capture.engine.state().source().message().contains("is SQL_ASCII"));
    assertThat(capture.engine.state().source().message()).contains("createdb --encoding=UTF8");
    assertThat(capture.engine.state().source().connected()).isFalse();
    capture.stop();
    assertThat(capture.manifests()).isEmpty();
    assertThat(
            cluster.query("SELECT count(*) FROM pg_replication_slots WHERE database = 'of_bytes'"))
        .isEqualTo("0");
  }

  private static String query(TestSource source, String sql) {
    try {
      return source.query(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
