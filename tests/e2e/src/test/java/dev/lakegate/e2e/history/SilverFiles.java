package dev.lakegate.e2e.history;

import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
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
