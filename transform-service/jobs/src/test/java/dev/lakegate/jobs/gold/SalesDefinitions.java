package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.gold.SourceRows.day;
import static java.util.stream.Collectors.groupingBy;

import dev.lakegate.jobs.gold.SourceRows.Customer;
import dev.lakegate.jobs.gold.SourceRows.Line;
import dev.lakegate.jobs.gold.SourceRows.Order;
import dev.lakegate.jobs.gold.SourceRows.Product;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the metrics of orders, customers and products mean. */
class SalesDefinitions extends DefinitionSupport {
  SalesDefinitions(SourceRows source, LocalDate asOf) {
    super(source, asOf);
  }

  // -- orders -------------------------------------------------------------------------------

  void revenueDaily() {
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

  void revenueMonthly() {
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

  void customerLtv() {
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

  void customerMetrics() {
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

  void customerRetention() {
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

  Order orderOf(Line line) {
    return source.orders.stream()
        .filter(o -> o.id() == line.order() && o.tenant().equals(line.tenant()))
        .findFirst()
        .orElse(null);
  }

  void orderLines() {
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

  List<Line> lines(String status) {
    return source.lines.stream()
        .filter(l -> orderOf(l) != null && orderOf(l).status().equals(status))
        .toList();
  }

  static long pieces(Collection<Line> lines) {
    return lines.stream().mapToLong(Line::quantity).sum();
  }

  void productSales() {
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

  void productPerformance() {
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
          of(product, SourceRows::top),
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

  static Object of(Product product, Function<Product, Object> value) {
    return product == null ? null : value.apply(product);
  }

  void products() {
    source.products.forEach(
        p ->
            add(
                p.tenant(),
                p.id(),
                p.sku(),
                p.name(),
                p.category(),
                SourceRows.normalized(p),
                SourceRows.top(p),
                p.price(),
                p.cost(),
                p.inventory(),
                p.active(),
                p.created(),
                p.updated()));
  }

  void customers() {
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
}
