package dev.lakegate.governance.lakeformation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the policy asks for in AWS.
 *
 * @param own items of tenants by key, which this service makes
 * @param skeleton items by key that Terraform makes: looked at, never touched
 * @param databases that are governed, by layer
 * @param columns described columns of each table of the catalog, as {@code database.table}
 * @param problems what the policy asks for and Lake Formation cannot do; nothing is granted for it
 */
record Desired(
    SortedMap<String, Item> own,
    SortedMap<String, Item> skeleton,
    Map<String, String> databases,
    Map<String, Set<String>> columns,
    List<String> problems) {
  Desired {
    own = new TreeMap<>(own);
    skeleton = new TreeMap<>(skeleton);
    databases = Map.copyOf(databases);
    columns = Map.copyOf(columns);
    problems = List.copyOf(problems);
  }

  <T extends Item> Stream<T> own(Class<T> kind) {
    return own.values().stream().filter(kind::isInstance).map(kind::cast);
  }
}
