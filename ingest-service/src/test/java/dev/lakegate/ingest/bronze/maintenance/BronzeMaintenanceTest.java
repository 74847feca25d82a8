package dev.lakegate.ingest.bronze.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.RollUp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BronzeMaintenanceTest {
  private static final MaintenanceSettings SETTINGS =
      new MaintenanceSettings(
          Duration.ofMinutes(1), Duration.ofHours(1), 10, 8 << 10, Duration.ofHours(2), "64MB");

  /** All manifests of a small lake are old by then. */
  private static final Instant LATER = MaintainedLake.START.plus(Duration.ofDays(1));

  @TempDir Path directory;

  @Test
  void rollsUpAndMergesWithoutChangingWhatBronzeSays() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 44, 7);
    Map<String, Object> before = lake.fold();
    List<Manifest> singles = lake.chain();
    long rows = rows(singles);
    pass(lake, LATER);

    ManifestReader reader = new ManifestReader(lake.root());
    assertThat(reader.rollUps())
        .containsExactly(
            new RollUp.Range(1, 10),
            new RollUp.Range(11, 20),
            new RollUp.Range(21, 30),
            new RollUp.Range(31, 40));
    assertThat(singles(lake)).containsExactly(41L, 42L, 43L, 44L);
    assertThat(reader.last().orElseThrow()).isEqualTo(singles.get(43));
    assertThat(lake.fold()).isEqualTo(before);
    assertThat(rows(lake.chain())).isEqualTo(rows);
    assertThat(lake.named()).hasSizeLessThan(lake.files().size() / 2);
    // The copies ended in the first range, which therefore keeps its files.
    assertThat(lake.chain().subList(0, 10)).isEqualTo(singles.subList(0, 10));
    RollUp merged = reader.readRollUp(new RollUp.Range(11, 20));
    assertThat(merged.replaced()).isNotEmpty();
    assertThat(merged.manifests().subList(0, 9)).allMatch(m -> m.files().isEmpty());
    for (BronzeFile file : merged.manifest(20).files()) {
      assertThat(file.bytes()).isLessThan(3 * SETTINGS.mergedBytes());
    }
  }

  @Test
  void mergedFilesHaveTheSameColumnsAndAreSorted() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 22, 8);
    List<Manifest> singles = lake.chain();
    pass(lake, LATER);
    RollUp rollUp = new ManifestReader(lake.root()).readRollUp(new RollUp.Range(11, 20));
    String original = singles.get(15).files().get(0).path();
    int checked = 0;
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties())) {
      for (BronzeFile file : rollUp.manifest(20).files()) {
        if (file.path().contains(String.format("%020d-%020d-", 11, 20))) {
          assertThat(query(duckdb, "DESCRIBE SELECT * FROM " + parquet(lake, file.path())))
              .isEqualTo(query(duckdb, "DESCRIBE SELECT * FROM " + parquet(lake, original)));
          String physical =
              "SELECT name, type, logical_type, converted_type, repetition_type FROM parquet_schema('%s')";
          assertThat(query(duckdb, String.format(physical, path(lake, file.path()))))
              .isEqualTo(query(duckdb, String.format(physical, path(lake, original))));
          List<String> sequences =
              query(duckdb, "SELECT _change_seq FROM " + parquet(lake, file.path()));
          assertThat(sequences).isSorted().hasSize((int) file.rows());
          assertThat(sequences.get(0)).isEqualTo(file.firstSequence());
          assertThat(sequences.get(sequences.size() - 1)).isEqualTo(file.lastSequence());
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(2);
  }

  /** Whoever consumed up to anywhere before the roll-up reads the rest after it. */
  @Test
  void aReaderInTheMiddleOfARangeEndsAtTheSameState() throws Exception {
    for (long seed = 1; seed <= 3; seed++) {
      MaintainedLake lake = new MaintainedLake(directory.resolve("seed-" + seed)).grow(1, 24, seed);
      Map<String, Object> expected = lake.fold();
      List<Manifest> singles = lake.chain();
      pass(lake, LATER);
      List<Manifest> rolled = lake.chain();
      assertThat(rolled.get(14).files()).isEmpty();
      for (int consumed = 10; consumed <= 20; consumed++) {
        List<Manifest> seen = new ArrayList<>(singles.subList(0, consumed));
        seen.addAll(rolled.subList(consumed, rolled.size()));
        assertThat(lake.fold(seen)).as("seed %d, consumed %d", seed, consumed).isEqualTo(expected);
      }
    }
  }

  @Test
  void replacedFilesStayForAGracePeriod() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 31, 9);
    Map<String, Object> before = lake.fold();
    Set<String> original = lake.files();
    pass(lake, LATER);
    assertThat(lake.files()).containsAll(original);
    pass(lake, LATER.plus(Duration.ofMinutes(119)));
    assertThat(lake.files()).containsAll(original);
    pass(lake, LATER.plus(Duration.ofMinutes(121)));
    assertThat(lake.files()).isEqualTo(lake.named());
    assertThat(lake.fold()).isEqualTo(before);
    // And nothing is left to do, also when all files are older than the grace period.
    Set<String> after = lake.files();
    Files.delete(lake.root().resolve("bronze/_maintenance.json"));
    pass(lake, Instant.now().plus(Duration.ofHours(3)));
    assertThat(lake.files()).isEqualTo(after);
  }

  @Test
  void replacedFilesThatAreOldStayForAGracePeriodToo() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 31, 17);
    Set<String> original = lake.files();
    for (String file : original) {
      Files.setLastModifiedTime(
          lake.root().resolve(file), FileTime.from(LATER.minus(Duration.ofDays(1))));
    }
    pass(lake, LATER);
    assertThat(lake.files()).containsAll(original).hasSizeGreaterThan(original.size());
    pass(lake, LATER.plus(Duration.ofMinutes(119)));
    assertThat(lake.files()).containsAll(original);
    pass(lake, LATER.plus(Duration.ofMinutes(121)));
    assertThat(lake.files()).isEqualTo(lake.named());
  }

  @Test
  void rollUpsHoldOneEpochAndAnEndedOneWhole() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 13, 10).grow(2, 12, 11);
    Map<String, Object> before = lake.fold();
    pass(lake, LATER);
    assertThat(new ManifestReader(lake.root()).rollUps())
        .containsExactly(
            new RollUp.Range(1, 10), new RollUp.Range(11, 13), new RollUp.Range(14, 23));
    assertThat(lake.fold()).isEqualTo(before);
  }

  @Test
  void youngManifestsAndTheNewestStandAlone() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 20, 12);
    pass(lake, MaintainedLake.createdAt(10).plus(SETTINGS.rollUpAge()));
    assertThat(new ManifestReader(lake.root()).rollUps()).isEmpty();
    pass(lake, MaintainedLake.createdAt(10).plus(SETTINGS.rollUpAge()).plusSeconds(1));
    assertThat(new ManifestReader(lake.root()).rollUps()).containsExactly(new RollUp.Range(1, 10));
    // The second ten include the newest.
    pass(lake, LATER);
    assertThat(new ManifestReader(lake.root()).rollUps()).hasSize(1);
  }

  @Test
  void theWriterGoesOnAfterARollUp() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 21, 13);
    pass(lake, LATER);
    lake.grow(2, 5, 14);
    try (ManifestChain chain = ManifestChain.open(lake.root())) {
      assertThat(chain.lastNumber()).isEqualTo(26);
      assertThat(chain.read(5).number()).isEqualTo(5);
    }
  }

  @Test
  void removesWhatNothingNames() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 25, 15);
    String folder = "bronze/core_order/load_date=2026-03-02/tenant_id=tenant-1/";
    List<Path> old = new ArrayList<>();
    old.add(lake.write(folder + String.format("%020d-77.parquet", 5)));
    old.add(
        lake.write(
            "bronze/gone/load_date=2026-01-01/tenant_id=x/"
                + String.format("%020d-0.parquet", 25)));
    old.add(lake.write(folder + String.format("%020d-%020d-5.parquet", 3, 9)));
    old.add(lake.write("bronze/_manifests/." + String.format("%020d.json.abc", 26)));
    old.add(lake.write("bronze/_manifests/rolled/." + String.format("%020d-%020d.json.abc", 1, 9)));
    old.add(lake.write("bronze/_merging/3.parquet"));
    List<Path> kept = new ArrayList<>();
    kept.add(lake.write(folder + String.format("%020d-0.parquet", 26)));
    kept.add(lake.write(folder + "notes.txt"));
    kept.add(lake.write(folder + "mine.parquet"));
    Path young = lake.write(folder + String.format("%020d-78.parquet", 6));
    for (List<Path> files : List.of(old, kept)) {
      for (Path file : files) {
        Files.setLastModifiedTime(file, FileTime.from(LATER.minus(Duration.ofHours(3))));
      }
    }
    Files.setLastModifiedTime(young, FileTime.from(LATER.minus(Duration.ofHours(1))));
    Set<String> named = lake.named();
    pass(lake, LATER);
    assertThat(old).noneMatch(Files::exists);
    assertThat(kept).allMatch(Files::exists);
    assertThat(young).exists();
    assertThat(lake.files()).containsAll(named);
    // What was too young then is looked at again.
    pass(lake, LATER.plus(Duration.ofHours(2)));
    assertThat(young).doesNotExist();
    assertThat(kept).allMatch(Files::exists);
  }

  @Test
  void aConcurrentReaderSeesTheSameAllTheTime() throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 61, 16);
    Map<String, Object> expected = lake.fold();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<?> maintained =
          executor.submit(
              () -> {
                pass(lake, LATER);
                return null;
              });
      boolean done;
      int reads = 0;
      do {
        done = maintained.isDone();
        assertThat(new ManifestReader(lake.root()).lastNumber()).isEqualTo(61);
        assertThat(lake.fold()).isEqualTo(expected);
        reads++;
      } while (!done);
      maintained.get();
      assertThat(reads).isGreaterThan(1);
    } finally {
      executor.shutdownNow();
    }
    assertThat(new ManifestReader(lake.root()).rollUps()).hasSize(6);
  }

  private static void pass(MaintainedLake lake, Instant now) throws Exception {
    lake.maintenance(SETTINGS, now, MaintenanceSteps.NONE).pass();
  }

  private static long rows(List<Manifest> manifests) {
    return manifests.stream().flatMap(m -> m.files().stream()).mapToLong(BronzeFile::rows).sum();
  }

  private static List<Long> singles(MaintainedLake lake) throws Exception {
    try (Stream<Path> files = Files.list(lake.root().resolve(BronzePaths.MANIFESTS))) {
      return files
          .map(f -> BronzePaths.manifestNumber(f.getFileName().toString()))
          .filter(n -> n.isPresent())
          .map(n -> n.getAsLong())
          .sorted()
          .toList();
    }
  }

  private static String path(MaintainedLake lake, String path) {
    return lake.root().resolve(path).toString().replace("'", "''");
  }

  private static String parquet(MaintainedLake lake, String path) {
    return "read_parquet('" + path(lake, path) + "', hive_partitioning = false)";
  }

  private static List<String> query(Connection duckdb, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        StringBuilder row = new StringBuilder(result.getString(1));
        for (int i = 2; i <= result.getMetaData().getColumnCount(); i++) {
          row.append('|').append(result.getString(i));
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }
}
