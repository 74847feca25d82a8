package dev.lakegate.jobs.lineage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * What the columns of a query's result are made of: for each the columns of the inputs whose values
 * go into its own, and for all together those that decide which rows there are. Immutable.
 */
public final class ColumnLineage {
  private final Map<String, Sources> columns;
  private final Sources rows;

  /**
   * The lineage of a query.
   *
   * @param plan of it, analysed and not optimised
   */
  public static ColumnLineage of(LogicalPlan plan) {
    return PlanLineage.of(plan);
  }

  ColumnLineage(Map<String, Sources> columns, Sources rows) {
    this.columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    this.rows = rows;
  }

  /** How a column goes into another one; the later stands for more than the earlier. */
  enum Kind {
    /** As it is. */
    IDENTITY,
    /** By a function of values of the same row. */
    TRANSFORMATION,
    /** By a function of values of many rows. */
    AGGREGATION,
    /** It decides which of other values is taken. */
    CONDITIONAL,
    /** It decides which rows stay. */
    FILTER,
    /** It decides which rows belong together. */
    JOIN,
    /** It decides which rows become one. */
    GROUP_BY,
    /** It decides about the order. */
    SORT,
    /** It decides which rows a window function sees, and in which order. */
    WINDOW;

    boolean direct() {
      return ordinal() <= AGGREGATION.ordinal();
    }

    /** What it is after a further step: aggregates stay what they are. */
    Kind then(Kind step) {
      if (!direct()) {
        return this;
      }
      return !step.direct() || ordinal() < step.ordinal() ? step : this;
    }

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A column of an input. Immutable. */
  static final class Input implements Comparable<Input> {
    private final String dataset;
    private final String column;

    Input(String dataset, String column) {
      this.dataset = dataset;
      this.column = column;
    }

    String dataset() {
      return dataset;
    }

    String column() {
      return column;
    }

    @Override
    public int compareTo(Input other) {
      int byDataset = dataset.compareTo(other.dataset);
      return byDataset == 0 ? column.compareTo(other.column) : byDataset;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Input && compareTo((Input) other) == 0;
    }

    @Override
    public int hashCode() {
      return Objects.hash(dataset, column);
    }
  }

  /** Columns of inputs, each with the ways in which it goes in. Used by one thread. */
  static final class Sources {
    private final Map<Input, TreeSet<Kind>> kinds = new TreeMap<>();

    void add(Input input, Kind kind) {
      TreeSet<Kind> known = kinds.computeIfAbsent(input, i -> new TreeSet<>());
      if (kind.direct()) {
        // One direct way is enough: the one that changes it most.
        Kind most = kind;
        for (Kind other : known) {
          most = other.direct() && other.ordinal() > most.ordinal() ? other : most;
        }
        known.removeIf(Kind::direct);
        known.add(most);
      } else {
        known.add(kind);
      }
    }

    /** Adds all of others, after a further step. */
    void add(Sources others, Kind step) {
      others.kinds.forEach(
          (input, all) -> new TreeSet<>(all).forEach(kind -> add(input, kind.then(step))));
    }

    private ArrayNode json() {
      ArrayNode list = Json.object().putArray("inputs");
      kinds.forEach(
          (input, all) ->
              all.forEach(
                  kind ->
                      list.addObject()
                          .put("dataset", input.dataset())
                          .put("column", input.column())
                          .put("kind", kind.wireName())));
      return list;
    }
  }

  /** As a run's result tells it. */
  public ObjectNode json() {
    ObjectNode node = Json.object();
    ArrayNode list = node.putArray("columns");
    columns.forEach(
        (column, sources) -> list.addObject().put("column", column).set("inputs", sources.json()));
    node.set("rows", rows.json());
    return node;
  }
}
