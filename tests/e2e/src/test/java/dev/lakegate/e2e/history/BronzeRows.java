package dev.lakegate.e2e.history;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.Json;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads Bronze by the contract in the plainest way: change by change, into maps. It costs
 * milliseconds where the jobs cost seconds, and tells whether a difference comes from capture.
 */
final class BronzeRows implements Reader {
  private static final int CHANGE_COLUMNS = 4;

  private record Row(String sequence, Map<String, String> values) {}

  private final Path lake;
  private final DuckFiles duckdb;
  private final List<Manifest> chain = new ArrayList<>();
  private final Map<String, SchemaVersion> schemas = new HashMap<>();
  private final Map<String, List<String>> keys = new HashMap<>();
  private final Map<String, Map<List<String>, Row>> tables = new HashMap<>();
  private int read;

  BronzeRows(Path lake, DuckFiles duckdb) {
    this.lake = lake;
    this.duckdb = duckdb;
  }

  @Override
  public List<Manifest> chain() {
    chain.addAll(new ManifestReader(lake).chain(chain.size() + 1L, Integer.MAX_VALUE));
    return chain;
  }

  @Override
  public void some(boolean kill) throws SQLException {
    all();
  }

  @Override
  public void all() throws SQLException {
    chain();
    while (read < chain.size()) {
      read(chain.get(read++));
    }
  }

  private void read(Manifest manifest) throws SQLException {
    for (SchemaVersion schema : manifest.schemaChanges()) {
      schemas.put(schema.table() + "/" + schema.schemaVersion(), schema);
      keys.put(schema.table(), schema.key());
    }
    Map<String, List<Change>> changes = new LinkedHashMap<>();
    for (BronzeFile file : manifest.files()) {
      changes.computeIfAbsent(file.table(), t -> new ArrayList<>()).addAll(changes(file));
    }
    changes.forEach(
        (table, list) -> {
          list.sort(Comparator.comparing(Change::sequence));
          Map<List<String>, Row> rows = tables.computeIfAbsent(table, t -> new HashMap<>());
          list.forEach(change -> apply(keys.get(table), rows, change));
        });
    for (CopyCompleted copy : manifest.copiesCompleted()) {
      String before = copy.sequence() == null ? manifest.epoch() : copy.sequence();
      tables
          .computeIfAbsent(copy.table(), t -> new HashMap<>())
          .values()
          .removeIf(row -> row.sequence().compareTo(before) < 0);
    }
  }

  private record Change(
      String op, String sequence, String unchanged, String oldKey, Map<String, String> values) {}

  private List<Change> changes(BronzeFile file) throws SQLException {
    SchemaVersion schema = schemas.get(file.table() + "/" + file.schemaVersion());
    if (schema == null) {
      throw new AssertionError("no manifest has the schema of " + file.path());
    }
    List<String> names = schema.columns().stream().map(SourceColumn::name).toList();
    String columns =
        schema.columns().stream()
            .map(c -> DuckFiles.text(c.name(), c.type()))
            .collect(Collectors.joining(", "));
    List<Change> changes = new ArrayList<>();
    for (List<String> row :
        duckdb.rows(
            "SELECT _op, _change_seq, array_to_string(_unchanged, ','), _old_key, "
                + columns
                + " FROM "
                + DuckFiles.parquet(List.of(lake.resolve(file.path()))))) {
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        values.put(names.get(i), row.get(CHANGE_COLUMNS + i));
      }
      changes.add(new Change(row.get(0), row.get(1), row.get(2), row.get(3), values));
    }
    return changes;
  }

  private static void apply(List<String> key, Map<List<String>, Row> rows, Change change) {
    if (change.op().equals("T")) {
      rows.values().removeIf(row -> row.sequence().compareTo(change.sequence()) < 0);
      return;
    }
    List<String> to = key.stream().map(change.values()::get).toList();
    List<String> from = to;
    if (change.oldKey() != null) {
      Map<?, ?> old = Json.read(change.oldKey(), Map.class);
      from = key.stream().map(k -> String.valueOf(old.get(k))).toList();
    }
    Row before = rows.get(from);
    if (!from.equals(to) && before != null && before.sequence().compareTo(change.sequence()) < 0) {
      rows.remove(from);
    }
    Row present = rows.get(to);
    if (present != null && present.sequence().compareTo(change.sequence()) >= 0) {
      return;
    }
    if (change.op().equals("D")) {
      rows.remove(to);
      return;
    }
    Map<String, String> values = new HashMap<>(change.values());
    if (change.unchanged() != null) {
      for (String column : change.unchanged().split(",")) {
        values.put(column, before == null ? "<known nowhere>" : before.values().get(column));
      }
    }
    rows.put(to, new Row(change.sequence(), values));
  }

  @Override
  public List<String> differences(SourceTable table, Connection source) throws SQLException {
    Shape shape = Shape.of(source, table.sourceTable(), table.key());
    List<String> columns = shape.columns().stream().map(Shape.Column::name).toList();
    List<List<String>> actual = new ArrayList<>();
    for (Row row : tables.getOrDefault(table.sourceTable(), Map.of()).values()) {
      List<String> values = new ArrayList<>();
      columns.forEach(c -> values.add(row.values().get(c)));
      actual.add(values);
    }
    return Rows.differences(
        "bronze." + table.sourceTable(),
        columns,
        table.key(),
        Rows.of(source, shape.quoted(), shape.columns(), false),
        actual);
  }
}
