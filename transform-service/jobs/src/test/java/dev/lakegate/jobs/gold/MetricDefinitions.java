package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.gold.SourceRows.day;
import static java.util.stream.Collectors.groupingBy;

import dev.lakegate.jobs.gold.SourceRows.Customer;
import dev.lakegate.jobs.gold.SourceRows.Event;
import dev.lakegate.jobs.gold.SourceRows.Invoice;
import dev.lakegate.jobs.gold.SourceRows.Line;
import dev.lakegate.jobs.gold.SourceRows.Order;
import dev.lakegate.jobs.gold.SourceRows.Product;
import dev.lakegate.jobs.gold.SourceRows.Subscription;
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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What each metric means, computed from the source's rows one by one, without SQL and without other
 * metrics. A row is the list of its values in the order of the metric's columns.
 */
final class MetricDefinitions {
  private final SourceRows source;
  private final LocalDate asOf;
  private final List<List<Object>> result = new ArrayList<>();

  private MetricDefinitions(SourceRows source, LocalDate asOf) {
    this.source = source;
    this.asOf = asOf;
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

  private void add(Object... values) {
    result.add(Arrays.asList(values));
  }

  // -- orders -------------------------------------------------------------------------------

  private void revenueDaily() {
    each(
        source.orders.stream().filter(completed()),
        o -> List.of(o.tenant(), day(o.date())),
        (key, orders) ->
            add(
                key.get(0),
                key.get(1),
                size(orders),
                distinct(orders, Order::customer),
                sum(orders, Order::total),
                mean(sum(orders, Order::total), orders.size())));
  }

  private void revenueMonthly() {
    each(
        source.orders.stream(),
        o -> List.of(o.tenant(), month(o.date())),
        (key, orders) -> {
          List<Order> done = orders.stream().filter(completed()).toList();
          List<Order> back = with(orders, "refunded");
          add(
              key.get(0),
              key.get(1),
              size(orders),
              size(done),
              distinct(done, Order::customer),
              sum(done, Order::total),
              mean(sum(done, Order::total), done.size()),
              sum(done, Order::tax),
              sum(done, Order::shipping),
              size(back),
              sum(back, Order::total),
              size(with(orders, "cancelled")));
        });
  }

  private void customerLtv() {
    each(
        source.orders.stream(),
        o -> List.of(o.tenant(), o.customer()),
        (key, orders) -> {
          List<Order> done = orders.stream().filter(completed()).toList();
          List<Order> back = with(orders, "refunded");
          add(
              key.get(0),
              key.get(1),
              size(done),
              sum(done, Order::total),
              mean(sum(done, Order::total), done.size()),
              first(done),
              last(done),
              size(back),
              sum(back, Order::total),
              size(with(orders, "cancelled")));
        });
  }

  private void customerMetrics() {
    each(
        source.customers.stream(),
        c -> List.of(c.tenant()),
        (key, customers) -> {
          long buyers = 0;
          long again = 0;
          long lapsed = 0;
          BigDecimal value = new BigDecimal("0.00");
          for (Customer customer : customers) {
            List<Order> done =
                source.orders.stream()
                    .filter(completed())
                    .filter(
                        o -> o.tenant().equals(customer.tenant()) && o.customer() == customer.id())
                    .toList();
            buyers += done.isEmpty() ? 0 : 1;
            again += done.size() < 2 ? 0 : 1;
            lapsed += !done.isEmpty() && last(done).isBefore(asOf.minusDays(90)) ? 1 : 0;
            value = value.add(sum(done, Order::total));
          }
          long churned = customers.stream().filter(c -> c.status().equals("churned")).count();
          Instant newSince = asOf.minusDays(30).atStartOfDay(ZoneOffset.UTC).toInstant();
          add(
              key.get(0),
              asOf,
              size(customers),
              customers.stream().filter(c -> !c.created().isBefore(newSince)).count(),
              customers.stream().filter(c -> c.status().equals("active")).count(),
              customers.stream().filter(c -> c.status().equals("inactive")).count(),
              churned,
              customers.stream().filter(c -> c.status().equals("blocked")).count(),
              rate(churned, customers.size()),
              buyers,
              again,
              rate(again, buyers),
              lapsed,
              value,
              mean(value, customers.size()),
              mean(value, buyers));
        });
  }

  private void customerRetention() {
    each(
        source.orders.stream().filter(completed()),
        o -> List.of(o.tenant()),
        (key, orders) -> {
          LocalDate end = orders.stream().map(o -> month(o.date())).max(order()).orElseThrow();
          Map<LocalDate, List<List<Order>>> cohorts =
              orders.stream().collect(groupingBy(Order::customer)).values().stream()
                  .collect(groupingBy(own -> first(own).withDayOfMonth(1)));
          cohorts.forEach(
              (cohort, members) -> {
                LocalDate month = cohort;
                for (int n = 0; n < 120 && !month.isAfter(end); n++) {
                  long back = 0;
                  BigDecimal revenue = new BigDecimal("0.00");
                  for (List<Order> own : members) {
                    LocalDate present = month;
                    List<Order> then =
                        own.stream().filter(o -> month(o.date()).equals(present)).toList();
                    back += then.isEmpty() ? 0 : 1;
                    revenue = revenue.add(sum(then, Order::total));
                  }
                  add(
                      key.get(0),
                      cohort,
                      n,
                      month,
                      size(members),
                      back,
                      rate(back, members.size()),
                      revenue);
                  month = month.plusMonths(1);
                }
              });
        });
  }

  // -- lines and products -------------------------------------------------------------------

  private Order orderOf(Line line) {
    return source.orders.stream()
        .filter(o -> o.id() == line.order() && o.tenant().equals(line.tenant()))
        .findFirst()
        .orElse(null);
  }

  private void orderLines() {
    for (Line line : source.lines) {
      Order order = orderOf(line);
      if (order != null) {
        add(
            line.tenant(),
            line.id(),
            line.order(),
            order.customer(),
            line.product(),
            day(order.date()),
            order.date(),
            order.status(),
            order.currency(),
            line.quantity(),
            line.price(),
            line.discount(),
            line.total(),
            month(order.date()));
      }
    }
  }

  private List<Line> lines(String status) {
    return source.lines.stream()
        .filter(l -> orderOf(l) != null && orderOf(l).status().equals(status))
        .toList();
  }

  private static long pieces(Collection<Line> lines) {
    return lines.stream().mapToLong(Line::quantity).sum();
  }

  private void productSales() {
    List<Line> sold = lines("completed");
    List<Line> back = lines("refunded");
    each(
        Stream.concat(sold.stream(), back.stream()),
        l -> List.of(l.tenant(), l.product(), day(orderOf(l).date())),
        (key, lines) -> {
          List<Line> own = lines.stream().filter(sold::contains).toList();
          List<Line> returned = lines.stream().filter(back::contains).toList();
          add(
              key.get(0),
              key.get(1),
              key.get(2),
              distinct(own, Line::order),
              pieces(own),
              sum(own, Line::total),
              sum(own, Line::discount),
              pieces(returned),
              sum(returned, Line::total),
              ((LocalDate) key.get(2)).withDayOfYear(1));
        });
  }

  private void productPerformance() {
    List<Line> sold = lines("completed");
    List<Line> back = lines("refunded");
    Set<List<Object>> keys = new HashSet<>();
    source.products.forEach(p -> keys.add(List.of(p.tenant(), p.id())));
    Stream.concat(sold.stream(), back.stream())
        .forEach(l -> keys.add(List.of(l.tenant(), l.product())));
    for (List<Object> key : keys) {
      Product product =
          source.products.stream()
              .filter(p -> key.equals(List.of(p.tenant(), p.id())))
              .findFirst()
              .orElse(null);
      Predicate<Line> mine = l -> key.equals(List.of(l.tenant(), l.product()));
      List<Line> own = sold.stream().filter(mine).toList();
      List<Line> returned = back.stream().filter(mine).toList();
      List<Order> orders = own.stream().map(this::orderOf).toList();
      BigDecimal revenue = sum(own, Line::total);
      BigDecimal cost =
          product == null ? null : product.cost().multiply(BigDecimal.valueOf(pieces(own)));
      BigDecimal margin = cost == null ? null : revenue.subtract(cost);
      add(
          key.get(0),
          key.get(1),
          of(product, Product::sku),
          of(product, Product::name),
          of(product, Product::category),
          of(product, Product::active),
          of(product, Product::price),
          of(product, Product::inventory),
          distinct(own, Line::order),
          pieces(own),
          revenue,
          sum(own, Line::discount),
          cost,
          margin,
          margin == null || revenue.signum() == 0
              ? null
              : margin.divide(revenue, 4, RoundingMode.HALF_UP),
          pieces(returned),
          sum(returned, Line::total),
          first(orders),
          last(orders));
    }
  }

  private static Object of(Product product, Function<Product, Object> value) {
    return product == null ? null : value.apply(product);
  }

  private void products() {
    source.products.forEach(
        p ->
            add(
                p.tenant(),
                p.id(),
                p.sku(),
                p.name(),
                p.category(),
                p.price(),
                p.cost(),
                p.inventory(),
                p.active(),
                p.created(),
                p.updated()));
  }

  private void customers() {
    source.customers.forEach(
        c ->
            add(
                c.tenant(),
                c.id(),
                c.email(),
                c.phone(),
                c.first(),
                c.last(),
                c.status(),
                c.created(),
                c.updated()));
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

  // -- arithmetic ---------------------------------------------------------------------------

  private interface Group<T> {
    void accept(List<Object> key, List<T> members);
  }

  private static <T> void each(Stream<T> rows, Function<T, List<Object>> key, Group<T> group) {
    rows.collect(groupingBy(key)).forEach(group::accept);
  }

  private static Predicate<Order> completed() {
    return order -> order.status().equals("completed");
  }

  private static List<Order> with(Collection<Order> orders, String status) {
    return orders.stream().filter(o -> o.status().equals(status)).toList();
  }

  private static LocalDate month(Instant instant) {
    return day(instant).withDayOfMonth(1);
  }

  private static Comparator<LocalDate> order() {
    return Comparator.naturalOrder();
  }

  private static LocalDate first(Collection<Order> orders) {
    return orders.stream().map(o -> day(o.date())).min(order()).orElse(null);
  }

  private static LocalDate last(Collection<Order> orders) {
    return orders.stream().map(o -> day(o.date())).max(order()).orElse(null);
  }

  private static long size(Collection<?> rows) {
    return rows.size();
  }

  private static <T> long distinct(Collection<T> rows, Function<T, Object> value) {
    return new HashSet<>(rows.stream().map(value).toList()).size();
  }

  private static <T> BigDecimal sum(Collection<T> rows, Function<T, BigDecimal> value) {
    BigDecimal sum = new BigDecimal("0.00");
    for (T row : rows) {
      sum = sum.add(value.apply(row));
    }
    return sum;
  }

  private static BigDecimal mean(BigDecimal sum, long count) {
    return count == 0 ? null : sum.divide(BigDecimal.valueOf(count), 2, RoundingMode.HALF_UP);
  }

  private static BigDecimal rate(long part, long whole) {
    return whole == 0
        ? null
        : BigDecimal.valueOf(part).divide(BigDecimal.valueOf(whole), 4, RoundingMode.HALF_UP);
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
