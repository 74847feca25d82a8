package dev.lakegate.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Changes of the sample application's two busiest tables, in transactions of twenty: half of them
 * updates of orders, a quarter new events, a quarter new orders, over all tenants.
 */
final class Changes {
  static final int PER_TRANSACTION = 20;

  private Changes() {}

  /**
   * Makes the database commit so many changes as fast as it can, and returns how many those are.
   */
  static long make(BenchSource source, long changes) throws SQLException {
    long transactions = Math.max(1, changes / PER_TRANSACTION);
    try (Connection connection = source.backend().connect();
        Statement statement = connection.createStatement()) {
      prepare(statement);
      // One call runs many transactions; COMMIT is allowed in a procedure outside of a transaction.
      try (ResultSet made =
          statement.executeQuery("CALL bench_changes(" + transactions + ", 0, 0)")) {
        made.next();
        return made.getLong(1);
      }
    }
  }

  /** Makes them at an even rate, and returns how many were made. */
  static long make(BenchSource source, int perSecond, int seconds) throws Exception {
    try (Connection connection = source.backend().connect();
        Statement statement = connection.createStatement()) {
      prepare(statement);
      long transactions = (long) perSecond * seconds / PER_TRANSACTION;
      long started = System.nanoTime();
      long total = 0;
      try (PreparedStatement one = connection.prepareStatement("CALL bench_changes(1, ?, 0)")) {
        for (long i = 0; i < transactions; i++) {
          one.setLong(1, i);
          try (ResultSet made = one.executeQuery()) {
            made.next();
            total += made.getLong(1);
          }
          long due = started + (i + 1) * PER_TRANSACTION * 1_000_000_000L / perSecond;
          long early = due - System.nanoTime();
          if (early > 0) {
            Thread.sleep(early / 1_000_000, (int) (early % 1_000_000));
          }
        }
      }
      return total;
    }
  }

  private static void prepare(Statement statement) throws SQLException {
    statement.execute(
        """
        CREATE OR REPLACE PROCEDURE bench_changes(
            transactions bigint, salt bigint, INOUT made bigint) LANGUAGE plpgsql AS $$
        DECLARE
          orders bigint := (SELECT max(id) FROM core_order);
          tenants text[] := (SELECT array_agg(slug ORDER BY slug) FROM core_tenant);
          tenant text;
          changed bigint;
        BEGIN
          FOR n IN 1..transactions LOOP
            tenant := tenants[1 + (n + salt) % array_length(tenants, 1)];
            UPDATE core_order SET status = 'completed', total = total + 1, updated_at = now()
              WHERE id IN (SELECT 1 + ((n + salt) * 7919 + i * 104729) % orders
                           FROM generate_series(1, 10) i);
            GET DIAGNOSTICS changed = ROW_COUNT;
            made := made + changed;
            INSERT INTO core_event (id, session_id, event_type, event_data, ip_address, user_agent,
                created_at, customer_id, tenant_id)
              SELECT gen_random_uuid(), md5(i::text), 'page_view',
                jsonb_build_object('path', '/products/' || i, 'referrer', 'https://search.example/'),
                '192.0.2.76', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36', now(),
                NULL, tenant
              FROM generate_series(1, 5) i;
            GET DIAGNOSTICS changed = ROW_COUNT;
            made := made + changed;
            INSERT INTO core_order (created_at, updated_at, order_number, status, order_date,
                subtotal, tax, shipping, total, currency, notes, customer_id, tenant_id)
              SELECT now(), now(), 'B-' || gen_random_uuid(), 'pending', now(), 71.43, 1, 2, 74.43,
                'EUR', 'gift second twice door before twice door', c.id, c.tenant_id
              FROM (SELECT id, tenant_id FROM core_customer WHERE tenant_id = tenant
                    ORDER BY id LIMIT 5) c;
            GET DIAGNOSTICS changed = ROW_COUNT;
            made := made + changed;
            COMMIT;
          END LOOP;
        END $$
        """);
  }
}
