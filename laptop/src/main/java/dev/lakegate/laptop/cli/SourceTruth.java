package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.backend.SampleBackend;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What the answers must be, computed at the source itself by other SQL on another engine than the
 * lakehouse uses.
 */
final class SourceTruth {
  /** Revenue of completed orders; sums are 0 when there are none. */
  record Revenue(long days, long tenants, long orders, BigDecimal revenue) {
    Revenue {
      revenue = revenue.setScale(2);
    }
  }

  private static final String REVENUE =
      """
      SELECT count(*), count(DISTINCT tenant_id), COALESCE(sum(n), 0), COALESCE(sum(amount), 0)
      FROM (
        SELECT tenant_id, date_trunc('day', order_date AT TIME ZONE 'UTC') AS day,
               count(*) AS n, sum(total) AS amount
        FROM core_order
        WHERE status = 'completed' AND (?::text IS NULL OR tenant_id = ?)
        GROUP BY 1, 2) days
      """;

  private final SampleBackend backend;

  SourceTruth(SampleBackend backend) {
    this.backend = backend;
  }

  /**
   * @param tenant one tenant, or null for all
   */
  Revenue revenue(String tenant) throws SQLException {
    try (Connection connection = backend.connect();
        PreparedStatement query = connection.prepareStatement(REVENUE)) {
      query.setString(1, tenant);
      query.setString(2, tenant);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return new Revenue(row.getLong(1), row.getLong(2), row.getLong(3), row.getBigDecimal(4));
      }
    }
  }

  /** Key of a tenant's newest completed order besides the given one; 0 when there is none. */
  long completedOrderBut(String tenant, long key) throws SQLException {
    try (Connection connection = backend.connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT id FROM core_order WHERE tenant_id = ? AND status = 'completed'"
                    + " AND id <> ? ORDER BY order_date DESC, id DESC LIMIT 1")) {
      query.setString(1, tenant);
      query.setLong(2, key);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }
}
