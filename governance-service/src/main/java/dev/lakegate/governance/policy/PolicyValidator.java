package dev.lakegate.governance.policy;

import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import dev.lakegate.model.policy.Principal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Finds all that is wrong with a policy that somebody wants to put in force. Pure. */
final class PolicyValidator {
  static final Set<String> SCHEMAS = Set.of("bronze", "silver", "gold");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");
  private static final int MOST_PERSONAS = 200;
  private static final int MOST_FILTERS = 1_000;
  private static final int MOST_TENANTS = 10_000;
  private static final int LONGEST_TENANT = 256;

  private PolicyValidator() {}

  /** Problems of the policy in itself; empty when there are none. */
  static List<String> problems(PolicyDraft policy) {
    List<String> problems = new ArrayList<>();
    if (policy.version() != Policy.VERSION) {
      problems.add("version: " + policy.version() + " is unknown, use " + Policy.VERSION);
    }
    personas(policy.personas(), problems::add);
    tierFilters(policy.tierFilters(), problems::add);
    tables(policy.tables(), problems::add);
    return problems;
  }

  /**
   * Whether the one who changes the policy still administers afterwards: at least one real person
   * must be able to undo a mistake.
   */
  static List<String> lockout(PolicyDraft policy, Principal author) {
    boolean remains =
        policy.personas().stream()
            .anyMatch(p -> p.administers() && author.personas().contains(p.name()));
    return remains
        ? List.of()
        : List.of(
            "personas: none of your own ("
                + String.join(", ", author.personas())
                + ") would"
                + " administer any longer; let another administrator make this change");
  }

  private static void personas(List<Persona> personas, Consumer<String> problem) {
    if (personas.size() > MOST_PERSONAS) {
      problem.accept("personas: more than " + MOST_PERSONAS);
    }
    if (personas.stream().noneMatch(Persona::administers)) {
      problem.accept("personas: none administers, so nobody could change the policy any more");
    }
    Set<String> names = new HashSet<>();
    for (Persona persona : personas) {
      String where = "personas: " + shown(persona.name());
      if (!NAME.matcher(persona.name()).matches()) {
        problem.accept(where + " is not a name of letters, digits, '_', '.' and '-'");
      }
      if (!names.add(persona.name())) {
        problem.accept(where + " occurs twice");
      }
      Set<String> schemas = new HashSet<>();
      for (String schema : persona.schemas()) {
        if (!SCHEMAS.contains(schema)) {
          problem.accept(
              where
                  + " names the unknown schema "
                  + shown(schema)
                  + ", use bronze, silver or gold");
        } else if (!schemas.add(schema)) {
          problem.accept(where + " names the schema " + schema + " twice");
        }
      }
    }
  }

  private static void tierFilters(List<TierFilter> filters, Consumer<String> problem) {
    if (filters.size() > MOST_FILTERS) {
      problem.accept("tierFilters: more than " + MOST_FILTERS);
    }
    Set<String> names = new HashSet<>();
    Set<String> tiers = new HashSet<>();
    for (TierFilter filter : filters) {
      String where = "tierFilters: " + shown(filter.name());
      if (!NAME.matcher(filter.name()).matches()) {
        problem.accept(where + " is not a name of letters, digits, '_', '.' and '-'");
      }
      if (!names.add(filter.name())) {
        problem.accept(where + " occurs twice");
      }
      if (filter.tier().isBlank() || filter.tier().length() > LONGEST_TENANT) {
        problem.accept(where + " has no usable tier");
      } else if (!tiers.add(filter.tier())) {
        problem.accept(
            where + " is a second filter of tier " + shown(filter.tier()) + ", join the two");
      }
      if (filter.tenants().isEmpty()) {
        problem.accept(where + " lets no tenant through, remove it instead");
      }
      if (filter.tenants().size() > MOST_TENANTS) {
        problem.accept(where + " has more than " + MOST_TENANTS + " tenants");
      }
      Set<String> tenants = new HashSet<>();
      for (String tenant : filter.tenants()) {
        if (tenant.isBlank() || tenant.length() > LONGEST_TENANT) {
          problem.accept(where + " has an empty or overlong tenant");
        } else if (!tenants.add(tenant)) {
          problem.accept(where + " names tenant " + shown(tenant) + " twice");
        }
      }
    }
  }

  private static void tables(List<TableFacts> tables, Consumer<String> problem) {
    Set<String> names = new HashSet<>();
    for (TableFacts table : tables) {
      String where = "tables: " + shown(table.table());
      int dot = table.table().indexOf('.');
      if (dot < 0 || !SCHEMAS.contains(table.table().substring(0, dot))) {
        problem.accept(where + " is not <schema>.<name> of bronze, silver or gold");
      }
      if (!names.add(table.table())) {
        problem.accept(where + " occurs twice");
      }
      Set<String> columns = new HashSet<>();
      table.columns().stream()
          .filter(column -> !columns.add(column.name()))
          .forEach(
              column -> problem.accept(where + " has column " + shown(column.name()) + " twice"));
      if (table.tenantColumn() != null && !columns.contains(table.tenantColumn())) {
        problem.accept(where + " has no column " + shown(table.tenantColumn()) + " for the tenant");
      }
    }
  }

  private static String shown(String text) {
    String cut = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
