package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.jobs.TestLake;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped metrics on random rows, against their definitions computed row by row in Java. */
class ShippedMetricsTest {
  private static final LocalDate FIRST = LocalDate.of(2026, 2, 25);
  private static final LocalDate AS_OF = LocalDate.of(2026, 3, 12);
  private static final List<String> TENANTS = List.of("tenant-1", "tenant-2", "tenant-3");

  record Order(String tenant, long customer, String status, Instant date, BigDecimal total) {}

  record Event(String tenant, String type, Instant at) {}

  record Subscription(
      String tenant, String status, BigDecimal amount, Instant started, Instant cancelled) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void revenueShouldCountCompletedOrdersByUtcDay(long seed) throws IOException {
    Random random = new Random(seed);
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      orders.add(
          new Order(
              one(random, TENANTS),
              random.nextInt(6),
              one(random, List.of("completed", "completed", "pending", "cancelled", "Completed")),
              instant(random),
              money(random)));
    }
    StructType schema =
        new StructType()
            .add("tenant_id", DataTypes.StringType)
            .add("customer_id", DataTypes.LongType)
            .add("status", DataTypes.StringType)
            .add("order_date", DataTypes.TimestampType)
            .add("total", DataTypes.createDecimalType(12, 2));
    Dataset<Row> result =
        run(
            "revenue_metrics",
            "silver.order",
            orders.stream()
                .map(
                    o ->
                        RowFactory.create(
                            o.tenant(), o.customer(), o.status(), timestamp(o.date()), o.total()))
                .collect(Collectors.toList()),
            schema);
    assertThat(types(result)).isEqualTo("string,date,bigint,bigint,decimal(18,2),decimal(18,2)");

    Set<String> expected = new TreeSet<>();
    Map<String, List<Order>> groups =
        orders.stream()
            .filter(o -> o.status().equals("completed"))
            .collect(Collectors.groupingBy(o -> o.tenant() + "|" + day(o.date())));
    groups.forEach(
        (key, group) -> {
          BigDecimal sum =
              group.stream().map(Order::total).reduce(BigDecimal.ZERO, BigDecimal::add);
          expected.add(
              key
                  + "|"
                  + group.size()
                  + "|"
                  + new HashSet<>(group.stream().map(Order::customer).collect(Collectors.toList()))
                      .size()
                  + "|"
                  + sum
                  + "|"
                  + sum.divide(BigDecimal.valueOf(group.size()), 2, RoundingMode.HALF_UP));
        });
    assertThat(rows(result)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void funnelShouldCountStepsByUtcHour(long seed) throws IOException {
    List<String> steps =
        List.of("page_view", "product_view", "add_to_cart", "checkout", "purchase");
    List<String> types = new ArrayList<>(steps);
    types.add("logout");
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      events.add(new Event(one(random, TENANTS), one(random, types), instant(random)));
    }
    StructType schema =
        new StructType()
            .add("tenant_id", DataTypes.StringType)
            .add("event_type", DataTypes.StringType)
            .add("created_at", DataTypes.TimestampType);
    Dataset<Row> result =
        run(
            "funnel_metrics",
            "silver.event",
            events.stream()
                .map(e -> RowFactory.create(e.tenant(), e.type(), timestamp(e.at())))
                .collect(Collectors.toList()),
            schema);
    assertThat(types(result)).isEqualTo("string,date,int,bigint,bigint,bigint,bigint,bigint,date");

    Map<String, long[]> counts = new TreeMap<>();
    for (Event event : events) {
      ZonedDateTime at = event.at().atZone(ZoneOffset.UTC);
      String key = event.tenant() + "|" + at.toLocalDate() + "|" + at.getHour();
      long[] count = counts.computeIfAbsent(key, k -> new long[steps.size()]);
      if (steps.contains(event.type())) {
        count[steps.indexOf(event.type())]++;
      }
    }
    Set<String> expected = new TreeSet<>();
    counts.forEach(
        (key, count) -> {
          StringBuilder row = new StringBuilder(key);
          for (long n : count) {
            row.append('|').append(n);
          }
          expected.add(row + "|" + LocalDate.parse(key.split("\\|")[1]).withDayOfMonth(1));
        });
    assertThat(rows(result)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8, 9})
  void mrrShouldSumWhatIsActiveAtTheEndOfEachDay(long seed) throws IOException {
    Random random = new Random(seed);
    List<Subscription> subscriptions = new ArrayList<>();
    // Seed 9 has few, so that some tenants have none and some days are empty.
    for (int i = 0, n = seed == 9 ? 3 : 60; i < n; i++) {
      subscriptions.add(
          new Subscription(
              one(random, TENANTS),
              one(random, List.of("active", "active", "cancelled", "trialing", "past_due")),
              money(random),
              instant(random),
              random.nextBoolean() ? instant(random) : null));
    }
    StructType schema =
        new StructType()
            .add("tenant_id", DataTypes.StringType)
            .add("status", DataTypes.StringType)
            .add("monthly_amount", DataTypes.createDecimalType(12, 2))
            .add("started_at", DataTypes.TimestampType)
            .add("cancelled_at", DataTypes.TimestampType);
    Dataset<Row> result =
        run(
            "mrr_metrics",
            "silver.subscription",
            subscriptions.stream()
                .map(
                    s ->
                        RowFactory.create(
                            s.tenant(),
                            s.status(),
                            s.amount(),
                            timestamp(s.started()),
                            timestamp(s.cancelled())))
                .collect(Collectors.toList()),
            schema);
    assertThat(types(result)).isEqualTo("string,date,decimal(18,2),bigint,decimal(18,2)");

    Set<String> expected = new TreeSet<>();
    for (String tenant : TENANTS) {
      List<Subscription> own =
          subscriptions.stream()
              .filter(s -> s.tenant().equals(tenant))
              .collect(Collectors.toList());
      for (LocalDate day = FIRST.minusDays(2); !day.isAfter(AS_OF); day = day.plusDays(1)) {
        Instant end = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        if (own.stream().noneMatch(s -> s.started().isBefore(end))) {
          continue;
        }
        BigDecimal mrr = new BigDecimal("0.00");
        int active = 0;
        for (Subscription s : own) {
          boolean ended = s.cancelled() != null && s.cancelled().isBefore(end);
          boolean counts =
              s.started().isBefore(end)
                  && (s.status().equals("active") && !ended
                      || s.status().equals("cancelled") && s.cancelled() != null && !ended);
          if (counts) {
            mrr = mrr.add(s.amount());
            active++;
          }
        }
        expected.add(
            tenant
                + "|"
                + day
                + "|"
                + mrr
                + "|"
                + active
                + "|"
                + mrr.multiply(BigDecimal.valueOf(12)));
      }
    }
    assertThat(rows(result)).isEqualTo(expected);
  }

  private static Dataset<Row> run(String metric, String input, List<Row> rows, StructType schema)
      throws IOException {
    String file =
        Files.readString(
            Path.of(
                System.getProperty("lakegate.basedir"), "lakehouse/metrics/" + metric + ".sql"));
    String sql = file.substring(file.indexOf("\n---\n") + 5);
    TestLake.spark().createDataFrame(rows, schema).coalesce(1).createOrReplaceTempView("input");
    return TestLake.spark()
        .sql(sql.replace(input, "input").replace("${as_of_date}", "DATE '" + AS_OF + "'"));
  }

  private static Set<String> rows(Dataset<Row> result) {
    List<String> rows = new ArrayList<>();
    for (Row row : result.collectAsList()) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        values.add(String.valueOf(row.get(i)));
      }
      rows.add(String.join("|", values));
    }
    assertThat(rows).doesNotHaveDuplicates();
    return new TreeSet<>(rows);
  }

  private static String types(Dataset<Row> result) {
    List<String> types = new ArrayList<>();
    for (org.apache.spark.sql.types.StructField field : result.schema().fields()) {
      types.add(field.dataType().catalogString());
    }
    return String.join(",", types);
  }

  private static String one(Random random, List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  // Ends in .x5 often, where half-up and half-even differ.
  private static BigDecimal money(Random random) {
    return BigDecimal.valueOf(random.nextInt(200) * 5L, 2);
  }

  // Often within a microsecond of midnight; some lie behind the as-of date.
  private static Instant instant(Random random) {
    LocalDate day = FIRST.plusDays(random.nextInt(18));
    Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return switch (random.nextInt(4)) {
      case 0 -> midnight;
      case 1 -> midnight.minusNanos(1000);
      default ->
          day.atTime(LocalTime.ofSecondOfDay(random.nextInt(86_400))).toInstant(ZoneOffset.UTC);
    };
  }

  private static LocalDate day(Instant instant) {
    return instant.atZone(ZoneOffset.UTC).toLocalDate();
  }

  private static Timestamp timestamp(Instant instant) {
    return instant == null ? null : Timestamp.from(instant);
  }
}
