package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.gold.SourceRows.Event;
import dev.lakegate.jobs.gold.SourceRows.Invoice;
import dev.lakegate.jobs.gold.SourceRows.Line;
import dev.lakegate.jobs.gold.SourceRows.Order;
import dev.lakegate.jobs.gold.SourceRows.Subscription;
import dev.lakegate.jobs.gold.SourceRows.Tenant;
import dev.lakegate.jobs.table.ColumnType;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped metrics against their definitions, and against answers worked out by hand. */
class ShippedMetricsTest {
  /** Leap day, the day after it, ends of a year and of a short month, an ordinary day. */
  private static final List<LocalDate> DAYS =
      List.of(
          LocalDate.of(2028, 2, 29),
          LocalDate.of(2026, 12, 31),
          LocalDate.of(2028, 3, 1),
          LocalDate.of(2027, 1, 1),
          LocalDate.of(2026, 2, 28),
          LocalDate.of(2026, 3, 12));

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Boolean.getBoolean("lakegate.all") ? 12 : 2);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void metricsShouldBeWhatTheyAreDefinedAs(long seed) {
    LocalDate asOf = DAYS.get((int) (seed % DAYS.size()));
    SourceRows source = SourceRows.random(seed, asOf);
    SoftAssertions every = new SoftAssertions();
    compute(source, asOf)
        .forEach(
            (metric, rows) ->
                every
                    .assertThat(rows)
                    .as(metric)
                    .isNotEmpty()
                    .isEqualTo(
                        MetricDefinitions.texts(MetricDefinitions.rows(metric, source, asOf))));
    every.assertAll();
  }

  @Test
  void nothingShouldComeOfNothing() {
    LocalDate asOf = LocalDate.of(2026, 3, 12);
    compute(new SourceRows(), asOf)
        .forEach(
            (metric, rows) -> {
              if (metric.equals("dim_date")) {
                assertThat(rows).hasSize(29 * 365 + 8).anyMatch(r -> r.startsWith("2028-02-29|2|"));
              } else {
                assertThat(rows).as(metric).isEmpty();
              }
            });
  }

  @Test
  void anExampleWorkedOutByHand() {
    SourceRows source = new SourceRows();
    source.tenants.add(new Tenant("t", "T", "small", at("2027-12-31T23:59:59.999999Z")));
    // 32 customers of which one churned: 0.03125, which half up is 0.0313 and half even 0.0312.
    for (int id = 1; id <= 32; id++) {
      source.customers.add(
          SourceRows.customer(
              id,
              "t",
              id == 1 ? "churned" : "active",
              // The 30th day before leap day, and the last microsecond of the day before it.
              at(id == 2 ? "2028-01-30T00:00:00Z" : "2028-01-29T23:59:59.999999Z")));
    }
    // At the last microsecond of a year, and of a leap day.
    source.orders.add(order(1, 1, "completed", "2027-12-31T23:59:59.999999Z", "0.05"));
    source.orders.add(order(2, 1, "completed", "2028-02-29T23:59:59.999999Z", "10.00"));
    source.orders.add(order(3, 2, "completed", "2028-02-29T00:00:00Z", "0.01"));
    source.orders.add(order(4, 2, "refunded", "2028-02-29T00:00:00Z", "7.00"));
    source.orders.add(order(5, 3, "cancelled", "2028-01-01T00:00:00Z", "9.00"));
    source.lines.add(line(1, 1, 5, "0.05"));
    source.lines.add(line(2, 4, 5, "7.00"));
    source.lines.add(line(3, 99, 5, "8.00"));
    source.events.add(new Event("t", "s", "purchase", at("2028-02-29T23:59:59.999999Z")));
    source.subscriptions.add(
        subscription(
            1, "cancelled", "5.00", "2028-01-31T23:59:59.999999Z", "2028-02-01T00:00:00Z"));
    source.subscriptions.add(subscription(2, "active", "3.00", "2028-02-28T12:00:00Z", null));
    source.subscriptions.add(subscription(3, "active", "2.00", "2028-03-01T00:00:00Z", null));
    // Inserted, expanded, contracted, paused, resumed; moved away; copied when it had ended.
    version(
        source, 1, "t", "active", "5.00", "2027-12-31T23:59:59.999999Z", "2028-01-10T00:00:00Z");
    version(
        source, 1, "t", "active", "7.00", "2028-01-10T00:00:00Z", "2028-01-31T23:59:59.999999Z");
    version(
        source, 1, "t", "past_due", "7.00", "2028-01-31T23:59:59.999999Z", "2028-02-29T12:00:00Z");
    version(source, 1, "t", "active", "6.00", "2028-02-29T12:00:00Z", null);
    version(source, 2, "t", "active", "3.00", "2027-12-01T00:00:00Z", "2028-02-01T00:00:00Z");
    version(source, 2, "u", "active", "3.00", "2028-02-01T00:00:00Z", null);
    version(source, 2, "u", "active", "9.00", "2028-03-01T00:00:00Z", null);
    source.subscriptionVersions.add(
        new SourceRows.SubscriptionVersion(
            3,
            "t",
            "cancelled",
            new BigDecimal("2.00"),
            at("2028-02-01T00:00:00Z"),
            at("2028-01-01T00:00:00Z"),
            null,
            "copied"));
    source.invoices.add(
        invoice(1, "open", "10.00", "2.50", "2028-02-28T23:59:59.999999Z", "2028-02-28", null));
    source.invoices.add(
        invoice(2, "paid", "0.00", "0.00", "2028-02-29T00:00:00Z", "2028-02-29", null));
    source.invoices.add(
        invoice(
            3,
            "paid",
            "10.00",
            "10.00",
            "2028-02-28T00:00:00Z",
            "2028-03-09",
            "2028-03-01T00:00:00Z"));
    source.invoices.add(
        invoice(4, "open", "4.00", "0.00", "2028-02-28T00:00:00Z", "2028-02-29", null));

    Map<String, Set<String>> metrics = compute(source, LocalDate.of(2028, 2, 29));
    assertThat(metrics.get("customer_metrics"))
        .containsExactly("t|2028-02-29|32|1|31|0|1|0|0.0313|2|1|0.5000|0|10.06|0.31|5.03");
    assertThat(metrics.get("revenue_metrics"))
        .containsExactly("t|2027-12-31|1|1|0.05|0.05", "t|2028-02-29|2|2|10.01|5.01");
    assertThat(metrics.get("revenue_monthly"))
        .containsExactly(
            "t|2027-12-01|1|1|1|0.05|0.05|0.00|0.00|0|0.00|0",
            "t|2028-01-01|1|0|0|0.00|null|0.00|0.00|0|0.00|1",
            "t|2028-02-01|3|2|2|10.01|5.01|0.00|0.00|1|7.00|0");
    assertThat(metrics.get("customer_ltv"))
        .containsExactly(
            "t|1|2|10.05|5.03|2027-12-31|2028-02-29|0|0.00|0",
            "t|2|1|0.01|0.01|2028-02-29|2028-02-29|1|7.00|0",
            "t|3|0|0.00|null|null|null|0|0.00|1");
    assertThat(metrics.get("customer_retention"))
        .containsExactly(
            "t|2027-12-01|0|2027-12-01|1|1|1.0000|0.05",
            "t|2027-12-01|1|2028-01-01|1|0|0.0000|0.00",
            "t|2027-12-01|2|2028-02-01|1|1|1.0000|10.00",
            "t|2028-02-01|0|2028-02-01|1|1|1.0000|0.01");
    assertThat(metrics.get("product_sales"))
        .containsExactly(
            "t|5|2027-12-31|1|2|0.05|0.10|0|0.00|2027-01-01",
            "t|5|2028-02-29|0|0|0.00|0.00|2|7.00|2028-01-01");
    assertThat(metrics.get("product_performance"))
        .containsExactly(
            "t|5|null|null|null|null|null|null|null|1|2|0.05|0.10|null|null|null|2|7.00"
                + "|2027-12-31|2027-12-31");
    assertThat(metrics.get("funnel_metrics"))
        .containsExactly("t|2028-02-29|23|0|0|0|0|1|1|null|null|null|null|null|2028-02-01");
    assertThat(metrics.get("mrr_metrics"))
        .hasSize(30)
        .contains(
            "t|2028-01-31|5.00|1|60.00|5.00|0.00|1|0",
            "t|2028-02-01|0.00|0|0.00|0.00|5.00|0|1",
            "t|2028-02-27|0.00|0|0.00|0.00|0.00|0|0",
            "t|2028-02-28|3.00|1|36.00|3.00|0.00|1|0",
            "t|2028-02-29|3.00|1|36.00|0.00|0.00|0|0");
    assertThat(metrics.get("mrr_monthly"))
        .containsExactly(
            "t|2027-12-01|0.00|8.00|0.00|0.00|0.00|0.00|8.00|96.00|2|2|0|0",
            "t|2028-01-01|8.00|2.00|0.00|0.00|0.00|5.00|5.00|60.00|2|1|0|1",
            "t|2028-02-01|5.00|0.00|6.00|0.00|0.00|5.00|6.00|72.00|1|0|1|2",
            "u|2028-02-01|0.00|3.00|0.00|0.00|0.00|0.00|3.00|36.00|1|1|0|0");
    assertThat(metrics.get("fact_subscription_month"))
        .containsExactly(
            "t|1|2028-01-01|1|basic|true|5.00|5.00|0.00",
            "t|1|2028-02-01|1|basic|false|0.00|0.00|5.00",
            "t|2|2028-02-01|1|basic|true|3.00|3.00|0.00");
    assertThat(metrics.get("payment_metrics"))
        .containsExactly(
            "t|2028-02-28|2028-02-29|3|24.00|12.50|0.5208|11.50|1|7.50|0|0.00|0|1|1|2|2.00",
            "t|2028-02-29|2028-02-29|1|0.00|0.00|null|0.00|0|0.00|0|0.00|0|1|0|0|null");
    assertThat(metrics.get("tenant_summary"))
        .containsExactly(
            "t|T|small|2027-12-31T23:59:59.999999Z|32|31|0|0|5|3|10.06|2027-12-01|2028-02-01"
                + "|1|3.00|36.00|11.50|7.50");
    assertThat(metrics.get("fact_order_line")).hasSize(2);
  }

  /** Days at whose ends a calendar goes wrong. */
  @ParameterizedTest
  @CsvSource({
    "2000-01-01, 6, Saturday, 1, 1, 52, 1999, 1, January, 1, true, false, true",
    "2020-12-31, 4, Thursday, 31, 366, 53, 2020, 12, December, 4, false, true, true",
    "2021-01-03, 7, Sunday, 3, 3, 53, 2020, 1, January, 1, true, false, false",
    "2024-02-29, 4, Thursday, 29, 60, 9, 2024, 2, February, 1, false, true, true",
    "2024-12-30, 1, Monday, 30, 365, 1, 2025, 12, December, 4, false, false, true",
    "2026-09-30, 3, Wednesday, 30, 273, 40, 2026, 9, September, 3, false, true, false",
    "2028-12-31, 7, Sunday, 31, 366, 52, 2028, 12, December, 4, true, true, true"
  })
  void calendarShouldKnow(
      String day,
      int weekday,
      String name,
      int ofMonth,
      int ofYear,
      int week,
      int weekYear,
      int month,
      String monthName,
      int quarter,
      boolean weekend,
      boolean monthEnd,
      boolean leap) {
    String first = day.substring(0, 8) + "01";
    String ofQuarter = day.substring(0, 5) + "%02d-01".formatted(3 * quarter - 2);
    assertThat(CALENDAR.get())
        .contains(
            String.join(
                "|",
                List.of(
                    day,
                    "" + weekday,
                    name,
                    "" + ofMonth,
                    "" + ofYear,
                    "" + week,
                    "" + weekYear,
                    "" + month,
                    monthName,
                    "" + quarter,
                    day.substring(0, 4),
                    first,
                    ofQuarter,
                    day.substring(0, 5) + "01-01",
                    "" + weekend,
                    "" + monthEnd,
                    "" + leap)));
  }

  private static final ThreadLocal<Set<String>> CALENDAR =
      ThreadLocal.withInitial(
          () ->
              compute(
                      List.of(ShippedMetric.named("dim_date")),
                      new SourceRows(),
                      LocalDate.of(2026, 3, 12))
                  .get("dim_date"));

  private static Map<String, Set<String>> compute(SourceRows source, LocalDate asOf) {
    return compute(ShippedMetric.all(), source, asOf);
  }

  /** Runs each metric's SQL, those that it reads before it. */
  private static Map<String, Set<String>> compute(
      List<ShippedMetric> metrics, SourceRows source, LocalDate asOf) {
    source
        .tables(TestLake.spark())
        .forEach((name, rows) -> rows.createOrReplaceTempView(name.replace('.', '_')));
    Map<String, Set<String>> result = new LinkedHashMap<>();
    for (ShippedMetric metric : metrics) {
      String sql = metric.sql().replace("${as_of_date}", "DATE '" + asOf + "'");
      for (String input : metric.inputs()) {
        sql = sql.replaceAll("\\b" + input.replace(".", "\\.") + "\\b", input.replace('.', '_'));
      }
      Dataset<Row> rows = TestLake.spark().sql(sql);
      List<Row> collected = rows.collectAsList();
      TestLake.spark()
          .createDataFrame(collected, rows.schema())
          .createOrReplaceTempView("gold_" + metric.name());
      checkColumns(metric, rows, collected);
      result.put(metric.name(), texts(collected));
    }
    return result;
  }

  private static void checkColumns(ShippedMetric metric, Dataset<Row> rows, List<Row> collected) {
    List<String> found = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      found.add(field.name() + " " + field.dataType().catalogString());
    }
    List<String> declared =
        metric.columns().stream()
            .map(c -> c.name() + " " + ColumnType.of(c.type()).spark().catalogString())
            .toList();
    assertThat(found).as("columns of " + metric.name()).isEqualTo(declared);
    for (int i = 0; i < declared.size(); i++) {
      int column = i;
      if (!metric.columns().get(i).nullable()) {
        assertThat(collected)
            .as(metric.name() + "." + declared.get(i))
            .noneMatch(row -> row.isNullAt(column));
      }
    }
    List<Integer> grain =
        metric.grain().stream()
            .map(g -> metric.columns().stream().map(ShippedMetric.Column::name).toList().indexOf(g))
            .toList();
    assertThat(collected.stream().map(row -> grain.stream().map(row::get).toList()))
        .as("grain of " + metric.name())
        .doesNotHaveDuplicates();
  }

  static Set<String> texts(List<Row> rows) {
    Set<String> result = new TreeSet<>();
    for (Row row : rows) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        Object value = row.get(i);
        if (value instanceof Timestamp timestamp) {
          value = timestamp.toInstant();
        } else if (value instanceof Date date) {
          value = date.toLocalDate();
        }
        values.add(Objects.toString(value));
      }
      assertThat(result.add(String.join("|", values))).as("once only: " + values).isTrue();
    }
    return result;
  }

  private static Instant at(String text) {
    return text == null ? null : Instant.parse(text);
  }

  private static Order order(long id, long customer, String status, String date, String total) {
    return new Order(
        id,
        "t",
        customer,
        status,
        at(date),
        new BigDecimal("0.00"),
        new BigDecimal("0.00"),
        new BigDecimal(total),
        "EUR");
  }

  private static Line line(long id, long order, long product, String total) {
    return new Line(
        id,
        "t",
        order,
        product,
        2,
        new BigDecimal("1.00"),
        new BigDecimal("0.10"),
        new BigDecimal(total));
  }

  private static Subscription subscription(
      long id, String status, String amount, String started, String cancelled) {
    return new Subscription(
        id, "t", 1, "basic", status, new BigDecimal(amount), at(started), at(cancelled));
  }

  private static void version(
      SourceRows source,
      long id,
      String tenant,
      String status,
      String amount,
      String from,
      String to) {
    source.subscriptionVersions.add(
        new SourceRows.SubscriptionVersion(
            id, tenant, status, new BigDecimal(amount), null, at(from), at(to), "changed"));
  }

  private static Invoice invoice(
      long id, String status, String due, String paid, String issued, String last, String paidAt) {
    return new Invoice(
        id,
        "t",
        status,
        new BigDecimal(due),
        new BigDecimal(paid),
        at(issued),
        LocalDate.parse(last),
        at(paidAt));
  }
}
