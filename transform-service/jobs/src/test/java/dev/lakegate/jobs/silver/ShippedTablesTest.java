package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the shipped tables make of rows; expected values are worked out by hand. */
class ShippedTablesTest {
  @TempDir Path directory;

  @Test
  void customer() throws Exception {
    assertThat(
            derived(
                "customer",
                "email_normalized, phone_e164, acquisition_source, is_vip, address_city,"
                    + " address_postal_code, quality_flags",
                Map.of(
                    "email", "' Anna.ABE@Example.com '",
                    "phone", "'(212) 736-5000'",
                    "status", "'active'",
                    "metadata",
                        "'{\"source\": \"web\", \"vip\": true, \"address\": {\"city\": \"Lyon\", \"zip\": \"69001\"}}'"),
                Map.of(
                    "email", "'nobody'",
                    "phone", "'555-1234'",
                    "status", "'lurking'",
                    "metadata",
                        "'{\"source\": {\"x\": 1}, \"vip\": \"maybe\", \"address\": null}'"),
                Map.of("email", "'a@b.example'", "phone", "''", "metadata", "'junk'")))
        .containsExactly(
            "anna.abe@example.com|+12127365000|web|true|Lyon|69001|[]",
            "null|null|null|null|null|null|[email_is_address, phone_exists, status_is_known]",
            "a@b.example|null|null|null|null|null|[]");
  }

  @Test
  void product() throws Exception {
    assertThat(
            derived(
                "product",
                "category_path, category_normalized, category_top, quality_flags",
                Map.of(
                    "category", "' Home & Kitchen > Kettles / Steel'",
                    "sku", "'S'",
                    "price", "10.00",
                    "cost", "10.00",
                    "inventory_quantity", "0"),
                Map.of(
                    "category", "' > '",
                    "sku", "' '",
                    "price", "-1.00",
                    "cost", "-0.50",
                    "inventory_quantity", "-1")))
        .containsExactly(
            "[home & kitchen, kettles, steel]|home & kitchen > kettles > steel|home & kitchen|[]",
            "[]|null|null|[price_not_negative, cost_not_negative, cost_within_price,"
                + " inventory_not_negative, has_sku, has_category]");
  }

  @Test
  void orderAndItsLines() throws Exception {
    assertThat(
            derived(
                "order",
                "total_recomputed, total_discrepancy, quality_flags",
                Map.of(
                    "subtotal", "10.00",
                    "tax", "1.90",
                    "shipping", "4.90",
                    "total", "16.80",
                    "status", "'paid'",
                    "currency", "'EUR'"),
                Map.of(
                    "subtotal", "9999999999.99",
                    "tax", "9999999999.99",
                    "shipping", "9999999999.99",
                    "total", "-1.00",
                    "status", "'Paid'",
                    "currency", "'eur'")))
        .containsExactly(
            "16.80|0.00|[]",
            "29999999999.97|-30000000000.97|[total_adds_up, total_not_negative, status_is_known,"
                + " currency_is_code]");
    assertThat(
            derived(
                "orderitem",
                "line_total_recomputed, line_total_discrepancy, quality_flags",
                Map.of(
                    "quantity",
                    "3",
                    "unit_price",
                    "2.50",
                    "discount",
                    "0.50",
                    "line_total",
                    "7.00"),
                Map.of(
                    "quantity",
                    "0",
                    "unit_price",
                    "-2.50",
                    "discount",
                    "1.00",
                    "line_total",
                    "0.01"),
                Map.of(
                    "quantity", "2147483647",
                    "unit_price", "9999999999.99",
                    "discount", "0.00",
                    "line_total", "1.00")))
        .containsExactly(
            "7.00|0.00|[]",
            "-1.00|1.01|[line_total_adds_up, quantity_above_zero, unit_price_not_negative,"
                + " discount_within_line]",
            "21474836469978525163.53|-21474836469978525162.53|[line_total_adds_up]");
  }

  @Test
  void event() throws Exception {
    assertThat(
            derived(
                "event",
                "page_path, referrer, product_id, event_value, user_agent_class, quality_flags",
                Map.of(
                    "event_type", "'product_view'",
                    "event_data",
                        "'{\"path\": \"/p/7\", \"product_id\": 7, \"value\": \"12.345\"}'",
                    "user_agent", "'curl/8.5.0'"),
                Map.of(
                    "event_type", "'add_to_cart'",
                    "event_data",
                        "'{\"url\": \"/cart\", \"referrer\": \"/p\", \"product_id\": \"seven\"}'",
                    "user_agent", "'Mozilla/5.0 (iPad; CPU OS 17_0)'"),
                Map.of("event_type", "'Purchase'", "event_data", "'[1]'", "user_agent", "''")))
        .containsExactly(
            "/p/7|null|7|12.35|bot|[]",
            "/cart|/p|null|null|tablet|[names_its_product]",
            "null|null|null|null|other|[event_type_is_known]");
  }

  @Test
  void subscriptionInvoiceAndTenant() throws Exception {
    assertThat(
            derived(
                "subscription",
                "mrr, quality_flags",
                Map.of("status", "'active'", "monthly_amount", "29.00"),
                Map.of(
                    "status", "'cancelled'",
                    "monthly_amount", "29.00",
                    "started_at", "TIMESTAMP '2026-02-01 00:00:00'",
                    "cancelled_at", "TIMESTAMP '2026-01-01 00:00:00'"),
                Map.of("status", "'paused'", "monthly_amount", "-1.00"),
                Map.of("status", "'cancelled'", "monthly_amount", "1.00")))
        .containsExactly(
            "29.00|[]",
            "0.00|[ends_after_start]",
            "0.00|[status_is_known, monthly_amount_not_negative]",
            "0.00|[cancelled_says_when]");
    assertThat(
            derived(
                "invoice",
                "amount_outstanding, payment_state, days_to_pay, quality_flags",
                invoice("open", "100.00", "0.00", null),
                invoice("open", "100.00", "40.00", null),
                invoice("paid", "100.00", "100.00", "2026-03-01 00:30:00"),
                invoice("paid", "100.00", "120.00", "2026-02-27 23:59:59"),
                invoice("void", "100.00", "0.00", null),
                invoice("uncollectible", "100.00", "10.00", null),
                invoice("draft", "0.00", "0.00", null),
                invoice("paid", "100.00", "40.00", null),
                invoice("late", "-1.00", "0.00", null)))
        .containsExactly(
            "100.00|unpaid|null|[]",
            "60.00|partly_paid|null|[]",
            "0.00|paid|2|[]",
            "0.00|overpaid|0|[]",
            "0.00|void|null|[]",
            "0.00|written_off|null|[]",
            "0.00|draft|null|[]",
            "60.00|partly_paid|null|[paid_says_when, paid_is_paid]",
            "0.00|overpaid|null|[status_is_known, amounts_not_negative]");
    assertThat(
            derived(
                "tenant",
                "tenant_id, quality_flags",
                Map.of("slug", "'tenant-1'", "plan", "'small'"),
                Map.of("slug", "'Tenant 1'", "plan", "'huge'")))
        .containsExactly("tenant-1|[]", "Tenant 1|[slug_is_well_formed, plan_is_known]");
  }

  private static Map<String, String> invoice(
      String status, String due, String paid, String paidAt) {
    return Map.of(
        "status",
        "'" + status + "'",
        "amount_due",
        due,
        "amount_paid",
        paid,
        "issued_at",
        "TIMESTAMP '2026-02-27 23:30:00'",
        "paid_at",
        paidAt == null ? "NULL" : "TIMESTAMP '" + paidAt + "'");
  }

  /** Arrays are written by two of Hudi's writers, and read by DuckDB and Spark. */
  @Test
  void categoriesAndFlagsAreStored() throws Exception {
    TestLake lake = new TestLake(directory);
    lake.nextManifest()
        .bronze(
            "core_product",
            product(1, "I", 1, "A > B", 5)
                + " UNION ALL "
                + product(2, "I", 2, "", -1)
                + " UNION ALL "
                + product(4, "I", 2, "Gone", 0));
    assertThat(lake.silver(json("product")).path("status").asText()).isEqualTo("succeeded");
    String query =
        "SELECT id, category_path, category_normalized, quality_flags FROM %s ORDER BY id";
    assertThat(TestLake.query(query.formatted(lake.table("silver.product"))))
        .containsExactly(
            "1|[a, b]|a > b|[]",
            "2|[]|null|[inventory_not_negative, has_category]",
            "4|[gone]|gone|[]");
    lake.nextManifest()
        .bronze(
            "core_product",
            product(2, "U", 3, "C", 1)
                + " UNION ALL "
                + product(3, "I", 4, "D/E", -2)
                + " UNION ALL "
                + product(4, "D", 5, "", 0));
    assertThat(lake.silver(json("product")).path("status").asText()).isEqualTo("succeeded");
    assertThat(TestLake.query(query.formatted(lake.table("silver.product"))))
        .containsExactly(
            "1|[a, b]|a > b|[]", "2|[c]|c|[]", "3|[d, e]|d > e|[inventory_not_negative]");
    assertThat(
            lake.hudi(
                "silver/product",
                "concat_ws('|', id, array_join(category_path, ','), array_join(quality_flags, ','))"))
        .containsExactlyInAnyOrder("1|a,b|", "2|c|", "3|d,e|inventory_not_negative");
  }

  private static String product(int id, String op, int sequence, String category, int inventory) {
    return """
    SELECT %d::BIGINT AS id, TIMESTAMPTZ '2026-03-01 00:00:00+00' AS created_at, TIMESTAMPTZ '2026-03-01 00:00:00+00' AS updated_at,
      'S%d' AS sku, 'n' AS name, '%s' AS category, 2::DECIMAL(12,2) AS price, 1::DECIMAL(12,2) AS cost,
      %d::INTEGER AS inventory_quantity, true AS is_active, '{}' AS attributes, 'tenant-1' AS tenant_id,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(id, id, category, inventory, op, "00011%040d00000000".formatted(sequence));
  }

  /** As the description compiles to; the model's tests keep them equal. */
  static JsonNode json(String table) throws IOException {
    try (InputStream in =
        ShippedTablesTest.class.getResourceAsStream("/silver/" + table + ".json")) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @SafeVarargs
  private static List<String> derived(String table, String columns, Map<String, String>... rows)
      throws IOException {
    Specification specification = Specification.of(json(table));
    List<String> selects = new ArrayList<>();
    for (Map<String, String> row : rows) {
      List<String> values = new ArrayList<>();
      for (Column column : specification.columns()) {
        values.add(
            "CAST("
                + row.getOrDefault(column.name(), "NULL")
                + " AS "
                + ColumnType.of(column.type()).spark().sql()
                + ") AS "
                + column.name());
      }
      selects.add("SELECT " + String.join(", ", values) + ", " + selects.size() + " AS n");
    }
    Dataset<Row> source =
        TestLake.spark().sql(String.join(" UNION ALL ", selects).replace("\\", "\\\\"));
    List<String> names = List.of(columns.split(", "));
    List<String> result = new ArrayList<>();
    for (Row row :
        DerivedColumns.add(specification, source)
            .orderBy("n")
            .selectExpr(names.toArray(new String[0]))
            .collectAsList()) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        Object value = row.get(i);
        values.add(
            value instanceof scala.collection.Seq<?> list
                ? "[" + list.mkString(", ") + "]"
                : String.valueOf(value));
      }
      result.add(String.join("|", values));
    }
    return result;
  }
}
