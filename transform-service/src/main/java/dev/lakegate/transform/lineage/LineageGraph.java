package dev.lakegate.transform.lineage;

import dev.lakegate.model.job.RunResult.Lineage.OfColumn;
import dev.lakegate.model.job.RunResult.Lineage.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All datasets with what they are made of. Immutable, pure. */
public final class LineageGraph {
  private final List<DatasetLineage> datasets;

  /**
   * @param datasets each after its inputs; Bronze tables need not be among them
   */
  public LineageGraph(List<DatasetLineage> datasets) {
    this.datasets = List.copyOf(datasets);
  }

  /** Which way lineage is followed. */
  public enum Direction {
    /** To what something is made of. */
    UPSTREAM,
    /** To what is made of it. */
    DOWNSTREAM,
    /** Both. */
    BOTH;

    private boolean up() {
      return this != DOWNSTREAM;
    }

    private boolean down() {
      return this != UPSTREAM;
    }
  }

  /** All of it. */
  public List<DatasetLineage> all() {
    return datasets;
  }

  /** Whether a dataset, or a table of Bronze that one reads, has that name. */
  public boolean knows(String dataset) {
    return datasets.stream()
        .anyMatch(one -> one.dataset().equals(dataset) || one.inputs().contains(dataset));
  }

  /** Whether a column is known: as one of a dataset, or as one that another dataset is made of. */
  public boolean knows(String dataset, String column) {
    return datasets.stream()
        .anyMatch(
            one ->
                one.columns() != null
                    && (one.dataset().equals(dataset)
                            && one.columns().stream().anyMatch(c -> c.column().equals(column))
                        || one.columns().stream()
                            .anyMatch(c -> names(c.inputs(), dataset, column))));
  }

  /** A dataset and all that it is made of, or that is made of it, in order. */
  public List<DatasetLineage> of(String dataset, Direction direction) {
    Set<String> reached = new HashSet<>();
    if (direction.up()) {
      walk(dataset, reached, true);
    }
    if (direction.down()) {
      walk(dataset, reached, false);
    }
    return datasets.stream().filter(one -> reached.contains(one.dataset())).toList();
  }

  private void walk(String start, Set<String> reached, boolean up) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      String dataset = open.remove();
      if (!seen.add(dataset)) {
        continue;
      }
      reached.add(dataset);
      for (DatasetLineage one : datasets) {
        if (up && one.dataset().equals(dataset)) {
          open.addAll(one.inputs());
        } else if (!up && one.inputs().contains(dataset)) {
          open.add(one.dataset());
        }
      }
    }
  }

  private record Column(String dataset, String column) {}

  /**
   * A column and all columns whose values go into it, or that its own go into. A dataset whose rows
   * the last ones decide about, without going into its values, is named without columns.
   */
  public List<DatasetLineage> of(String dataset, String column, Direction direction) {
    Set<Column> reached = new LinkedHashSet<>();
    if (direction.up()) {
      walk(new Column(dataset, column), reached, true);
    }
    if (direction.down()) {
      walk(new Column(dataset, column), reached, false);
    }
    List<DatasetLineage> result = new ArrayList<>();
    for (DatasetLineage one : datasets) {
      if (one.columns() == null) {
        continue;
      }
      List<OfColumn> columns =
          one.columns().stream()
              .filter(c -> reached.contains(new Column(one.dataset(), c.column())))
              .toList();
      List<Source> rows =
          one.rows().stream()
              .filter(
                  source ->
                      !columns.isEmpty() && direction.up()
                          || direction.down()
                              && reached.contains(new Column(source.dataset(), source.column())))
              .toList();
      if (!columns.isEmpty() || !rows.isEmpty()) {
        result.add(new DatasetLineage(one.dataset(), one.layer(), one.inputs(), columns, rows));
      }
    }
    return result;
  }

  private void walk(Column start, Set<Column> reached, boolean up) {
    Set<Column> seen = new HashSet<>();
    Deque<Column> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      Column at = open.remove();
      if (!seen.add(at)) {
        continue;
      }
      reached.add(at);
      for (DatasetLineage one : datasets) {
        if (one.columns() == null) {
          continue;
        }
        for (OfColumn column : one.columns()) {
          if (up && one.dataset().equals(at.dataset()) && column.column().equals(at.column())) {
            column.inputs().forEach(s -> open.add(new Column(s.dataset(), s.column())));
          } else if (!up && names(column.inputs(), at.dataset(), at.column())) {
            open.add(new Column(one.dataset(), column.column()));
          }
        }
      }
    }
  }

  private static boolean names(List<Source> sources, String dataset, String column) {
    return sources.stream().anyMatch(s -> s.dataset().equals(dataset) && s.column().equals(column));
  }
}
