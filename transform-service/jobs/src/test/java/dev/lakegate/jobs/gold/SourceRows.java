package dev.lakegate.jobs.gold;

import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Rows of the source's tables, made up, with what makes metrics wrong. */
final class SourceRows {
  record Tenant(String id, String name, String plan, Instant created) {}

  record Customer(
      long id,
      String tenant,
      String email,
      String phone,
      String first,
      String last,
      String status,
      Instant created,
      Instant updated) {}

  record Product(
      long id,
      String tenant,
      String sku,
      String name,
      String category,
      BigDecimal price,
      BigDecimal cost,
      int inventory,
      boolean active,
      Instant created,
      Instant updated) {}

  record Order(
      long id,
      String tenant,
      long customer,
      String status,
      Instant date,
      BigDecimal tax,
      BigDecimal shipping,
      BigDecimal total,
      String currency) {}

  record Line(
      long id,
      String tenant,
      long order,
      long product,
      int quantity,
      BigDecimal price,
      BigDecimal discount,
      BigDecimal total) {}

  record Event(String tenant, String session, String type, Instant at) {}

  record Subscription(
      long id,
      String tenant,
      long customer,
      String plan,
      String status,
      BigDecimal amount,
      Instant started,
      Instant cancelled) {}

  record SubscriptionVersion(
      long id,
      String tenant,
      String status,
      BigDecimal amount,
      Instant cancelled,
      Instant from,
      Instant to,
      String began) {}

  record Invoice(
      long id,
      String tenant,
      String status,
      BigDecimal due,
      BigDecimal paid,
      Instant issued,
      LocalDate lastDay,
      Instant paidAt) {}

  final List<Tenant> tenants = new ArrayList<>();
  final List<Customer> customers = new ArrayList<>();
  final List<Product> products = new ArrayList<>();
  final List<Order> orders = new ArrayList<>();
  final List<Line> lines = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  final List<Subscription> subscriptions = new ArrayList<>();
  final List<SubscriptionVersion> subscriptionVersions = new ArrayList<>();
  final List<Invoice> invoices = new ArrayList<>();

  /**
   * Random rows around a day. {@code tenant-4} has nothing but itself, {@code tenant-9} everything
   * but itself; orders name customers, and lines orders and products, that are not there or of
   * another tenant; statuses are also such that no metric knows.
   */
  static SourceRows random(long seed, LocalDate asOf) {
    Random random = new Random(seed);
    SourceRows rows = new SourceRows();
    for (String id : List.of("tenant-1", "tenant-2", "tenant-3", "tenant-4")) {
      rows.tenants.add(
          new Tenant(
              id, "Name of " + id, one(random, "small", "enterprise"), instant(random, asOf)));
    }
    if (seed % 2 == 0) {
      rows.tenants.add(
          new Tenant("tenant-5", "Old", "small", Instant.parse("2008-02-29T00:00:00Z")));
    }
    for (long id = 1; id <= 30; id++) {
      rows.customers.add(
          customer(
              id,
              tenant(random),
              one(random, "active", "active", "inactive", "churned", "blocked", "Active"),
              instant(random, asOf)));
    }
    for (long id = 1; id <= 8; id++) {
      rows.products.add(
          new Product(
              id,
              tenant(random),
              "SKU-" + id,
              "Product " + id,
              one(random, "Books", "books ", "Toys > Wood"),
              money(random),
              money(random),
              random.nextInt(20) - 5,
              random.nextBoolean(),
              instant(random, asOf),
              instant(random, asOf)));
    }
    for (long id = 1; id <= 150; id++) {
      rows.orders.add(
          new Order(
              id,
              tenant(random),
              1 + random.nextInt(33),
              one(
                  random,
                  "completed",
                  "completed",
                  "completed",
                  "refunded",
                  "cancelled",
                  "pending",
                  "paid",
                  "Completed"),
              instant(random, asOf),
              money(random),
              money(random),
              money(random),
              one(random, "EUR", "USD")));
    }
    for (long id = 1; id <= 300; id++) {
      long order = 1 + random.nextInt(155);
      String tenant =
          order > 150 || random.nextInt(20) == 0
              ? tenant(random)
              : rows.orders.get((int) order - 1).tenant();
      rows.lines.add(
          new Line(
              id,
              tenant,
              order,
              1 + random.nextInt(9),
              random.nextInt(4),
              money(random),
              money(random),
              random.nextInt(10) == 0 ? BigDecimal.ZERO.setScale(2) : money(random)));
    }
    for (int i = 0; i < 400; i++) {
      rows.events.add(
          new Event(
              tenant(random),
              "s" + random.nextInt(12),
              one(
                  random,
                  "page_view",
                  "page_view",
                  "product_view",
                  "add_to_cart",
                  "checkout",
                  "purchase",
                  "logout"),
              // Few days, so that an hour has several.
              instant(random, asOf.minusDays(random.nextInt(2)), 1)));
    }
    for (long id = 1; id <= 40; id++) {
      rows.subscriptions.add(
          new Subscription(
              id,
              tenant(random),
              1 + random.nextInt(33),
              one(random, "basic", "pro"),
              one(random, "active", "active", "cancelled", "cancelled", "trialing", "past_due"),
              money(random),
              instant(random, asOf),
              random.nextBoolean() ? instant(random, asOf) : null));
    }
    for (long id = 1; id <= 40; id++) {
      versions(rows.subscriptionVersions, id, random, asOf);
    }
    for (long id = 1; id <= 120; id++) {
      Instant issued = instant(random, asOf, 3);
      BigDecimal due = random.nextInt(6) == 0 ? BigDecimal.ZERO.setScale(2) : money(random);
      rows.invoices.add(
          new Invoice(
              id,
              tenant(random),
              one(random, "paid", "paid", "open", "open", "void", "uncollectible", "draft", "new"),
              due,
              random.nextBoolean() ? due : money(random),
              issued,
              day(issued).plusDays(random.nextInt(9) - 2),
              random.nextInt(3) == 0
                  ? null
                  : issued.plusSeconds(random.nextInt(700_000) - 50_000)));
    }
    return rows;
  }

  /** What a subscription was, one version after the other; it may leave its tenant. */
  private static void versions(
      List<SubscriptionVersion> versions, long id, Random random, LocalDate asOf) {
    String tenant = tenant(random);
    Instant from = instant(random, asOf);
    String began = one(random, "inserted", "copied");
    for (int left = random.nextInt(6); left >= 0; left--) {
      Instant to =
          left == 0 && random.nextBoolean()
              ? null
              : from.plusSeconds(86_400L * random.nextInt(90) + random.nextInt(2));
      versions.add(
          new SubscriptionVersion(
              id,
              tenant,
              one(random, "active", "active", "active", "cancelled", "past_due", "trialing"),
              money(random),
              random.nextBoolean() ? from.plusSeconds(86_400L * random.nextInt(60)) : null,
              from,
              to,
              began));
      from = to;
      boolean moves = random.nextInt(6) == 0;
      tenant = moves ? tenant(random) : tenant;
      began = moves ? "moved" : "changed";
    }
  }

  static Customer customer(long id, String tenant, String status, Instant created) {
    return new Customer(
        id,
        tenant,
        "c" + id + "@example.org",
        id % 3 == 0 ? null : "+49 30 " + id,
        "First" + id,
        "Last" + id,
        status,
        created,
        created.plusSeconds(id));
  }

  /** The Silver tables, with the columns that metrics read. */
  Map<String, Dataset<Row>> tables(SparkSession spark) {
    Map<String, Dataset<Row>> tables = new LinkedHashMap<>();
    tables.put(
        "silver.tenant",
        table(
            spark,
            "slug STRING, tenant_id STRING, name STRING, plan STRING, created_at TIMESTAMP",
            tenants,
            t -> row(t.id(), t.id(), t.name(), t.plan(), t.created())));
    tables.put(
        "silver.customer",
        table(
            spark,
            "id BIGINT, tenant_id STRING, email STRING, phone STRING, first_name STRING,"
                + " last_name STRING, status STRING, created_at TIMESTAMP, updated_at TIMESTAMP",
            customers,
            c ->
                row(
                    c.id(),
                    c.tenant(),
                    c.email(),
                    c.phone(),
                    c.first(),
                    c.last(),
                    c.status(),
                    c.created(),
                    c.updated())));
    tables.put(
        "silver.product",
        table(
            spark,
            "id BIGINT, tenant_id STRING, sku STRING, name STRING, category STRING,"
                + " category_normalized STRING, category_top STRING,"
                + " price DECIMAL(12,2), cost DECIMAL(12,2), inventory_quantity INT,"
                + " is_active BOOLEAN, created_at TIMESTAMP, updated_at TIMESTAMP",
            products,
            p ->
                row(
                    p.id(),
                    p.tenant(),
                    p.sku(),
                    p.name(),
                    p.category(),
                    normalized(p),
                    top(p),
                    p.price(),
                    p.cost(),
                    p.inventory(),
                    p.active(),
                    p.created(),
                    p.updated())));
    tables.put(
        "silver.order",
        table(
            spark,
            "id BIGINT, tenant_id STRING, customer_id BIGINT, status STRING, order_date TIMESTAMP,"
                + " tax DECIMAL(12,2), shipping DECIMAL(12,2), total DECIMAL(12,2),"
                + " currency STRING",
            orders,
            o ->
                row(
                    o.id(),
                    o.tenant(),
                    o.customer(),
                    o.status(),
                    o.date(),
                    o.tax(),
                    o.shipping(),
                    o.total(),
                    o.currency())));
    tables.put(
        "silver.orderitem",
        table(
            spark,
            "id BIGINT, tenant_id STRING, order_id BIGINT, product_id BIGINT, quantity INT,"
                + " unit_price DECIMAL(12,2), discount DECIMAL(12,2), line_total DECIMAL(12,2)",
            lines,
            l ->
                row(
                    l.id(),
                    l.tenant(),
                    l.order(),
                    l.product(),
                    l.quantity(),
                    l.price(),
                    l.discount(),
                    l.total())));
    tables.put(
        "silver.event",
        table(
            spark,
            "tenant_id STRING, session_id STRING, event_type STRING, created_at TIMESTAMP",
            events,
            e -> row(e.tenant(), e.session(), e.type(), e.at())));
    tables.put(
        "silver.subscription",
        table(
            spark,
            "id BIGINT, tenant_id STRING, customer_id BIGINT, plan STRING, status STRING,"
                + " monthly_amount DECIMAL(12,2), started_at TIMESTAMP, cancelled_at TIMESTAMP",
            subscriptions,
            s ->
                row(
                    s.id(),
                    s.tenant(),
                    s.customer(),
                    s.plan(),
                    s.status(),
                    s.amount(),
                    s.started(),
                    s.cancelled())));
    tables.put(
        "silver.subscription_history",
        table(
            spark,
            "id BIGINT, tenant_id STRING, status STRING, monthly_amount DECIMAL(12,2),"
                + " cancelled_at TIMESTAMP, valid_from TIMESTAMP, valid_to TIMESTAMP, began STRING",
            subscriptionVersions,
            v ->
                row(
                    v.id(),
                    v.tenant(),
                    v.status(),
                    v.amount(),
                    v.cancelled(),
                    v.from(),
                    v.to(),
                    v.began())));
    tables.put(
        "silver.invoice",
        table(
            spark,
            "id BIGINT, tenant_id STRING, status STRING, amount_due DECIMAL(12,2),"
                + " amount_paid DECIMAL(12,2), issued_at TIMESTAMP, due_date DATE,"
                + " paid_at TIMESTAMP",
            invoices,
            i ->
                row(
                    i.id(),
                    i.tenant(),
                    i.status(),
                    i.due(),
                    i.paid(),
                    i.issued(),
                    i.lastDay(),
                    i.paidAt())));
    return tables;
  }

  // As Silver has them is not of interest here: any other texts, and NULL.
  static String normalized(Product product) {
    return product.id() % 3 == 0 ? null : product.category().trim() + " > " + product.id();
  }

  static String top(Product product) {
    return product.id() % 3 == 0 ? null : product.category().trim();
  }

  private static <T> Dataset<Row> table(
      SparkSession spark, String schema, List<T> rows, Function<T, Row> row) {
    return spark
        .createDataFrame(rows.stream().map(row).toList(), StructType.fromDDL(schema))
        .coalesce(1);
  }

  private static Row row(Object... values) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Instant instant) {
        values[i] = Timestamp.from(instant);
      } else if (values[i] instanceof LocalDate day) {
        values[i] = Date.valueOf(day);
      }
    }
    return RowFactory.create(values);
  }

  static LocalDate day(Instant instant) {
    return instant.atZone(ZoneOffset.UTC).toLocalDate();
  }

  private static String tenant(Random random) {
    return one(random, "tenant-1", "tenant-1", "tenant-2", "tenant-3", "tenant-9");
  }

  private static String one(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }

  // Ends in .x5 often, where half-up and half-even differ.
  private static BigDecimal money(Random random) {
    return BigDecimal.valueOf(random.nextInt(200) * 5L, 2);
  }

  private static Instant instant(Random random, LocalDate asOf) {
    return instant(random, asOf, 400);
  }

  // Often within a microsecond of midnight or at the end of a month; some lie behind the day.
  private static Instant instant(Random random, LocalDate asOf, int days) {
    LocalDate day = asOf.plusDays(random.nextInt(days + 8) - days);
    if (days > 40 && random.nextInt(4) == 0) {
      day = day.withDayOfMonth(day.lengthOfMonth());
    }
    Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return switch (random.nextInt(4)) {
      case 0 -> midnight;
      case 1 -> midnight.minusNanos(1000);
      default ->
          day.atTime(LocalTime.ofSecondOfDay(random.nextInt(86_400))).toInstant(ZoneOffset.UTC);
    };
  }
}
