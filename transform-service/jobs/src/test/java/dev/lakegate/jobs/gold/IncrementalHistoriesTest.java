package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.incremental.AffectedKeys;
import dev.lakegate.jobs.incremental.InputTables;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every shipped table that a query computes, over random histories of the source: after each step
 * what incremental runs have made of it equals what its query gives over all rows, and what an
 * independent query gives. A file that is added to the description is tested here by that alone.
 */
class IncrementalHistoriesTest {
  private static final boolean LONG = Boolean.getBoolean("lakegate.all");
  private static final int STEPS = Integer.getInteger("lakegate.jobs.history-steps", LONG ? 8 : 2);
  private static final int HISTORIES = Integer.getInteger("lakegate.jobs.histories", LONG ? 12 : 1);

  @TempDir Path directory;
  private Path root;
  private Duck duck;
  private RandomSource source;
  private int commits;
  private LocalDate today = LocalDate.of(2026, 3, 1);
  private final Map<String, StoredTable> tables = new LinkedHashMap<>();
  private final Map<String, Map<String, Snapshot>> consumed = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private long apart;
  private long touched;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, HISTORIES);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void incrementalRunsShouldGiveWhatAFullOneGives(long seed) throws Exception {
    Map<String, List<Column>> shipped = ShippedFiles.sourceTables();
    List<Specification> computed = ShippedFiles.computed();
    root = Files.createDirectories(directory.resolve("lake"));
    Random random = new Random(seed);
    source = new RandomSource(shipped, today, random);
    source.begin();
    try (Duck open = Duck.open(directory, 256)) {
      duck = open;
      for (Map.Entry<String, List<Column>> table : shipped.entrySet()) {
        tables.put(table.getKey(), new StoredTable(root, table.getKey(), table.getValue(), duck));
        write(table.getKey(), List.copyOf(source.rows(table.getKey()).keySet()));
      }
      for (Specification specification : computed) {
        tables.put(
            specification.dataset(),
            new StoredTable(root, specification.dataset(), specification.columns(), duck));
        run(specification, null);
        check(specification, "at first");
      }
      for (int step = 1; step <= STEPS; step++) {
        Map<String, List<Integer>> written = source.step();
        for (Map.Entry<String, List<Integer>> table : written.entrySet()) {
          write(table.getKey(), table.getValue());
        }
        boolean nextDay = LONG && random.nextInt(4) == 0;
        if (nextDay) {
          today = today.plusDays(1);
        }
        for (Specification specification : computed) {
          boolean daily = specification.sql().contains("${as_of_date}");
          run(
              specification,
              specification.incremental() == null || daily && nextDay
                  ? null
                  : consumed.get(specification.dataset()));
          check(specification, "step " + step + " of seed " + seed + ": " + written);
        }
      }
    }
    assertThat(problems).isEmpty();
    // Otherwise incremental runs might have computed everything each time.
    assertThat(touched).isPositive().isLessThan(apart);
  }

  private void write(String table, List<Integer> keys) throws Exception {
    StoredTable stored = tables.get(table);
    String instant = instant();
    List<String> names = new ArrayList<>();
    List<String> selects = new ArrayList<>();
    for (int key : keys) {
      names.add(Duck.literal(RandomSource.key(table, key)));
      Map<String, String> row = source.rows(table).get(key);
      if (row != null) {
        List<String> values = new ArrayList<>();
        row.forEach((column, value) -> values.add(value + " AS " + Duck.name(column)));
        selects.add("SELECT " + String.join(", ", values));
      }
    }
    stored.remove(String.join(", ", names));
    if (!selects.isEmpty()) {
      stored.add(
          String.join(" UNION ALL ", selects),
          "CAST(r." + keyOf(table) + " AS VARCHAR)",
          // By tenant and month, so that a change touches some files and not others.
          "r.tenant_id || '/' || strftime(r."
              + (table.endsWith("_history") ? "valid_from" : "created_at")
              + ", '%Y-%m')",
          instant);
    }
    stored.publish(instant);
  }

  private static String keyOf(String table) {
    return table.equals("silver.tenant") ? "slug" : table.endsWith("_history") ? "version" : "id";
  }

  private String instant() {
    return "202603010000%05d".formatted(++commits);
  }

  /**
   * Brings a table up to date.
   *
   * @param old what its rows were computed from; null for a full run
   */
  private void run(Specification specification, Map<String, Snapshot> old) throws Exception {
    StoredTable stored = tables.get(specification.dataset());
    Map<String, Snapshot> now = new LinkedHashMap<>();
    specification.inputs().forEach(input -> now.put(input, tables.get(input).snapshot()));
    Path work = Files.createDirectories(directory.resolve("run-" + instant()));
    Path changes = work.resolve("changes.parquet");
    try (Duck own = Duck.open(work, 256)) {
      Comparison comparison = new Comparison(specification, own);
      if (old == null) {
        comparison.write(
            parquet(whole(specification, now, work), work), stored.files(), null, changes);
      } else {
        AffectedKeys keys =
            new AffectedKeys(
                TestLake.spark(), root, specification, old, now, own, work.resolve("keys"));
        assertThat(keys.find(0, Long.MAX_VALUE)).isNull();
        comparison.write(
            keys.count() == 0 ? List.of() : parquet(keys.query(sql(specification)), work),
            keys.count() == 0 ? List.of() : stored.files(),
            keys.condition("f"),
            changes);
        apart += stored.snapshot().rows();
        touched += comparison.computed();
      }
    }
    String key = "";
    for (String column : specification.key()) {
      key += (key.isEmpty() ? "" : " || '/' || ") + "CAST(r." + Duck.name(column) + " AS VARCHAR)";
    }
    String partition = "'all'";
    for (String column : specification.partitionBy()) {
      partition += " || '/' || CAST(r." + Duck.name(column) + " AS VARCHAR)";
    }
    String changed = "SELECT * FROM read_parquet(" + Duck.literal(changes.toString()) + ") r";
    String instant = instant();
    stored.remove("SELECT " + key + " FROM (" + changed + ") r");
    stored.add(changed + " WHERE NOT " + HudiTable.DELETED, key, partition, instant);
    stored.publish(instant);
    consumed.put(specification.dataset(), now);
  }

  private String sql(Specification specification) {
    return specification.sql().replace("${as_of_date}", "DATE '" + today + "'");
  }

  private Dataset<Row> whole(Specification specification, Map<String, Snapshot> inputs, Path work)
      throws IOException {
    InputTables all =
        new InputTables(TestLake.spark(), root, work.resolve("inputs"), specification.dataset());
    inputs.forEach(all::add);
    return all.query(sql(specification));
  }

  private static List<String> parquet(Dataset<Row> rows, Path work) throws IOException {
    Path output = work.resolve("rows");
    rows.write().parquet(output.toString());
    try (Stream<Path> files = Files.list(output)) {
      return files.map(Path::toString).filter(file -> file.endsWith(".parquet")).toList();
    }
  }

  /** What is stored is what the query gives over all rows, and what it should give. */
  private void check(Specification specification, String when) throws Exception {
    List<String> columns = new ArrayList<>();
    for (Column column : specification.columns()) {
      columns.add(
          "CAST("
              + Duck.name(column.name())
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ") AS "
              + Duck.name(column.name()));
    }
    String stored =
        "SELECT "
            + String.join(", ", columns)
            + " FROM "
            + tables.get(specification.dataset()).table();
    String independent = definition(specification);
    if (independent != null) {
      same(
          stored,
          "SELECT " + String.join(", ", columns) + " FROM (" + independent + ")",
          specification.dataset() + " and its definition, " + when);
    }
    // What equals its definition equals its query, as far as that does: asked where there is time.
    if (independent == null || LONG) {
      Path work = Files.createDirectories(directory.resolve("check-" + instant()));
      List<String> full =
          parquet(whole(specification, consumed.get(specification.dataset()), work), work);
      same(
          stored,
          "SELECT " + String.join(", ", columns) + " FROM " + Duck.parquet(full),
          specification.dataset() + " computed incrementally and whole, " + when);
    }
  }

  /** A query that gives what a table should hold; null when nothing else defines it. */
  private String definition(Specification specification) throws SQLException {
    if (specification.database().equals("gold")) {
      try {
        return MetricRows.select(
            specification,
            MetricDefinitions.rows(specification.name(), MetricRows.of(source), today));
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
    for (String input : specification.inputs()) {
      duck.run(
          "CREATE OR REPLACE TEMP VIEW "
              + Duck.name(input.substring(input.indexOf('.') + 1))
              + " AS SELECT * FROM "
              + tables.get(input).table());
    }
    return DerivedDefinitions.of(specification.dataset(), today);
  }

  private void same(String stored, String wanted, String what) throws SQLException {
    List<String> tooMuch = rows("(" + stored + ") EXCEPT ALL (" + wanted + ")");
    List<String> missing = rows("(" + wanted + ") EXCEPT ALL (" + stored + ")");
    if (!tooMuch.isEmpty() || !missing.isEmpty()) {
      problems.add(what + ": too much " + tooMuch + ", missing " + missing);
    }
  }

  private List<String> rows(String sql) throws SQLException {
    return duck.texts("SELECT CAST(r AS VARCHAR) FROM (" + sql + ") r");
  }
}
