package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fold to versions alone, against a source that compares itself before and after commits. */
class VersionFoldTest {
  private static final Specification SPECIFICATION =
      Specification.of(VersionSource.specification());

  @TempDir Path directory;
  private int number;
  private Path stored;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void equalsTheSourceAfterEveryBatchAndAtOnce(long seed) throws Exception {
    Random random = new Random(seed * 41);
    VersionSource source = new VersionSource(seed);
    List<String> all = new ArrayList<>();
    List<RunRequest.Copy> allCopies = new ArrayList<>();
    source.unseen(6);
    source.copy(false);
    List<RunRequest.Copy> before = List.of();
    String epoch = null;
    for (int batch = 0; batch < 14; batch++) {
      int from = all.size();
      // Records that were consumed are read again, as when small files were merged.
      int again = random.nextInt(3);
      drain(source, all);
      source.change(random.nextInt(4));
      drain(source, all);
      if (random.nextInt(4) == 0) {
        source.unseen(random.nextInt(4));
        if (random.nextInt(3) == 0) {
          source.halfACopy();
          source.unseen(random.nextInt(4));
          source.copy(false);
        } else {
          source.copy(true);
        }
        if (random.nextBoolean()) {
          // It is too large for one run: the last of several completes it.
          List<String> parts = source.drainInParts(2 + random.nextInt(2));
          for (int i = 0; i < parts.size(); i++) {
            all.add(write(parts.get(i)));
            if (i < parts.size() - 1) {
              fold(all.subList(Math.max(0, from - again), all.size()), List.of(), epoch);
              epoch = source.epoch();
              from = all.size();
            }
          }
        }
        source.change(random.nextInt(3));
      }
      drain(source, all);
      List<RunRequest.Copy> copies = source.copies();
      allCopies.addAll(copies);
      // The request of a run that went on from a commit which was not published names its copies.
      List<RunRequest.Copy> told = new ArrayList<>(random.nextBoolean() ? before : List.of());
      told.addAll(copies);
      fold(all.subList(Math.max(0, from - again), all.size()), told, epoch);
      before = copies;
      epoch = source.epoch();
      assertThat(rows()).as("seed %d, batch %d", seed, batch).isEqualTo(source.truth());
    }
    stored = null;
    fold(all, allCopies, null);
    assertThat(rows()).as("seed %d, at once", seed).isEqualTo(source.truth());
  }

  /** Otherwise the test above would prove less than it says. */
  @Test
  void theRandomHistoriesHaveEverything() {
    Set<String> labels = new TreeSet<>();
    for (long seed = 1; seed <= 12; seed++) {
      VersionSource source = new VersionSource(seed);
      source.unseen(6);
      source.copy(false);
      for (int i = 0; i < 6; i++) {
        source.change(10);
        source.unseen(3);
        source.copy(true);
      }
      labels.addAll(source.labels());
    }
    assertThat(labels)
        .contains("inserted", "changed", "copied", "moved", "rekeyed")
        .contains("changed.", "deleted.", "truncated.", "rekeyed.", "moved.", "copied.", "missing.")
        .contains("null.", "true?", "false?", "null?");
  }

  @Test
  void recordsOfAnEpochBeforeTheConsumedOneDoNothing() throws Exception {
    fold(List.of(write(row(1, "I", "0002", 10, "a"))), List.of(), null);
    List<String> before = rows();
    fold(
        List.of(write(row(1, "U", "0001", 99, "b") + " UNION ALL " + row(2, "I", "0001", 98, "c"))),
        List.of(),
        "0002");
    assertThat(rows()).isEqualTo(before).hasSize(1);
  }

  @Test
  void anUpdateOfARowThatIsNowhereHasNoVersion() throws Exception {
    String update =
        "SELECT * REPLACE (['body'] AS _unchanged) FROM (" + row(1, "U", "0001", 1, "a") + ")";
    VersionFold fold = fold(List.of(write(update)), List.of(), null);
    assertThat(fold.leftOutCount()).isEqualTo(1);
    assertThat(rows()).isEmpty();
  }

  @Test
  void aRowThatACopyFoundAsItWasStaysWhenALaterRunCompletesTheCopy() throws Exception {
    fold(List.of(write(row(1, "I", "0001", 10, "a"))), List.of(), null);
    List<String> before = rows();
    fold(List.of(write(copied(1, "a"))), List.of(), "0001");
    assertThat(rows()).isEqualTo(before);
    fold(List.of(write(copied(2, "b"))), List.of(COPY), "0002");
    assertThat(rows()).hasSize(2).containsAll(before);
    // And when the copy is told of once more, by a run that reads none of its rows.
    fold(List.of(), List.of(COPY), "0002");
    assertThat(rows()).hasSize(2).containsAll(before);
  }

  @Test
  void aRowThatBeganInTheRunThatReadItsCopyStaysToo() throws Exception {
    fold(
        List.of(write(row(1, "I", "0001", 10, "a") + " UNION ALL " + copied(1, "a"))),
        List.of(),
        null);
    List<String> before = rows();
    fold(List.of(write(copied(2, "b"))), List.of(COPY), "0002");
    assertThat(rows()).hasSize(2).containsAll(before);
  }

  @Test
  void aCopyThatIsToldOfAgainEndsNoneOfItsRows() throws Exception {
    fold(List.of(write(row(1, "I", "0001", 10, "a"))), List.of(), null);
    fold(List.of(write(copied(1, "a"))), List.of(COPY), "0001");
    List<String> before = rows();
    fold(List.of(write(row(1, "U", "0002", 60, "b"))), List.of(COPY), "0002");
    assertThat(rows()).hasSize(2);
    assertThat(rows()).filteredOn(row -> row.contains("|changed|null|null")).hasSize(1);
    assertThat(rows()).noneMatch(row -> row.contains("missing"));
    assertThat(before).hasSize(1);
  }

  @Test
  void aCopyWithoutRowsEndsAll() throws Exception {
    fold(List.of(write(row(1, "I", "0001", 10, "a"))), List.of(), "0001");
    String sequence = "00020%040d00000000".formatted(5);
    fold(
        List.of(),
        List.of(new RunRequest.Copy(sequence, java.time.Instant.ofEpochSecond(5000), null)),
        "0001");
    assertThat(rows()).singleElement().asString().contains("|5000|").contains("|missing|");
    // What comes late of before the copy does not bring it back.
    fold(List.of(write(row(1, "U", "0001", 11, "b"))), List.of(), "0001");
    assertThat(rows()).singleElement().asString().contains("|missing|");
  }

  /** Whatever compares all pairs, of cuts, changes or records, does not end in time. */
  @Test
  @Timeout(100)
  void truncationsCostByTheChangesBetweenThem() throws Exception {
    String rows =
        ("SELECT i::BIGINT AS id, 't' AS owner, 'a' AS body, 'new' AS status, to_timestamp(100) AS"
            + " created_at, CASE WHEN i IS NULL THEN 'T' ELSE 'I' END AS _op, format("
            + "'00011{:040d}{:08x}', 10 + step, 0) AS _change_seq, to_timestamp(1000 + step) AS"
            + " _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key FROM (SELECT"
            + " 2 * h AS step, h * 500 + k AS i FROM range(300) a(h), range(500) b(k) UNION ALL"
            + " SELECT 2 * h + 1, NULL FROM range(300) a(h))");
    VersionFold fold = fold(List.of(write(rows)), List.of(), null);
    assertThat(fold.eventCount()).isEqualTo(2 * 300 * 500);
    assertThat(fold.count()).isEqualTo(300 * 500);
    assertThat(TestLake.query("SELECT count(*) FROM '" + stored + "' WHERE ended = 'truncated'"))
        .containsExactly("" + 300 * 500);
  }

  @Test
  void aStateWithoutATenantIsLeftOutAndWhatFollowsIsNot() throws Exception {
    String nobodys = "SELECT * REPLACE (NULL::VARCHAR AS owner) FROM (%s)";
    VersionFold fold =
        fold(
            List.of(
                write(
                    nobodys.formatted(row(1, "I", "0001", 10, "a"))
                        + " UNION ALL "
                        + row(1, "U", "0001", 11, "b")
                        + " UNION ALL "
                        + row(2, "I", "0001", 12, "c")
                        + " UNION ALL "
                        + nobodys.formatted(row(2, "U", "0001", 13, "d")))),
            List.of(),
            null);
    assertThat(fold.leftOutCount()).isEqualTo(2);
    assertThat(rows()).hasSize(2);
    assertThat(rows())
        .filteredOn(row -> row.startsWith("1|t|b|") && row.contains("|inserted|null|"))
        .hasSize(1);
    assertThat(rows())
        .filteredOn(row -> row.startsWith("2|t|c|") && row.contains("|inserted|missing|"))
        .hasSize(1);
  }

  @Test
  void aRowOfAnotherTenantIsNoStateToJudgeBy() throws Exception {
    String there = "SELECT * REPLACE ('u' AS owner, 'done' AS status) FROM (%s)";
    String back = "SELECT * REPLACE ('u' AS owner, 'new' AS status) FROM (%s)";
    fold(
        List.of(
            write(
                row(1, "I", "0001", 10, "a")
                    + " UNION ALL "
                    + there.formatted(row(1, "U", "0001", 11, "a"))
                    + " UNION ALL "
                    + back.formatted(row(1, "U", "0001", 12, "a")))),
        List.of(),
        null);
    assertThat(rows()).hasSize(3);
    assertThat(rows()).filteredOn(row -> row.contains("|moved|changed|null")).hasSize(1);
    assertThat(rows()).filteredOn(row -> row.contains("|changed|null|false")).hasSize(1);
  }

  private static final String COPIED = "00020%040d00000000".formatted(50);
  private static final RunRequest.Copy COPY =
      new RunRequest.Copy(COPIED, java.time.Instant.ofEpochSecond(5000), null);

  /** A row of {@link #COPY}. */
  private static String copied(long id, String body) {
    return "SELECT * REPLACE ('"
        + COPIED
        + "' AS _change_seq) FROM ("
        + row(id, "I", "0002", 50, body)
        + ")";
  }

  private static String row(long id, String op, String epoch, long position, String body) {
    return ("SELECT %d::BIGINT AS id, 't' AS owner, '%s' AS body, 'new' AS status,"
            + " to_timestamp(100) AS created_at, '%s' AS _op, '%s1%040d00000000' AS _change_seq,"
            + " to_timestamp(1000) AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS"
            + " _old_key")
        .formatted(id, body, op, epoch, position);
  }

  private void drain(VersionSource source, List<String> files) {
    String records = source.drain();
    if (records != null) {
      files.add(write(records));
    }
  }

  private String write(String select) {
    Path file = directory.resolve("bronze-" + number++ + ".parquet");
    TestLake.duck("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    return file.toString();
  }

  private List<String> rows() {
    return stored == null
        ? List.of()
        : TestLake.query(VersionSource.texts("'" + stored + "'")).stream().sorted().toList();
  }

  /** Folds, and applies the outcome to the stored table as a commit would. */
  private VersionFold fold(List<String> files, List<RunRequest.Copy> copies, String epoch)
      throws Exception {
    TreeMap<Integer, List<String>> bronze = new TreeMap<>();
    if (!files.isEmpty()) {
      bronze.put(1, files);
    }
    Path scratch = Files.createDirectories(directory.resolve("fold-" + number++));
    try (Duck duck = Duck.open(scratch, 128)) {
      VersionFold fold = new VersionFold(duck, SPECIFICATION, scratch);
      fold.run(bronze, stored == null ? List.of() : List.of(stored.toString()), copies, epoch);
      String written = "'" + fold.versions() + "'";
      assertThat(duck.number("SELECT count(*) - count(DISTINCT (id, version)) FROM " + written))
          .isZero();
      Path next = directory.resolve("stored-" + number++ + ".parquet");
      duck.run(
          "COPY (SELECT * FROM "
              + written
              + (stored == null
                  ? ""
                  : " UNION ALL BY NAME SELECT * FROM '"
                      + stored
                      + "' s WHERE NOT EXISTS (SELECT 1 FROM "
                      + written
                      + " u WHERE u.id = s.id AND u.version = s.version)")
              + ") TO '"
              + next
              + "' (FORMAT parquet)");
      stored = next;
      return fold;
    }
  }
}
