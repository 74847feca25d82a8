package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.TestSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that come, go and are emptied by themselves, of which the log says nothing. */
class PartitionsTest {
  @TempDir Path directory;
  private TestSource source;
  private CaptureHarness capture;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.execute(
        "CREATE TABLE part (id bigint PRIMARY KEY, v text) PARTITION BY RANGE (id);"
            + "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);"
            + "CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (100) TO (200);"
            + "INSERT INTO part SELECT i, 'v' FROM generate_series(0, 199) i");
    capture = new CaptureHarness(directory, source);
    capture.tables =
        List.of(new CapturedTable("public", "part", "silver.part", null, List.of("id")));
    capture.start().awaitStreaming();
  }

  @AfterEach
  void end() throws Exception {
    capture.close();
  }

  @Test
  void anAttachedPartitionWithRowsIsCopiedAlsoWhenItWasMadeInTheSameTransaction() throws Exception {
    source.execute(
        "BEGIN; CREATE TABLE part_3 (LIKE part INCLUDING ALL);"
            + "INSERT INTO part_3 SELECT i, 'w' FROM generate_series(200, 299) i;"
            + "ALTER TABLE part ATTACH PARTITION part_3 FOR VALUES FROM (200) TO (300); COMMIT");
    capture.awaitStreaming("part", 2);
    capture.awaitEqual();
    // One with partitions of its own, which were parts of it before.
    source.execute(
        "CREATE TABLE part_4 (LIKE part INCLUDING ALL) PARTITION BY RANGE (id);"
            + "CREATE TABLE part_4a PARTITION OF part_4 FOR VALUES FROM (300) TO (350);"
            + "INSERT INTO part_4 VALUES (300, 'x'); SELECT txid_current();"
            + "ALTER TABLE part ATTACH PARTITION part_4 FOR VALUES FROM (300) TO (400)");
    capture.awaitStreaming("part", 3);
    capture.awaitEqual();
  }

  @Test
  void anAttachedPartitionThatWasFilledWithinASavepointIsCopied() throws Exception {
    source.execute(
        "BEGIN; CREATE TABLE part_3 (LIKE part INCLUDING ALL); SAVEPOINT s;"
            + "INSERT INTO part_3 SELECT i, 'w' FROM generate_series(200, 299) i; RELEASE s;"
            + "ALTER TABLE part ATTACH PARTITION part_3 FOR VALUES FROM (200) TO (300); COMMIT");
    capture.awaitStreaming("part", 2);
    capture.awaitEqual();
  }

  @Test
  void anAttachedPartitionThatALaterTransactionFilledIsCopied() throws Exception {
    source.execute("CREATE TABLE part_3 (LIKE part INCLUDING ALL)");
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN; SELECT pg_current_xact_id()");
      source.execute("INSERT INTO part_3 SELECT i, 'w' FROM generate_series(200, 299) i");
      statement.execute(
          "ALTER TABLE part ATTACH PARTITION part_3 FOR VALUES FROM (200) TO (300); COMMIT");
    }
    capture.awaitStreaming("part", 2);
    capture.awaitEqual();
  }

  @Test
  void aPartitionThatIsDetachedOrDroppedTakesItsRowsAlong() throws Exception {
    source.execute("ALTER TABLE part DETACH PARTITION part_2");
    capture.awaitStreaming("part", 2);
    capture.awaitEqual();
    source.execute("DROP TABLE part_1");
    capture.awaitStreaming("part", 3);
    capture.awaitEqual();
  }

  @Test
  void aPartitionThatChangedWhileItWasNoneIsCopied() throws Exception {
    capture.stop();
    source.execute(
        "ALTER TABLE part DETACH PARTITION part_2; UPDATE part_2 SET v = 'alone' WHERE id = 150;"
            + "ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM (100) TO (200)");
    capture.start().awaitStreaming("part", 2);
    capture.awaitEqual();
  }

  @Test
  void aPartitionThatIsTruncatedByItselfIsCopied() throws Exception {
    source.execute("TRUNCATE part_2; INSERT INTO part VALUES (111, 'after')");
    capture.awaitStreaming("part", 2);
    capture.awaitEqual();
  }

  @Test
  void aTableThatIsTooLargeToCopyUnaskedIsHeldWithItsReason() throws Exception {
    capture.stop();
    capture.recopyRows = 10;
    capture.start().awaitStreaming();
    source.execute("TRUNCATE part_2");
    capture.awaitHeld("part", "part_2 was truncated or rewritten by itself");
    assertThat(capture.table("part").nextAction()).isEqualTo("./lakegate resync part");
  }

  @Test
  void whatTheLogCarriesIsNotCopied() throws Exception {
    source.execute("CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM (200) TO (300)");
    awaitSeen("part_3");
    source.execute("INSERT INTO part SELECT i, 'w' FROM generate_series(200, 250) i");
    capture.awaitEqual();
    source.execute("VACUUM FULL part_1");
    source.execute("UPDATE part SET v = 'x' WHERE id % 3 = 0");
    source.execute("UPDATE part SET id = id + 200 WHERE id BETWEEN 60 AND 70");
    capture.awaitEqual();
    source.execute("CREATE TABLE part_5 PARTITION OF part FOR VALUES FROM (400) TO (500)");
    awaitSeen("part_5");
    // Also what happened while nobody looked.
    capture.stop();
    source.execute("VACUUM FULL part_2");
    source.execute("INSERT INTO part SELECT i, 'w' FROM generate_series(400, 450) i");
    capture.start().awaitStreaming();
    capture.awaitEqual();
    source.execute("INSERT INTO part VALUES (460, 'y')");
    capture.awaitEqual();
    assertThat(capture.copies("part")).last().isEqualTo("completed 1@0001");
  }

  /** It is known to have been empty when it became a partition. */
  private void awaitSeen(String partition) throws InterruptedException {
    Path looks = capture.root.resolve("bronze/_looks.json");
    capture.await(
        partition + " was looked at",
        () -> {
          try {
            return Files.readString(looks).contains("\"" + partition + "\"");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
