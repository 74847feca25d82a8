package dev.lakegate.gateway.sql;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Session properties of Trino's that tools set. Almost all of them tune a cluster: they are taken
 * and mean nothing here. None widens what a session may do; the two limits of time can only lower
 * the gateway's own.
 */
public final class SessionProperties {
  /** The zone that SET TIME ZONE chooses. */
  public static final String TIME_ZONE = "time_zone_id";

  private static final Pattern DURATION =
      Pattern.compile("\\s*(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(ns|us|ms|s|m|h|d)\\s*");

  private enum Kind {
    BOOLEAN,
    NUMBER,
    TEXT
  }

  private static final Map<String, Kind> KNOWN = new TreeMap<>();

  static {
    for (String name :
        ("query_max_run_time query_max_execution_time query_max_planning_time query_max_cpu_time"
                + " query_max_scan_physical_bytes query_max_memory query_max_total_memory"
                + " query_max_memory_per_node resource_overcommit execution_policy"
                + " join_distribution_type join_reordering_strategy join_max_broadcast_table_size"
                + " retry_policy time_zone_id writer_min_size client_id legacy_timestamp"
                + " remote_task_adaptive_update_request_size_enabled")
            .split(" ")) {
      KNOWN.put(name, Kind.TEXT);
    }
    for (String name :
        ("query_priority task_concurrency hash_partition_count max_hash_partition_count"
                + " initial_splits_per_node query_max_stage_count required_workers_count"
                + " max_reordered_joins task_writer_count filter_conjunction_independence_factor"
                + " max_recursion_depth")
            .split(" ")) {
      KNOWN.put(name, Kind.NUMBER);
    }
    for (String name :
        ("distributed_join distributed_sort spill_enabled enable_dynamic_filtering"
                + " dictionary_aggregation optimize_hash_generation optimize_metadata_queries"
                + " push_aggregation_through_outer_join prefer_partial_aggregation"
                + " use_mark_distinct statistics_enabled ignore_stats_calculator_failures"
                + " parse_decimal_literals_as_double redistribute_writes scale_writers"
                + " collect_plan_statistics_for_all_queries allow_pushdown_into_connectors"
                + " use_preferred_write_partitioning optimize_top_n_ranking spooling_enabled"
                + " colocated_join")
            .split(" ")) {
      KNOWN.put(name, Kind.BOOLEAN);
    }
    // It would change the type, and so the value, of every decimal literal.
    KNOWN.remove("parse_decimal_literals_as_double");
    KNOWN.remove("legacy_timestamp");
  }

  private SessionProperties() {}

  /**
   * Lets a known property with a value of its kind pass.
   *
   * @throws SqlFailure otherwise
   */
  public static void require(String name, String value) {
    requireKnown(name);
    boolean valid =
        switch (KNOWN.get(name)) {
          case BOOLEAN -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false");
          case NUMBER -> value.matches("-?\\d{1,18}(\\.\\d{1,18})?");
          case TEXT -> value.length() <= 200 && validText(name, value);
        };
    if (!valid) {
      throw new SqlFailure(
          "INVALID_SESSION_PROPERTY", "The value of session property '" + name + "' is invalid");
    }
  }

  static void requireKnown(String name) {
    if (!KNOWN.containsKey(name)) {
      throw new SqlFailure(
          "INVALID_SESSION_PROPERTY", "Session property '" + name + "' does not exist");
    }
  }

  private static boolean validText(String name, String value) {
    if (name.equals(TIME_ZONE)) {
      return Zones.find(value).isPresent();
    }
    return !name.endsWith("_time") || duration(value).isPresent();
  }

  /** The shorter of the limits of time that a session sets for itself; empty when it sets none. */
  public static Optional<Duration> runTime(Map<String, String> properties) {
    Optional<Duration> shortest = Optional.empty();
    for (String name : new String[] {"query_max_run_time", "query_max_execution_time"}) {
      Optional<Duration> d =
          Optional.ofNullable(properties.get(name)).flatMap(SessionProperties::duration);
      if (d.isPresent() && (shortest.isEmpty() || d.get().compareTo(shortest.get()) < 0)) {
        shortest = d;
      }
    }
    return shortest;
  }

  private static Optional<Duration> duration(String text) {
    Matcher m = DURATION.matcher(text);
    if (!m.matches()) {
      return Optional.empty();
    }
    double nanos =
        Double.parseDouble(m.group(1))
            * switch (m.group(2)) {
              case "ns" -> 1.0;
              case "us" -> 1e3;
              case "ms" -> 1e6;
              case "s" -> 1e9;
              case "m" -> 6e10;
              case "h" -> 3.6e12;
              default -> 8.64e13;
            };
    return Optional.of(Duration.ofNanos((long) Math.min(nanos, 9e18)));
  }
}
