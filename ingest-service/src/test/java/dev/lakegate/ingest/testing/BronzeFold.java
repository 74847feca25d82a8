package dev.lakegate.ingest.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/**
 * Reads Bronze as Silver does, manifest by manifest and without tombstones, and checks on the way
 * what the contract promises about manifests and files. The oracle of the capture tests.
 */
public final class BronzeFold {
  /** A row as stored: its values as text and the sequence that wrote it. */
  private record Row(String sequence, String tenant, Map<String, String> values) {}

  private record Change(
      String op,
      String sequence,
      String tenant,
      String unchanged,
      String oldKey,
      Map<String, String> values) {}

  private final Path root;
  private final Map<String, Map<String, Row>> tables = new HashMap<>();
  private final Map<String, SchemaVersion> schemas = new HashMap<>();
  private final Map<String, SchemaVersion> newest = new HashMap<>();
  private final Map<String, Integer> begun = new HashMap<>();
  private final Map<String, CopyCompleted> completed = new HashMap<>();
  private String epoch = "";
  private Manifest last;
  private long manifests;
  private long records;

  private BronzeFold(Path root) {
    this.root = root;
  }

  /** Folds everything that the chain names. */
  public static BronzeFold of(Path root) throws SQLException, IOException {
    return open(root).advance();
  }

  /** Folds what these manifests name, which follow each other. */
  public static BronzeFold of(Path root, List<Manifest> chain) throws SQLException, IOException {
    return open(root).addAll(chain);
  }

  /** Has folded nothing yet; for following a chain that grows. */
  public static BronzeFold open(Path root) {
    return new BronzeFold(root);
  }

  /** Folds what the chain has named since. */
  public BronzeFold advance() throws SQLException, IOException {
    return addAll(new ManifestReader(root).chain(manifests + 1, Integer.MAX_VALUE));
  }

  private BronzeFold addAll(List<Manifest> chain) throws SQLException, IOException {
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("SET threads = 1");
      for (Manifest manifest : chain) {
        add(manifest, last, statement);
        last = manifest;
      }
    }
    return this;
  }

  public long manifests() {
    return manifests;
  }

  public long records() {
    return records;
  }

  public String epoch() {
    return epoch;
  }

  /** Key to tenant. */
  public Map<String, String> tenants(String table) {
    Map<String, String> result = new TreeMap<>();
    tables.getOrDefault(table, Map.of()).forEach((k, row) -> result.put(k, row.tenant()));
    return result;
  }

  /** Key to row, as text. */
  public Map<String, Map<String, String>> rows(String table) {
    Map<String, Map<String, String>> result = new TreeMap<>();
    tables
        .getOrDefault(table, Map.of())
        .forEach(
            (k, row) -> {
              // In the newest shape: what a row has not is NULL, what the table has not is gone.
              Map<String, String> values = new TreeMap<>();
              newest
                  .get(table)
                  .columns()
                  .forEach(c -> values.put(c.name(), row.values().get(c.name())));
              result.put(k, values);
            });
    return result;
  }

  private void add(Manifest manifest, Manifest before, Statement duckdb)
      throws SQLException, IOException {
    manifests++;
    assertThat(manifest.epoch()).isGreaterThanOrEqualTo(epoch);
    if (before != null && before.epoch().equals(manifest.epoch())) {
      assertThat(lsn(manifest)).isGreaterThanOrEqualTo(lsn(before));
    }
    epoch = manifest.epoch();
    for (SchemaVersion schema : manifest.schemaChanges()) {
      SchemaVersion last = newest.put(schema.table(), schema);
      assertThat(schema.schemaVersion()).isEqualTo(last == null ? 1 : last.schemaVersion() + 1);
      schemas.put(schema.table() + "/" + schema.schemaVersion(), schema);
    }
    Map<String, List<Change>> changes = new TreeMap<>();
    for (BronzeFile file : manifest.files()) {
      assertThat(file.generation()).as("begun before its files").isEqualTo(begun.get(file.table()));
      if (file.kind() == Kind.STREAM) {
        assertThat(completed).as("copied before its changes").containsKey(file.table());
        // The copy contains what committed before its snapshot.
        assertThat(position(file.firstSequence()))
            .isGreaterThanOrEqualTo(position(completed.get(file.table()).sequence()));
      }
      changes.computeIfAbsent(file.table(), t -> new ArrayList<>()).addAll(read(file, duckdb));
    }
    changes.forEach(
        (table, list) -> {
          list.sort(Comparator.comparing(Change::sequence));
          list.forEach(change -> apply(table, change));
        });
    for (CopyCompleted copy : manifest.copiesCompleted()) {
      assertThat(begun).containsEntry(copy.table(), copy.generation());
      completed.put(copy.table(), copy);
      // Whatever sorts before the copy was not in its snapshot, so it is gone from the source.
      tables
          .computeIfAbsent(copy.table(), t -> new HashMap<>())
          .values()
          .removeIf(row -> row.sequence().compareTo(copy.sequence()) < 0);
    }
    for (CopyBegun copy : manifest.copiesBegun()) {
      assertThat(copy.generation()).isGreaterThan(begun.getOrDefault(copy.table(), 0));
      begun.put(copy.table(), copy.generation());
      completed.remove(copy.table());
    }
  }

  private static String position(String sequence) {
    return sequence.substring(5, 45);
  }

  private static long lsn(Manifest manifest) {
    return dev.lakegate.model.bronze.Lsn.parse(manifest.position()).value();
  }

  private List<Change> read(BronzeFile file, Statement duckdb) throws SQLException, IOException {
    Path path = root.resolve(file.path());
    assertThat(Files.size(path)).isEqualTo(file.bytes());
    SchemaVersion schema = schemas.get(file.table() + "/" + file.schemaVersion());
    assertThat(schema).as("schema of " + file.path()).isNotNull();
    String columns =
        schema.columns().stream()
            .map(c -> "CAST(\"" + c.name() + "\" AS VARCHAR)")
            .collect(Collectors.joining(", "));
    List<Change> changes = new ArrayList<>();
    try (ResultSet rows =
        duckdb.executeQuery(
            "SELECT _op, _change_seq, tenant_id, array_to_string(_unchanged, ','), _old_key,"
                + " CAST(load_date AS VARCHAR), _commit_ts IS NULL, "
                + columns
                + " FROM read_parquet('"
                + path.toString().replace("'", "''")
                + "', hive_partitioning = false)")) {
      while (rows.next()) {
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < schema.columns().size(); i++) {
          values.put(schema.columns().get(i).name(), rows.getString(8 + i));
        }
        String sequence = rows.getString(2);
        assertThat(sequence).isBetween(file.firstSequence(), file.lastSequence());
        assertThat(sequence).startsWith(epoch);
        assertThat(rows.getString(3)).isEqualTo(file.tenant());
        assertThat(rows.getString(6)).isEqualTo(file.loadDate().toString());
        assertThat(rows.getBoolean(7)).isFalse();
        changes.add(
            new Change(
                rows.getString(1),
                sequence,
                rows.getString(3),
                rows.getString(4),
                rows.getString(5),
                values));
      }
    }
    assertThat((long) changes.size()).isEqualTo(file.rows());
    records += changes.size();
    return changes;
  }

  private void apply(String table, Change change) {
    Map<String, Row> rows = tables.computeIfAbsent(table, t -> new HashMap<>());
    if (change.op().equals("T")) {
      rows.values().removeIf(row -> row.sequence().compareTo(change.sequence()) < 0);
      return;
    }
    List<String> keyColumns = newest.get(table).key();
    String key = keyColumns.stream().map(change.values()::get).collect(Collectors.joining("|"));
    String from = key;
    if (change.oldKey() != null) {
      @SuppressWarnings("unchecked")
      Map<String, String> old = Json.read(change.oldKey(), Map.class);
      from = keyColumns.stream().map(old::get).collect(Collectors.joining("|"));
    }
    Row before = rows.get(from);
    if (!from.equals(key) && before != null && before.sequence().compareTo(change.sequence()) < 0) {
      rows.remove(from);
    }
    Row present = rows.get(key);
    if (present != null && present.sequence().compareTo(change.sequence()) > 0) {
      return;
    }
    if (change.op().equals("D")) {
      rows.remove(key);
      return;
    }
    Map<String, String> values = new TreeMap<>(change.values());
    if (change.unchanged() != null) {
      for (String column : change.unchanged().split(",")) {
        assertThat(values.get(column)).isNull();
        values.put(column, before == null ? "<missing>" : before.values().get(column));
      }
    }
    rows.put(key, new Row(change.sequence(), change.tenant(), values));
  }

  /** Key to the sequence of its last change. */
  public Map<String, String> sequences(String table) {
    Map<String, String> result = new TreeMap<>();
    tables.getOrDefault(table, Map.of()).forEach((k, row) -> result.put(k, row.sequence()));
    return result;
  }

  /** The source's rows in the same form. */
  public static Map<String, Map<String, String>> source(
      Connection connection, CapturedTable table, List<String> key) throws SQLException {
    Map<String, Map<String, String>> result = new TreeMap<>();
    List<String> names = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = '"
                  + table.schema()
                  + "."
                  + table.table()
                  + "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''")) {
        while (rows.next()) {
          String column = "\"" + rows.getString(1) + "\"";
          names.add(rows.getString(1));
          // A cast to text is not always what the type prints: inet gets a mask, boolean a word.
          texts.add(
              rows.getString(2).equals("boolean")
                  ? column + "::text"
                  : "CASE WHEN " + column + " IS NOT NULL THEN format('%s', " + column + ") END");
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT "
                  + String.join(", ", texts)
                  + " FROM "
                  + table.schema()
                  + "."
                  + table.table())) {
        while (rows.next()) {
          Map<String, String> values = new TreeMap<>();
          for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), rows.getString(i + 1));
          }
          result.put(key.stream().map(values::get).collect(Collectors.joining("|")), values);
        }
      }
    }
    return result;
  }

  /** Fails unless Bronze, folded, equals the source in every table. */
  public static BronzeFold assertEqualsSource(
      Path root, TestSource source, List<CapturedTable> tables) throws SQLException, IOException {
    return of(root).assertEqualsSource(source, tables);
  }

  /** Fails unless what was folded equals the source in every table. */
  public BronzeFold assertEqualsSource(TestSource source, List<CapturedTable> captured)
      throws SQLException {
    try (Connection connection = source.connect()) {
      for (CapturedTable table : captured) {
        SchemaVersion schema = newest.get(table.table());
        assertThat(schema).as("schema of " + table.table()).isNotNull();
        Map<String, Map<String, String>> expected = source(connection, table, schema.key());
        assertSame(table.table(), rows(table.table()), expected);
        if (table.tenantColumn() != null) {
          Map<String, String> tenants = new TreeMap<>();
          expected.forEach((k, v) -> tenants.put(k, v.get(table.tenantColumn())));
          assertThat(tenants(table.table())).isEqualTo(tenants);
        }
      }
    }
    return this;
  }

  private static void assertSame(
      String table,
      Map<String, Map<String, String>> actual,
      Map<String, Map<String, String>> expected) {
    if (actual.equals(expected)) {
      return;
    }
    Map<String, Map<String, String>> missing = new TreeMap<>(expected);
    missing.entrySet().removeIf(e -> e.getValue().equals(actual.get(e.getKey())));
    Map<String, Map<String, String>> surplus = new TreeMap<>(actual);
    surplus.entrySet().removeIf(e -> e.getValue().equals(expected.get(e.getKey())));
    throw new AssertionError(
        table
            + ": "
            + missing.size()
            + " rows missing or wrong, such as "
            + missing.entrySet().stream().limit(2).toList()
            + "; "
            + surplus.size()
            + " rows surplus or wrong, such as "
            + surplus.entrySet().stream().limit(2).toList());
  }

  /** Whether Bronze, folded, equals the source now; for waiting. */
  public static boolean equalsSource(Path root, TestSource source, List<CapturedTable> tables) {
    try {
      assertEqualsSource(root, source, tables);
      return true;
    } catch (AssertionError e) {
      return false;
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
