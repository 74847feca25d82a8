package dev.lakegate.jobs.incremental;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Incremental;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The keys of a metric that changes of its inputs touch, and the inputs filtered to what these keys
 * need. Whatever a row of the result is made of that came, went or differs has a changed row of
 * some input in it, as it was or as it is; so its key is among those of the changed rows as they
 * were, asked of the inputs as they were, and those of the changed rows as they are, asked of the
 * inputs as they are. Used by one thread.
 */
public final class AffectedKeys {
  /** Of columns with more values than this, files are not chosen by value. */
  private static final int MOST_VALUES = 1000;

  private static final String KEYS = "keys";

  private final SparkSession spark;
  private final Path storageRoot;
  private final Specification specification;
  private final Map<String, Snapshot> old;
  private final Map<String, Snapshot> now;
  private final Duck duck;
  private final Path directory;
  private QueryColumns read;
  private final Map<String, ColumnType> types = new LinkedHashMap<>();
  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private int numberOfTables;
  private long changedRows;
  private long count;

  /**
   * Nothing is found yet.
   *
   * @param old the inputs as the stored rows were computed from
   * @param now the inputs as they are
   * @param directory for the files of this run; empty or not there yet
   */
  public AffectedKeys(
      SparkSession spark,
      Path storageRoot,
      Specification specification,
      Map<String, Snapshot> old,
      Map<String, Snapshot> now,
      Duck duck,
      Path directory) {
    this.spark = spark;
    this.storageRoot = storageRoot;
    this.specification = specification;
    this.old = old;
    this.now = now;
    this.duck = duck;
    this.directory = directory;
    for (Column column : specification.columns()) {
      if (incremental().by().contains(column.name())) {
        types.put(column.name(), ColumnType.of(column.type()));
      }
    }
  }

  private Incremental incremental() {
    return specification.incremental();
  }

  /**
   * Finds them, unless so many rows changed that it is not worth it.
   *
   * @param most largest part of an input's rows that may have changed
   * @param small of inputs with no more rows than this all may have changed
   * @return why not, as a sentence; null when they are found
   */
  public String find(double most, long small) throws IOException, SQLException {
    Files.createDirectories(directory);
    read = QueryColumns.of(spark, storageRoot, specification, now, directory.resolve("analysed"));
    Map<String, ChangedRows> changes = new LinkedHashMap<>();
    for (Map.Entry<String, Snapshot> input : now.entrySet()) {
      Snapshot before = old.get(input.getKey());
      if (before.instant().equals(input.getValue().instant())) {
        continue;
      }
      ChangedRows rows =
          ChangedRows.between(
              before,
              input.getValue(),
              read.among(input.getKey(), input.getValue().columns()),
              storageRoot,
              duck,
              Files.createDirectories(directory.resolve("changed-" + input.getKey())));
      long changed = Math.max(rows.before(), rows.after());
      long all = Math.max(before.rows(), input.getValue().rows());
      if (all > small && changed > most * all) {
        return changed
            + " rows of "
            + input.getKey()
            + " changed, too many to look for their keys.";
      }
      changedRows += changed;
      if (changed > 0) {
        changes.put(input.getKey(), rows);
      }
    }
    Dataset<Row> found = null;
    for (Map.Entry<String, ChangedRows> change : changes.entrySet()) {
      for (Dataset<Row> keys : keys(change.getKey(), change.getValue())) {
        found = found == null ? keys : found.union(keys);
      }
    }
    collect(found);
    return null;
  }

  /** Keys of the changed rows of an input, some of them several times. */
  private List<Dataset<Row>> keys(String input, ChangedRows rows) throws IOException {
    Incremental.Input tells = incremental().inputs().get(input);
    List<Dataset<Row>> result = new ArrayList<>();
    if (tells.keys() == null) {
      List<String> select = new ArrayList<>();
      for (String column : incremental().by()) {
        select.add(cast(tells.columns().get(column), column) + " AS `" + column + "`");
      }
      InputTables none = tables(Collections.<String, Snapshot>emptyMap());
      none.changed(types(input), rows.beforeFile(), rows.afterFile());
      result.add(none.query("SELECT " + String.join(", ", select) + " FROM changed"));
      return result;
    }
    List<String> select = new ArrayList<>();
    for (String column : incremental().by()) {
      select.add(cast("lakegate_keys.`" + column + "`", column) + " AS `" + column + "`");
    }
    String sql =
        "SELECT DISTINCT "
            + String.join(", ", select)
            + " FROM ("
            + tells.keys()
            + "\n) lakegate_keys";
    if (rows.before() > 0) {
      InputTables then = tables(old);
      then.changed(types(input), rows.beforeFile());
      result.add(then.query(sql));
    }
    if (rows.after() > 0) {
      InputTables today = tables(now);
      today.changed(types(input), rows.afterFile());
      result.add(today.query(sql));
    }
    return result;
  }

  private InputTables tables(Map<String, Snapshot> snapshots) throws IOException {
    InputTables tables =
        new InputTables(
            spark,
            storageRoot,
            directory.resolve("tables-" + numberOfTables++),
            specification.dataset());
    snapshots.forEach(tables::add);
    return tables;
  }

  private StructType types(String input) {
    StructType types = new StructType();
    for (Column column : read.among(input, now.get(input).columns())) {
      types = types.add(column.name(), ColumnType.of(column.type()).spark());
    }
    return types;
  }

  /** Each key once, in one file; and the values of its columns where they are few. */
  private void collect(Dataset<Row> found) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (String column : incremental().by()) {
      columns.add(name(column));
    }
    String source;
    if (found == null) {
      List<String> none = new ArrayList<>();
      for (Map.Entry<String, ColumnType> type : types.entrySet()) {
        none.add("CAST(NULL AS " + type.getValue().duckdb() + ") AS " + name(type.getKey()));
      }
      source = "SELECT " + String.join(", ", none) + " WHERE false";
    } else {
      Path output = directory.resolve("found");
      found.write().mode(SaveMode.Overwrite).parquet(output.toString());
      source =
          "SELECT DISTINCT "
              + String.join(", ", columns)
              + " FROM read_parquet("
              + literal(output + "/*.parquet")
              + ")";
    }
    duck.run("CREATE TEMP TABLE " + KEYS + " AS " + source);
    duck.run("COPY " + KEYS + " TO " + literal(file().toString()) + " (FORMAT parquet)");
    count = duck.number("SELECT count(*) FROM " + KEYS);
    for (String column : incremental().by()) {
      List<String> distinct =
          duck.texts(
              "SELECT DISTINCT CAST("
                  + name(column)
                  + " AS VARCHAR) FROM "
                  + KEYS
                  + " LIMIT "
                  + (MOST_VALUES + 1));
      if (distinct.size() <= MOST_VALUES && !distinct.contains(null)) {
        values.put(column, distinct);
      }
    }
  }

  private Path file() {
    return directory.resolve("keys.parquet");
  }

  private String cast(String expression, String column) {
    return "CAST((" + expression + ") AS " + types.get(column).spark().sql() + ")";
  }

  /** Rows of the inputs that changed. */
  public long changedRows() {
    return changedRows;
  }

  /** How many keys were found. */
  public long count() {
    return count;
  }

  /**
   * How many keys a table has.
   *
   * @param files of its rows
   */
  public long among(List<String> files) throws SQLException {
    if (files.isEmpty()) {
      return 0;
    }
    List<String> columns = new ArrayList<>();
    for (String column : incremental().by()) {
      columns.add(name(column));
    }
    return duck.number(
        "SELECT count(*) FROM (SELECT DISTINCT "
            + String.join(", ", columns)
            + " FROM "
            + Duck.parquet(files)
            + ")");
  }

  /** Condition in DuckDB that a row of the metric has one of the keys. */
  public String condition(String row) {
    List<String> same = new ArrayList<>();
    for (String column : incremental().by()) {
      same.add("k." + name(column) + " IS NOT DISTINCT FROM " + row + "." + name(column));
    }
    return "EXISTS (SELECT 1 FROM " + KEYS + " k WHERE " + String.join(" AND ", same) + ")";
  }

  /**
   * The rows of the metric that have one of the keys; they are not computed yet.
   *
   * @param sql the metric's query
   */
  public Dataset<Row> query(String sql) throws IOException {
    InputTables tables = tables(Collections.<String, Snapshot>emptyMap());
    StructType keyTypes = new StructType();
    for (String column : incremental().by()) {
      keyTypes = keyTypes.add(column, types.get(column).spark());
    }
    tables.add(KEYS, file(), keyTypes);
    for (Map.Entry<String, Snapshot> input : now.entrySet()) {
      Map<String, String> columns = incremental().inputs().get(input.getKey()).columns();
      if (columns.isEmpty()) {
        tables.add(input.getKey(), input.getValue());
        continue;
      }
      Map<String, ColumnType> inputTypes = new LinkedHashMap<>();
      for (Column column : input.getValue().columns()) {
        inputTypes.put(column.name(), ColumnType.of(column.type()));
      }
      tables.add(
          input.getKey(),
          pruned(input.getValue(), FilePruning.of(columns, values, types, inputTypes)),
          filter(columns));
    }
    return tables.query(
        "SELECT r.* FROM ("
            + sql
            + "\n) r LEFT SEMI JOIN "
            + InputTables.name(KEYS)
            + " k ON "
            + incremental().by().stream()
                .map(column -> "r.`" + column + "` <=> k.`" + column + "`")
                .collect(Collectors.joining(" AND ")));
  }

  /** At least one file is left: Spark warns of tables without any. */
  static Snapshot pruned(Snapshot snapshot, Predicate<JsonNode> condition) {
    boolean[] any = new boolean[1];
    Snapshot pruned =
        snapshot.only(
            file -> {
              boolean kept = condition.test(file);
              any[0] |= kept;
              return kept;
            });
    if (any[0]) {
      return pruned;
    }
    return snapshot.only(
        file -> {
          boolean first = !any[0];
          any[0] = true;
          return first;
        });
  }

  private String filter(Map<String, String> columns) {
    List<String> select = new ArrayList<>();
    List<String> same = new ArrayList<>();
    for (Map.Entry<String, String> column : columns.entrySet()) {
      // Names that no input has, so that expressions need not say whose column they mean.
      String name = "lakegate_key_" + select.size();
      select.add("`" + column.getKey() + "` AS " + name);
      same.add(cast(column.getValue(), column.getKey()) + " <=> " + name);
    }
    return "LEFT SEMI JOIN (SELECT DISTINCT "
        + String.join(", ", select)
        + " FROM "
        + InputTables.name(KEYS)
        + ") lakegate_k ON "
        + String.join(" AND ", same);
  }
}
