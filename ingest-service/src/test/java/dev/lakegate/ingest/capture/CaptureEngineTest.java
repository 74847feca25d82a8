package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.TestSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture from a real PostgreSQL into files, judged by folding the files. */
class CaptureEngineTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
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
    return new CaptureSettings(
        directory.resolve("lake"),
        directory.resolve("work"),
        source.settings(),
        TABLES,
        new FlushPolicy(Duration.ofMillis(200), Duration.ofMillis(500), 32, 10_000, 64L << 20),
        32L << 20,
        "128MB");
  }

  private void start() {
    engine = new CaptureEngine(settings(), CaptureMetrics.NONE);
    engine.start();
  }

  private void awaitStreaming() throws InterruptedException {
    TestSource.await(
        "all tables stream",
        LIMIT,
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
    CaptureState.Table orders =
        state.tables().stream().filter(t -> t.table().equals("core_order")).findFirst().get();
    assertThat(orders.rowsCopied()).isEqualTo(60);
    assertThat(orders.updates()).isEqualTo(20);
    assertThat(orders.lastChangeAt()).isNotNull();
  }
}
