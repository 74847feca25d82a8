package dev.lakegate.model.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An order in which every node comes after those it depends on, or the cycle that forbids one.
 * Deterministic: among nodes that are free to go, the one named first comes first.
 *
 * @param order all nodes when there is no cycle, otherwise those before any cycle
 * @param cycle empty, or the nodes of one cycle, the first repeated at the end
 */
public record TopologicalOrder(List<String> order, List<String> cycle) {

  public TopologicalOrder {
    order = List.copyOf(order);
    cycle = List.copyOf(cycle);
  }

  /**
   * @param dependencies what each node depends on; names that are no node are ignored
   */
  public static TopologicalOrder of(Map<String, ? extends Collection<String>> dependencies) {
    List<String> order = new ArrayList<>();
    Set<String> placed = new HashSet<>();
    List<String> waiting = new ArrayList<>(dependencies.keySet());
    while (!waiting.isEmpty()) {
      List<String> stillWaiting = new ArrayList<>();
      for (String node : waiting) {
        boolean free =
            dependencies.get(node).stream()
                .allMatch(d -> placed.contains(d) || !dependencies.containsKey(d));
        if (free) {
          order.add(node);
          placed.add(node);
        } else {
          stillWaiting.add(node);
        }
      }
      if (stillWaiting.size() == waiting.size()) {
        return new TopologicalOrder(order, cycleAmong(stillWaiting, dependencies));
      }
      waiting = stillWaiting;
    }
    return new TopologicalOrder(order, List.of());
  }

  // Every waiting node depends on a waiting node, so following such edges must come round.
  private static List<String> cycleAmong(
      List<String> waiting, Map<String, ? extends Collection<String>> dependencies) {
    Set<String> among = new HashSet<>(waiting);
    Map<String, Integer> seen = new HashMap<>();
    ArrayDeque<String> path = new ArrayDeque<>();
    String node = waiting.get(0);
    while (!seen.containsKey(node)) {
      seen.put(node, path.size());
      path.addLast(node);
      node = dependencies.get(node).stream().filter(among::contains).findFirst().orElseThrow();
    }
    List<String> cycle = new ArrayList<>(path).subList(seen.get(node), path.size());
    // It starts at its smallest name, so that the same cycle is always told in the same way.
    cycle = new ArrayList<>(cycle);
    Collections.rotate(cycle, -cycle.indexOf(Collections.min(cycle)));
    cycle.add(cycle.get(0));
    return cycle;
  }
}
