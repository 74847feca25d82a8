package dev.lakegate.laptop.backend;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Fills the eight tables. Works through one tenant after the other, in batches that fit in memory,
 * so that the size has no bound but the disk.
 */
final class Seeder {
  private static final int ORDERS_A_BATCH = 2_000;
  private static final int EVENTS_A_BATCH = 10_000;
  private static final String[] CURRENCIES = {"USD", "EUR", "GBP", "EUR", "USD"};
  private static final BigDecimal[] TAX_RATES = {
    new BigDecimal("0.0825"), new BigDecimal("0.19"), BigDecimal.ZERO
  };
  static final String[] PLANS = {"basic", "plus", "pro"};
  static final BigDecimal[] PLAN_PRICES = {
    new BigDecimal("9.00"), new BigDecimal("29.00"), new BigDecimal("99.50")
  };

  private final SampleSize size;
  private final Connection connection;
  private final Map<String, Long> written = new LinkedHashMap<>();

  private final CopyBuffer tenants = new CopyBuffer("core_tenant", "slug, name, plan, created_at");
  private final CopyBuffer customers =
      new CopyBuffer(
          "core_customer",
          "id, created_at, updated_at, email, phone, first_name, last_name, metadata, status,"
              + " tenant_id");
  private final CopyBuffer products =
      new CopyBuffer(
          "core_product",
          "id, created_at, updated_at, sku, name, category, price, cost, inventory_quantity,"
              + " is_active, attributes, tenant_id");
  private final CopyBuffer orders =
      new CopyBuffer(
          "core_order",
          "id, created_at, updated_at, order_number, status, order_date, subtotal, tax, shipping,"
              + " total, currency, notes, customer_id, tenant_id");
  private final CopyBuffer items =
      new CopyBuffer(
          "core_orderitem",
          "id, created_at, updated_at, quantity, unit_price, discount, line_total, order_id,"
              + " product_id, tenant_id");
  private final CopyBuffer events =
      new CopyBuffer(
          "core_event",
          "id, session_id, event_type, event_data, ip_address, user_agent, created_at, customer_id,"
              + " tenant_id");
  private final CopyBuffer subscriptions =
      new CopyBuffer(
          "core_subscription",
          "id, created_at, updated_at, plan, status, monthly_amount, started_at, cancelled_at,"
              + " current_period_end, customer_id, tenant_id");
  private final CopyBuffer invoices =
      new CopyBuffer(
          "core_invoice",
          "id, created_at, updated_at, invoice_number, status, amount_due, amount_paid, issued_at,"
              + " due_date, paid_at, order_id, subscription_id, tenant_id");

  private long nextCustomer = 1;
  private long nextProduct = 1;
  private long nextOrder = 1;
  private long nextItem = 1;
  private long nextSubscription = 1;
  private long nextInvoice = 1;

  // Of the tenant at hand.
  private SplittableRandom random;
  private String tenant;
  private Instant tenantSince;
  private long firstCustomer;
  private int customerCount;
  private long firstProduct;
  private BigDecimal[] prices;
  private long invoiceNumber;

  Seeder(SampleSize size, Connection connection) {
    this.size = size;
    this.connection = connection;
  }

  Map<String, Long> run() throws SQLException {
    double weights = 0;
    for (int t = 1; t <= size.tenants(); t++) {
      weights += weight(t);
    }
    for (int t = 1; t <= size.tenants(); t++) {
      seedTenant(t, Math.round(size.rows() * weight(t) / weights));
    }
    try (Statement statement = connection.createStatement()) {
      for (String table :
          new String[] {
            "core_customer",
            "core_invoice",
            "core_order",
            "core_orderitem",
            "core_product",
            "core_subscription"
          }) {
        // Keys were given explicitly; the next one that the application draws must be free.
        statement.execute(
            "SELECT setval('public."
                + table
                + "_id_seq', COALESCE((SELECT max(id) FROM public."
                + table
                + "), 0) + 1, false)");
      }
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
      connection.setAutoCommit(true);
      statement.execute("ANALYZE");
    }
    return written;
  }

  /** Tenants differ in size: the first is the largest. */
  private static double weight(int number) {
    return 1 / Math.sqrt(number);
  }

  static String planOf(int tenantNumber) {
    return tenantNumber <= 2 ? "enterprise" : tenantNumber <= 5 ? "midmarket" : "small";
  }

  private void seedTenant(int number, long rows) throws SQLException {
    random = new SplittableRandom(size.seed() * 1_000_003 + number);
    tenant = "tenant-" + number;
    tenantSince = size.until().minus(Duration.ofDays(size.days()));
    invoiceNumber = 1;
    customerCount = (int) Math.max(3, rows * 10 / 100);
    int productCount = (int) Math.max(3, Math.min(rows * 4 / 100, 5_000));
    int subscriptionCount = (int) (rows * 4 / 100);
    long orderCount = rows * 16 / 100;
    long eventCount = rows * 28 / 100;

    tenants.row(
        tenant,
        Words.pick(random, Words.LAST_NAMES)
            + " & "
            + Words.pick(random, Words.LAST_NAMES)
            + " Ltd",
        planOf(number),
        tenantSince);
    firstCustomer = nextCustomer;
    for (int i = 0; i < customerCount; i++) {
      customer();
      if (customers.rows() >= EVENTS_A_BATCH) {
        send();
      }
    }
    firstProduct = nextProduct;
    prices = new BigDecimal[productCount];
    for (int i = 0; i < productCount; i++) {
      product(i);
    }
    send();
    for (int i = 0; i < subscriptionCount; i++) {
      subscription();
      if (subscriptions.rows() >= ORDERS_A_BATCH) {
        send();
      }
    }
    send();
    for (long i = 0; i < orderCount; i++) {
      order(i + 1);
      if (orders.rows() >= ORDERS_A_BATCH) {
        send();
      }
    }
    send();
    for (long left = eventCount; left > 0; ) {
      left -= session(left);
      if (events.rows() >= EVENTS_A_BATCH) {
        send();
      }
    }
    send();
  }

  private void customer() {
    long id = nextCustomer++;
    String first = Words.pick(random, Words.FIRST_NAMES);
    String last = Words.pick(random, Words.LAST_NAMES);
    Instant created = moment();
    int state = random.nextInt(100);
    customers.row(
        id,
        created,
        later(created),
        Words.email(random, first, last, id),
        Words.phone(random),
        first,
        last,
        Words.customerMetadata(random),
        state < 80 ? "active" : state < 90 ? "inactive" : state < 98 ? "churned" : "blocked",
        tenant);
  }

  private void product(int index) {
    BigDecimal price = BigDecimal.valueOf(199 + random.nextInt(19_800), 2);
    prices[index] = price;
    products.row(
        nextProduct++,
        tenantSince,
        later(tenantSince),
        "SKU-%05d".formatted(index + 1),
        Words.pick(random, Words.ADJECTIVES) + " " + Words.pick(random, Words.THINGS),
        Words.pick(random, Words.CATEGORIES),
        price,
        price.multiply(new BigDecimal("0.6")).setScale(2, RoundingMode.HALF_UP),
        random.nextInt(50) == 0 ? -random.nextInt(5) : random.nextInt(500),
        random.nextInt(20) > 0,
        "{\"color\": \""
            + Words.pick(random, new String[] {"black", "white", "green", "blue"})
            + "\", \"weight_g\": "
            + (50 + random.nextInt(5_000))
            + "}",
        tenant);
  }

  private void subscription() {
    long id = nextSubscription++;
    Instant started = moment();
    int plan = random.nextInt(PLANS.length);
    int state = random.nextInt(100);
    String status =
        state < 70 ? "active" : state < 78 ? "trialing" : state < 84 ? "past_due" : "cancelled";
    Instant cancelled = status.equals("cancelled") ? later(started) : null;
    subscriptions.row(
        id,
        started,
        cancelled == null ? started : cancelled,
        PLANS[plan],
        status,
        PLAN_PRICES[plan],
        started,
        cancelled,
        size.until().plus(Duration.ofDays(1 + random.nextInt(30))),
        aCustomer(),
        tenant);
    if (!status.equals("trialing")) {
      invoice(PLAN_PRICES[plan], started, null, id, !status.equals("past_due"));
    }
  }

  private void order(long number) {
    long id = nextOrder++;
    Instant created = moment();
    // Some orders were imported: placed long before their row was made.
    Instant placed =
        random.nextInt(30) == 0 ? created.minus(Duration.ofDays(random.nextInt(60))) : created;
    long age = Duration.between(created, size.until()).toDays();
    int state = random.nextInt(100);
    String status;
    if (state < 6) {
      status = "cancelled";
    } else if (state < 9) {
      status = "refunded";
    } else if (age < 2 && state < 60) {
      status = state < 30 ? "pending" : "paid";
    } else if (age < 6 && state < 50) {
      status = "shipped";
    } else {
      status = "completed";
    }
    BigDecimal subtotal = BigDecimal.ZERO.setScale(2);
    int lines = 1 + random.nextInt(3);
    for (int i = 0; i < lines; i++) {
      int product = random.nextInt(prices.length);
      int quantity = 1 + random.nextInt(3);
      BigDecimal gross = prices[product].multiply(BigDecimal.valueOf(quantity));
      BigDecimal discount =
          random.nextInt(5) == 0
              ? gross.multiply(new BigDecimal("0.1")).setScale(2, RoundingMode.HALF_UP)
              : new BigDecimal("0.00");
      BigDecimal line = gross.subtract(discount);
      subtotal = subtotal.add(line);
      items.row(
          nextItem++,
          created,
          created,
          quantity,
          prices[product],
          discount,
          line,
          id,
          firstProduct + product,
          tenant);
    }
    BigDecimal tax =
        subtotal
            .multiply(TAX_RATES[random.nextInt(TAX_RATES.length)])
            .setScale(2, RoundingMode.HALF_UP);
    BigDecimal shipping = random.nextBoolean() ? new BigDecimal("0.00") : new BigDecimal("4.90");
    BigDecimal total = subtotal.add(tax).add(shipping);
    int talk = random.nextInt(100);
    Instant updated = status.equals("pending") ? created : later(created);
    orders.row(
        id,
        created,
        updated,
        "ORD-%06d".formatted(number),
        status,
        placed,
        subtotal,
        tax,
        shipping,
        total,
        CURRENCIES[Math.floorMod(tenant.hashCode(), CURRENCIES.length)],
        talk < 70
            ? ""
            : talk < 98 ? Words.text(random, 10 + random.nextInt(80)) : Words.text(random, 9_000),
        aCustomer(),
        tenant);
    if (!status.equals("pending") && !status.equals("cancelled") && random.nextInt(3) == 0) {
      invoice(total, created, id, null, true);
    }
  }

  private void invoice(
      BigDecimal amount, Instant issued, Long order, Long subscription, boolean paid) {
    invoices.row(
        nextInvoice++,
        issued,
        paid ? later(issued) : issued,
        "INV-%06d".formatted(invoiceNumber++),
        paid ? "paid" : "open",
        amount,
        paid ? amount : new BigDecimal("0.00"),
        issued,
        issued.atZone(ZoneOffset.UTC).toLocalDate().plusDays(14),
        paid ? later(issued) : null,
        order,
        subscription,
        tenant);
  }

  /** One visit: a walk down the funnel that ends early or late. Returns its number of events. */
  private long session(long atMost) {
    String session = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    String address = Words.ipAddress(random);
    String agent = Words.pick(random, Words.AGENTS);
    Instant at = moment();
    Long customer = random.nextInt(5) < 2 ? null : aCustomer();
    String[] steps = {"page_view", "product_view", "add_to_cart", "checkout", "purchase"};
    long made = 0;
    for (String step : steps) {
      if (made == atMost || (made > 0 && random.nextInt(10) < 3)) {
        break;
      }
      events.row(
          new UUID(random.nextLong(), random.nextLong()),
          session,
          step,
          eventData(random, step, firstProduct + random.nextInt(prices.length)),
          address,
          agent,
          at,
          customer,
          tenant);
      at = at.plusMillis(500 + random.nextInt(90_000));
      made++;
    }
    return made;
  }

  static String eventData(SplittableRandom random, String step, long product) {
    return step.equals("page_view")
        ? "{\"path\": \"/\", \"referrer\": "
            + (random.nextBoolean() ? "null" : "\"https://search.example/\"")
            + "}"
        : "{\"path\": \"/products/" + product + "\", \"product_id\": " + product + "}";
  }

  private long aCustomer() {
    return firstCustomer + random.nextInt(customerCount);
  }

  private Instant moment() {
    long span = Duration.ofDays(size.days()).toMillis();
    return tenantSince
        .plusMillis(random.nextLong(span))
        .plus(random.nextInt(1000), ChronoUnit.MICROS);
  }

  private Instant later(Instant from) {
    long span = Duration.between(from, size.until()).toMillis();
    return span <= 0 ? from : from.plusMillis(random.nextLong(span + 1));
  }

  /** Sends what is buffered, parents before children, and commits. */
  private void send() throws SQLException {
    count("core_tenant", tenants);
    count("core_customer", customers);
    count("core_product", products);
    count("core_order", orders);
    count("core_orderitem", items);
    count("core_event", events);
    count("core_subscription", subscriptions);
    count("core_invoice", invoices);
    connection.commit();
  }

  private void count(String table, CopyBuffer buffer) throws SQLException {
    written.merge(table, buffer.rows(), Long::sum);
    buffer.send(connection);
  }
}
