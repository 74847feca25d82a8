package dev.lakegate.e2e.history;

import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Silver tables as the files hold them that their snapshots name. */
final class SilverFiles {
  private final Path lake;
  private final DuckFiles duckdb;

  SilverFiles(Path lake, DuckFiles duckdb) {
    this.lake = lake;
    this.duckdb = duckdb;
  }

  /**
   * How a table differs from the source; empty when it does not.
   *
   * @param all whether columns that nobody described must be there too
   */
  List<String> differences(SourceTable table, Connection source, boolean all) throws SQLException {
    Snapshot snapshot = new SnapshotReader(lake).current("silver", table.name()).orElse(null);
    if (snapshot == null) {
      return List.of(table.dataset() + " does not exist");
    }
    Map<String, String> stored = new HashMap<>();
    snapshot.columns().forEach(c -> stored.put(c.name(), c.type()));
    Shape shape = Shape.of(source, table.sourceTable(), table.key());
    List<Shape.Column> columns =
        shape.columns().stream()
            .filter(c -> all || stored.containsKey(c.name()) || table.column(c.name()).isPresent())
            .toList();
    for (Shape.Column column : columns) {
      if (!stored.containsKey(column.name())) {
        return List.of(table.dataset() + " has no column " + column.name() + " yet");
      }
    }
    return Rows.differences(
        table.dataset(),
        columns.stream().map(Shape.Column::name).toList(),
        table.key(),
        Rows.of(source, shape.quoted(), columns, true),
        rows(snapshot, columns, stored));
  }

  /**
   * How the versions of a table's rows differ from what they can be, once the table equals the
   * source: those that are open are its rows, and those of a key follow each other.
   */
  List<String> versionDifferences(HistoryTable history) throws SQLException {
    SnapshotReader reader = new SnapshotReader(lake);
    Snapshot table = reader.current("silver", history.table().name()).orElse(null);
    Snapshot versions = reader.current("silver", history.name()).orElse(null);
    if (table == null || versions == null) {
      return List.of(history.dataset() + " does not exist");
    }
    Map<String, String> types = new LinkedHashMap<>();
    history.columns().stream()
        .filter(c -> table.columns().stream().anyMatch(t -> t.name().equals(c.name())))
        .forEach(c -> types.put(c.name(), c.type().text()));
    List<String> names = List.copyOf(types.keySet());
    String key = "\"" + String.join("\", \"", history.table().key()) + "\"";
    if (!versions.files().isEmpty()) {
      String files =
          DuckFiles.parquet(versions.files().stream().map(f -> lake.resolve(f.path())).toList());
      List<List<String>> broken =
          duckdb.rows(
              "SELECT "
                  + key
                  + ", version FROM (SELECT *, lead(valid_from) OVER w AS next, lead(version) OVER w"
                  + " AS following FROM "
                  + files
                  + " WINDOW w AS (PARTITION BY "
                  + key
                  + " ORDER BY version)) WHERE valid_to < valid_from OR following IS NOT NULL AND"
                  + " (valid_to IS NULL OR next < valid_to) OR (valid_to IS NULL) <> (ended IS"
                  + " NULL)");
      if (!broken.isEmpty()) {
        return List.of(history.dataset() + " has versions that do not follow: " + broken);
      }
    }
    return Rows.differences(
        history.dataset(),
        names,
        history.table().key(),
        texts(table, types, ""),
        texts(versions, types, " WHERE valid_to IS NULL"));
  }

  private List<List<String>> texts(Snapshot snapshot, Map<String, String> types, String where)
      throws SQLException {
    return snapshot.files().isEmpty()
        ? List.of()
        : duckdb.rows(
            types.entrySet().stream()
                    .map(c -> DuckFiles.text(c.getKey(), c.getValue()))
                    .collect(Collectors.joining(", ", "SELECT ", " FROM "))
                + DuckFiles.parquet(
                    snapshot.files().stream().map(f -> lake.resolve(f.path())).toList())
                + where);
  }

  private List<List<String>> rows(
      Snapshot snapshot, List<Shape.Column> columns, Map<String, String> types)
      throws SQLException {
    return snapshot.files().isEmpty()
        ? List.of()
        : duckdb.rows(
            columns.stream()
                .map(c -> DuckFiles.text(c.name(), types.get(c.name())))
                .collect(
                    Collectors.joining(
                        ", ",
                        "SELECT ",
                        " FROM "
                            + DuckFiles.parquet(
                                snapshot.files().stream()
                                    .map(f -> lake.resolve(f.path()))
                                    .toList()))));
  }
}
