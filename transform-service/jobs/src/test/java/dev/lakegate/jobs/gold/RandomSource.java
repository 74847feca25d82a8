package dev.lakegate.jobs.gold;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.storage.Duck;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Rows of the source's tables that come, change, move and go. Values are SQL literals. Few
 * different ones, so that rows meet: parents that come late or never, moves between tenants and
 * days, keys that are deleted and inserted again.
 */
final class RandomSource {
  private static final Map<String, Integer> KEYS =
      Map.of(
          "silver.tenant", 4,
          "silver.customer", 9,
          "silver.product", 7,
          "silver.order", 14,
          "silver.orderitem", 26,
          "silver.event", 40,
          "silver.subscription", 8,
          "silver.invoice", 12,
          "silver.order_history", 30,
          "silver.subscription_history", 24);
  private static final Map<String, String[]> STATUSES =
      Map.of(
          "silver.customer", new String[] {"active", "inactive", "churned"},
          "silver.order",
              new String[] {"completed", "completed", "paid", "pending", "cancelled", "refunded"},
          "silver.subscription", new String[] {"active", "active", "cancelled", "trialing"},
          "silver.subscription_history", new String[] {"active", "active", "cancelled", "past_due"},
          "silver.invoice", new String[] {"open", "paid", "open", "void", "draft"});

  private final Map<String, List<Column>> tables;
  private final LocalDate today;
  private final Random random;
  private final Map<String, Map<Integer, Map<String, String>>> rows = new TreeMap<>();

  RandomSource(Map<String, List<Column>> tables, LocalDate today, Random random) {
    this.tables = tables;
    this.today = today;
    this.random = random;
    tables.keySet().forEach(table -> rows.put(table, new TreeMap<>()));
  }

  /** Rows by number of their key: literals by column. */
  Map<Integer, Map<String, String>> rows(String table) {
    return rows.get(table);
  }

  /** The record key of a row. */
  static String key(String table, int number) {
    return table.equals("silver.tenant")
        ? "tenant-" + number
        : table.endsWith("_history") ? "version-" + number : String.valueOf(number);
  }

  /** Most keys are there. */
  void begin() {
    for (String table : tables.keySet()) {
      for (int key = 1; key <= KEYS.getOrDefault(table, 10); key++) {
        if (random.nextInt(5) > 0) {
          rows.get(table).put(key, row(table, key));
        }
      }
    }
  }

  /**
   * Changes some rows of some tables.
   *
   * @return numbers of the keys that were written, by table; of a deleted one the row is gone
   */
  Map<String, List<Integer>> step() {
    Map<String, List<Integer>> written = new LinkedHashMap<>();
    for (String table : tables.keySet()) {
      if (random.nextInt(3) == 0) {
        continue;
      }
      List<Integer> keys = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        int key = 1 + random.nextInt(KEYS.getOrDefault(table, 10));
        if (keys.contains(key)) {
          continue;
        }
        keys.add(key);
        Map<String, String> row = rows.get(table).get(key);
        if (row == null) {
          rows.get(table).put(key, row(table, key));
        } else {
          switch (random.nextInt(6)) {
            case 0, 1 -> rows.get(table).remove(key);
            // Written again as it was.
            case 2 -> {}
            default -> {
              Map<String, String> other = row(table, key);
              for (int n = 1 + random.nextInt(2); n > 0; n--) {
                Column column = tables.get(table).get(random.nextInt(tables.get(table).size()));
                row.put(column.name(), other.get(column.name()));
              }
              if (random.nextInt(3) == 0) {
                row.put("tenant_id", other.get("tenant_id"));
              }
              derive(table, key, row);
            }
          }
        }
      }
      if (!keys.isEmpty()) {
        written.put(table, keys);
      }
    }
    return written;
  }

  private Map<String, String> row(String table, int key) {
    Map<String, String> row = new LinkedHashMap<>();
    for (Column column : tables.get(table)) {
      String value =
          column.nullable() && random.nextInt(3) == 0 ? "NULL" : value(table, key, column);
      row.put(column.name(), value);
    }
    if (table.equals("silver.tenant")) {
      row.put("slug", text(key(table, key)));
      row.put("tenant_id", text(key(table, key)));
    }
    if (table.endsWith("_history")) {
      // Some versions of each of a few rows; whether they follow each other is not of interest.
      row.put("id", String.valueOf(1 + key % 12));
      row.put("version", text(key(table, key)));
    }
    derive(table, key, row);
    return row;
  }

  /** Columns that definitions of metrics compute from others, as {@link SourceRows} does. */
  private static void derive(String table, int key, Map<String, String> row) {
    if (table.equals("silver.product")) {
      String category = row.get("category");
      boolean none = key % 3 == 0;
      row.replace("category_top", none ? "NULL" : category);
      row.replace(
          "category_normalized",
          none ? "NULL" : category.substring(0, category.length() - 1) + " > " + key + "'");
    }
  }

  private String value(String table, int key, Column column) {
    String name = column.name();
    switch (name) {
      case "id":
        return table.equals("silver.event") ? text(key(table, key)) : String.valueOf(key);
      case "tenant_id":
        return text("tenant-" + (1 + random.nextInt(3)));
      case "customer_id":
        return number(10);
      case "product_id":
        return number(8);
      case "order_id":
        return number(16);
      case "subscription_id":
        return number(9);
      case "session_id":
        return text("s" + random.nextInt(3));
      case "status":
        return text(one(STATUSES.getOrDefault(table, new String[] {"x", "y"})));
      case "event_type":
        return text(
            one("page_view", "page_view", "product_view", "add_to_cart", "checkout", "purchase"));
      case "email":
        return text(one("a@x.org", "A@x.org ", "b@x.org", "b@x.org", " ", "c@x.org"));
      case "email_normalized":
        return text(one("a@x.org", "b@x.org", "c@x.org"));
      case "order_number", "notes":
        // Of another order now and then; beside the description, none.
        return random.nextInt(5) == 0 ? "NULL" : text("N-" + random.nextInt(9));
      case "sku":
        return text("SKU-" + random.nextInt(5));
      case "category":
        return text(one("Books", "Toys > Wood", "Garden"));
      case "began":
        return text(one("inserted", "changed", "copied", "copied"));
      case "plan":
        return text(one("basic", "pro"));
      case "currency":
        return text(one("EUR", "USD"));
      default:
        break;
    }
    String type = column.type();
    if (type.startsWith("decimal")) {
      return "%d.%02d".formatted(random.nextInt(20) - 2, random.nextInt(20) * 5);
    }
    if (type.startsWith("timestamp")) {
      return "TIMESTAMPTZ '" + instant(table) + "'";
    }
    if (type.equals("date")) {
      return "DATE '" + today.plusDays(random.nextInt(9) - 5) + "'";
    }
    if (type.startsWith("array")) {
      return random.nextBoolean() ? "[]" : "['a', 'b']";
    }
    switch (type) {
      case "boolean":
        return String.valueOf(random.nextBoolean());
      case "integer", "smallint", "bigint":
        return String.valueOf(random.nextInt(6) - 1);
      case "double", "real":
        return random.nextInt(4) + ".5";
      default:
        return text(one("p", "q"));
    }
  }

  /** Events are minutes apart, half an hour exactly now and then; others days and months. */
  private Instant instant(String table) {
    if (table.equals("silver.event")) {
      long minutes = random.nextInt(2) * 30L + random.nextInt(5) * 61L;
      return today
          .atStartOfDay(ZoneOffset.UTC)
          .toInstant()
          .minusSeconds(minutes * 60 + random.nextInt(2));
    }
    LocalDate day = today.minusDays(random.nextInt(3) * 31L + random.nextInt(3));
    Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return random.nextInt(3) == 0 ? midnight.minusNanos(1000) : midnight.plusSeconds(3600);
  }

  private String number(int most) {
    return String.valueOf(1 + random.nextInt(most));
  }

  private String one(String... values) {
    return values[random.nextInt(values.length)];
  }

  private static String text(String value) {
    return Duck.literal(value);
  }
}
