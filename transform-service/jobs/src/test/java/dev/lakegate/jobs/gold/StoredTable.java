package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A table as Hudi stores it, as far as readers of snapshots see: one file for each partition, which
 * a commit writes anew when it changes a row in it, and rows that keep the commit time of their
 * last change. Thousands of commits cost what one of Hudi's does.
 */
final class StoredTable {
  private static final String ROW = "_hoodie_record_key";
  private static final String PARTITION = "_hoodie_partition_path";
  private static final String COMMITTED = "_hoodie_commit_time";

  private final Path root;
  private final String dataset;
  private final List<Column> columns;
  private final Duck duck;
  private final String table;
  private final Map<String, ObjectNode> files = new TreeMap<>();
  private final Set<String> touched = new LinkedHashSet<>();
  private Snapshot snapshot;

  StoredTable(Path root, String dataset, List<Column> columns, Duck duck) throws SQLException {
    this.root = root;
    this.dataset = dataset;
    this.columns = columns;
    this.duck = duck;
    this.table = name("t " + dataset);
    List<String> list = new ArrayList<>();
    for (Column column : columns) {
      list.add(name(column.name()) + " " + ColumnType.of(column.type()).duckdb());
    }
    duck.run(
        "CREATE TABLE "
            + table
            + " ("
            + String.join(", ", list)
            + ", "
            + COMMITTED
            + " VARCHAR, "
            + ROW
            + " VARCHAR, "
            + PARTITION
            + " VARCHAR)");
  }

  /** How DuckDB calls its rows. */
  String table() {
    return table;
  }

  Snapshot snapshot() {
    return snapshot;
  }

  List<String> files() {
    return snapshot == null ? List.of() : snapshot.files(root);
  }

  /** Removes rows by record key, wherever they are. */
  void remove(String keys) throws SQLException {
    String found = " FROM " + table + " WHERE " + ROW + " IN (" + keys + ")";
    touched.addAll(duck.texts("SELECT DISTINCT " + PARTITION + found));
    duck.run("DELETE" + found);
  }

  /**
   * Adds rows.
   *
   * @param select all columns
   * @param key expression of the record key
   * @param partition expression of the partition's path
   */
  void add(String select, String key, String partition, String instant) throws SQLException {
    List<String> names = new ArrayList<>();
    columns.forEach(column -> names.add("r." + name(column.name())));
    duck.run(
        "INSERT INTO "
            + table
            + " SELECT "
            + String.join(", ", names)
            + ", "
            + literal(instant)
            + ", "
            + key
            + ", "
            + partition
            + " FROM ("
            + select
            + ") r");
    touched.addAll(
        duck.texts(
            "SELECT DISTINCT "
                + PARTITION
                + " FROM "
                + table
                + " WHERE "
                + COMMITTED
                + " = "
                + literal(instant)));
  }

  /** Publishes what was added and removed since the last snapshot. */
  void publish(String instant) throws SQLException, IOException {
    if (touched.isEmpty() && snapshot != null) {
      return;
    }
    int number = 0;
    for (String partition : touched) {
      files.remove(partition);
      String rows = " FROM " + table + " WHERE " + PARTITION + " = " + literal(partition);
      long count = duck.number("SELECT count(*)" + rows);
      if (count == 0) {
        continue;
      }
      String path = dataset.replace('.', '/') + "/" + number++ + "-" + instant + ".parquet";
      Files.createDirectories(root.resolve(path).getParent());
      duck.run(
          "COPY (SELECT *"
              + rows
              + " ORDER BY "
              + ROW
              + ") TO "
              + literal(root.resolve(path).toString())
              + " (FORMAT parquet)");
      ObjectNode file = Json.object();
      file.put("path", path).put("rows", count).put("bytes", 1);
      file.putObject("partition");
      bounds(file.putObject("min"), "min", rows);
      bounds(file.putObject("max"), "max", rows);
      files.put(partition, file);
    }
    touched.clear();
    ObjectNode node = Json.object();
    node.put("version", 1).put("instant", instant);
    ArrayNode described = node.putArray("columns");
    for (Column column : columns) {
      described
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("nullable", true)
          .put("description", "");
    }
    node.putArray("files").addAll(files.values());
    snapshot = Snapshot.of(node);
  }

  private void bounds(ObjectNode node, String function, String rows) throws SQLException {
    Map<String, String> select = new LinkedHashMap<>();
    for (Column column : columns) {
      String bound = function + "(" + name(column.name()) + ")";
      switch (ColumnType.of(column.type()).family()) {
        case TIMESTAMP -> bound = "strftime(" + bound + ", '%Y-%m-%dT%H:%M:%S.%fZ')";
        case TEXT, INTEGER, DATE, DECIMAL -> bound = "CAST(" + bound + " AS VARCHAR)";
        default -> bound = null;
      }
      if (bound != null) {
        select.put(column.name(), bound);
      }
    }
    for (Map.Entry<String, String> one : select.entrySet()) {
      String value = duck.text("SELECT " + one.getValue() + rows);
      if (value != null) {
        node.put(one.getKey(), value);
      }
    }
  }
}
