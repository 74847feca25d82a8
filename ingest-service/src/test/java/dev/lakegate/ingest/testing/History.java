package dev.lakegate.ingest.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/**
 * What a backend does to its database, at random but repeatable: many changes of one key in a
 * transaction, reused keys, changed keys, moves between tenants, savepoints, unchanged TOAST
 * values, truncation.
 */
public final class History {
  private static final List<String> WITH_ID =
      List.of(
          "core_customer",
          "core_order",
          "core_orderitem",
          "core_product",
          "core_subscription",
          "core_invoice");
  private static final List<String> TRUNCATED =
      List.of("core_event", "core_orderitem", "core_order CASCADE", "core_product CASCADE");
  private static final int KEYS = 40;

  private final Random random;
  private final int tenants;

  public History(long seed, int tenants) {
    this.random = new Random(seed);
    this.tenants = tenants;
  }

  /** Lifts the constraints that random rows would run into. */
  public static void prepare(TestSource source) throws SQLException {
    source.execute(
        "ALTER TABLE core_product DROP CONSTRAINT IF EXISTS core_product_tenant_sku_uniq;"
            + "ALTER TABLE core_order DROP CONSTRAINT IF EXISTS core_order_tenant_number_uniq;"
            + "ALTER TABLE core_invoice DROP CONSTRAINT IF EXISTS core_invoice_tenant_number_uniq");
  }

  /** One transaction of a few changes, committed or rolled back. */
  public void transaction(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      // Foreign keys are not what is tested; this spares arranging the order of rows.
      statement.execute("SET session_replication_role = replica");
      int changes = 1 + random.nextInt(12);
      for (int i = 0; i < changes; i++) {
        if (random.nextInt(10) == 0) {
          Savepoint savepoint = connection.setSavepoint();
          change(statement);
          change(statement);
          if (random.nextBoolean()) {
            connection.rollback(savepoint);
          }
        } else {
          change(statement);
        }
      }
    }
    if (random.nextInt(8) == 0) {
      connection.rollback();
    } else {
      connection.commit();
    }
  }

  private void change(Statement statement) throws SQLException {
    int kind = random.nextInt(100);
    if (kind < 1) {
      statement.execute("TRUNCATE " + TRUNCATED.get(random.nextInt(TRUNCATED.size())));
    } else if (kind < 8) {
      tenant(statement);
    } else if (kind < 25) {
      event(statement);
    } else {
      row(statement, WITH_ID.get(random.nextInt(WITH_ID.size())));
    }
  }

  private void tenant(Statement statement) throws SQLException {
    String slug = tenantId();
    switch (random.nextInt(4)) {
      case 0 -> statement.execute("DELETE FROM core_tenant WHERE slug = '" + slug + "'");
      case 1 -> {
        String other = tenantId();
        statement.execute("DELETE FROM core_tenant WHERE slug = '" + other + "'");
        statement.execute(
            "UPDATE core_tenant SET slug = '" + other + "' WHERE slug = '" + slug + "'");
      }
      default ->
          statement.execute(
              "INSERT INTO core_tenant VALUES ('"
                  + slug
                  + "', '"
                  + text()
                  + "', 'small', clock_timestamp()) ON CONFLICT (slug) DO UPDATE SET name ="
                  + " excluded.name");
    }
  }

  private void event(Statement statement) throws SQLException {
    String id = "md5('" + random.nextInt(KEYS) + "')::uuid";
    switch (random.nextInt(4)) {
      case 0 -> statement.execute("DELETE FROM core_event WHERE id = " + id);
      case 1 ->
          statement.execute(
              "UPDATE core_event SET customer_id = " + random.nextInt(9) + " WHERE id = " + id);
      default ->
          statement.execute(
              "INSERT INTO core_event VALUES ("
                  + id
                  + ", 's', 'checkout', "
                  + json()
                  + ", '2001:db8::1', '"
                  + text()
                  + "', clock_timestamp(), NULL, '"
                  + tenantId()
                  + "') ON CONFLICT (id) DO UPDATE SET user_agent = excluded.user_agent");
    }
  }

  private void row(Statement statement, String table) throws SQLException {
    int id = random.nextInt(KEYS);
    switch (random.nextInt(8)) {
      case 0 -> statement.execute("DELETE FROM " + table + " WHERE id = " + id);
      case 1 -> {
        int other = random.nextInt(KEYS);
        if (other != id) {
          statement.execute("DELETE FROM " + table + " WHERE id = " + other);
        }
        String move = random.nextBoolean() ? ", tenant_id = '" + tenantId() + "'" : "";
        statement.execute("UPDATE " + table + " SET id = " + other + move + " WHERE id = " + id);
      }
      case 2 ->
          statement.execute(
              "UPDATE " + table + " SET tenant_id = '" + tenantId() + "' WHERE id = " + id);
      case 3 ->
          statement.execute(
              "UPDATE "
                  + table
                  + " SET created_at = created_at - interval '1 day' WHERE id % 20 = "
                  + random.nextInt(20));
      case 4 -> {
        if (table.equals("core_order")) {
          statement.execute("UPDATE core_order SET status = 'paid' WHERE id = " + id);
        } else {
          statement.execute("UPDATE " + table + " SET updated_at = now() WHERE id = " + id);
        }
      }
      default -> insert(statement, table, id);
    }
  }

  private void insert(Statement statement, String table, int id) throws SQLException {
    statement.execute("DELETE FROM " + table + " WHERE id = " + id);
    String head = "INSERT INTO " + table + " VALUES (" + id + ", clock_timestamp(), now(), ";
    String tail = ", '" + tenantId() + "') ON CONFLICT DO NOTHING";
    String number = "'N-" + random.nextInt() + "'";
    String money = random.nextInt(100_000) + "." + (10 + random.nextInt(90));
    String values =
        switch (table) {
          case "core_customer" ->
              "'" + text() + "', NULL, '" + text() + "', '', " + json() + ", 'active'";
          case "core_order" ->
              number
                  + ", 'pending', now(), "
                  + money
                  + ", 0, 0, "
                  + money
                  + ", 'USD', "
                  + notes()
                  + ", 1";
          case "core_orderitem" -> "1, " + money + ", 0, " + money + ", 1, 1";
          case "core_product" ->
              number + ", '" + text() + "', 'c', " + money + ", 0, -3, true, " + json();
          case "core_subscription" -> "'p', 'active', " + money + ", now(), NULL, now(), 1";
          default -> number + ", 'open', " + money + ", 0, now(), current_date, NULL, NULL, 1";
        };
    statement.execute(head + values + tail);
  }

  private String tenantId() {
    int tenant = random.nextInt(tenants + 1);
    return tenant == 0 ? "odd/tenant = 100 %" : "tenant-" + tenant;
  }

  /** Too long for the row and too random to compress, so that PostgreSQL stores it aside. */
  private String notes() {
    return random.nextBoolean()
        ? "''"
        : "(SELECT string_agg(md5(random()::text), E',\\n\"') FROM generate_series(1, 300))";
  }

  private String json() {
    return random.nextInt(3) == 0
        ? "(SELECT jsonb_agg(md5(random()::text)) FROM generate_series(1, 200))"
        : "'{\"a\": [1, null, \"x\\\"y\"]}'";
  }

  private String text() {
    return List.of("", " ", "a,b", "\"", "line\nbreak", "\r", "NULL", "\\N", "é漢🎉", "''")
        .get(random.nextInt(10));
  }
}
