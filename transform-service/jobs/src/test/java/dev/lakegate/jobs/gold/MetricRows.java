package dev.lakegate.jobs.gold;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows of a {@link RandomSource} as the metrics' definitions take them, and what they give. */
final class MetricRows {
  private MetricRows() {}

  static SourceRows of(RandomSource random) {
    SourceRows rows = new SourceRows();
    for (Map<String, String> r : random.rows("silver.tenant").values()) {
      rows.tenants.add(
          new SourceRows.Tenant(
              text(r, "tenant_id"), text(r, "name"), text(r, "plan"), instant(r, "created_at")));
    }
    for (Map<String, String> r : random.rows("silver.customer").values()) {
      rows.customers.add(
          new SourceRows.Customer(
              number(r, "id"),
              text(r, "tenant_id"),
              text(r, "email"),
              text(r, "phone"),
              text(r, "first_name"),
              text(r, "last_name"),
              text(r, "status"),
              instant(r, "created_at"),
              instant(r, "updated_at")));
    }
    for (Map<String, String> r : random.rows("silver.product").values()) {
      rows.products.add(
          new SourceRows.Product(
              number(r, "id"),
              text(r, "tenant_id"),
              text(r, "sku"),
              text(r, "name"),
              text(r, "category"),
              decimal(r, "price"),
              decimal(r, "cost"),
              (int) number(r, "inventory_quantity"),
              r.get("is_active").equals("true"),
              instant(r, "created_at"),
              instant(r, "updated_at")));
    }
    for (Map<String, String> r : random.rows("silver.order").values()) {
      rows.orders.add(
          new SourceRows.Order(
              number(r, "id"),
              text(r, "tenant_id"),
              number(r, "customer_id"),
              text(r, "status"),
              instant(r, "order_date"),
              decimal(r, "tax"),
              decimal(r, "shipping"),
              decimal(r, "total"),
              text(r, "currency")));
    }
    for (Map<String, String> r : random.rows("silver.orderitem").values()) {
      rows.lines.add(
          new SourceRows.Line(
              number(r, "id"),
              text(r, "tenant_id"),
              number(r, "order_id"),
              number(r, "product_id"),
              (int) number(r, "quantity"),
              decimal(r, "unit_price"),
              decimal(r, "discount"),
              decimal(r, "line_total")));
    }
    for (Map<String, String> r : random.rows("silver.event").values()) {
      rows.events.add(
          new SourceRows.Event(
              text(r, "tenant_id"),
              text(r, "session_id"),
              text(r, "event_type"),
              instant(r, "created_at")));
    }
    for (Map<String, String> r : random.rows("silver.subscription").values()) {
      rows.subscriptions.add(
          new SourceRows.Subscription(
              number(r, "id"),
              text(r, "tenant_id"),
              number(r, "customer_id"),
              text(r, "plan"),
              text(r, "status"),
              decimal(r, "monthly_amount"),
              instant(r, "started_at"),
              instant(r, "cancelled_at")));
    }
    for (Map<String, String> r : random.rows("silver.subscription_history").values()) {
      rows.subscriptionVersions.add(
          new SourceRows.SubscriptionVersion(
              number(r, "id"),
              text(r, "tenant_id"),
              text(r, "status"),
              decimal(r, "monthly_amount"),
              instant(r, "cancelled_at"),
              instant(r, "valid_from"),
              instant(r, "valid_to"),
              text(r, "began")));
    }
    for (Map<String, String> r : random.rows("silver.invoice").values()) {
      rows.invoices.add(
          new SourceRows.Invoice(
              number(r, "id"),
              text(r, "tenant_id"),
              text(r, "status"),
              decimal(r, "amount_due"),
              decimal(r, "amount_paid"),
              instant(r, "issued_at"),
              LocalDate.parse(inQuotes(r.get("due_date"))),
              instant(r, "paid_at")));
    }
    return rows;
  }

  /** Rows of a definition as a query with the metric's columns. */
  static String select(Specification specification, List<List<Object>> rows) {
    List<String> selects = new ArrayList<>();
    for (List<Object> row : rows) {
      List<String> values = new ArrayList<>();
      row.forEach(value -> values.add(literal(value)));
      selects.add("(" + String.join(", ", values) + ")");
    }
    if (selects.isEmpty()) {
      List<String> none = new ArrayList<>();
      for (int i = 0; i < specification.columns().size(); i++) {
        Column column = specification.columns().get(i);
        none.add(
            "CAST(NULL AS "
                + ColumnType.of(column.type()).duckdb()
                + ") AS "
                + name(specification, i));
      }
      return "SELECT " + String.join(", ", none) + " WHERE false";
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < specification.columns().size(); i++) {
      names.add(name(specification, i));
    }
    return "SELECT * FROM (VALUES "
        + String.join(", ", selects)
        + ") v("
        + String.join(", ", names)
        + ")";
  }

  private static String name(Specification specification, int column) {
    return Duck.name(specification.columns().get(column).name());
  }

  private static String literal(Object value) {
    if (value == null) {
      return "NULL";
    }
    if (value instanceof String text) {
      return Duck.literal(text);
    }
    if (value instanceof Instant instant) {
      return "TIMESTAMPTZ '" + instant + "'";
    }
    return value instanceof LocalDate date ? "DATE '" + date + "'" : value.toString();
  }

  private static String inQuotes(String literal) {
    return literal.substring(literal.indexOf('\'') + 1, literal.lastIndexOf('\''));
  }

  private static String text(Map<String, String> row, String column) {
    String literal = row.get(column);
    return literal.equals("NULL") ? null : inQuotes(literal);
  }

  private static Instant instant(Map<String, String> row, String column) {
    String text = text(row, column);
    return text == null ? null : Instant.parse(text);
  }

  private static long number(Map<String, String> row, String column) {
    return Long.parseLong(row.get(column));
  }

  private static BigDecimal decimal(Map<String, String> row, String column) {
    return new BigDecimal(row.get(column));
  }
}
