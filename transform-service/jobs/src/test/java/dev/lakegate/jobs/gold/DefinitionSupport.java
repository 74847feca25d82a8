package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.gold.SourceRows.day;
import static java.util.stream.Collectors.groupingBy;

import dev.lakegate.jobs.gold.SourceRows.Order;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What definitions of metrics are made of: rows that come out, groups, sums, means and rates. */
abstract class DefinitionSupport {
  final SourceRows source;
  final LocalDate asOf;
  final List<List<Object>> result = new ArrayList<>();

  DefinitionSupport(SourceRows source, LocalDate asOf) {
    this.source = source;
    this.asOf = asOf;
  }

  final void add(Object... values) {
    result.add(Arrays.asList(values));
  }

  interface Group<T> {
    void accept(List<Object> key, List<T> members);
  }

  static <T> void each(Stream<T> rows, Function<T, List<Object>> key, Group<T> group) {
    rows.collect(groupingBy(key)).forEach(group::accept);
  }

  static Predicate<Order> completed() {
    return order -> order.status().equals("completed");
  }

  static List<Order> with(Collection<Order> orders, String status) {
    return orders.stream().filter(o -> o.status().equals(status)).toList();
  }

  static LocalDate month(Instant instant) {
    return day(instant).withDayOfMonth(1);
  }

  static Comparator<LocalDate> order() {
    return Comparator.naturalOrder();
  }

  static LocalDate first(Collection<Order> orders) {
    return orders.stream().map(o -> day(o.date())).min(order()).orElse(null);
  }

  static LocalDate last(Collection<Order> orders) {
    return orders.stream().map(o -> day(o.date())).max(order()).orElse(null);
  }

  static long size(Collection<?> rows) {
    return rows.size();
  }

  static <T> long distinct(Collection<T> rows, Function<T, Object> value) {
    return new HashSet<>(rows.stream().map(value).toList()).size();
  }

  static <T> BigDecimal sum(Collection<T> rows, Function<T, BigDecimal> value) {
    BigDecimal sum = new BigDecimal("0.00");
    for (T row : rows) {
      sum = sum.add(value.apply(row));
    }
    return sum;
  }

  static BigDecimal mean(BigDecimal sum, long count) {
    return count == 0 ? null : sum.divide(BigDecimal.valueOf(count), 2, RoundingMode.HALF_UP);
  }

  static BigDecimal rate(long part, long whole) {
    return whole == 0
        ? null
        : BigDecimal.valueOf(part).divide(BigDecimal.valueOf(whole), 4, RoundingMode.HALF_UP);
  }
}
