package dev.lakegate.governance.policy;

import dev.lakegate.model.description.FlagTable;
import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Facts about tables come from the lakehouse description. What they add or tighten holds at once;
 * what they loosen (personal data that no longer is, a scope that lets more people in) waits until
 * an administrator applies it; and so long as it waits for a table, it waits for what is made of
 * that table's rows by the description itself, its history and its flags. What disappears from the
 * description is forgotten at a start, or when somebody applies it; while the service runs it
 * stays, because files that are exchanged are not there for a moment. Pure.
 */
final class TableFactsRules {
  private TableFactsRules() {}

  /**
   * The facts to put in force without a hand.
   *
   * @param inForce facts of the present policy
   * @param described facts of the description
   */
  static List<TableFacts> merge(List<TableFacts> inForce, List<TableFacts> described) {
    Map<String, TableFacts> present = byName(inForce);
    Map<String, TableFacts> next = byName(described);
    return described.stream()
        .map(table -> following(table, present, next))
        .map(
            table ->
                present.containsKey(table.table())
                    ? strictest(present.get(table.table()), table)
                    : table)
        .toList();
  }

  /** A history, or a table of flags, no looser than the facts in force of the table it is of. */
  private static TableFacts following(
      TableFacts table, Map<String, TableFacts> present, Map<String, TableFacts> next) {
    for (String suffix : List.of(HistoryTable.SUFFIX, FlagTable.SUFFIX)) {
      if (table.table().startsWith("silver.") && table.table().endsWith(suffix)) {
        String name = table.table().substring(0, table.table().length() - suffix.length());
        if (present.containsKey(name) && next.containsKey(name)) {
          return following(
              table, suffix.equals(FlagTable.SUFFIX), present.get(name), next.get(name));
        }
      }
    }
    return table;
  }

  private static TableFacts following(
      TableFacts table, boolean flags, TableFacts inForce, TableFacts described) {
    Map<String, Boolean> before = personal(inForce);
    Map<String, Boolean> after = personal(described);
    // What the description loosens and nobody has applied: it may be what any computed value shows.
    Set<String> waiting = new LinkedHashSet<>();
    before.forEach(
        (column, pii) -> {
          if (pii && Boolean.FALSE.equals(after.get(column))) {
            waiting.add(column);
          }
        });
    List<ColumnFacts> columns =
        table.columns().stream()
            .map(
                c ->
                    new ColumnFacts(
                        c.name(),
                        c.pii()
                            || waiting.contains(c.name())
                            || (!waiting.isEmpty() && (flags || !before.containsKey(c.name())))))
            .toList();
    TableFacts hidden = new TableFacts(table.table(), table.scope(), table.tenantColumn(), columns);
    return strictness(inForce.scope()) > strictness(described.scope())
        ? hidden.within(inForce.scope(), inForce.tenantColumn())
        : hidden;
  }

  /**
   * The facts to put in force while the service runs: nothing is forgotten, or what came back after
   * a moment would be new and as loose as it says.
   *
   * @param inForce facts of the present policy
   * @param described facts of the description
   */
  static List<TableFacts> follow(List<TableFacts> inForce, List<TableFacts> described) {
    Map<String, TableFacts> present = byName(inForce);
    List<TableFacts> all = new ArrayList<>();
    for (TableFacts table : merge(inForce, described)) {
      TableFacts old = present.remove(table.table());
      all.add(old == null ? table : remembering(old, table));
    }
    all.addAll(present.values());
    return all;
  }

  private static TableFacts remembering(TableFacts old, TableFacts merged) {
    List<ColumnFacts> columns = new ArrayList<>(merged.columns());
    Set<String> names = personal(merged).keySet();
    old.columns().stream().filter(c -> !names.contains(c.name())).forEach(columns::add);
    return new TableFacts(
        merged.table(),
        merged.scope(),
        tenantColumnDiffers(old, merged) ? old.tenantColumn() : merged.tenantColumn(),
        columns);
  }

  private static TableFacts strictest(TableFacts present, TableFacts described) {
    Map<String, Boolean> personal = personal(present);
    List<ColumnFacts> columns =
        described.columns().stream()
            .map(
                column ->
                    new ColumnFacts(
                        column.name(), column.pii() || personal.getOrDefault(column.name(), false)))
            .toList();
    boolean keepScope =
        strictness(present.scope()) > strictness(described.scope())
            || (tenantColumnDiffers(present, described)
                && columns.stream().anyMatch(c -> c.name().equals(present.tenantColumn())));
    return new TableFacts(
        described.table(),
        keepScope ? present.scope() : described.scope(),
        keepScope ? present.tenantColumn() : described.tenantColumn(),
        columns);
  }

  /** Another column that says whose a row is lets other people in: it waits too. */
  private static boolean tenantColumnDiffers(TableFacts present, TableFacts described) {
    return present.scope().equals("tenant")
        && described.scope().equals("tenant")
        && !present.tenantColumn().equals(described.tenantColumn());
  }

  /**
   * What a policy written by hand loosens, or invents, against the description's facts in force.
   *
   * @param inForce facts of the present policy
   * @param wanted facts of the policy that somebody wants to put in force
   */
  static List<String> loosened(List<TableFacts> inForce, List<TableFacts> wanted) {
    List<String> problems = new ArrayList<>();
    Map<String, TableFacts> present = byName(inForce);
    Map<String, TableFacts> next = byName(wanted);
    for (String missing : minus(present.keySet(), next.keySet())) {
      problems.add("tables: " + missing + " is missing");
    }
    for (String unknown : minus(next.keySet(), present.keySet())) {
      problems.add("tables: " + unknown + " is not in the lakehouse description");
    }
    present.forEach(
        (name, facts) -> {
          if (next.containsKey(name)) {
            loosened(facts, next.get(name), problems);
          }
        });
    return problems;
  }

  private static void loosened(TableFacts present, TableFacts wanted, List<String> problems) {
    String table = "tables: " + present.table();
    if (strictness(wanted.scope()) < strictness(present.scope())) {
      problems.add(table + " loosens its scope from " + present.scope() + " to " + wanted.scope());
    }
    if (tenantColumnDiffers(present, wanted)) {
      problems.add(
          table
              + " has the tenant column "
              + present.tenantColumn()
              + ", not "
              + wanted.tenantColumn());
    }
    Map<String, Boolean> before = personal(present);
    Map<String, Boolean> after = personal(wanted);
    for (String missing : minus(before.keySet(), after.keySet())) {
      problems.add(table + " lacks column " + missing);
    }
    for (String unknown : minus(after.keySet(), before.keySet())) {
      problems.add(table + " has no column " + unknown);
    }
    before.forEach(
        (column, pii) -> {
          if (pii && Boolean.FALSE.equals(after.get(column))) {
            problems.add(table + "." + column + " is marked as personal data in the description");
          }
        });
  }

  /** Internal tables are for administrators, shared ones for everybody of the layer. */
  static int strictness(String scope) {
    return TableFacts.strictness(scope);
  }

  static Map<String, Boolean> personal(TableFacts table) {
    Map<String, Boolean> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.merge(c.name(), c.pii(), Boolean::logicalOr));
    return columns;
  }

  static Map<String, TableFacts> byName(List<TableFacts> tables) {
    return tables.stream()
        .collect(
            Collectors.toMap(
                TableFacts::table,
                Function.identity(),
                (first, second) -> first,
                LinkedHashMap::new));
  }

  static Set<String> minus(Set<String> some, Set<String> others) {
    Set<String> rest = new LinkedHashSet<>(some);
    rest.removeAll(others);
    return rest;
  }
}
