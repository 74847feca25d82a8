package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.SchemaVersion;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One table is copied anew while the slot and the other tables go on. */
class RecopyTest {
  @TempDir Path directory;
  private TestSource source;
  private CaptureHarness capture;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    capture = new CaptureHarness(directory, source);
  }

  @AfterEach
  void forget() throws Exception {
    capture.close();
  }

  @Test
  void aResyncedTableIsCopiedInTheNextEpochAndTheOthersAreNot() throws Exception {
    source.seed(2, 10);
    capture.start().awaitStreaming();
    source.execute("DELETE FROM core_order WHERE id % 3 = 0");
    Set<CaptureSteps.Step> steps = EnumSet.noneOf(CaptureSteps.Step.class);
    capture.stop();
    capture.steps = steps::add;
    capture.start().awaitStreaming();
    assertThat(capture.engine.resync("core_order", "For the test."))
        .isEqualTo(CaptureEngine.Outcome.DONE);
    capture.awaitStreaming("core_order", 2);
    source.execute("UPDATE core_order SET status = 'paid'; UPDATE core_customer SET phone = 'x'");
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0002");
    assertThat(capture.copies("core_order"))
        .containsExactly("begun 1@0001", "completed 1@0001", "begun 2@0002", "completed 2@0002");
    assertThat(capture.copies("core_customer")).containsExactly("begun 1@0001", "completed 1@0001");
    assertThat(steps)
        .contains(CaptureSteps.Step.BUMPED)
        .doesNotContain(CaptureSteps.Step.SLOT_CREATED, CaptureSteps.Step.SLOT_DROPPED);
    capture.stop();
    source.execute("DELETE FROM core_order WHERE id % 3 = 1; DELETE FROM core_event");
    capture.start().awaitStreaming();
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0002");
  }

  /** What an open transaction wrote before must not make the source leave out what follows. */
  @Test
  void aTableThatIsPublishedWhileATransactionHasWrittenItIsFollowedAfterwards() throws Exception {
    source.seed(2, 10);
    capture.start().awaitStreaming();
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      capture.stop();
      source.execute("ALTER PUBLICATION lakegate DROP TABLE core_event");
      statement.execute("BEGIN; UPDATE core_event SET session_id = 'open'");
      capture.start();
      capture.await(
          "it waits",
          () ->
              String.valueOf(capture.table("core_event").reason())
                  .toLowerCase()
                  .contains("transactions that are open"));
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.awaitEqual(
          capture.tables.stream().filter(t -> !t.table().equals("core_event")).toList());
      statement.execute("UPDATE core_event SET session_id = 'still open'; COMMIT");
    }
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    source.execute("UPDATE core_event SET session_id = 'afterwards'");
    capture.awaitEqual();
    source.execute("DELETE FROM core_event WHERE tenant_id = 'tenant-1'");
    capture.awaitEqual();
  }

  @Test
  void ghostsOfAHalfCopyThatWasThenHeldGoWithTheNextCopy() throws Exception {
    source.seed(2, 300);
    capture.copyBytes = 4 << 10;
    capture.steps =
        step -> {
          if (step == CaptureSteps.Step.COPY_PART_APPENDED
              && capture.table("core_order").state() == TableState.COPYING) {
            throw new IllegalStateException("dies half-way");
          }
        };
    capture.start();
    capture.await("half a copy", () -> capture.table("core_order").rowsCopied() > 0);
    capture.engine.stop(CaptureHarness.LIMIT);
    // Held, and rows of the half copy go while nobody listens.
    source.execute(
        "ALTER TABLE core_order REPLICA IDENTITY NOTHING;"
            + "ALTER PUBLICATION lakegate DROP TABLE core_order;"
            + "DELETE FROM core_order WHERE id <= 200");
    capture.steps = CaptureSteps.NONE;
    capture.start();
    capture.awaitHeld("core_order", "replica identity");
    capture.await(
        "the others stream", () -> capture.table("core_event").state() == TableState.STREAMING);
    source.execute("UPDATE core_event SET user_agent = 'x'");
    source.execute("DELETE FROM core_order WHERE id <= 300");
    source.execute("ALTER TABLE core_order REPLICA IDENTITY DEFAULT");
    capture.awaitStreaming();
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0001");
  }

  @Test
  void aChangedKeyWithUnchangedToastDoesNotComeBackOverALaterCopy() throws Exception {
    source.seed(1, 3);
    source.execute(
        "UPDATE core_order SET notes = (SELECT string_agg(md5(random()::text), '') FROM"
            + " generate_series(1, 300))");
    capture.start().awaitStreaming();
    capture.stop();
    // The slot will send this, and the copy will already have what came of it.
    source.execute("UPDATE core_order SET id = id + 1000, status = 'paid'");
    source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9) DEFAULT 'web'");
    capture.start();
    capture.awaitStreaming("core_order", 2);
    source.execute("UPDATE core_order SET id = id + 1000");
    capture.awaitEqual();
    // Also after a restart that replays everything since.
    capture.stop();
    source.execute("UPDATE core_order SET id = id + 1000");
    capture.start().awaitStreaming();
    capture.awaitEqual();
    assertThat(capture.table("core_order").generation()).isEqualTo(2);
  }

  @Test
  void aMigrationBetweenSnapshotAndCopyIsRecordedAfterTheChangesBeforeIt() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    capture.stop();
    capture.steps =
        step -> {
          if (step == CaptureSteps.Step.SNAPSHOT_TAKEN) {
            try {
              source.execute("UPDATE core_order SET status = 'before'");
              source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9)");
              source.execute("UPDATE core_order SET channel = 'web'");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    capture.start().awaitStreaming();
    capture.engine.resync("core_order", "For the test.");
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
    assertThat(capture.engine.schemaVersions("core_order"))
        .extracting(SchemaVersion::effect)
        .containsExactly(SchemaVersion.Effect.FIRST, SchemaVersion.Effect.ADDITIVE);
  }

  @Test
  void aColumnThatGoesBetweenSnapshotAndCopyLeadsToAnotherSnapshot() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    capture.stop();
    AtomicBoolean migrated = new AtomicBoolean();
    capture.steps =
        step -> {
          if (step == CaptureSteps.Step.SNAPSHOT_TAKEN && migrated.compareAndSet(false, true)) {
            try {
              source.execute("ALTER TABLE core_order DROP COLUMN notes");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    capture.start().awaitStreaming();
    capture.engine.resync("core_order", "For the test.");
    capture.await("a copy", () -> capture.table("core_order").generation() >= 2);
    capture.awaitStreaming();
    capture.awaitEqual();
    assertThat(migrated).isTrue();
  }

  @Test
  void anotherPublicationOfTheSameNameOpensAnEpoch() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    capture.stop();
    source.execute(
        "UPDATE core_order SET status = 'paid';"
            + "DROP PUBLICATION lakegate; UPDATE core_event SET session_id = 'lost';"
            + "CREATE PUBLICATION lakegate FOR TABLE core_order, core_event, core_customer,"
            + " core_product WITH (publish_via_partition_root = true)");
    capture.start();
    capture.await("an epoch", () -> "0002".equals(capture.epoch()));
    capture.awaitStreaming();
    capture.awaitEqual();
    // Kinds of changes that are left out between two looks.
    source.execute(
        "ALTER PUBLICATION lakegate SET (publish = 'insert');"
            + "UPDATE core_event SET session_id = 'lost too';"
            + "ALTER PUBLICATION lakegate SET (publish = 'insert, update, delete, truncate')");
    capture.await("another epoch", () -> "0003".equals(capture.epoch()));
    capture.awaitStreaming();
    capture.awaitEqual();
    source.execute(
        "CREATE ROLE keeper SUPERUSER; ALTER PUBLICATION lakegate OWNER TO keeper;"
            + "UPDATE core_event SET session_id = 'kept'");
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0003");
  }

  @Test
  void aTableThatIsOutOfThePublicationBetweenTwoLooksIsCopied() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    source.execute(
        "ALTER PUBLICATION lakegate DROP TABLE core_event;"
            + "UPDATE core_event SET session_id = 'lost';"
            + "ALTER PUBLICATION lakegate ADD TABLE core_event");
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    assertThat(capture.table("core_order").generation()).isEqualTo(1);
  }

  @Test
  void aTableThatWasDroppedAndCreatedAgainIsCopied() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    source.execute(
        "CREATE TABLE core_event_new (LIKE core_event INCLUDING ALL);"
            + "INSERT INTO core_event_new SELECT gen_random_uuid(), session_id, event_type,"
            + " event_data, ip_address, 'new', created_at, NULL, tenant_id FROM core_event"
            + " LIMIT 3;"
            + "DROP TABLE core_event; ALTER TABLE core_event_new RENAME TO core_event");
    source.execute("UPDATE core_event SET session_id = 't'");
    capture.awaitStreaming("core_event", 2);
    source.execute("UPDATE core_event SET session_id = 'u'");
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.awaitEqual();
    assertThat(capture.copies("core_order")).containsExactly("begun 1@0001", "completed 1@0001");
    // Known by its own oid from now on: not copied for ever.
    capture.stop();
    capture.start().awaitStreaming();
    source.execute("DELETE FROM core_event WHERE id = (SELECT id FROM core_event LIMIT 1)");
    capture.awaitEqual();
    assertThat(capture.table("core_event").generation()).isEqualTo(2);
  }

  @Test
  void aTableThatChangedUnderAnotherNameIsCopied() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    source.execute(
        "ALTER TABLE core_event RENAME TO elsewhere; DELETE FROM elsewhere WHERE id IN (SELECT id"
            + " FROM elsewhere LIMIT 2); ALTER TABLE elsewhere RENAME TO core_event");
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    // The slot sends what it did under that name once more; the copy has it.
    capture.stop();
    capture.start().awaitStreaming();
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.awaitEqual();
    assertThat(capture.table("core_event").generation()).isEqualTo(2);
  }

  @Test
  void aTableThatLeftThePublicationIsCopied() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    capture.stop();
    source.execute(
        "ALTER PUBLICATION lakegate DROP TABLE core_order;"
            + "DELETE FROM core_order WHERE id % 2 = 0; UPDATE core_customer SET phone = '1'");
    capture.start();
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
    assertThat(capture.table("core_customer").generation()).isEqualTo(1);
  }

  @Test
  void valuesThatAnAlteredColumnGotUnderItsOldTypeAreCopied() throws Exception {
    source.seed(2, 20);
    capture.start().awaitStreaming();
    source.execute("UPDATE core_customer SET status = 'blocked'");
    capture.awaitEqual();
    source.execute(
        "ALTER TABLE core_customer ALTER COLUMN status TYPE varchar(20) USING upper(status)");
    capture.awaitStreaming("core_customer", 2);
    capture.awaitEqual();
    source.execute("VACUUM FULL core_order");
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.awaitEqual();
    assertThat(capture.table("core_order").generation()).isEqualTo(1);
  }

  @Test
  void aLargeTableIsHeldUntilSomebodyAsks() throws Exception {
    source.seed(1, 20);
    capture.recopyRows = 10;
    capture.start().awaitStreaming();
    source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9) NOT NULL DEFAULT 'web'");
    capture.awaitHeld("core_order", "channel was added with values");
    TableStatus held = capture.table("core_order");
    assertThat(held.reason()).contains("20 rows", "lakegate.capture.recopy.rows = 10");
    assertThat(held.nextAction()).isEqualTo("./lakegate resync core_order");
    source.execute("UPDATE core_order SET status = 'paid'; UPDATE core_customer SET phone = '2'");
    capture.await("others go on", () -> capture.table("core_customer").updates() == 20);
    // Held over a restart too.
    capture.stop();
    capture.start();
    capture.awaitHeld("core_order", "channel was added with values");
    assertThat(capture.engine.resync("core_order", "Now it may."))
        .isEqualTo(CaptureEngine.Outcome.DONE);
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
  }

  @Test
  void aTableWithoutReplicaIdentityIsHeldItsApplicationGoesOnAndItIsCopiedWhenMended()
      throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    source.execute("ALTER TABLE core_event REPLICA IDENTITY NOTHING");
    capture.awaitHeld("core_event", "replica identity");
    source.execute("UPDATE core_event SET session_id = 'x'");
    source.execute("DELETE FROM core_event WHERE id = (SELECT id FROM core_event LIMIT 1)");
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.await("orders go on", () -> capture.table("core_order").updates() == 5);
    source.execute("ALTER TABLE core_event REPLICA IDENTITY DEFAULT");
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    assertThat(capture.table("core_order").generation()).isEqualTo(1);
  }

  @Test
  void anIndexThatCarriesTheKeyIsAnIdentity() throws Exception {
    source.seed(2, 5);
    source.execute(
        "CREATE UNIQUE INDEX wide ON core_order (tenant_id, id);"
            + "ALTER TABLE core_order REPLICA IDENTITY USING INDEX wide");
    capture.start().awaitStreaming();
    source.execute("UPDATE core_order SET status = 'paid'");
    source.execute("UPDATE core_order SET tenant_id = 'tenant-1' WHERE tenant_id = 'tenant-2'");
    source.execute("UPDATE core_order SET id = id + 100 WHERE id % 2 = 0");
    source.execute("DELETE FROM core_order WHERE id % 3 = 0");
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0001");
    // Mended in another way than by the default: by an index that carries the key again.
    source.execute(
        "CREATE UNIQUE INDEX poor ON core_order (tenant_id, order_number);"
            + "ALTER TABLE core_order REPLICA IDENTITY USING INDEX poor");
    source.execute("UPDATE core_order SET status = 'shipped'");
    capture.awaitHeld("core_order", "replica identity");
    source.execute("ALTER TABLE core_order REPLICA IDENTITY USING INDEX wide");
    capture.awaitStreaming("core_order", 2);
    source.execute("DELETE FROM core_order WHERE id % 2 = 0");
    capture.awaitEqual();
  }

  @Test
  void aTableWhoseKeyIsAnotherThanDescribedIsHeld() throws Exception {
    source.seed(1, 5);
    source.execute(
        "ALTER TABLE core_orderitem DROP CONSTRAINT core_orderitem_pkey;"
            + "ALTER TABLE core_orderitem ADD PRIMARY KEY (id, tenant_id)");
    capture.start();
    capture.awaitHeld("core_orderitem", "(id, tenant_id)");
    source.execute(
        "ALTER TABLE core_orderitem DROP CONSTRAINT core_orderitem_pkey;"
            + "ALTER TABLE core_orderitem ADD PRIMARY KEY (id)");
    capture.awaitStreaming();
    // Also while it streams.
    source.execute(
        "ALTER TABLE core_product DROP CONSTRAINT core_product_pkey CASCADE;"
            + "ALTER TABLE core_product ADD PRIMARY KEY (id, tenant_id);"
            + "UPDATE core_product SET price = 7");
    capture.awaitHeld("core_product", "(id, tenant_id)");
    source.execute(
        "ALTER TABLE core_product DROP CONSTRAINT core_product_pkey;"
            + "ALTER TABLE core_product ADD PRIMARY KEY (id)");
    capture.awaitStreaming("core_product", 2);
    capture.awaitEqual();
  }

  @Test
  void aPartitionThatIsRewrittenBetweenSnapshotAndLockIsNotTakenForEmpty() throws Exception {
    source.execute(
        "CREATE TABLE part (id bigint PRIMARY KEY, v text) PARTITION BY RANGE (id);"
            + "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);"
            + "CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (100) TO (200);"
            + "INSERT INTO part SELECT i, 'v' FROM generate_series(0, 199) i");
    capture.tables =
        List.of(new CapturedTable("public", "part", "silver.part", null, List.of("id")));
    boolean[] rewritten = new boolean[1];
    capture.steps =
        step -> {
          if (step == CaptureSteps.Step.EPOCH_OPENED && !rewritten[0]) {
            rewritten[0] = true;
            try {
              source.execute("ALTER TABLE part ALTER COLUMN v TYPE varchar(9)");
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    capture.start().awaitStreaming();
    assertThat(rewritten[0]).isTrue();
    capture.awaitEqual();
    source.execute("UPDATE part SET v = 'w' WHERE id % 2 = 0; DELETE FROM part WHERE id % 5 = 0");
    capture.awaitEqual();
    assertThat(capture.copies("part")).last().isEqualTo("completed 1@0001");
  }

  @Test
  void aTableThatTheDescriptionLeftOutForAWhileIsCopied() throws Exception {
    source.seed(1, 5);
    capture.start().awaitStreaming();
    capture.stop();
    List<CapturedTable> all = capture.tables;
    capture.tables = all.stream().filter(t -> !t.table().equals("core_order")).toList();
    capture.start().awaitStreaming();
    source.execute("DELETE FROM core_order WHERE id % 2 = 0; UPDATE core_customer SET phone = '3'");
    capture.awaitEqual();
    capture.stop();
    capture.tables = all;
    capture.start();
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
  }

  @Test
  void aCopyThatTheServerRefusesDoesNotKeepTheOthersWaiting() throws Exception {
    source.seed(1, 5);
    // Reading it fails in a way that the catalog does not tell.
    source.execute(
        "CREATE TABLE bad (id bigint PRIMARY KEY, v int);"
            + "INSERT INTO bad VALUES (1, 1); ALTER TABLE bad ENABLE ROW LEVEL SECURITY;"
            + "CREATE ROLE reader_"
            + source.query("SELECT current_database()")
            + " LOGIN REPLICATION PASSWORD 'pw'");
    String role = "reader_" + source.query("SELECT current_database()");
    source.execute(
        "CREATE PUBLICATION lakegate FOR TABLE bad, core_order WITH (publish_via_partition_root ="
            + " true); GRANT SELECT ON ALL TABLES IN SCHEMA public TO "
            + role);
    capture.tables =
        List.of(
            new CapturedTable("public", "bad", "silver.bad", null),
            new CapturedTable("public", "core_order", "silver.order", "tenant_id"));
    capture.engine =
        new CaptureEngine(capture.settings(source.settings(role, "pw")), CaptureMetrics.NONE);
    capture.engine.start();
    capture.await("bad failed", () -> capture.table("bad").state() == TableState.FAILED);
    assertThat(capture.table("bad").reason()).contains("row-level security");
    assertThat(capture.table("bad").nextAction()).contains("tried again");
    capture.await(
        "orders stream", () -> capture.table("core_order").state() == TableState.STREAMING);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE bad DISABLE ROW LEVEL SECURITY");
      statement.execute("UPDATE core_order SET status = 'paid'");
    }
    capture.awaitStreaming();
    capture.awaitEqual();
    capture.engine.stop(CaptureHarness.LIMIT);
    capture.engine = null;
    source.execute("SELECT pg_drop_replication_slot('" + source.settings().slot() + "')");
  }

  @Test
  void aRequestForANewCopyOutlivesTheServiceUntilItIsServed() throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 5);
    try (CaptureHarness capture = new CaptureHarness(directory, source)) {
      capture.start().awaitStreaming();
      capture.stop();
      // The service ended before capture could begin what it was asked.
      new TableRequests(capture.root).resync("core_order", 1, "Somebody asked.");
      capture.start().awaitStreaming("core_order", 2);
      assertThat(capture.copies("core_order"))
          .containsExactly("begun 1@0001", "completed 1@0001", "begun 2@0002", "completed 2@0002");
      capture.stop();
      // Served, though nobody could take the request back before the service ended.
      new TableRequests(capture.root).resync("core_order", 1, "Somebody asked.");
      capture.start().awaitStreaming("core_order", 2);
      source.execute("UPDATE core_order SET status = 'paid'");
      capture.awaitEqual();
      assertThat(capture.copies("core_order")).hasSize(4);
    }
  }
}
