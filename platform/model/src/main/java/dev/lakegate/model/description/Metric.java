package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.List;

/**
 * A Gold table and the query that computes it. Immutable.
 *
 * @param name in Gold
 * @param scope whose rows it holds
 * @param description for people
 * @param grain columns that identify a row
 * @param inputs datasets that the query reads
 * @param timeColumns columns by which a range can be recomputed
 * @param clock whether the result depends on today
 * @param tenantColumn null unless scope is tenant
 * @param partitionBy partition columns, outermost first; empty for one partition
 * @param columns of the result in order
 * @param sql Spark SQL; {@code ${as_of_date}} stands for the as-of date as a DATE literal
 */
public record Metric(
    String name,
    Scope scope,
    String description,
    List<String> grain,
    List<String> inputs,
    List<String> timeColumns,
    Clock clock,
    String tenantColumn,
    List<String> partitionBy,
    List<Column> columns,
    String sql) {

  /** The token that a run replaces by its as-of date. */
  public static final String AS_OF_DATE = "${as_of_date}";

  public Metric {
    grain = List.copyOf(grain);
    inputs = List.copyOf(inputs);
    timeColumns = List.copyOf(timeColumns);
    partitionBy = List.copyOf(partitionBy);
    columns = List.copyOf(columns);
  }

  /** How a result depends on the clock. */
  public enum Clock {
    /** Not at all. */
    NONE,
    /** It is stale when the UTC day changes. */
    UTC_DAY;

    /** As written in YAML and JSON. */
    public String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A column of the result.
   *
   * @param name of the column
   * @param type of the column
   * @param nullable whether NULL is allowed
   * @param pii whether it holds personal data
   * @param description for people
   */
  public record Column(
      String name, TrinoType type, boolean nullable, boolean pii, String description) {}

  /** {@code gold.<name>}. */
  public String dataset() {
    return "gold." + name;
  }
}
