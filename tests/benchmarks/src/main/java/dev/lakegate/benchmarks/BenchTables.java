package dev.lakegate.benchmarks;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;

/**
 * Published Silver tables of orders and events: 20 tenants and the 12 months of 2026, partitioned
 * and described as the jobs do it, with made-up rows that are the same each time.
 */
final class BenchTables implements AutoCloseable {
  static final int TENANTS = 20;
  private static final int MONTHS = 12;
  private static final String INSTANT = "20270101000000000";

  private final Path directory;
  private final Path root;

  private BenchTables(Path directory) {
    this.directory = directory;
    this.root = directory.resolve("lake");
  }

  /** Makes so many orders and events. */
  static BenchTables make(long orders, long events) throws IOException, SQLException {
    BenchTables tables = new BenchTables(Files.createTempDirectory("lakegate-bench"));
    Files.createDirectories(tables.root);
    Lakehouse lakehouse =
        LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));
    try (Connection c = duckdb();
        Statement s = c.createStatement()) {
      s.execute("SET TimeZone = 'UTC'");
      // What writes 240 files at once holds a part of each.
      s.execute("SET memory_limit = '3GB'");
      s.execute("SET partitioned_write_max_open_files = 300");
      tables.publish(s, lakehouse.table("order").orElseThrow(), orders(orders));
      tables.publish(s, lakehouse.table("event").orElseThrow(), events(events));
    }
    return tables;
  }

  /** A DuckDB of its own, with the threads and memory that the gateway's has. */
  static Connection duckdb() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    Connection c = new DuckDBDriver().connect("jdbc:duckdb:", properties);
    try (Statement s = c.createStatement()) {
      s.execute("SET TimeZone = 'UTC'");
      s.execute("SET threads = 2");
      s.execute("SET memory_limit = '512MB'");
    }
    return c;
  }

  private static String at(String i, long rows) {
    // Spread over the year, not in order, so that every partition gets its share.
    return "TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_microseconds(CAST(hash("
        + i
        + ") % 31536000 AS BIGINT) * 1000000)";
  }

  private static String orders(long rows) {
    return "SELECT i AS id, moment AS created_at, moment AS updated_at, 'O-' || i AS order_number,"
        + " CASE WHEN i % 10 < 7 THEN 'completed' WHEN i % 10 < 9 THEN 'pending' ELSE 'cancelled'"
        + " END AS status, moment AS order_date, CAST(hash(i + 1) % 100000 / 100 AS DECIMAL(12,2)) AS"
        + " subtotal, CAST(hash(i + 2) % 1000 / 100 AS DECIMAL(12,2)) AS tax, CAST(4.90 AS"
        + " DECIMAL(12,2)) AS shipping, CAST(hash(i + 3) % 200000 / 100 AS DECIMAL(12,2)) AS total,"
        + " 'EUR' AS currency, '' AS notes, CAST(hash(i + 4) % "
        + Math.max(20, rows / 20)
        + " AS BIGINT) AS customer_id, 'tenant-' || (1 + i % "
        + TENANTS
        + ") AS tenant_id, CAST(date_trunc('month', moment) AS DATE) AS load_date FROM (SELECT i, "
        + at("i", rows)
        + " AS moment FROM range("
        + rows
        + ") r(i))";
  }

  private static String events(long rows) {
    return "SELECT CAST(i AS VARCHAR) AS id, 's' || (i // 7) AS session_id, ['page_view',"
        + " 'product_view', 'add_to_cart', 'checkout', 'purchase'][1 + CAST(hash(i) % 5 AS INTEGER)] AS event_type,"
        + " '{\"page\": \"/' || i % 50 || '\"}' AS event_data, NULL::VARCHAR AS ip_address, 'bench'"
        + " AS user_agent, moment AS created_at, CAST(hash(i + 5) % "
        + Math.max(20, rows / 60)
        + " AS BIGINT) AS customer_id, 'tenant-' || (1 + i % "
        + TENANTS
        + ") AS tenant_id, CAST(date_trunc('month', moment) AS DATE) AS load_date FROM (SELECT i, "
        + at("i", rows)
        + " AS moment FROM range("
        + rows
        + ") r(i))";
  }

  private void publish(Statement s, SourceTable table, String rows)
      throws SQLException, IOException {
    Path folder = root.resolve("silver").resolve(table.name());
    Files.createDirectories(folder);
    s.execute(
        "COPY ("
            + rows
            + ") TO '"
            + folder
            + "' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (tenant_id, load_date),"
            + " WRITE_PARTITION_COLUMNS true, OVERWRITE_OR_IGNORE true)");
    List<Snapshot.File> files = new ArrayList<>();
    try (ResultSet r =
        s.executeQuery(
            "SELECT filename, count(*), min(created_at)::VARCHAR, max(created_at)::VARCHAR,"
                + " any_value(tenant_id), any_value(load_date)::VARCHAR FROM read_parquet('"
                + folder
                + "/**/*.parquet', filename = true, hive_partitioning = false) GROUP BY 1 ORDER BY"
                + " 1")) {
      while (r.next()) {
        Path file = Path.of(r.getString(1));
        Map<String, String> partition = new LinkedHashMap<>();
        partition.put("tenant_id", r.getString(5));
        partition.put("load_date", r.getString(6));
        files.add(
            new Snapshot.File(
                root.relativize(file).toString(),
                partition,
                r.getLong(2),
                Files.size(file),
                Map.of("created_at", time(r.getString(3))),
                Map.of("created_at", time(r.getString(4)))));
      }
    }
    List<Snapshot.Column> columns =
        table.columns().stream()
            .map(c -> new Snapshot.Column(c.name(), c.type().text(), c.nullable(), ""))
            .collect(Collectors.toCollection(ArrayList::new));
    columns.add(new Snapshot.Column("load_date", "date", false, ""));
    Snapshot snapshot =
        new Snapshot(
            Snapshot.VERSION,
            "silver",
            table.name(),
            "tenant",
            INSTANT,
            Instant.parse("2027-01-01T00:00:01Z"),
            "",
            "tenant_id",
            columns,
            List.of("tenant_id", "load_date"),
            files,
            Json.MAPPER.createObjectNode(),
            null);
    Path catalog = root.resolve("_catalog/silver").resolve(table.name());
    Files.createDirectories(catalog);
    Files.writeString(catalog.resolve("current.json"), Json.write(snapshot));
  }

  private static String time(String duckdb) {
    return duckdb.replace(' ', 'T').replaceAll("\\+00$", "") + "Z";
  }

  Path root() {
    return root;
  }

  /**
   * The files that hold so many tenants' rows of so many months, the way one would list them by
   * hand.
   *
   * @param tenant its number; 0 for all
   * @param fromMonth from 1
   * @param toMonth inclusive
   */
  String files(String table, int tenant, int fromMonth, int toMonth) throws IOException {
    List<String> found = new ArrayList<>();
    for (int t = 1; t <= TENANTS; t++) {
      for (int m = fromMonth; m <= toMonth; m++) {
        if (tenant == 0 || tenant == t) {
          Path folder =
              root.resolve("silver")
                  .resolve(table)
                  .resolve("tenant_id=tenant-" + t)
                  .resolve(String.format("load_date=2026-%02d-01", m));
          try (Stream<Path> files = Files.list(folder)) {
            files.map(f -> "'" + f + "'").sorted().forEach(found::add);
          }
        }
      }
    }
    return "read_parquet([" + String.join(", ", found) + "], hive_partitioning = false)";
  }

  String allFiles(String table) throws IOException {
    return files(table, 0, 1, MONTHS);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
