package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fold alone, against a source in memory; the stored table is kept by plain DuckDB. */
class FoldTest {
  private static final Specification SPECIFICATION =
      Specification.of(SourceTable.specification("\"tenant_id\", \"load_date\""));

  @TempDir Path directory;
  private int number;
  private Path stored;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void equalsTheSourceAfterEveryBatch(long seed) throws Exception {
    Random random = new Random(seed * 31);
    SourceTable source = new SourceTable(seed, seed % 2 == 0);
    source.change(3);
    source.drain(false);
    source.copy();
    for (int batch = 0; batch < 15; batch++) {
      List<String> files = new ArrayList<>();
      do {
        String records = source.drain(true);
        if (records != null) {
          files.add(write(SourceTable.typed(records)));
        }
        if (random.nextInt(4) > 0) {
          source.change(random.nextInt(5));
        }
      } while (random.nextBoolean());
      String records = source.drain(true);
      if (records != null) {
        files.add(write(SourceTable.typed(records)));
      }
      fold(files, null);
      assertThat(rows()).as("seed %d, batch %d", seed, batch).isEqualTo(source.truth());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void equalsTheSourceWhenConsumedRecordsAreReadAgain(long seed) throws Exception {
    Random random = new Random(seed * 37);
    SourceTable source = new SourceTable(seed, seed % 2 == 0);
    source.change(3);
    source.drain(false);
    source.copy();
    List<String> read = new ArrayList<>();
    read.add(write(SourceTable.typed(source.drain(true))));
    fold(read, null);
    for (int batch = 0; batch < 25; batch++) {
      // A little only, so that what rows were inserted with lies before the range.
      int from = Math.max(0, read.size() - random.nextInt(4));
      source.change(1);
      String records = source.drain(true);
      if (records != null) {
        read.add(write(SourceTable.typed(records)));
      }
      fold(new ArrayList<>(read.subList(from, read.size())), null);
      assertThat(rows()).as("seed %d, batch %d", seed, batch).isEqualTo(source.truth());
    }
  }

  @Test
  void aKeyChangeThatIsReadAgainKeepsTheRow() throws Exception {
    fold(List.of(write(row(1, "I", "00011", 1))), null);
    String consumed = write(moved(1, 2, 9));
    fold(List.of(consumed), null);
    Fold fold = fold(List.of(consumed, write(unchanged(2, 13))), null);
    assertThat(fold.leftOutCount()).isZero();
    assertThat(TestLake.query("SELECT id, body FROM '" + stored + "'")).containsExactly("2|b");
    // Two changes of the key, then a third that is new.
    String further = write(moved(2, 3, 14));
    fold(List.of(further), null);
    fold =
        fold(
            List.of(consumed, further, write(moved(3, 4, 15) + " UNION ALL " + unchanged(4, 16))),
            null);
    assertThat(fold.leftOutCount()).isZero();
    assertThat(TestLake.query("SELECT id, body FROM '" + stored + "'")).containsExactly("4|b");
  }

  @Test
  void rowsThatANewEpochHasNotSeenAreSweptAway() throws Exception {
    fold(List.of(write(row(1, "I", "00011", 1) + " UNION ALL " + row(2, "I", "00011", 2))), null);
    fold(List.of(write(row(2, "I", "00020", 1) + " UNION ALL " + row(3, "I", "00020", 1))), "0002");
    assertThat(ids()).containsExactly("2", "3");
    fold(List.of(), "0002");
    assertThat(ids()).containsExactly("2", "3");
  }

  /** Sequences of a copy's rows: all of one copy carry the same. */
  private static final String FIRST_COPY = copySequence("0001", 10);

  private static final String SECOND_COPY = copySequence("0001", 20);

  @Test
  void rowsOfACopyThatDiedHalfWayGoWhenTheNextIsComplete() throws Exception {
    // Copy 1 brought keys 1 and 2 and died; key 1 was deleted while nobody listened.
    fold(List.of(write(copied(1, FIRST_COPY) + " UNION ALL " + copied(2, FIRST_COPY))), null);
    assertThat(ids()).containsExactly("1", "2");
    fold(
        List.of(write(copied(2, SECOND_COPY) + " UNION ALL " + copied(3, SECOND_COPY))),
        SECOND_COPY);
    assertThat(ids()).containsExactly("2", "3");
  }

  @Test
  void recordsBelowTheLastCopyOfABatchAreNotAliveEither() throws Exception {
    // Both copies in one batch, with changes of the epoch before between them.
    String batch =
        String.join(
            " UNION ALL ",
            copied(1, FIRST_COPY),
            copied(2, FIRST_COPY),
            row(4, "I", "00000", 7),
            copied(2, SECOND_COPY),
            copied(3, SECOND_COPY),
            row(5, "I", "00011", 30));
    fold(List.of(write(batch)), SECOND_COPY);
    assertThat(ids()).containsExactly("2", "3", "5");
  }

  @Test
  void aSweepWithoutRecordsLeavesWhatIsAtOrAboveTheCopy() throws Exception {
    fold(
        List.of(
            write(
                String.join(
                    " UNION ALL ",
                    copied(1, FIRST_COPY),
                    copied(2, SECOND_COPY),
                    row(3, "I", "00011", 5)))),
        null);
    fold(List.of(), SECOND_COPY);
    assertThat(ids()).containsExactly("2", "3");
  }

  @Test
  void aTruncationAndACopyInOneBatch() throws Exception {
    fold(List.of(write(row(1, "I", "00001", 1))), null);
    String truncated = row(9, "T", "00011", 40);
    fold(
        List.of(
            write(
                String.join(
                    " UNION ALL ",
                    copied(2, SECOND_COPY),
                    row(3, "I", "00011", 39),
                    truncated,
                    row(4, "I", "00011", 41)))),
        SECOND_COPY);
    assertThat(ids()).containsExactly("4");
    // A truncation before the copy deletes nothing that the copy brought.
    fold(
        List.of(
            write(
                String.join(
                    " UNION ALL ", row(9, "T", "00011", 50), copied(5, copySequence("0002", 60))))),
        copySequence("0002", 60));
    assertThat(ids()).containsExactly("5");
  }

  @Test
  void valuesAreNotTakenFromRowsBelowTheCopy() throws Exception {
    fold(List.of(write(row(1, "I", "00001", 1))), null);
    String update =
        "SELECT * REPLACE (['body'] AS _unchanged, NULL::VARCHAR AS body) FROM ("
            + row(1, "U", "00011", 30)
            + ")";
    Fold fold = fold(List.of(write(update)), SECOND_COPY);
    assertThat(fold.leftOutCount()).isEqualTo(1);
    assertThat(ids()).isEmpty();
  }

  @Test
  void aKeyChangeReplayedOverALaterCopyKeepsTheRow() throws Exception {
    // The copy was taken after 1 became 2 and 2 became 3; then the stream brings both again.
    fold(List.of(write(copied(3, SECOND_COPY))), null);
    Fold fold = fold(List.of(write(moved(1, 2, 21) + " UNION ALL " + moved(2, 3, 22))), null);
    assertThat(fold.leftOutCount()).isZero();
    assertThat(TestLake.query("SELECT id, body FROM '" + stored + "'")).containsExactly("3|b");
    // The same in one batch with the copy, in another table.
    stored = null;
    fold =
        fold(
            List.of(
                write(
                    String.join(
                        " UNION ALL ",
                        copied(3, SECOND_COPY),
                        moved(1, 2, 21),
                        moved(2, 3, 22),
                        moved(3, 4, 23)))),
            null);
    assertThat(fold.leftOutCount()).isZero();
    assertThat(TestLake.query("SELECT id, body FROM '" + stored + "'")).containsExactly("4|b");
    // The copy stands between the two changes.
    stored = null;
    fold(List.of(write(copied(2, SECOND_COPY))), null);
    fold(List.of(write(moved(1, 2, 21) + " UNION ALL " + moved(2, 3, 22))), null);
    assertThat(TestLake.query("SELECT id, body FROM '" + stored + "'")).containsExactly("3|b");
  }

  @Test
  void anotherRowsValueIsNeverTakenForAnUnknownOne() throws Exception {
    fold(List.of(write(row(2, "I", "00011", 1))), null);
    // Key 2 ends, and another row, whose insert never came, takes it.
    Fold fold =
        fold(List.of(write(row(2, "D", "00011", 2) + " UNION ALL " + moved(1, 2, 3))), null);
    assertThat(fold.leftOutCount()).isEqualTo(1);
    assertThat(ids()).isEmpty();
  }

  @Test
  void aDroppedColumnKeepsItsLastValuesAndIsNullInNewRows() throws Exception {
    fold(
        List.of(
            write(
                String.join(
                    " UNION ALL ",
                    row(1, "I", "00011", 1),
                    row(2, "I", "00011", 2),
                    row(3, "I", "00011", 3)))),
        null);
    TreeMap<Integer, List<String>> files = new TreeMap<>();
    files.put(
        1,
        List.of(write("SELECT * REPLACE ('old' AS note) FROM (" + row(3, "U", "00011", 4) + ")")));
    files.put(
        2,
        List.of(
            write(
                "SELECT * EXCLUDE (note) FROM ("
                    + String.join(
                        " UNION ALL ",
                        row(1, "U", "00011", 5),
                        row(3, "U", "00011", 6),
                        row(4, "I", "00011", 7),
                        row(4, "U", "00011", 8),
                        row(5, "U", "00011", 9))
                    + ")")));
    Fold fold = fold(files, null);
    assertThat(fold.leftOutCount()).isZero();
    assertThat(TestLake.query("SELECT id, note FROM '" + stored + "' ORDER BY id"))
        .containsExactly("1|n", "2|n", "3|old", "4|null", "5|null");
  }

  @Test
  void aColumnThatOlderFilesOfABatchLackIsNullInTheirRows() throws Exception {
    fold(List.of(write(row(1, "I", "00011", 1))), null);
    TreeMap<Integer, List<String>> files = new TreeMap<>();
    files.put(1, List.of(write("SELECT * EXCLUDE (note) FROM (" + row(1, "U", "00011", 2) + ")")));
    files.put(2, List.of(write(row(2, "I", "00011", 3))));
    fold(files, null);
    assertThat(TestLake.query("SELECT id, note FROM '" + stored + "' ORDER BY id"))
        .containsExactly("1|null", "2|n");
  }

  @Test
  void filesOfWidenedColumnsAreReadTogether() throws Exception {
    String narrow =
        "SELECT * REPLACE (id::INTEGER AS id, 1.50::DECIMAL(6,2) AS amount) FROM ("
            + row(1, "I", "00011", 1)
            + ")";
    String wide =
        "SELECT * REPLACE (id + 5000000000 AS id, 1234567.25::DECIMAL(12,2) AS amount) FROM ("
            + row(2, "I", "00011", 2)
            + ")";
    TreeMap<Integer, List<String>> files = new TreeMap<>();
    files.put(1, List.of(write(narrow)));
    files.put(2, List.of(write(wide)));
    fold(files, null);
    assertThat(TestLake.query("SELECT id, amount FROM '" + stored + "' ORDER BY id"))
        .containsExactly("1|1.50", "5000000002|1234567.25");
    // Within one version, too, and over a stored table that has the narrow type still.
    Path old = directory.resolve("narrow.parquet");
    TestLake.duck(
        "COPY (SELECT * REPLACE (id::INTEGER AS id) FROM '"
            + stored
            + "' WHERE id < 10) TO '"
            + old
            + "' (FORMAT parquet)");
    stored = old;
    String update =
        "SELECT * REPLACE (['body'] AS _unchanged, NULL::VARCHAR AS body, 7::DECIMAL(12,2) AS amount) FROM ("
            + row(1, "U", "00011", 5)
            + ")";
    fold(List.of(write(update), write(wide)), null);
    assertThat(TestLake.query("SELECT id, amount, body FROM '" + stored + "' ORDER BY id"))
        .containsExactly("1|7.00|b", "5000000002|1234567.25|b");
  }

  @Test
  void aValueThatItsColumnCannotHoldIsSaid() {
    String large =
        "SELECT * REPLACE (99999999999.00::DECIMAL(20,2) AS amount) FROM ("
            + row(1, "I", "00011", 1)
            + ")";
    assertThatThrownBy(() -> fold(List.of(write(large)), null))
        .isInstanceOfSatisfying(
            JobException.class,
            e -> {
              assertThat(e.code()).isEqualTo("VALUE_UNFIT");
              assertThat(e.retryable()).isFalse();
              assertThat(e).hasMessageContaining("silver.doc");
            });
  }

  private static String copySequence(String epoch, long position) {
    return "%s0%040d00000000".formatted(epoch, position);
  }

  private static String copied(long id, String sequence) {
    return "SELECT * REPLACE ('"
        + sequence
        + "' AS _change_seq) FROM ("
        + row(id, "I", "", 0)
        + ")";
  }

  /** A change of the key, with a value that the log did not carry. */
  private static String moved(long from, long to, long position) {
    return "SELECT * REPLACE (['body'] AS _unchanged, NULL::VARCHAR AS body, '{\"id\":\""
        + from
        + "\",\"kind\":\"k\"}' AS _old_key) FROM ("
        + row(to, "U", "00011", position)
        + ")";
  }

  /** An update of other columns alone. */
  private static String unchanged(long id, long position) {
    return "SELECT * REPLACE (['body'] AS _unchanged, NULL::VARCHAR AS body) FROM ("
        + row(id, "U", "00011", position)
        + ")";
  }

  @Test
  void aStaleRecordDoesNothing() throws Exception {
    fold(List.of(write(row(1, "I", "00011", 5))), null);
    fold(List.of(write(row(1, "D", "00011", 4))), null);
    assertThat(ids()).containsExactly("1");
    fold(List.of(write(row(1, "D", "00011", 6))), null);
    assertThat(ids()).isEmpty();
  }

  @Test
  void aDeleteOfAnUnknownKeyIsDropped() throws Exception {
    Fold fold = fold(List.of(write(row(1, "D", "00011", 4))), null);
    assertThat(fold.deleteCount()).isZero();
    assertThat(fold.upsertCount()).isZero();
  }

  @Test
  void aFullRowWithoutItsTenantIsRefused() throws Exception {
    String row =
        "SELECT * REPLACE (NULL::VARCHAR AS tenant_id) FROM (" + row(1, "I", "00011", 1) + ")";
    assertThatThrownBy(() -> fold(List.of(write(row)), null))
        .isInstanceOfSatisfying(
            JobException.class,
            e -> {
              assertThat(e.code()).isEqualTo("TENANT_MISSING");
              assertThat(e).hasMessageContaining("silver.doc").hasMessageContaining("tenant_id");
            });
  }

  @Test
  void anUpdateOfARowThatIsNowhereIsLeftOut() throws Exception {
    String update =
        "SELECT * REPLACE (['body'] AS _unchanged) FROM (" + row(1, "U", "00011", 1) + ")";
    Fold fold = fold(List.of(write(update)), null);
    assertThat(fold.upsertCount()).isZero();
    assertThat(fold.leftOutCount()).isEqualTo(1);
    assertThat(ids()).isEmpty();
  }

  @Test
  void columnsThatAFileLacksAreNullAndOthersAreIgnored() throws Exception {
    fold(
        List.of(
            write("SELECT * EXCLUDE (note) FROM (" + row(1, "I", "00011", 1) + ")"),
            write("SELECT *, 'x' AS later FROM (" + row(2, "I", "00011", 2) + ")")),
        null);
    assertThat(TestLake.query("SELECT id, note FROM '" + stored + "' ORDER BY id"))
        .containsExactly("1|null", "2|n");
    fold(List.of(write("SELECT * EXCLUDE (note) FROM (" + row(3, "I", "00011", 3) + ")")), null);
    assertThat(ids()).containsExactly("1", "2", "3");
  }

  @Test
  void aFileThatIsNotBronzeIsRefused() {
    assertThatThrownBy(() -> fold(List.of(write("SELECT 1 AS id, 'k' AS kind")), null))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.code()).isEqualTo("BRONZE_INVALID"));
    assertThatThrownBy(() -> fold(List.of(write(row(1, "X", "00011", 1))), null))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.code()).isEqualTo("BRONZE_INVALID"));
  }

  private static String row(long id, String op, String phase, long position) {
    return """
    SELECT %d::BIGINT AS id, 'k' AS kind, 't' AS tenant_id, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS created_at,
      'b' AS body, 'n' AS note, 1::DECIMAL(12,2) AS amount, '%s' AS _op, '%s%040d00000000' AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key,
      DATE '2026-03-02' AS load_date
    """
        .formatted(id, op, phase, position);
  }

  private List<String> ids() {
    return stored == null
        ? List.of()
        : TestLake.query("SELECT id FROM '" + stored + "' ORDER BY id");
  }

  private List<String> rows() {
    return stored == null
        ? List.of()
        : TestLake.query(SourceTable.texts("'" + stored + "'")).stream().sorted().toList();
  }

  private String write(String select) {
    Path file = directory.resolve("bronze-" + number++ + ".parquet");
    TestLake.duck("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    return file.toString();
  }

  private Fold fold(List<String> files, String sweepBefore) throws Exception {
    TreeMap<Integer, List<String>> versions = new TreeMap<>();
    if (!files.isEmpty()) {
      versions.put(1, files);
    }
    return fold(versions, sweepBefore);
  }

  /** Folds, and applies the outcome to the stored table as a commit would. */
  private Fold fold(TreeMap<Integer, List<String>> versions, String sweepBefore) throws Exception {
    Path scratch = Files.createDirectories(directory.resolve("fold-" + number++));
    Fold fold;
    try (Duck duck = Duck.open(scratch, 128)) {
      fold = new Fold(duck, SPECIFICATION, scratch);
      fold.run(versions, stored == null ? List.of() : List.of(stored.toString()), sweepBefore);
      Path next = directory.resolve("stored-" + number++ + ".parquet");
      String place =
          "u.id = s.id AND u.kind = s.kind AND u.tenant_id = s.tenant_id AND u.load_date = s.load_date";
      String upserts =
          "(SELECT *, date_trunc('month', created_at)::DATE AS load_date FROM '"
              + fold.upserts()
              + "')";
      String old =
          stored == null
              ? "(SELECT * EXCLUDE (__stored) FROM " + upserts + " WHERE false)"
              : "'" + stored + "'";
      duck.run(
          "COPY (SELECT * EXCLUDE (__stored) FROM "
              + upserts
              + " UNION ALL BY NAME SELECT s.* FROM "
              + old
              + " s WHERE NOT EXISTS (SELECT 1 FROM "
              + upserts
              + " u WHERE "
              + place
              + ") AND NOT EXISTS (SELECT 1 FROM '"
              + fold.deletes()
              + "' u WHERE "
              + place
              + ") AND NOT EXISTS (SELECT 1 FROM "
              + upserts
              + " u WHERE u.id = s.id AND u.kind = s.kind AND list_contains(u.__stored, {'tenant_id':"
              + " s.tenant_id, 'load_date': s.load_date}))) TO '"
              + next
              + "' (FORMAT parquet)");
      stored = next;
    }
    return fold;
  }
}
