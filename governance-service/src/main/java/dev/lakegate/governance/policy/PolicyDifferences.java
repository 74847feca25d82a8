package dev.lakegate.governance.policy;

import dev.lakegate.governance.policy.Difference.Effect;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares the policy in force with a proposal, in words. Pure. */
final class PolicyDifferences {
  private final List<Difference> found = new ArrayList<>();

  private PolicyDifferences() {}

  /** All differences: personas, then tier filters, then tables. Empty when there are none. */
  static List<Difference> between(Policy inForce, Policy proposed) {
    PolicyDifferences differences = new PolicyDifferences();
    differences.personas(inForce.personas(), proposed.personas());
    differences.tierFilters(inForce.tierFilters(), proposed.tierFilters());
    differences.tables(inForce.tables(), proposed.tables());
    return List.copyOf(differences.found);
  }

  private void personas(List<Persona> before, List<Persona> after) {
    Map<String, Persona> old = by(before, Persona::name);
    Map<String, Persona> next = by(after, Persona::name);
    comesAndGoes("persona", old.keySet(), next.keySet());
    old.forEach(
        (name, persona) -> {
          Persona other = next.get(name);
          if (other != null) {
            persona(persona, other);
          }
        });
    order("persona", old.keySet(), next.keySet());
  }

  private void persona(Persona before, Persona after) {
    String name = before.name();
    set("persona", name, "schemas", before.schemas(), after.schemas());
    if (before.rows() != after.rows()) {
      change(
          "persona",
          name,
          "rows",
          text(before.rows()),
          text(after.rows()),
          after.rows() == Rows.ALL);
    }
    flag("persona", name, "pii", before.pii(), after.pii());
    flag("persona", name, "internal", before.internal(), after.internal());
    flag("persona", name, "administers", before.administers(), after.administers());
  }

  private void tierFilters(List<TierFilter> before, List<TierFilter> after) {
    Map<String, TierFilter> old = by(before, TierFilter::name);
    Map<String, TierFilter> next = by(after, TierFilter::name);
    comesAndGoes("tierFilter", old.keySet(), next.keySet());
    old.forEach(
        (name, filter) -> {
          TierFilter other = next.get(name);
          if (other == null) {
            return;
          }
          if (!filter.tier().equals(other.tier())) {
            add("tierFilter", name, "tier", filter.tier(), other.tier(), Effect.CHANGES);
          }
          set("tierFilter", name, "tenants", filter.tenants(), other.tenants());
        });
  }

  private void tables(List<TableFacts> before, List<TableFacts> after) {
    Map<String, TableFacts> old = TableFactsRules.byName(before);
    Map<String, TableFacts> next = TableFactsRules.byName(after);
    comesAndGoes("table", old.keySet(), next.keySet());
    old.forEach(
        (name, facts) -> {
          TableFacts other = next.get(name);
          if (other != null) {
            table(facts, other);
          }
        });
  }

  private void table(TableFacts before, TableFacts after) {
    String name = before.table();
    if (!before.scope().equals(after.scope())) {
      boolean widens =
          TableFactsRules.strictness(after.scope()) < TableFactsRules.strictness(before.scope());
      change("table", name, "scope", before.scope(), after.scope(), widens);
    } else if (before.tenantColumn() != null
        && !before.tenantColumn().equals(after.tenantColumn())) {
      add(
          "table",
          name,
          "tenantColumn",
          before.tenantColumn(),
          after.tenantColumn(),
          Effect.CHANGES);
    }
    Map<String, Boolean> old = TableFactsRules.personal(before);
    Map<String, Boolean> next = TableFactsRules.personal(after);
    set("table", name, "columns", old.keySet(), next.keySet());
    old.forEach(
        (column, pii) -> {
          Boolean other = next.get(column);
          if (other != null && !other.equals(pii)) {
            change("table", name, "columns." + column + ".pii", "" + pii, "" + other, !other);
          }
        });
  }

  private void comesAndGoes(String part, Set<String> before, Set<String> after) {
    for (String gone : TableFactsRules.minus(before, after)) {
      add(part, gone, null, gone, null, Effect.NARROWS);
    }
    for (String come : TableFactsRules.minus(after, before)) {
      add(part, come, null, null, come, Effect.WIDENS);
    }
  }

  /** The order decides which persona of several is taken. */
  private void order(String part, Set<String> before, Set<String> after) {
    List<String> old = before.stream().filter(after::contains).toList();
    List<String> next = after.stream().filter(before::contains).toList();
    if (!old.equals(next)) {
      add(part, "", "order", String.join(", ", old), String.join(", ", next), Effect.CHANGES);
    }
  }

  private void set(
      String part, String name, String field, Iterable<String> before, Iterable<String> after) {
    Set<String> old = new LinkedHashSet<>();
    before.forEach(old::add);
    Set<String> next = new LinkedHashSet<>();
    after.forEach(next::add);
    Set<String> gone = TableFactsRules.minus(old, next);
    Set<String> come = TableFactsRules.minus(next, old);
    if (gone.isEmpty() && come.isEmpty()) {
      return;
    }
    Effect effect =
        gone.isEmpty() ? Effect.WIDENS : come.isEmpty() ? Effect.NARROWS : Effect.CHANGES;
    add(part, name, field, String.join(", ", old), String.join(", ", next), effect);
  }

  private void flag(String part, String name, String field, boolean before, boolean after) {
    if (before != after) {
      change(part, name, field, "" + before, "" + after, after);
    }
  }

  private void change(
      String part, String name, String field, String before, String after, boolean widens) {
    add(part, name, field, before, after, widens ? Effect.WIDENS : Effect.NARROWS);
  }

  private void add(
      String part, String name, String field, String before, String after, Effect effect) {
    String what = (part.equals("tierFilter") ? "Tier filter" : capital(part)) + " " + name;
    String message =
        field == null
            ? what + (before == null ? " comes." : " goes.")
            : what.strip() + ": " + field + " from '" + before + "' to '" + after + "'.";
    found.add(new Difference(part, name, field, before, after, effect, message));
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  private static String text(Rows rows) {
    return rows == Rows.ALL ? "all" : "tenants";
  }

  private static <T> Map<String, T> by(List<T> items, Function<T, String> name) {
    return items.stream()
        .collect(
            Collectors.toMap(
                name, Function.identity(), (first, second) -> first, LinkedHashMap::new));
  }
}
