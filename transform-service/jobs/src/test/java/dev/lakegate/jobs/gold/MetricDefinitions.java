package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.gold.SourceRows.day;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.jobs.gold.SourceRows.Event;
import dev.lakegate.jobs.gold.SourceRows.Invoice;
import dev.lakegate.jobs.gold.SourceRows.Order;
import dev.lakegate.jobs.gold.SourceRows.Subscription;
import dev.lakegate.jobs.gold.SourceRows.SubscriptionVersion;
import dev.lakegate.jobs.gold.SourceRows.Tenant;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What each metric means, computed from the source's rows one by one, without SQL and without other
 * metrics. A row is the list of its values in the order of the metric's columns.
 */
final class MetricDefinitions extends SalesDefinitions {
  private MetricDefinitions(SourceRows source, LocalDate asOf) {
    super(source, asOf);
  }

  /** The rows of a metric, in no order. */
  static List<List<Object>> rows(String metric, SourceRows source, LocalDate asOf) {
    MetricDefinitions definitions = new MetricDefinitions(source, asOf);
    switch (metric) {
      case "tenant_summary" -> definitions.tenantSummary();
      case "customer_metrics" -> definitions.customerMetrics();
      case "customer_ltv" -> definitions.customerLtv();
      case "customer_retention" -> definitions.customerRetention();
      case "product_performance" -> definitions.productPerformance();
      case "product_sales" -> definitions.productSales();
      case "revenue_metrics" -> definitions.revenueDaily();
      case "revenue_monthly" -> definitions.revenueMonthly();
      case "funnel_metrics" -> definitions.funnel();
      case "mrr_metrics" -> definitions.mrr();
      case "mrr_monthly" -> definitions.mrrMonthly();
      case "payment_metrics" -> definitions.payments();
      case "dim_date" -> definitions.dates();
      case "dim_tenant" ->
          source.tenants.forEach(t -> definitions.add(t.id(), t.name(), t.plan(), t.created()));
      case "dim_customer" -> definitions.customers();
      case "dim_product" -> definitions.products();
      case "fact_order_line" -> definitions.orderLines();
      case "fact_subscription_month" -> definitions.subscriptionMonths();
      default -> throw new IllegalArgumentException("no definition of " + metric);
    }
    return definitions.result;
  }

  // -- events -------------------------------------------------------------------------------

  private void funnel() {
    each(
        source.events.stream(),
        e -> List.of(e.tenant(), e.at().truncatedTo(ChronoUnit.HOURS)),
        (key, events) -> {
          long[] steps = new long[5];
          List<String> names =
              List.of("page_view", "product_view", "add_to_cart", "checkout", "purchase");
          for (Event event : events) {
            if (names.contains(event.type())) {
              steps[names.indexOf(event.type())]++;
            }
          }
          Instant hour = (Instant) key.get(1);
          add(
              key.get(0),
              day(hour),
              hour.atZone(ZoneOffset.UTC).getHour(),
              steps[0],
              steps[1],
              steps[2],
              steps[3],
              steps[4],
              distinct(events, Event::session),
              rate(steps[1], steps[0]),
              rate(steps[2], steps[1]),
              rate(steps[3], steps[2]),
              rate(steps[4], steps[3]),
              rate(steps[4], steps[0]),
              month(hour));
        });
  }

  // -- subscriptions ------------------------------------------------------------------------

  private static boolean counted(Subscription s) {
    return s.status().equals("active") || s.status().equals("cancelled") && s.cancelled() != null;
  }

  /** Whether it is active at the end of a day. */
  private static boolean active(Subscription s, LocalDate day) {
    Instant end = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return counted(s)
        && s.started().isBefore(end)
        && (s.cancelled() == null || !s.cancelled().isBefore(end));
  }

  /** The day on which it ends; no earlier than it starts. */
  private static LocalDate end(Subscription s) {
    return s.cancelled().isBefore(s.started()) ? day(s.started()) : day(s.cancelled());
  }

  private static boolean endsOn(Subscription s, Predicate<LocalDate> day) {
    return counted(s) && s.cancelled() != null && day.test(end(s));
  }

  private List<Subscription> subscriptions(String tenant, Predicate<Subscription> which) {
    return source.subscriptions.stream()
        .filter(s -> s.tenant().equals(tenant))
        .filter(which)
        .toList();
  }

  private void mrr() {
    each(
        source.subscriptions.stream(),
        s -> List.of(s.tenant()),
        (key, all) -> {
          String tenant = (String) key.get(0);
          LocalDate day = all.stream().map(s -> day(s.started())).min(order()).orElseThrow();
          for (; !day.isAfter(asOf); day = day.plusDays(1)) {
            LocalDate today = day;
            List<Subscription> active = subscriptions(tenant, s -> active(s, today));
            List<Subscription> began =
                subscriptions(tenant, s -> counted(s) && day(s.started()).equals(today));
            List<Subscription> ended = subscriptions(tenant, s -> endsOn(s, today::equals));
            BigDecimal mrr = sum(active, Subscription::amount);
            add(
                tenant,
                today,
                mrr,
                size(active),
                mrr.multiply(BigDecimal.valueOf(12)),
                sum(began, Subscription::amount),
                sum(ended, Subscription::amount),
                size(began),
                size(ended));
          }
        });
  }

  /** What a version brings at the last moment before another one. */
  private static BigDecimal brings(SubscriptionVersion v, Instant end) {
    boolean inForce = v.from().isBefore(end) && (v.to() == null || !v.to().isBefore(end));
    boolean active = v.status().equals("active");
    // Found cancelled by a copy: until then it was active.
    boolean wasActive =
        v.status().equals("cancelled")
            && v.began().equals("copied")
            && v.cancelled() != null
            && v.cancelled().isAfter(v.from())
            && !v.cancelled().isBefore(end);
    return inForce && (active || wasActive) && v.amount().signum() > 0
        ? v.amount()
        : new BigDecimal("0.00");
  }

  private static boolean everBrings(SubscriptionVersion v) {
    return v.amount().signum() > 0
        && (v.status().equals("active")
            || v.status().equals("cancelled")
                && v.began().equals("copied")
                && v.cancelled() != null
                && v.cancelled().isAfter(v.from()));
  }

  private void mrrMonthly() {
    each(
        source.subscriptionVersions.stream()
            .filter(v -> everBrings(v) && !day(v.from()).isAfter(asOf)),
        v -> List.of(v.tenant()),
        (key, some) -> {
          String tenant = (String) key.get(0);
          List<SubscriptionVersion> all =
              source.subscriptionVersions.stream().filter(v -> v.tenant().equals(tenant)).toList();
          Set<Long> ids = new TreeSet<>(all.stream().map(SubscriptionVersion::id).toList());
          Map<Long, BigDecimal> before = new HashMap<>();
          Set<Long> ever = new TreeSet<>();
          BigDecimal opening = new BigDecimal("0.00");
          YearMonth month =
              YearMonth.from(some.stream().map(v -> day(v.from())).min(order()).orElseThrow());
          for (; !month.isAfter(YearMonth.from(asOf)); month = month.plusMonths(1)) {
            LocalDate last = month.atEndOfMonth().isAfter(asOf) ? asOf : month.atEndOfMonth();
            Instant end = last.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            BigDecimal[] moved = new BigDecimal[6];
            Arrays.fill(moved, new BigDecimal("0.00"));
            long[] count = new long[4];
            for (long id : ids) {
              BigDecimal was = before.getOrDefault(id, BigDecimal.ZERO);
              BigDecimal now =
                  sum(all.stream().filter(v -> v.id() == id).toList(), v -> brings(v, end));
              if (now.signum() > 0 && was.signum() == 0) {
                int kind = ever.add(id) ? 0 : 1;
                moved[kind] = moved[kind].add(now);
                count[1 + kind]++;
              } else if (now.signum() > 0) {
                int kind = now.compareTo(was) > 0 ? 2 : 3;
                moved[kind] = moved[kind].add(now.subtract(was).abs());
              } else if (was.signum() > 0) {
                moved[4] = moved[4].add(was);
                count[3]++;
              }
              moved[5] = moved[5].add(now);
              count[0] += now.signum();
              before.put(id, now);
            }
            assertThat(
                    opening
                        .add(moved[0])
                        .add(moved[1])
                        .add(moved[2])
                        .subtract(moved[3])
                        .subtract(moved[4]))
                .as("%s adds up in %s", tenant, month)
                .isEqualByComparingTo(moved[5]);
            add(
                tenant,
                month.atDay(1),
                opening,
                moved[0],
                moved[1],
                moved[2],
                moved[3],
                moved[4],
                moved[5],
                moved[5].multiply(BigDecimal.valueOf(12)),
                count[0],
                count[1],
                count[2],
                count[3]);
            opening = moved[5];
          }
        });
  }

  private void subscriptionMonths() {
    BigDecimal zero = new BigDecimal("0.00");
    for (Subscription s : source.subscriptions) {
      if (!counted(s) || day(s.started()).isAfter(asOf)) {
        continue;
      }
      YearMonth first = YearMonth.from(day(s.started()));
      for (YearMonth month = first; !month.isAfter(YearMonth.from(asOf)); ) {
        YearMonth present = month;
        LocalDate until = present.atEndOfMonth().isAfter(asOf) ? asOf : present.atEndOfMonth();
        boolean active = active(s, until);
        boolean ends = endsOn(s, day -> YearMonth.from(day).equals(present) && !day.isAfter(asOf));
        if (active || ends) {
          add(
              s.tenant(),
              s.id(),
              present.atDay(1),
              s.customer(),
              s.plan(),
              active,
              active ? s.amount() : zero,
              present.equals(first) ? s.amount() : zero,
              ends ? s.amount() : zero);
        }
        month = month.plusMonths(1);
      }
    }
  }

  // -- invoices -----------------------------------------------------------------------------

  private static BigDecimal unpaid(Invoice i) {
    return i.due().subtract(i.paid()).max(new BigDecimal("0.00"));
  }

  private static boolean is(Invoice i, String status) {
    return i.status().equals(status);
  }

  private boolean overdue(Invoice i) {
    return is(i, "open") && unpaid(i).signum() > 0 && i.lastDay().isBefore(asOf);
  }

  private void payments() {
    each(
        source.invoices.stream().filter(i -> !is(i, "draft")),
        i -> List.of(i.tenant(), day(i.issued())),
        (key, all) -> {
          List<Invoice> issued = all.stream().filter(i -> !is(i, "void")).toList();
          List<Invoice> paid = all.stream().filter(i -> is(i, "paid")).toList();
          List<Invoice> dated = paid.stream().filter(i -> i.paidAt() != null).toList();
          List<Invoice> given = all.stream().filter(i -> is(i, "uncollectible")).toList();
          List<Invoice> late = all.stream().filter(this::overdue).toList();
          long days =
              dated.stream()
                  .mapToLong(i -> ChronoUnit.DAYS.between(day(i.issued()), day(i.paidAt())))
                  .sum();
          BigDecimal due = sum(issued, Invoice::due);
          BigDecimal came = sum(issued, Invoice::paid);
          add(
              key.get(0),
              key.get(1),
              asOf,
              size(issued),
              due,
              came,
              due.signum() == 0 ? null : came.divide(due, 4, RoundingMode.HALF_UP),
              sum(all.stream().filter(i -> is(i, "open")).toList(), MetricDefinitions::unpaid),
              size(late),
              sum(late, MetricDefinitions::unpaid),
              size(given),
              sum(given, MetricDefinitions::unpaid),
              all.stream().filter(i -> is(i, "void")).count(),
              size(paid),
              size(dated),
              days,
              mean(BigDecimal.valueOf(days), dated.size()));
        });
  }

  // -- tenants and days ---------------------------------------------------------------------

  private void tenantSummary() {
    for (Tenant t : source.tenants) {
      List<Order> orders = source.orders.stream().filter(o -> o.tenant().equals(t.id())).toList();
      List<Order> done = orders.stream().filter(completed()).toList();
      List<Subscription> active = subscriptions(t.id(), s -> active(s, asOf));
      BigDecimal mrr = sum(active, Subscription::amount);
      List<Invoice> open =
          source.invoices.stream().filter(i -> i.tenant().equals(t.id()) && is(i, "open")).toList();
      LocalDate first = first(orders);
      LocalDate last = last(orders);
      add(
          t.id(),
          t.name(),
          t.plan(),
          t.created(),
          source.customers.stream().filter(c -> c.tenant().equals(t.id())).count(),
          source.customers.stream()
              .filter(c -> c.tenant().equals(t.id()) && c.status().equals("active"))
              .count(),
          source.products.stream().filter(p -> p.tenant().equals(t.id())).count(),
          source.products.stream().filter(p -> p.tenant().equals(t.id()) && p.active()).count(),
          size(orders),
          size(done),
          sum(done, Order::total),
          first == null ? null : first.withDayOfMonth(1),
          last == null ? null : last.withDayOfMonth(1),
          size(active),
          mrr,
          mrr.multiply(BigDecimal.valueOf(12)),
          sum(open, MetricDefinitions::unpaid),
          sum(open.stream().filter(this::overdue).toList(), MetricDefinitions::unpaid));
    }
  }

  private void dates() {
    LocalDate day = LocalDate.of(2000, 1, 1);
    for (Tenant tenant : source.tenants) {
      LocalDate early = Year.from(day(tenant.created())).minusYears(10).atDay(1);
      day = early.isBefore(day) ? early : day;
    }
    LocalDate last = LocalDate.of(asOf.getYear() + 2, 12, 31);
    for (; !day.isAfter(last); day = day.plusDays(1)) {
      DayOfWeek weekday = day.getDayOfWeek();
      add(
          day,
          weekday.getValue(),
          weekday.getDisplayName(TextStyle.FULL, Locale.ENGLISH),
          day.getDayOfMonth(),
          day.getDayOfYear(),
          day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR),
          day.get(IsoFields.WEEK_BASED_YEAR),
          day.getMonthValue(),
          day.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
          day.get(IsoFields.QUARTER_OF_YEAR),
          day.getYear(),
          day.withDayOfMonth(1),
          day.withMonth(day.getMonth().firstMonthOfQuarter().getValue()).withDayOfMonth(1),
          day.withDayOfYear(1),
          weekday == DayOfWeek.SATURDAY || weekday == DayOfWeek.SUNDAY,
          day.plusDays(1).getDayOfMonth() == 1,
          day.isLeapYear());
    }
  }

  /** As texts, to be compared with what engines answer. */
  static Set<String> texts(List<List<Object>> rows) {
    Set<String> result = new TreeSet<>();
    for (List<Object> row : rows) {
      List<String> values = new ArrayList<>();
      row.forEach(value -> values.add(Objects.toString(value)));
      if (!result.add(String.join("|", values))) {
        throw new IllegalStateException("twice: " + values);
      }
    }
    return result;
  }
}
