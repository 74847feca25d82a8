package dev.lakegate.laptop.backend;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What the application's users do, with Django's habits: one transaction a call, cascades as
 * separate statements, {@code updated_at} set by what Django calls save. Each method returns the
 * number of rows it changed, and 0 when there was nothing to do. Owns its connection; not
 * thread-safe.
 */
public final class Shop implements AutoCloseable {
  private final Connection connection;
  private final SplittableRandom random;

  Shop(Connection connection, long seed) throws SQLException {
    this.connection = connection;
    this.random = new SplittableRandom(seed);
    connection.setAutoCommit(false);
  }

  /** Somebody does something, as often as it happens in such a shop. */
  public int act() throws SQLException {
    String tenant = aTenant();
    if (tenant == null) {
      return 0;
    }
    int dice = random.nextInt(1000);
    if (dice < 350) {
      return browse(tenant);
    } else if (dice < 550) {
      return placeOrder(tenant);
    } else if (dice < 650) {
      return advance(tenant, "pending", "paid");
    } else if (dice < 740) {
      return advance(tenant, "paid", "shipped");
    } else if (dice < 830) {
      return advance(tenant, "shipped", "completed");
    } else if (dice < 850) {
      return advance(tenant, random.nextBoolean() ? "pending" : "paid", "cancelled");
    } else if (dice < 860) {
      return advance(tenant, "completed", "refunded");
    } else if (dice < 890) {
      return subscribe(tenant);
    } else if (dice < 905) {
      return cancelSubscription(tenant);
    } else if (dice < 915) {
      return reactivateSubscription(tenant);
    } else if (dice < 935) {
      return payInvoice(tenant);
    } else if (dice < 965) {
      return updateCustomer(tenant);
    } else if (dice < 980) {
      return signUp(tenant);
    } else if (dice < 990) {
      return restock(tenant);
    } else if (dice < 996) {
      return deleteOrder(tenant);
    } else if (dice < 999) {
      return deleteCustomer(tenant);
    }
    return moveCustomer(tenant);
  }

  /** A visit: events down the funnel. */
  public int browse(String tenant) throws SQLException {
    Long product = any("SELECT id FROM core_product WHERE tenant_id = ?", tenant);
    if (product == null) {
      return 0;
    }
    Long customer =
        random.nextBoolean()
            ? null
            : any("SELECT id FROM core_customer WHERE tenant_id = ?", tenant);
    String session = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    String address = Words.ipAddress(random);
    int made = 0;
    for (String step :
        new String[] {"page_view", "product_view", "add_to_cart", "checkout", "purchase"}) {
      if (made > 0 && random.nextInt(10) < 4) {
        break;
      }
      made +=
          update(
              "INSERT INTO core_event (id, session_id, event_type, event_data, ip_address,"
                  + " user_agent, created_at, customer_id, tenant_id)"
                  + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              new UUID(random.nextLong(), random.nextLong()),
              session,
              step,
              Seeder.eventData(random, step, product),
              address,
              Words.pick(random, Words.AGENTS),
              now(),
              customer,
              tenant);
    }
    connection.commit();
    return made;
  }

  /** An order with its items, pending. */
  public int placeOrder(String tenant) throws SQLException {
    return placeOrder(tenant, "pending") == 0 ? 0 : lastOrderRows;
  }

  private int lastOrderRows;

  /**
   * An order with its items in the given status.
   *
   * @return the order's key, or 0 when the tenant has no customer or product
   */
  public long placeOrder(String tenant, String status) throws SQLException {
    Long customer = any("SELECT id FROM core_customer WHERE tenant_id = ?", tenant);
    List<Object[]> products =
        query(
            "SELECT id, price FROM core_product WHERE tenant_id = ? ORDER BY id LIMIT 200", tenant);
    if (customer == null || products.isEmpty()) {
      connection.rollback();
      return 0;
    }
    OffsetDateTime now = now();
    List<Object[]> lines = new ArrayList<>();
    BigDecimal subtotal = new BigDecimal("0.00");
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      Object[] product = products.get(random.nextInt(products.size()));
      BigDecimal price = (BigDecimal) product[1];
      int quantity = 1 + random.nextInt(3);
      BigDecimal total = price.multiply(BigDecimal.valueOf(quantity));
      subtotal = subtotal.add(total);
      lines.add(new Object[] {product[0], quantity, price, total});
    }
    BigDecimal tax = subtotal.multiply(new BigDecimal("0.19")).setScale(2, RoundingMode.HALF_UP);
    BigDecimal shipping = new BigDecimal("4.90");
    long order =
        insert(
            "INSERT INTO core_order (created_at, updated_at, order_number, status, order_date,"
                + " subtotal, tax, shipping, total, currency, notes, customer_id, tenant_id)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            now,
            now,
            "WEB-" + new UUID(random.nextLong(), random.nextLong()),
            status,
            now,
            subtotal,
            tax,
            shipping,
            subtotal.add(tax).add(shipping),
            "EUR",
            random.nextInt(50) == 0 ? Words.text(random, 9_000) : "",
            customer,
            tenant);
    for (Object[] line : lines) {
      update(
          "INSERT INTO core_orderitem (created_at, updated_at, quantity, unit_price, discount,"
              + " line_total, order_id, product_id, tenant_id)"
              + " VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)",
          now,
          now,
          line[1],
          line[2],
          line[3],
          order,
          line[0],
          tenant);
    }
    connection.commit();
    lastOrderRows = 1 + lines.size();
    return order;
  }

  /** Sets the status of one order, as saving it does; 0 when it does not exist. */
  public int setOrderStatus(long order, String status) throws SQLException {
    int changed =
        update(
            "UPDATE core_order SET status = ?, updated_at = ? WHERE id = ?", status, now(), order);
    connection.commit();
    return changed;
  }

  /** Deletes one order as Django does: its items, the references to it, then the order. */
  public int deleteOrder(long order) throws SQLException {
    int changed = cascadeOrder(order);
    connection.commit();
    return changed;
  }

  private int advance(String tenant, String from, String to) throws SQLException {
    Long order =
        any("SELECT id FROM core_order WHERE status = '" + from + "' AND tenant_id = ?", tenant);
    if (order == null) {
      connection.rollback();
      return 0;
    }
    int changed =
        update("UPDATE core_order SET status = ?, updated_at = ? WHERE id = ?", to, now(), order);
    if (to.equals("paid")) {
      changed +=
          update(
              "INSERT INTO core_invoice (created_at, updated_at, invoice_number, status,"
                  + " amount_due, amount_paid, issued_at, due_date, paid_at, order_id,"
                  + " subscription_id, tenant_id)"
                  + " SELECT ?, ?, ?, 'paid', total, total, ?, ?, ?, id, NULL, tenant_id"
                  + " FROM core_order WHERE id = ?",
              now(),
              now(),
              invoiceNumber(),
              now(),
              LocalDate.now(ZoneOffset.UTC).plusDays(14),
              now(),
              order);
    }
    connection.commit();
    return changed;
  }

  private int subscribe(String tenant) throws SQLException {
    Long customer = any("SELECT id FROM core_customer WHERE tenant_id = ?", tenant);
    if (customer == null) {
      connection.rollback();
      return 0;
    }
    int plan = random.nextInt(Seeder.PLANS.length);
    long subscription =
        insert(
            "INSERT INTO core_subscription (created_at, updated_at, plan, status, monthly_amount,"
                + " started_at, cancelled_at, current_period_end, customer_id, tenant_id)"
                + " VALUES (?, ?, ?, 'active', ?, ?, NULL, ?, ?, ?) RETURNING id",
            now(),
            now(),
            Seeder.PLANS[plan],
            Seeder.PLAN_PRICES[plan],
            now(),
            now().plusDays(30),
            customer,
            tenant);
    update(
        "INSERT INTO core_invoice (created_at, updated_at, invoice_number, status, amount_due,"
            + " amount_paid, issued_at, due_date, paid_at, order_id, subscription_id, tenant_id)"
            + " VALUES (?, ?, ?, 'open', ?, 0, ?, ?, NULL, NULL, ?, ?)",
        now(),
        now(),
        invoiceNumber(),
        Seeder.PLAN_PRICES[plan],
        now(),
        LocalDate.now(ZoneOffset.UTC).plusDays(14),
        subscription,
        tenant);
    connection.commit();
    return 2;
  }

  private int cancelSubscription(String tenant) throws SQLException {
    return touch(
        any("SELECT id FROM core_subscription WHERE status = 'active' AND tenant_id = ?", tenant),
        "UPDATE core_subscription SET status = 'cancelled', cancelled_at = now(), updated_at ="
            + " now() WHERE id = ?");
  }

  private int reactivateSubscription(String tenant) throws SQLException {
    return touch(
        any(
            "SELECT id FROM core_subscription WHERE status = 'cancelled' AND tenant_id = ?",
            tenant),
        "UPDATE core_subscription SET status = 'active', cancelled_at = NULL, updated_at = now()"
            + " WHERE id = ?");
  }

  private int payInvoice(String tenant) throws SQLException {
    return touch(
        any("SELECT id FROM core_invoice WHERE status = 'open' AND tenant_id = ?", tenant),
        "UPDATE core_invoice SET status = 'paid', amount_paid = amount_due, paid_at = now(),"
            + " updated_at = now() WHERE id = ?");
  }

  private int updateCustomer(String tenant) throws SQLException {
    Long customer = any("SELECT id FROM core_customer WHERE tenant_id = ?", tenant);
    // A bulk update does not touch updated_at; a saved form does.
    return touch(
        customer,
        random.nextInt(4) == 0
            ? "UPDATE core_customer SET metadata = metadata || '{\"vip\": true}' WHERE id = ?"
            : "UPDATE core_customer SET phone = '+49 30 "
                + Words.digits(random, 7)
                + "', updated_at = now() WHERE id = ?");
  }

  private int signUp(String tenant) throws SQLException {
    String first = Words.pick(random, Words.FIRST_NAMES);
    String last = Words.pick(random, Words.LAST_NAMES);
    int made =
        update(
            "INSERT INTO core_customer (created_at, updated_at, email, phone, first_name,"
                + " last_name, metadata, status, tenant_id)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?)",
            now(),
            now(),
            Words.email(random, first, last, random.nextInt(1_000_000_000)),
            Words.phone(random),
            first,
            last,
            Words.customerMetadata(random),
            tenant);
    connection.commit();
    return made;
  }

  private int restock(String tenant) throws SQLException {
    return touch(
        any("SELECT id FROM core_product WHERE tenant_id = ?", tenant),
        "UPDATE core_product SET inventory_quantity = inventory_quantity + "
            + random.nextInt(100)
            + ", updated_at = now() WHERE id = ?");
  }

  private int deleteOrder(String tenant) throws SQLException {
    Long order =
        any("SELECT id FROM core_order WHERE status = 'cancelled' AND tenant_id = ?", tenant);
    if (order == null) {
      connection.rollback();
      return 0;
    }
    return deleteOrder(order.longValue());
  }

  private int deleteCustomer(String tenant) throws SQLException {
    Long customer = any("SELECT id FROM core_customer WHERE tenant_id = ?", tenant);
    if (customer == null) {
      connection.rollback();
      return 0;
    }
    int changed = 0;
    for (Object[] order : query("SELECT id FROM core_order WHERE customer_id = ?", customer)) {
      changed += cascadeOrder(((Number) order[0]).longValue());
    }
    changed +=
        update(
            "UPDATE core_invoice SET subscription_id = NULL WHERE subscription_id IN"
                + " (SELECT id FROM core_subscription WHERE customer_id = ?)",
            customer);
    changed += update("DELETE FROM core_subscription WHERE customer_id = ?", customer);
    changed += update("UPDATE core_event SET customer_id = NULL WHERE customer_id = ?", customer);
    changed += update("DELETE FROM core_customer WHERE id = ?", customer);
    connection.commit();
    return changed;
  }

  /** A customer changes to another tenant, and everything of theirs with them. */
  private int moveCustomer(String from) throws SQLException {
    String to = aTenant();
    Long customer = any("SELECT id FROM core_customer WHERE tenant_id = ?", from);
    if (customer == null || to.equals(from)) {
      connection.rollback();
      return 0;
    }
    int changed =
        update("UPDATE core_customer SET tenant_id = ? WHERE id = ?", to, customer)
            + update(
                "UPDATE core_orderitem SET tenant_id = ? WHERE order_id IN"
                    + " (SELECT id FROM core_order WHERE customer_id = ?)",
                to,
                customer)
            + update(
                // Numbers are unique in a tenant, so a moved order says where it comes from.
                "UPDATE core_order SET tenant_id = ?, order_number ="
                    + " left(order_number, 28) || '-' || substr(md5(id::text), 1, 10)"
                    + " WHERE customer_id = ?",
                to,
                customer)
            + update(
                "UPDATE core_subscription SET tenant_id = ? WHERE customer_id = ?", to, customer)
            + update("UPDATE core_event SET tenant_id = ? WHERE customer_id = ?", to, customer);
    connection.commit();
    return changed;
  }

  private int cascadeOrder(long order) throws SQLException {
    return update("DELETE FROM core_orderitem WHERE order_id = ?", order)
        + update("UPDATE core_invoice SET order_id = NULL WHERE order_id = ?", order)
        + update("DELETE FROM core_order WHERE id = ?", order);
  }

  private int touch(Long id, String sql) throws SQLException {
    int changed = id == null ? 0 : update(sql, id);
    connection.commit();
    return changed;
  }

  private String aTenant() throws SQLException {
    List<Object[]> tenants = query("SELECT slug FROM core_tenant ORDER BY slug LIMIT 1000");
    return tenants.isEmpty() ? null : (String) tenants.get(random.nextInt(tenants.size()))[0];
  }

  /** One of the fifty newest rows that the query finds. */
  private Long any(String sql, Object... parameters) throws SQLException {
    List<Object[]> rows = query(sql + " ORDER BY id DESC LIMIT 50", parameters);
    return rows.isEmpty()
        ? null
        : Long.valueOf(((Number) rows.get(random.nextInt(rows.size()))[0]).longValue());
  }

  private List<Object[]> query(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      List<Object[]> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          Object[] row = new Object[columns];
          for (int i = 0; i < columns; i++) {
            row[i] = result.getObject(i + 1);
          }
          rows.add(row);
        }
      }
      return rows;
    }
  }

  private long insert(String sql, Object... parameters) throws SQLException {
    return ((Number) query(sql, parameters).get(0)[0]).longValue();
  }

  private int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, Object[] parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  private String invoiceNumber() {
    return "WEB-" + new UUID(random.nextLong(), random.nextLong());
  }

  private static OffsetDateTime now() {
    return Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
