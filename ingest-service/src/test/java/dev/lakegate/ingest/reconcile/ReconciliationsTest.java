package dev.lakegate.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.capture.TableState;
import dev.lakegate.ingest.reconcile.Reconciliation.Example;
import dev.lakegate.ingest.reconcile.Reconciliation.State;
import dev.lakegate.ingest.reconcile.Reconciliation.Table;
import dev.lakegate.ingest.testing.FakeSilver;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.description.Expectation;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real source, real capture, and a Silver that tests may spoil. */
class ReconciliationsTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<SourceTable> DESCRIBED =
      LakehouseLoader.load(TestSource.base().resolve("lakehouse")).tables();

  @TempDir Path directory;
  private TestSource source;
  private CaptureEngine engine;
  private FakeSilver silver;
  private Reconciliations reconciliations;
  private volatile List<Map<String, String>> quarantined = List.of();

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.seed(3, 20);
    Path root = directory.resolve("lake");
    engine =
        new CaptureEngine(
            new CaptureSettings(
                root,
                directory.resolve("work"),
                source.settings(),
                TestSource.tables(),
                new FlushPolicy(
                    Duration.ofMillis(100), Duration.ofMillis(200), 32, 10_000, 64L << 20),
                32L << 20,
                "128MB"),
            CaptureMetrics.NONE);
    engine.start();
    silver = new FakeSilver(root);
    reconciliations =
        new Reconciliations(
            new ReconcileSettings(
                root, directory.resolve("work"), source.settings(), "128MB", LIMIT),
            new EngineView());
    TestSource.await(
        "all tables stream",
        LIMIT,
        () -> engine.state().tables().stream().allMatch(t -> t.state() == TableState.STREAMING));
  }

  @AfterEach
  void stop() throws Exception {
    reconciliations.close();
    engine.forget();
  }

  private final class EngineView implements CaptureView {
    @Override
    public Optional<Captured> captured() {
      CaptureState state = engine.state();
      return state.capturedPosition() == null
          ? Optional.empty()
          : Optional.of(new Captured(state.source().epoch(), Lsn.parse(state.capturedPosition())));
    }

    @Override
    public Optional<String> notFollowed(String table) {
      return Optional.empty();
    }

    @Override
    public List<Map<String, String>> quarantinedKeys(String table) {
      return quarantined;
    }
  }

  private static SourceTable table(String name) {
    return DESCRIBED.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private Reconciliation reconcile(List<SourceTable> tables) throws InterruptedException {
    String id = reconciliations.start(tables).orElseThrow().id();
    AtomicReference<Reconciliation> last = new AtomicReference<>();
    TestSource.await(
        "the comparison ends",
        LIMIT,
        () -> {
          last.set(reconciliations.find(id).orElseThrow());
          return last.get().state().ended();
        });
    return last.get();
  }

  private Table reconcile(String name) throws InterruptedException {
    return reconcile(List.of(table(name))).tables().get(0);
  }

  @Test
  void shouldFindEqualWhatIsEqualInEveryTable() throws Exception {
    for (SourceTable table : DESCRIBED) {
      silver.publish(table);
    }
    Reconciliation all = reconcile(DESCRIBED);
    assertThat(all.state()).as(all.toString()).isEqualTo(State.EQUAL);
    assertThat(all.position()).contains("/");
    Table customer =
        all.tables().stream().filter(t -> t.table().equals("core_customer")).findFirst().get();
    assertThat(customer.sourceRows()).isEqualTo(60);
    assertThat(customer.silverRows()).isEqualTo(60);
    assertThat(customer.tenants()).isEqualTo(3);
    assertThat(customer.columns()).contains("id", "metadata", "created_at", "tenant_id");
    Table event =
        all.tables().stream().filter(t -> t.table().equals("core_event")).findFirst().get();
    assertThat(event.notCompared()).containsExactly("ip_address");
    assertThat(Files.exists(directory.resolve("work/reconcile"))).isFalse();
  }

  @Test
  void shouldNameEveryKindOfDifference() throws Exception {
    String missing = source.query("SELECT min(id) FROM core_product");
    String wrongTenant = source.query("SELECT min(id) + 1 FROM core_product");
    String wrongValue = source.query("SELECT min(id) + 2 FROM core_product");
    silver.publish(
        table("product"),
        rows -> {
          rows.remove(missing);
          rows.get(wrongTenant).put("tenant_id", "tenant-2");
          rows.get(wrongValue).put("price", "99.99");
          Map<String, String> ghost = new java.util.TreeMap<>(rows.get(wrongValue));
          ghost.put("id", "123456789");
          rows.put("ghost", ghost);
          rows.put("twice", new java.util.TreeMap<>(rows.get(wrongValue)));
          return rows;
        });
    Table product = reconcile("product");
    assertThat(product.state()).isEqualTo(Reconciliation.TableState.DIFFERENT);
    assertThat(product.missing()).isEqualTo(1);
    assertThat(product.ghosts()).isEqualTo(1);
    assertThat(product.differing()).isEqualTo(3);
    assertThat(product.duplicates()).isEqualTo(1);
    assertThat(product.examples())
        .contains(
            new Example("missing", Map.of("id", missing), "tenant-1", null, List.of()),
            new Example("ghost", Map.of("id", "123456789"), null, "tenant-1", List.of()),
            new Example(
                "differing",
                Map.of("id", wrongTenant),
                "tenant-1",
                "tenant-2",
                List.of("tenant_id")),
            new Example(
                "differing", Map.of("id", wrongValue), "tenant-1", "tenant-1", List.of("price")),
            new Example("duplicate", Map.of("id", wrongValue), null, "tenant-1", List.of()));
    assertThat(product.differingTenants())
        .extracting(Reconciliation.Tenant::tenant)
        .containsExactly("tenant-1", "tenant-2");
  }

  @Test
  void shouldLeaveOutWhatIsInQuarantine() throws Exception {
    String kept = source.query("SELECT min(id) FROM core_product");
    silver.publish(
        table("product"),
        rows -> {
          rows.remove(kept);
          return rows;
        });
    quarantined = List.of(Map.of("id", kept));
    Table product = reconcile("product");
    assertThat(product.state()).isEqualTo(Reconciliation.TableState.EQUAL);
    assertThat(product.quarantined()).isEqualTo(1);
  }

  /** What Silver keeps aside for the expectations that it does not meet is not missing. */
  @Test
  void shouldCountRowsInSilversQuarantine() throws Exception {
    SourceTable product = blocking(table("product"));
    String kept = source.query("SELECT min(id) FROM core_product");
    String wrong = source.query("SELECT min(id) + 1 FROM core_product");
    silver.publishQuarantine(
        product,
        rows -> {
          rows.keySet().retainAll(java.util.Set.of(kept, wrong));
          return rows;
        });
    silver.publish(
        product,
        rows -> {
          rows.keySet().removeAll(java.util.Set.of(kept, wrong));
          return rows;
        });
    assertThat(reconcile(List.of(product)).tables().get(0).state())
        .isEqualTo(Reconciliation.TableState.EQUAL);
    silver.publishQuarantine(
        product,
        rows -> {
          rows.keySet().retainAll(java.util.Set.of(wrong));
          rows.get(wrong).put("_source_price", "99.99");
          return rows;
        });
    Table different = reconcile(List.of(product)).tables().get(0);
    assertThat(different.missing()).isEqualTo(1);
    assertThat(different.differing()).isEqualTo(1);
  }

  private static SourceTable blocking(SourceTable t) {
    return new SourceTable(
        t.name(),
        t.aliases(),
        t.scope(),
        t.description(),
        t.sourceSchema(),
        t.sourceTable(),
        t.key(),
        t.tenantColumn(),
        t.partitionBy(),
        t.monthOf(),
        t.columns(),
        t.derivations(),
        List.of(
            new Expectation(
                "cheap", Expectation.Kind.SQL, "price < 1", Expectation.Severity.BLOCK, "Cheap.")),
        t.history());
  }

  @Test
  void shouldTakeDeclaredLossesForWhatTheyAre() throws Exception {
    source.execute("UPDATE core_product SET price = 'NaN' WHERE id % 2 = 0");
    source.execute("UPDATE core_order SET order_date = 'infinity' WHERE id % 3 = 0");
    source.execute("UPDATE core_order SET order_date = '0044-03-15 12:00:00 BC' WHERE id % 3 = 1");
    source.execute(
        "UPDATE core_order SET order_date = '9999-12-31 23:59:59.999999+00' WHERE id % 3 = 2");
    publishing(List.of(table("product"), table("order")));
    Reconciliation both = reconcile(List.of(table("product"), table("order")));
    assertThat(both.state()).as(both.toString()).isEqualTo(State.EQUAL);
  }

  /** Publishes when capture has everything that is committed now. */
  private void publishing(List<SourceTable> tables) throws Exception {
    Lsn end = Lsn.parse(source.query("SELECT pg_current_wal_lsn()"));
    source.execute("UPDATE core_tenant SET name = name");
    TestSource.await(
        "captured",
        LIMIT,
        () ->
            Long.compareUnsigned(Lsn.parse(engine.state().capturedPosition()).value(), end.value())
                > 0);
    for (SourceTable table : tables) {
      silver.publish(table);
    }
  }

  @Test
  void shouldNotBeMisledByTraffic() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<SourceTable> tables = List.of(table("customer"), table("event"));
    Thread traffic = new Thread(() -> traffic(stop, failure));
    Thread publisher =
        new Thread(
            () -> {
              try {
                while (!stop.get()) {
                  for (SourceTable table : tables) {
                    silver.publish(table);
                  }
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    traffic.start();
    publisher.start();
    try {
      long moved = 0;
      for (int round = 0; round < 2; round++) {
        Reconciliation both = reconcile(tables);
        assertThat(both.state()).as(both.toString()).isEqualTo(State.EQUAL);
        moved += both.tables().stream().mapToLong(Table::inMotion).sum();
      }
      assertThat(moved).isPositive();
    } finally {
      stop.set(true);
      traffic.join();
      publisher.join();
    }
    assertThat(failure.get()).isNull();
  }

  /** Updates, deletes, inserts of deleted keys, changed keys and moves between tenants. */
  private void traffic(AtomicBoolean stop, AtomicReference<Throwable> failure) {
    Random random = new Random(5);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
      while (!stop.get()) {
        int id = 1 + random.nextInt(60);
        LockSupport.parkNanos(2_000_000);
        statement.execute(
            switch (random.nextInt(6)) {
              case 0 ->
                  "UPDATE core_customer SET status = 's" + random.nextInt() + "' WHERE id = " + id;
              case 1 -> "DELETE FROM core_customer WHERE id = " + id;
              case 2 ->
                  "UPDATE core_customer c SET id = id + 1000 WHERE id = "
                      + id
                      + " AND NOT EXISTS (SELECT FROM core_customer WHERE id = c.id + 1000)";
              case 3 ->
                  "UPDATE core_customer SET tenant_id = 'tenant-"
                      + (1 + random.nextInt(3))
                      + "' WHERE id = "
                      + id;
              case 4 ->
                  "INSERT INTO core_customer SELECT "
                      + id
                      + ", created_at, updated_at, email,"
                      + " phone, first_name, last_name, metadata, status, tenant_id FROM core_customer"
                      + " WHERE id <> "
                      + id
                      + " LIMIT 1 ON CONFLICT DO NOTHING";
              default ->
                  "UPDATE core_event SET session_id = 'x"
                      + random.nextInt()
                      + "' WHERE id ="
                      + " (SELECT id FROM core_event OFFSET "
                      + id % 50
                      + " LIMIT 1)";
            });
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }

  @Test
  void shouldWaitForSilverAndEndWhenCancelled() throws Exception {
    String id = reconciliations.start(List.of(table("customer"))).orElseThrow().id();
    TestSource.await(
        "it waits for Silver",
        LIMIT,
        () ->
            reconciliations.find(id).orElseThrow().tables().get(0).state()
                == Reconciliation.TableState.CATCHING_UP);
    assertThat(reconciliations.cancel(id)).isTrue();
    TestSource.await(
        "it ends", LIMIT, () -> reconciliations.find(id).orElseThrow().state() == State.CANCELLED);
    assertThat(reconciliations.cancel("other")).isFalse();
    assertThat(source.query("SELECT count(*) FROM pg_replication_slots WHERE temporary"))
        .isEqualTo("0");
  }

  @Test
  void shouldRefuseToPileUp() {
    for (int i = 0; i < 4; i++) {
      assertThat(reconciliations.start(List.of(table("customer")))).isPresent();
    }
    assertThat(reconciliations.start(List.of(table("customer")))).isEmpty();
    assertThat(reconciliations.list()).hasSize(4);
  }
}
