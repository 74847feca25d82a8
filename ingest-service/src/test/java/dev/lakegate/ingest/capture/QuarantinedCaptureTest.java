package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.bronze.RowCheck;
import dev.lakegate.ingest.quarantine.QuarantinedRow;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.TestCapture;
import dev.lakegate.ingest.testing.TestSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that Silver could never take, from a real PostgreSQL, copied and streamed. */
class QuarantinedCaptureTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<CapturedTable> TABLES =
      List.of(new CapturedTable("public", "note", "silver.note", "tenant_id"));

  @TempDir Path directory;
  private TestSource source;
  private CaptureEngine engine;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.execute(
        """
        CREATE TABLE note (id bigint PRIMARY KEY, tenant_id text, text text);
        ALTER TABLE note ALTER COLUMN text SET STORAGE EXTERNAL;
        INSERT INTO note VALUES (1, 'a', 'right'), (2, NULL, 'nobody''s, "really"'), (3, '', 'empty'),
          (4, repeat('ä', 150), 'long'), (5, '__HIVE_DEFAULT_PARTITION__', 'default'),
          (6, '..', 'dots'), (7, 'a', repeat('x', 9000000)), (8, '/', 'slash');
        """);
  }

  @AfterEach
  void forget() throws Exception {
    engine.forget();
  }

  private void capture() throws Exception {
    engine = TestCapture.engine(directory, source, TABLES, CaptureMetrics.NONE);
    engine.start();
    await("it streams", () -> engine.tables().get(0).state() == TableState.STREAMING);
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    try {
      TestSource.await(what, LIMIT, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; " + engine.tables() + engine.state(), e);
    }
  }

  private BronzeFold fold() {
    try {
      return BronzeFold.of(directory.resolve("lake"));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitKeys(String... keys) throws InterruptedException {
    await(
        "Bronze has " + List.of(keys),
        () -> fold().rows("note").keySet().equals(java.util.Set.of(keys)));
  }

  private List<String> quarantined() {
    return engine.quarantine().keys("note").stream().map(k -> k.get("id")).sorted().toList();
  }

  private void awaitQuarantined(String... keys) throws InterruptedException {
    await("quarantine has " + List.of(keys), () -> quarantined().equals(List.of(keys)));
  }

  @Test
  void keepsCopiedRowsAsideAndTakesThemOverOnceMended() throws Exception {
    capture();
    assertThat(fold().rows("note").keySet()).containsExactly("1", "6", "8");
    assertThat(engine.tables().get(0).rowsCopied()).isEqualTo(3);
    assertThat(engine.tables().get(0).quarantinedRows()).isEqualTo(5);
    List<QuarantinedRow> rows = engine.quarantine().list("note", 10);
    assertThat(rows)
        .extracting(QuarantinedRow::code)
        .containsExactlyInAnyOrder(
            "TENANT_MISSING", "TENANT_MISSING", "TENANT_UNUSABLE", "TENANT_UNUSABLE", "TOO_LARGE");
    assertThat(rows)
        .anySatisfy(
            row -> {
              assertThat(row.key()).containsEntry("id", "2");
              assertThat(row.row())
                  .containsEntry("text", "nobody's, \"really\"")
                  .doesNotContainKey("tenant_id");
            })
        .allSatisfy(row -> assertThat(row.row().toString()).hasSizeLessThan(5000));

    // Whole rows that are right come by themselves; a restart in between changes nothing.
    assertThat(engine.stop(LIMIT)).isTrue();
    source.execute("UPDATE note SET tenant_id = 'b' WHERE id IN (2, 3)");
    capture();
    awaitKeys("1", "2", "3", "6", "8");
    awaitQuarantined("4", "5", "7");

    source.execute("UPDATE note SET tenant_id = 'c' WHERE id IN (4, 5)");
    source.execute("DELETE FROM note WHERE id = 5");
    awaitQuarantined("7");
    // The log does not carry the large text again, so only a new look at the source helps.
    source.execute("UPDATE note SET tenant_id = 'd' WHERE id = 7");
    await(
        "the incomplete row is held",
        () -> engine.tables().get(0).updates() >= 5 && quarantined().equals(List.of("7")));
    source.execute("UPDATE note SET text = 'shorter' WHERE id = 7");
    awaitQuarantined();
    awaitKeys("1", "2", "3", "4", "6", "7", "8");
    await(
        "Bronze equals the source",
        () -> BronzeFold.equalsSource(directory.resolve("lake"), source, TABLES));
  }

  @Test
  void writesTheLargestRowThatItTakes() throws Exception {
    // Quotes are doubled on the way, so this is the most that a row can become.
    String largest = "repeat('\"', " + (RowCheck.MAX_BYTES - 100) + ")";
    source.execute("DELETE FROM note");
    source.execute("INSERT INTO note VALUES (1, 'a', " + largest + "), (2, 'a', " + largest + ")");
    capture();
    awaitKeys("1", "2");
    source.execute("INSERT INTO note VALUES (3, 'a', " + largest + "), (4, 'a', " + largest + ")");
    awaitKeys("1", "2", "3", "4");
    assertThat(quarantined()).isEmpty();
  }

  @Test
  void removesTheFormerRowAndBringsItBackByReplay() throws Exception {
    source.execute("DELETE FROM note WHERE id NOT IN (1, 6)");
    source.execute("INSERT INTO note VALUES (10, 'a', repeat('y', 100000)), (11, 'a', 'x')");
    capture();
    awaitKeys("1", "10", "11", "6");
    source.execute("UPDATE note SET tenant_id = NULL WHERE id IN (1, 10)");
    source.execute("UPDATE note SET id = 12, tenant_id = '' WHERE id = 11");
    awaitQuarantined("1", "10", "12");
    // No former row stays as if it were right.
    awaitKeys("6");
    source.execute("UPDATE note SET tenant_id = 'a' WHERE id = 1");
    awaitKeys("1", "6");
    // Row 10 is right again, but the log did not carry its text: it stays aside till replayed.
    source.execute("UPDATE note SET tenant_id = 'b' WHERE id = 10");
    source.execute("UPDATE note SET tenant_id = 'b' WHERE id = 6");
    await("the later change is there", () -> "b".equals(fold().tenants("note").get("6")));
    assertThat(quarantined()).containsExactly("10", "12");
    assertThat(engine.quarantine().list("note", 10))
        .anyMatch(row -> row.code().equals("INCOMPLETE") && row.key().get("id").equals("10"));

    engine.resync("note", "Replay.");
    awaitKeys("1", "10", "6");
    awaitQuarantined("12");
    assertThat(fold().rows("note").get("10").get("text")).hasSize(100000);

    source.execute("TRUNCATE note");
    awaitKeys();
    awaitQuarantined();
  }
}
