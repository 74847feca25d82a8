package dev.lakegate.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Orders of 20 tenants over a year in DuckDB, which writes them to Bronze as capture would, and
 * tells what should come of them. One thread.
 */
final class OrdersInBronze implements AutoCloseable {
  private final Connection duck;

  OrdersInBronze(long rows) throws SQLException {
    this.duck = DriverManager.getConnection("jdbc:duckdb:");
    execute("SET TimeZone = 'UTC'");
    execute(
        """
        CREATE TABLE orders AS SELECT i AS id, 'tenant-' || (i %% 20) AS tenant_id,
          TIMESTAMPTZ '2026-06-30 12:00:00+00' - to_seconds((%1$d - i) * 31536000 // %1$d) AS moment,
          (hash(i) %% 50000)::BIGINT AS customer_id,
          CASE WHEN i %% 7 = 0 THEN 'pending' ELSE 'completed' END AS status,
          ((hash(i + 1) %% 100000) / 100)::DECIMAL(12,2) AS total, 0 AS version
        FROM range(1, %1$d + 1) t(i)
        """
            .formatted(rows));
  }

  /**
   * Writes a file of Bronze.
   *
   * @param select rows with the columns of {@code orders}
   * @return its path below the storage root
   */
  String write(Path root, long manifest, int number, String select)
      throws SQLException, IOException {
    String path =
        "bronze/core_order/load_date=2026-06-30/%020d-%d.parquet".formatted(manifest, number);
    Files.createDirectories(root.resolve(path).getParent());
    execute(
        """
        COPY (SELECT id, moment AS created_at, moment AS updated_at, 'O-' || id AS order_number, status,
          moment AS order_date, total AS subtotal, 0::DECIMAL(12,2) AS tax, 0::DECIMAL(12,2) AS shipping,
          total, 'EUR' AS currency, 'Notes of order ' || id AS notes, customer_id, tenant_id,
          'I' AS _op, '0001' || lpad('%1$d', 41, '0') || lpad(id::VARCHAR, 8, '0') AS _change_seq,
          TIMESTAMPTZ '2026-06-30 12:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
          NULL::VARCHAR AS _old_key, DATE '2026-06-30' AS load_date FROM (%2$s))
        TO '%3$s' (FORMAT parquet, COMPRESSION snappy)
        """
            .formatted(manifest, select, root.resolve(path)));
    return path;
  }

  /**
   * Compares the revenue of completed orders by tenant and day.
   *
   * @param files of {@code gold.revenue_metrics}, as DuckDB lists them
   * @throws IllegalStateException when they differ
   */
  void requireRevenue(String files) throws SQLException {
    same(
        "SELECT tenant_id, moment::DATE AS dt, count(*) AS n, sum(total)::DECIMAL(18,2) AS s"
            + " FROM orders WHERE status = 'completed' GROUP BY ALL",
        "SELECT tenant_id, dt, order_count, total_revenue FROM read_parquet("
            + files
            + ", hive_partitioning = false)",
        "revenue");
  }

  /** Compares stored orders with those that were written, key by key. */
  void requireOrders(String files) throws SQLException {
    same(
        "SELECT id, tenant_id, status, total, customer_id FROM orders",
        "SELECT id, tenant_id, status, total, customer_id FROM read_parquet("
            + files
            + ", hive_partitioning = false)",
        "orders");
  }

  private void same(String wanted, String found, String what) throws SQLException {
    long differ =
        number(
            "SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s))"
                .formatted("(" + wanted + ")", "(" + found + ")"));
    if (differ != 0) {
      throw new IllegalStateException(differ + " rows of " + what + " are wrong");
    }
  }

  long number(String sql) throws SQLException {
    try (Statement statement = duck.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = duck.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    duck.close();
  }
}
