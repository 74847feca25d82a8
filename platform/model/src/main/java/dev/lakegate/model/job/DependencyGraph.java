package dev.lakegate.model.job;

import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.graph.TopologicalOrder;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which dataset is built from which. Immutable. */
public final class DependencyGraph {
  private final Map<String, Set<String>> inputs;
  private final List<String> order;

  private DependencyGraph(Map<String, Set<String>> inputs, List<String> order) {
    this.inputs = inputs;
    this.order = order;
  }

  /** The graph of a described lakehouse. */
  public static DependencyGraph of(Lakehouse lakehouse) {
    Map<String, Collection<String>> inputs = new LinkedHashMap<>();
    for (SourceTable table : lakehouse.tables()) {
      inputs.put(table.dataset(), List.of());
    }
    for (HistoryTable history : lakehouse.histories()) {
      inputs.put(history.dataset(), List.of());
    }
    for (Metric metric : lakehouse.computed()) {
      inputs.put(metric.dataset(), metric.inputs());
    }
    return of(inputs);
  }

  /**
   * @param inputs of each dataset
   * @throws IllegalArgumentException when an input is no dataset, or datasets depend on each other;
   *     the message tells the path
   */
  public static DependencyGraph of(Map<String, ? extends Collection<String>> inputs) {
    Map<String, Set<String>> copy = new LinkedHashMap<>();
    inputs.forEach((dataset, of) -> copy.put(dataset, Set.copyOf(of)));
    copy.forEach(
        (dataset, of) ->
            of.forEach(
                input -> {
                  if (!copy.containsKey(input)) {
                    throw new IllegalArgumentException(
                        dataset + " reads " + input + ", which is no dataset");
                  }
                }));
    TopologicalOrder order = TopologicalOrder.of(copy);
    if (!order.cycle().isEmpty()) {
      throw new IllegalArgumentException(
          "datasets depend on each other: " + String.join(" -> ", order.cycle()));
    }
    return new DependencyGraph(copy, order.order());
  }

  /** All datasets, each after its inputs. */
  public List<String> order() {
    return order;
  }

  /** What a dataset reads directly; empty for Silver tables and unknown names. */
  public Set<String> inputs(String dataset) {
    return inputs.getOrDefault(dataset, Set.of());
  }

  /** All datasets that a dataset reaches directly or through others, in order. */
  public List<String> descendants(String dataset) {
    Set<String> found = new LinkedHashSet<>();
    ArrayDeque<String> queue = new ArrayDeque<>(List.of(dataset));
    while (!queue.isEmpty()) {
      String next = queue.removeFirst();
      inputs.forEach(
          (candidate, of) -> {
            if (of.contains(next) && found.add(candidate)) {
              queue.addLast(candidate);
            }
          });
    }
    return order.stream().filter(found::contains).toList();
  }
}
