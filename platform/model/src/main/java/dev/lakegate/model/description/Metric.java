package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table that a query computes from other tables: a Gold metric, or a derived table of Silver.
 * Immutable.
 *
 * @param schema {@code gold}, or {@code silver} for a derived table
 * @param name within the schema
 * @param scope whose rows it holds
 * @param description for people
 * @param grain columns that identify a row
 * @param inputs datasets that the query reads
 * @param timeColumns columns by which a range can be recomputed
 * @param clock whether the result depends on today
 * @param tenantColumn null unless scope is tenant
 * @param partitionBy partition columns, outermost first; empty for one partition
 * @param columns of the result in order
 * @param incremental how a run finds the rows that a change of its inputs touches; null when each
 *     run computes the whole table
 * @param expectations what rows of the result are expected to meet; those that block keep a run
 *     from being published when too many rows do not
 * @param sql Spark SQL; {@code ${as_of_date}} stands for the as-of date as a DATE literal
 */
public record Metric(
    String schema,
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
    Incremental incremental,
    List<Expectation> expectations,
    String sql) {

  /** The token that a run replaces by its as-of date. */
  public static final String AS_OF_DATE = "${as_of_date}";

  public Metric {
    grain = List.copyOf(grain);
    inputs = List.copyOf(inputs);
    timeColumns = List.copyOf(timeColumns);
    partitionBy = List.copyOf(partitionBy);
    columns = List.copyOf(columns);
    expectations = List.copyOf(expectations);
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

  /**
   * How changed rows of the inputs lead to the rows of the result that they touch. A key is one
   * combination of values of {@code by}.
   *
   * @param by columns of the grain: rows of the result with other values of these are computed from
   *     other rows of the inputs
   * @param inputs by dataset, one for each input of the metric
   */
  public record Incremental(List<String> by, Map<String, Input> inputs) {
    /** In {@link Input#keys}, the changed rows of the input: as they were, or as they are. */
    public static final String CHANGED = "changed";

    public Incremental {
      by = List.copyOf(by);
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    }
  }

  /**
   * What an input tells of keys.
   *
   * @param columns Spark expression over a row of the input, by column of the key; a row whose
   *     values differ from those of a key does not contribute to that key
   * @param keys Spark SQL over {@code changed} and other inputs that gives the columns of the key;
   *     null when {@code columns} names all of them and so gives the keys of a row
   */
  public record Input(Map<String, String> columns, String keys) {
    public Input {
      columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }
  }

  /** {@code <schema>.<name>}. */
  public String dataset() {
    return schema + "." + name;
  }
}
