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

  @Test
  void rowsThatANewEpochHasNotSeenAreSweptAway() throws Exception {
    fold(List.of(write(row(1, "I", "00011", 1) + " UNION ALL " + row(2, "I", "00011", 2))), null);
    fold(List.of(write(row(2, "I", "00020", 1) + " UNION ALL " + row(3, "I", "00020", 1))), "0002");
    assertThat(ids()).containsExactly("2", "3");
    fold(List.of(), "0002");
    assertThat(ids()).containsExactly("2", "3");
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

  /** Folds, and applies the outcome to the stored table as a commit would. */
  private Fold fold(List<String> files, String sweepBefore) throws Exception {
    Path scratch = Files.createDirectories(directory.resolve("fold-" + number++));
    Fold fold;
    try (Duck duck = Duck.open(scratch, 128)) {
      fold = new Fold(duck, SPECIFICATION, scratch);
      fold.run(files, stored == null ? List.of() : List.of(stored.toString()), sweepBefore);
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
