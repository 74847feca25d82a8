package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema changes while capture runs: Bronze takes what the source says, and equals it. */
class SchemaChangeTest {
  @TempDir Path directory;
  private TestSource source;
  private CaptureHarness capture;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.seed(2, 5);
    capture = new CaptureHarness(directory, source);
    capture.start().awaitStreaming();
  }

  @AfterEach
  void forget() throws Exception {
    capture.close();
  }

  private SchemaVersion newest(String table) {
    List<SchemaVersion> versions = capture.engine.schemaVersions(table);
    return versions.get(versions.size() - 1);
  }

  private void awaitVersion(String table, int version) throws InterruptedException {
    capture.await(
        table + " has version " + version, () -> newest(table).schemaVersion() == version);
  }

  @Test
  void aNullableColumnWithoutDefaultIsAdditiveAndNotCopied() throws Exception {
    source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9)");
    source.execute("UPDATE core_order SET channel = 'web' WHERE id % 2 = 0");
    capture.awaitEqual();
    awaitVersion("core_order", 2);
    assertThat(newest("core_order").effect()).isEqualTo(Effect.ADDITIVE);
    assertThat(newest("core_order").explanation())
        .isEqualTo("Column channel (character varying(9)) was added.");
    assertThat(capture.table("core_order").generation()).isEqualTo(1);
    assertThat(capture.table("core_order").pendingApproval()).isNull();
  }

  @Test
  void anAddedColumnOfATableWithoutTrafficIsNoticed() throws Exception {
    source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9)");
    awaitVersion("core_order", 2);
    source.execute("UPDATE core_order SET channel = 'web'");
    capture.awaitEqual();
    assertThat(newest("core_order").schemaVersion()).isEqualTo(2);
    capture.stop();
    capture.start().awaitStreaming();
    source.execute("UPDATE core_order SET channel = 'x'");
    capture.awaitEqual();
    assertThat(newest("core_order").schemaVersion()).isEqualTo(2);
  }

  @Test
  void aDefaultFillsRowsThatExist() throws Exception {
    source.execute("ALTER TABLE core_order ADD COLUMN channel varchar(9) DEFAULT 'web'");
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
    assertThat(newest("core_order").effect()).isEqualTo(Effect.ADDITIVE);
    // As Django migrates: the default goes in the same transaction, its values stay.
    source.execute(
        "BEGIN; ALTER TABLE core_customer ADD COLUMN rank int DEFAULT 3 NOT NULL;"
            + "ALTER TABLE core_customer ALTER COLUMN rank DROP DEFAULT; COMMIT");
    source.execute("UPDATE core_customer SET rank = 4 WHERE id % 2 = 0");
    capture.awaitStreaming("core_customer", 2);
    capture.awaitEqual();
    // A volatile default rewrites the table.
    source.execute(
        "ALTER TABLE core_event ADD COLUMN seen timestamptz DEFAULT clock_timestamp();"
            + "UPDATE core_event SET session_id = 'y'");
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
    assertThat(capture.table("core_product").generation()).isEqualTo(1);
  }

  @Test
  void widenedTypesAreWidening() throws Exception {
    source.execute("ALTER TABLE core_order ALTER COLUMN currency TYPE varchar(40)");
    source.execute("UPDATE core_order SET currency = 'a longer currency'");
    awaitVersion("core_order", 2);
    assertThat(newest("core_order").effect()).isEqualTo(Effect.WIDENING);
    assertThat(capture.table("core_order").generation()).isEqualTo(1);
    source.execute("ALTER TABLE core_product ALTER COLUMN price TYPE numeric(16,2)");
    source.execute("UPDATE core_product SET price = 12345678901234.5");
    awaitVersion("core_product", 2);
    assertThat(newest("core_product").effect()).isEqualTo(Effect.WIDENING);
    // This one rewrites the rows.
    source.execute("ALTER TABLE core_product ALTER COLUMN inventory_quantity TYPE bigint");
    capture.awaitStreaming("core_product", 2);
    assertThat(newest("core_product").effect()).isEqualTo(Effect.WIDENING);
    capture.awaitEqual();
  }

  @Test
  void aDroppedColumnWaitsForApprovalAndCaptureGoesOn() throws Exception {
    source.execute("ALTER TABLE core_order DROP COLUMN notes");
    source.execute("UPDATE core_order SET status = 'paid'");
    capture.awaitEqual();
    awaitVersion("core_order", 2);
    TableStatus table = capture.table("core_order");
    assertThat(table.state()).isEqualTo(TableState.STREAMING);
    assertThat(table.generation()).isEqualTo(1);
    assertThat(table.pendingApproval())
        .isEqualTo(new TableStatus.PendingApproval(2, "Column notes is gone."));
    assertThat(capture.engine.approve("core_order", 2, "engineer"))
        .isEqualTo(CaptureEngine.Outcome.DONE);
    assertThat(capture.table("core_order").pendingApproval()).isNull();
    // Known again after a restart that reads the chain alone.
    capture.stop();
    assertThat(capture.manifests())
        .flatExtracting(m -> m.schemaApprovals())
        .singleElement()
        .satisfies(
            a -> {
              assertThat(a.schemaVersion()).isEqualTo(2);
              assertThat(a.approvedBy()).isEqualTo("engineer");
            });
    capture.start().awaitStreaming();
    assertThat(capture.table("core_order").pendingApproval()).isNull();
    assertThat(capture.engine.approve("core_order", 2, "another"))
        .isEqualTo(CaptureEngine.Outcome.DONE);
  }

  @Test
  void aRenamedColumnIsCopiedAndWaits() throws Exception {
    source.execute("ALTER TABLE core_order RENAME COLUMN notes TO remarks");
    capture.awaitStreaming("core_order", 2);
    source.execute("UPDATE core_order SET remarks = 'x' WHERE id % 2 = 0");
    capture.awaitEqual();
    assertThat(capture.table("core_order").pendingApproval().explanation())
        .isEqualTo("Column notes is gone; column remarks (text) was added.");
    assertThat(capture.engine.resync("core_order", "Instead of approving it."))
        .isEqualTo(CaptureEngine.Outcome.DONE);
    capture.awaitStreaming("core_order", 3);
    assertThat(capture.table("core_order").pendingApproval()).isNull();
  }

  @Test
  void anotherTypeIsCopiedAndWaits() throws Exception {
    source.execute(
        "ALTER TABLE core_order ALTER COLUMN total TYPE text USING 'about ' || total;"
            + "UPDATE core_order SET status = 'paid' WHERE id % 2 = 0");
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
    assertThat(newest("core_order").effect()).isEqualTo(Effect.DESTRUCTIVE);
    assertThat(capture.table("core_order").pendingApproval()).isNotNull();
  }

  @Test
  void anotherColumnOfTheSameNameIsCopied() throws Exception {
    source.execute(
        "ALTER TABLE core_event ADD COLUMN extra text; UPDATE core_event SET extra = 'was'");
    awaitVersion("core_event", 2);
    capture.awaitEqual();
    source.execute(
        "BEGIN; ALTER TABLE core_event DROP COLUMN extra;"
            + "ALTER TABLE core_event ADD COLUMN extra text; COMMIT");
    capture.awaitStreaming("core_event", 2);
    capture.awaitEqual();
  }

  @Test
  void whatTheLogLacksIsCopiedAlsoWhenNobodyLooked() throws Exception {
    source.execute("UPDATE core_order SET notes = 'was'; UPDATE core_customer SET phone = '12'");
    capture.awaitEqual();
    capture.stop();
    // Names and types are the same afterwards.
    source.execute(
        "ALTER TABLE core_event RENAME COLUMN session_id TO other;"
            + "ALTER TABLE core_event RENAME COLUMN event_type TO session_id;"
            + "ALTER TABLE core_event RENAME COLUMN other TO event_type");
    source.execute(
        "ALTER TABLE core_order DROP COLUMN notes; ALTER TABLE core_order ADD COLUMN notes text");
    source.execute(
        "ALTER TABLE core_customer ALTER COLUMN phone TYPE "
            + source.query(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                    + " WHERE attrelid = 'core_customer'::regclass AND attname = 'phone'")
            + " USING reverse(phone)");
    capture.start();
    capture.awaitStreaming("core_event", 2);
    capture.awaitStreaming("core_order", 2);
    capture.awaitStreaming("core_customer", 2);
    capture.awaitEqual();
    assertThat(capture.table("core_product").generation()).isEqualTo(1);
    // What the copy saw is what counts from now on.
    capture.stop();
    capture.start().awaitStreaming();
    capture.awaitEqual();
    assertThat(capture.epoch()).isEqualTo("0002");
  }

  @Test
  void aColumnThatWasDroppedAndComesBackIsCopied() throws Exception {
    source.execute("UPDATE core_order SET notes = 'was'");
    capture.awaitEqual();
    source.execute("ALTER TABLE core_order DROP COLUMN notes");
    awaitVersion("core_order", 2);
    capture.engine.approve("core_order", 2, "engineer");
    capture.stop();
    source.execute("ALTER TABLE core_order ADD COLUMN notes text");
    capture.start().awaitStreaming("core_order", 2);
    capture.awaitEqual();
    assertThat(newest("core_order").effect()).isEqualTo(Effect.ADDITIVE);
  }

  @Test
  void aColumnThatIsNoLongerGeneratedIsCopied() throws Exception {
    source.execute(
        "ALTER TABLE core_event ADD COLUMN long_id text GENERATED ALWAYS AS (session_id || '!')"
            + " STORED");
    capture.await(
        "the generated column was looked at",
        () -> {
          try {
            return Files.readString(capture.root.resolve("bronze/_looks.json"))
                .contains(
                    "\"attributes\":"
                        + source.query(
                            "SELECT max(attnum) FROM pg_attribute"
                                + " WHERE attrelid = 'core_event'::regclass"));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    source.execute("ALTER TABLE core_event ALTER COLUMN long_id DROP EXPRESSION");
    capture.await("it is copied", () -> capture.table("core_event").generation() >= 2);
    capture.awaitStreaming();
    awaitColumn("core_event", "long_id");
    capture.awaitEqual();
  }

  private void awaitColumn(String table, String column) throws InterruptedException {
    capture.await(
        table + " has " + column,
        () -> newest(table).columns().stream().anyMatch(c -> c.name().equals(column)));
  }

  @Test
  void aRenamedLabelOfAnEnumIsCopiedAndAnAddedOneIsNot() throws Exception {
    source.execute(
        "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN moods AS mood[];"
            + "ALTER TABLE core_event ADD COLUMN mood mood DEFAULT 'good';"
            + "ALTER TABLE core_order ADD COLUMN moods moods DEFAULT '{bad}'");
    capture.awaitStreaming("core_event", 2);
    capture.awaitStreaming("core_order", 2);
    capture.awaitEqual();
    source.execute("ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad'");
    capture.stop();
    source.execute("ALTER TYPE mood RENAME VALUE 'good' TO 'fine'");
    source.execute("ALTER TYPE mood ADD VALUE 'worse'");
    capture.start().awaitStreaming("core_event", 3);
    capture.awaitStreaming("core_order", 3);
    capture.awaitEqual();
    source.execute("ALTER TYPE mood ADD VALUE 'best'");
    source.execute("UPDATE core_event SET mood = 'best'");
    capture.awaitEqual();
    assertThat(capture.table("core_event").generation()).isEqualTo(3);
  }

  @Test
  void aWholeMigrationUnderTrafficEndsAsTheSource() throws Exception {
    for (String statement :
        List.of(
            "UPDATE core_order SET status = 'paid'",
            "ALTER TABLE core_order ADD COLUMN a int",
            "UPDATE core_order SET a = id",
            "ALTER TABLE core_order ADD COLUMN b int DEFAULT 7",
            "UPDATE core_order SET a = b WHERE id % 2 = 0",
            "ALTER TABLE core_order DROP COLUMN a",
            "UPDATE core_order SET b = 1 WHERE id % 3 = 0",
            "ALTER TABLE core_order RENAME COLUMN b TO c",
            "DELETE FROM core_order WHERE id % 5 = 0",
            "UPDATE core_order SET c = 2 WHERE id % 4 = 0",
            "ALTER TABLE core_order ALTER COLUMN c TYPE bigint",
            "UPDATE core_order SET c = c + 1 WHERE id % 2 = 1")) {
      source.execute(statement);
    }
    capture.awaitEqual();
    source.execute("UPDATE core_order SET status = 'shipped'");
    capture.awaitEqual();
  }
}
