package dev.lakegate.ingest.testing;

import dev.lakegate.model.description.Quarantine;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.types.TrinoType;
import dev.lakegate.model.types.TrinoType.Simple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/** Silver by contract alone: Bronze folded, as Parquet and snapshot, without Spark. */
public final class FakeSilver {
  private final Path root;
  private long instant = 20_260_101_000_000_000L;

  public FakeSilver(Path root) {
    this.root = root;
  }

  /** Publishes the table as the whole chain of manifests has it. */
  public void publish(SourceTable table) throws SQLException, IOException {
    publish(table, rows -> rows);
  }

  /**
   * Publishes the table after something was done to its rows: key to column to text; column {@code
   * tenant_id} is the tenant.
   */
  public void publish(SourceTable table, UnaryOperator<Map<String, Map<String, String>>> change)
      throws SQLException, IOException {
    publish(table, table.name(), "", change);
  }

  /** Publishes some of its rows as its quarantine. */
  public void publishQuarantine(
      SourceTable table, UnaryOperator<Map<String, Map<String, String>>> change)
      throws SQLException, IOException {
    publish(table, new Quarantine(table.name()).name(), "_source_", change);
  }

  private void publish(
      SourceTable table,
      String published,
      String prefix,
      UnaryOperator<Map<String, Map<String, String>>> change)
      throws SQLException, IOException {
    BronzeFold fold = BronzeFold.of(root);
    Map<String, Map<String, String>> rows = new TreeMap<>();
    Map<String, String> tenants = fold.tenants(table.sourceTable());
    Map<String, String> sequences = fold.sequences(table.sourceTable());
    fold.rows(table.sourceTable())
        .forEach(
            (key, values) -> {
              Map<String, String> row = new TreeMap<>();
              values.forEach((column, value) -> row.put(prefix + column, value));
              row.put("tenant_id", tenants.get(key));
              row.put("_change_seq", sequences.get(key));
              rows.put(key, row);
            });
    String name = String.valueOf(instant++);
    String file = "silver/" + published + "/" + name + ".parquet";
    List<Snapshot.Column> columns = new ArrayList<>();
    for (SourceTable.Column column : table.columns()) {
      columns.add(new Snapshot.Column(prefix + column.name(), column.type().text(), true, ""));
    }
    if (table.column("tenant_id").isEmpty() || !prefix.isEmpty()) {
      columns.add(new Snapshot.Column("tenant_id", "varchar", true, ""));
    }
    write(root.resolve(file), columns, change.apply(rows));
    Snapshot snapshot =
        new Snapshot(
            Snapshot.VERSION,
            "silver",
            published,
            "tenant",
            name,
            Instant.parse("2026-01-01T00:00:00Z"),
            "",
            "tenant_id",
            columns,
            List.of("tenant_id"),
            List.of(new Snapshot.File(file, Map.of(), 0, 0, Map.of(), Map.of())),
            Json.MAPPER
                .createObjectNode()
                .put("epoch", fold.epoch())
                .put("manifest", fold.manifests()),
            null);
    Path folder = root.resolve("_catalog/silver/" + published);
    Files.createDirectories(folder);
    Path temporary = folder.resolve("current.json.new");
    Files.writeString(temporary, Json.write(snapshot));
    Files.move(
        temporary,
        folder.resolve("current.json"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(
      Path file, List<Snapshot.Column> columns, Map<String, Map<String, String>> rows)
      throws SQLException, IOException {
    Files.createDirectories(file.getParent());
    List<String> names = new ArrayList<>();
    columns.forEach(c -> names.add(c.name()));
    names.add("_change_seq");
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute(
          "CREATE TABLE rows ("
              + names.stream().map(n -> '"' + n + "\" VARCHAR").collect(Collectors.joining(", "))
              + ")");
      try (PreparedStatement insert =
          duckdb.prepareStatement(
              "INSERT INTO rows VALUES ("
                  + names.stream().map(n -> "?").collect(Collectors.joining(", "))
                  + ")")) {
        for (Map<String, String> row : rows.values()) {
          for (int i = 0; i < names.size(); i++) {
            insert.setString(i + 1, row.get(names.get(i)));
          }
          insert.execute();
        }
      }
      String select =
          columns.stream()
              .map(
                  c ->
                      "CAST(\""
                          + c.name()
                          + "\" AS "
                          + duckdb(TrinoType.parse(c.type()))
                          + ") AS \""
                          + c.name()
                          + "\"")
              .collect(Collectors.joining(", "));
      statement.execute(
          "COPY (SELECT " + select + ", _change_seq FROM rows) TO '" + file + "' (FORMAT parquet)");
    }
  }

  private static String duckdb(TrinoType type) {
    if (type instanceof Simple simple) {
      return switch (simple) {
        case VARBINARY -> "BLOB";
        case TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE -> "TIMESTAMP WITH TIME ZONE";
        case SMALLINT -> "INTEGER";
        default -> simple.text();
      };
    }
    return type.text();
  }
}
