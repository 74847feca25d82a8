package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.History;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture from a real PostgreSQL into files, judged by folding the files. */
class CaptureEngineTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<CapturedTable> TABLES = TestSource.tables();
  private static TestSource source;

  @TempDir Path directory;
  private CaptureEngine engine;

  @BeforeAll
  static void startSource() throws Exception {
    source = TestSource.start();
  }

  @BeforeEach
  void emptySource() throws SQLException {
    source.execute(
        "TRUNCATE core_tenant, core_customer, core_product, core_order, core_orderitem,"
            + " core_event, core_subscription, core_invoice");
  }

  @AfterEach
  void forget() throws Exception {
    if (engine != null) {
      engine.forget();
    }
  }

  private CaptureSettings settings() {
    return settings(source.settings(), "work", 64L << 20);
  }

  private CaptureSettings settings(SourceSettings from, String work, long flushBytes) {
    return new CaptureSettings(
        directory.resolve("lake"),
        directory.resolve(work),
        from,
        TABLES,
        new FlushPolicy(Duration.ofMillis(200), Duration.ofMillis(500), 32, 10_000, flushBytes),
        32L << 20,
        "128MB");
  }

  private void start() {
    start(settings());
  }

  private void start(CaptureSettings settings) {
    engine = new CaptureEngine(settings, CaptureMetrics.NONE);
    engine.start();
  }

  private void stop() throws InterruptedException {
    assertThat(engine.stop(LIMIT)).isTrue();
  }

  private CaptureState.Table table(String name) {
    return engine.state().tables().stream()
        .filter(t -> t.table().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    try {
      TestSource.await(what, LIMIT, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; " + engine.state(), e);
    }
  }

  private void awaitMessage(String part) throws InterruptedException {
    try {
      TestSource.await(
          part, LIMIT, () -> String.valueOf(engine.state().source().message()).contains(part));
    } catch (AssertionError e) {
      assertThat(engine.state().source().message()).contains(part);
    }
  }

  private void awaitStreaming() throws InterruptedException {
    await(
        "all tables stream",
        () -> engine.state().tables().stream().allMatch(t -> t.state() == TableState.STREAMING));
  }

  private void awaitEqual() throws Exception {
    try {
      TestSource.await(
          "Bronze equals the source",
          LIMIT,
          () -> BronzeFold.equalsSource(directory.resolve("lake"), source, TABLES));
    } catch (AssertionError late) {
      BronzeFold.assertEqualsSource(directory.resolve("lake"), source, TABLES);
    }
  }

  @Test
  void copiesExistingRowsThenFollowsTheLog() throws Exception {
    source.seed(3, 20);
    start();
    awaitStreaming();
    awaitEqual();
    source.execute(
        "UPDATE core_order SET status = 'paid', total = 7.5 WHERE tenant_id = 'tenant-1'");
    source.execute("DELETE FROM core_event WHERE tenant_id = 'tenant-2'");
    source.execute("INSERT INTO core_tenant VALUES ('t/4 %', 'T', 'small', now())");
    source.execute("UPDATE core_customer SET tenant_id = 't/4 %' WHERE tenant_id = 'tenant-3'");
    source.execute("UPDATE core_product SET id = id + 100000 WHERE tenant_id = 'tenant-1'");
    source.execute(
        "INSERT INTO core_event VALUES (gen_random_uuid(), '', 'x', '{}', NULL, 'a', now(), NULL,"
            + " 'tenant-1')");
    awaitEqual();
    CaptureState state = engine.state();
    assertThat(state.source().connected()).isTrue();
    assertThat(state.source().epoch()).isEqualTo("0001");
    assertThat(state.lag().sourceBytes()).isNotNull();
    CaptureState.Table orders = table("core_order");
    assertThat(orders.rowsCopied()).isEqualTo(60);
    assertThat(orders.updates()).isEqualTo(20);
    assertThat(orders.lastChangeAt()).isNotNull();
  }

  @Test
  void savepointsManyChangesOfAKeyAndLongTransactionsEndAsTheSource() throws Exception {
    source.seed(2, 10);
    start();
    awaitStreaming();
    History history = new History(42, 3);
    try (Connection connection = source.connect()) {
      History.prepare(source);
      for (int i = 0; i < 150; i++) {
        history.transaction(connection);
      }
    }
    awaitEqual();
  }

  @Test
  void aTransactionLargerThanAFlushLandsInOneManifest() throws Exception {
    source.seed(2, 5);
    start(settings(source.settings(), "work", 256 << 10));
    awaitStreaming();
    long before = engine.state().lastManifest();
    source.execute(
        "SET session_replication_role = replica; UPDATE core_customer SET phone = 'x';"
            + "INSERT INTO core_event SELECT gen_random_uuid(), 's', 'x', '{}', NULL, repeat('a',"
            + " 100), now(), NULL, 'tenant-' || i % 5 FROM generate_series(1, 20000) i");
    awaitEqual();
    Manifest manifest = new ManifestReader(directory.resolve("lake")).read(before + 1).get();
    assertThat(engine.state().lastManifest()).isEqualTo(before + 1);
    assertThat(manifest.files().stream().mapToLong(BronzeFile::rows).sum()).isEqualTo(20_010);
    assertThat(manifest.files().stream().filter(f -> f.tenant().equals("tenant-3")).count())
        .as("parts of one tenant")
        .isGreaterThan(3);
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    source.seed(1, 5);
    start();
    awaitStreaming();
    source.execute("UPDATE core_order SET status = 'paid'");
    stop();
    long manifests = engine.state().lastManifest();
    source.execute("DELETE FROM core_order");
    start();
    awaitEqual();
    assertThat(engine.state().lastManifest()).isEqualTo(manifests + 1);
    assertThat(engine.state().source().epoch()).isEqualTo("0001");
    assertThat(table("core_order").deletes()).isEqualTo(5);
    assertThat(table("core_order").rowsCopied()).isEqualTo(5);
  }

  @Test
  void aTableThatAppearsLaterIsCopiedAndFollowed() throws Exception {
    source.seed(1, 5);
    source.execute("ALTER TABLE core_subscription RENAME TO hidden");
    try {
      start();
      await("the others stream", () -> table("core_order").state() == TableState.STREAMING);
      assertThat(table("core_subscription").state()).isEqualTo(TableState.WAITING);
      assertThat(table("core_subscription").reason()).contains("no table");
      source.execute(
          "SET session_replication_role = replica; INSERT INTO hidden VALUES (1, now(), now(), 'p', 'active', 1, now(), NULL, now(), 1,"
              + " 'tenant-1')");
    } finally {
      source.execute("ALTER TABLE hidden RENAME TO core_subscription");
    }
    awaitStreaming();
    source.execute("UPDATE core_subscription SET monthly_amount = 2");
    awaitEqual();
    assertThat(table("core_subscription").rowsCopied()).isEqualTo(1);
  }

  @Test
  void aTableThatAppearsOnASourceThatNeverRestsIsCopied() throws Exception {
    source.seed(1, 5);
    source.execute("ALTER TABLE core_subscription RENAME TO hidden");
    AtomicBoolean rest = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              try (Connection connection = source.connect();
                  Statement statement = connection.createStatement()) {
                while (!rest.get()) {
                  statement.execute("UPDATE core_tenant SET name = name || '' WHERE true");
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      // Rare flushes, so that there is hardly a moment without pending changes.
      CaptureSettings usual = settings();
      Duration rarely = Duration.ofSeconds(4);
      start(
          new CaptureSettings(
              usual.storageRoot(),
              usual.scratch(),
              usual.source(),
              usual.tables(),
              new FlushPolicy(rarely, rarely, 32, 10_000_000, 1L << 30),
              usual.copyBytes(),
              usual.duckdbMemory()));
      await("the others stream", () -> table("core_order").state() == TableState.STREAMING);
      writer.start();
      source.execute("ALTER TABLE hidden RENAME TO core_subscription");
      awaitStreaming();
    } finally {
      rest.set(true);
      writer.join();
      source.execute("ALTER TABLE IF EXISTS hidden RENAME TO core_subscription");
    }
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0001");
  }

  @Test
  void aPublicationThatLeftOutKindsOfChangesOpensAnEpoch() throws Exception {
    source.seed(2, 5);
    start();
    awaitStreaming();
    stop();
    source.execute(
        "ALTER PUBLICATION " + source.settings().publication() + " SET (publish = 'insert')");
    source.execute("DELETE FROM core_order WHERE tenant_id = 'tenant-1'");
    start();
    awaitStreaming();
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0002");
  }

  @Test
  void aTableWhoseKeyIsCheckedLateIsHeldAndItsApplicationGoesOn() throws Exception {
    source.seed(1, 5);
    String key =
        "ALTER TABLE core_orderitem DROP CONSTRAINT core_orderitem_pkey,"
            + " ADD CONSTRAINT core_orderitem_pkey PRIMARY KEY (id)";
    source.execute(key + " DEFERRABLE INITIALLY DEFERRED");
    try {
      start();
      await("the others stream", () -> table("core_order").state() == TableState.STREAMING);
      await("it is held", () -> table("core_orderitem").state() == TableState.HELD);
      assertThat(table("core_orderitem").reason()).contains("DEFERRABLE");
      source.execute("UPDATE core_orderitem SET quantity = quantity + 1");
      source.execute("DELETE FROM core_orderitem WHERE quantity > 2");
    } finally {
      source.execute(key);
    }
    awaitStreaming();
    awaitEqual();
  }

  @Test
  void aLostSlotOpensAnEpochThatRemovesGhosts() throws Exception {
    source.seed(2, 5);
    start();
    awaitStreaming();
    stop();
    source.execute("SELECT pg_drop_replication_slot('" + source.settings().slot() + "')");
    source.execute("DELETE FROM core_order WHERE tenant_id = 'tenant-1'");
    start();
    awaitStreaming();
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0002");
  }

  @Test
  void aSlotThatSomebodyMovedOpensAnEpoch() throws Exception {
    source.seed(1, 5);
    start();
    awaitStreaming();
    stop();
    source.execute("DELETE FROM core_order");
    source.execute(
        "SELECT pg_replication_slot_advance('"
            + source.settings().slot()
            + "', pg_current_wal_lsn())");
    start();
    await("epoch 2", () -> "0002".equals(engine.state().source().epoch()));
    awaitStreaming();
    awaitEqual();
  }

  @Test
  void addedAndDroppedColumnsAreVersionsOfTheSchema() throws Exception {
    source.seed(1, 3);
    start();
    awaitStreaming();
    source.execute("ALTER TABLE core_product ADD COLUMN weight numeric(5,1)");
    try {
      source.execute("UPDATE core_product SET weight = id");
      awaitEqual();
    } finally {
      source.execute("ALTER TABLE core_product DROP COLUMN weight");
    }
    source.execute("UPDATE core_product SET price = 3");
    awaitEqual();
  }

  @Test
  void aTableWhoseIdentityLacksTheKeyIsHeldAndTheOthersGoOn() throws Exception {
    source.seed(1, 3);
    start();
    awaitStreaming();
    source.execute(
        "CREATE UNIQUE INDEX other ON core_product (tenant_id, sku);"
            + "ALTER TABLE core_product REPLICA IDENTITY USING INDEX other");
    source.execute("DELETE FROM core_product WHERE id = (SELECT min(id) FROM core_product)");
    source.execute("DELETE FROM core_order");
    await("the product is held", () -> table("core_product").state() == TableState.HELD);
    assertThat(table("core_product").reason()).contains("REPLICA IDENTITY DEFAULT");
    await("orders go on", () -> table("core_order").deletes() == 3);
    source.execute("ALTER TABLE core_product REPLICA IDENTITY DEFAULT; DROP INDEX other");
    awaitStreaming();
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0002");
  }

  @Test
  void fullIdentityKeepsTenantsOfDeletesAndUnchangedValues() throws Exception {
    source.seed(1, 2);
    source.execute(
        "UPDATE core_order SET notes = (SELECT string_agg(md5(random()::text), '') FROM"
            + " generate_series(1, 300)); ALTER TABLE core_order REPLICA IDENTITY FULL");
    try {
      start();
      awaitStreaming();
      source.execute(
          "UPDATE core_order SET status = 'paid';"
              + "DELETE FROM core_order WHERE id = (SELECT min(id) FROM core_order)");
      awaitEqual();
      Manifest last = new ManifestReader(directory.resolve("lake")).last().orElseThrow();
      assertThat(last.files()).extracting(BronzeFile::tenant).containsOnly("tenant-1");
    } finally {
      source.execute("ALTER TABLE core_order REPLICA IDENTITY DEFAULT");
    }
  }

  @Test
  void valuesThatBronzeCannotHoldAreNullAndCounted() throws Exception {
    source.seed(1, 3);
    source.execute("UPDATE core_product SET price = 'NaN' WHERE sku = 'SKU-1'");
    Map<String, Long> lossy = new ConcurrentHashMap<>();
    engine =
        new CaptureEngine(
            settings(),
            new CaptureMetrics() {
              @Override
              public void captured(String table, String operation, long rows) {}

              @Override
              public void flushed(Duration duration, int files, long bytes) {}

              @Override
              public void lossy(String table, String column, long values) {
                lossy.merge(table + "." + column, values, Long::sum);
              }
            });
    engine.start();
    awaitStreaming();
    assertThat(lossy).isEqualTo(Map.of("core_product.price", 1L));
    source.execute("UPDATE core_order SET order_date = 'infinity'");
    await("counted", () -> lossy.containsKey("core_order.order_date"));
    assertThat(lossy).containsEntry("core_order.order_date", 3L);
  }

  @Test
  void anIdleSlotMovesOnWithoutManifests() throws Exception {
    start();
    awaitStreaming();
    long manifests = engine.state().lastManifest();
    source.execute("CREATE TABLE IF NOT EXISTS elsewhere AS SELECT generate_series(1, 1000) i");
    String after = source.query("SELECT pg_current_wal_lsn()");
    TestSource.await(
        "the slot is beyond " + after,
        LIMIT,
        () -> {
          try {
            return "t"
                .equals(
                    source.query(
                        "SELECT confirmed_flush_lsn >= '"
                            + after
                            + "' FROM pg_replication_slots WHERE slot_name = '"
                            + source.settings().slot()
                            + "'"));
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(engine.state().lastManifest()).isEqualTo(manifests);
    stop();
    source.seed(1, 1);
    start();
    awaitStreaming();
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0001");
  }

  @Test
  void aConnectionThatBreaksIsMade() throws Exception {
    source.seed(1, 3);
    start();
    awaitStreaming();
    source.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
            + " 'lakegate-ingest'");
    source.execute("UPDATE core_order SET status = 'paid'");
    awaitEqual();
    assertThat(engine.state().source().epoch()).isEqualTo("0001");
  }

  @Test
  void aSecondWriterOfTheSameRootIsRefused() throws Exception {
    start();
    awaitStreaming();
    CaptureEngine second =
        new CaptureEngine(settings(source.settings(), "work2", 1 << 20), CaptureMetrics.NONE);
    second.start();
    try {
      TestSource.await(
          "the refusal",
          LIMIT,
          () -> second.state().source().message().contains("another process captures"));
    } finally {
      assertThat(second.stop(LIMIT)).isTrue();
    }
  }

  @Test
  void theStateOfAnotherSourceIsRefused() throws Exception {
    start();
    awaitStreaming();
    engine.forget();
    TestSource other = TestSource.start();
    start(settings(other.settings(), "work", 1 << 20));
    awaitMessage("storage root holds the capture of");
    assertThat(other.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
  }

  @Test
  void aMissingRightIsNamedWithTheStatementThatGrantsIt() throws Exception {
    TestSource own = TestSource.start();
    String role = "limited_" + own.query("SELECT current_database()");
    own.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'pw'");
    start(settings(own.settings(role, "pw"), "work", 1 << 20));
    awaitMessage("ALTER ROLE \"" + role + "\" REPLICATION;");
    own.execute("ALTER ROLE " + role + " REPLICATION");
    String grant = "GRANT CREATE ON DATABASE";
    awaitMessage(grant);
    own.execute(grant + " " + own.query("SELECT current_database()") + " TO " + role);
    await("tables are held", () -> table("core_order").state() == TableState.HELD);
    assertThat(table("core_order").reason()).contains("GRANT SELECT ON \"public\".\"core_order\"");
    own.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
    await(
        "the owner is asked",
        () -> table("core_order").reason().contains("ALTER TABLE \"public\".\"core_order\" OWNER"));
    for (CapturedTable table : TABLES) {
      own.execute("ALTER TABLE " + table.table() + " OWNER TO " + role);
    }
    awaitStreaming();
    assertThat(engine.forget()).isEqualTo(new CaptureEngine.Forgotten(true, true));
    assertThat(own.query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    assertThat(
            own.query(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
                    + own.settings().slot()
                    + "'"))
        .isEqualTo("0");
  }

  @Test
  void aSourceThatIsDownIsAMatterOfState() throws Exception {
    SourceSettings nowhere =
        new SourceSettings(
            "jdbc:postgresql://localhost:1/app?password=hush", "u", "hush", "lakegate", "lakegate");
    CaptureEngine lonely =
        new CaptureEngine(settings(nowhere, "work", 1 << 20), CaptureMetrics.NONE);
    lonely.start();
    try {
      TestSource.await(
          "a message", LIMIT, () -> lonely.state().source().message().contains("localhost:1"));
      assertThat(lonely.isAlive()).isTrue();
      assertThat(lonely.state().source().connected()).isFalse();
      assertThat(lonely.state().source().host()).isEqualTo("localhost");
      assertThat(lonely.state().source().port()).isEqualTo(1);
      assertThat(lonely.state().toString()).doesNotContain("hush");
    } finally {
      assertThat(lonely.stop(LIMIT)).isTrue();
    }
  }
}
