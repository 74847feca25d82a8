package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.governance.lakeformation.Item.Workgroup;
import dev.lakegate.model.lakeformation.RowFilter;
import dev.lakegate.model.lakeformation.TenantNames;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import dev.lakegate.model.policy.Principal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compiles the policy to what has to stand in AWS. It asks the same {@link AccessDecider} as the
 * gateway does, so both walls say the same. Pure.
 */
final class DesiredState {
  private static final String SELECT = "SELECT";
  private static final String DESCRIBE = "DESCRIBE";

  private final Policy policy;
  private final Estate estate;
  private final SortedMap<String, Item> own = new TreeMap<>();
  private final SortedMap<String, Item> skeleton = new TreeMap<>();
  private final Set<String> problems = new LinkedHashSet<>();

  private DesiredState(Policy policy, Estate estate) {
    this.policy = policy;
    this.estate = estate;
  }

  /**
   * @param tenants approved ones; what belongs to any other is not wanted
   */
  static Desired compile(Policy policy, Estate estate, Collection<String> tenants) {
    DesiredState state = new DesiredState(policy, estate);
    new TreeSet<>(tenants).forEach(state::tenant);
    policy.tierFilters().forEach(state::tier);
    policy.personas().stream().filter(p -> p.rows() == Rows.ALL).forEach(state::persona);
    Map<String, String> databases = new LinkedHashMap<>();
    policy.tables().forEach(t -> databases.put(layer(t), estate.database(layer(t))));
    Map<String, Set<String>> columns = new LinkedHashMap<>();
    policy
        .tables()
        .forEach(
            t ->
                columns.put(
                    estate.databasePrefix() + t.table(),
                    new TreeSet<>(t.columns().stream().map(c -> c.name()).toList())));
    return new Desired(state.own, state.skeleton, databases, columns, List.copyOf(state.problems));
  }

  private void tenant(String tenant) {
    String role = estate.roleArn(tenant);
    Set<String> layers = new TreeSet<>();
    for (TableFacts table : policy.tables()) {
      AccessDecision decision = ofTenants(table, principal(new TreeSet<>(List.of(tenant)), null));
      if (decision == null) {
        continue;
      }
      if (table(table, decision, role, estate.filterName(tenant), own)) {
        layers.add(layer(table));
      }
    }
    databases(layers, role, own);
    put(
        own,
        new Workgroup(
            estate.workgroup(tenant), estate.results(tenant), estate.bytesScanned(), true));
    put(own, RoleDocuments.role(estate, tenant, layers));
  }

  private void tier(TierFilter filter) {
    String role = estate.tierRoleArn(filter.tier());
    Set<String> layers = new TreeSet<>();
    for (TableFacts table : policy.tables()) {
      AccessDecision decision = ofTenants(table, principal(new TreeSet<>(), filter.tier()));
      if (decision != null && table(table, decision, role, filter.name(), skeleton)) {
        layers.add(layer(table));
      }
    }
    databases(layers, role, skeleton);
  }

  private void persona(Persona persona) {
    String role = estate.personaRoleArn(persona.name());
    Set<String> layers = new TreeSet<>();
    Principal principal =
        new Principal(
            "lakegate", "persona", new TreeSet<>(List.of(persona.name())), new TreeSet<>(), null);
    for (TableFacts table : policy.tables()) {
      AccessDecision decision = AccessDecider.decide(policy, principal, table.table());
      if (decision.allowed() && table(table, decision, role, "", skeleton)) {
        layers.add(layer(table));
      }
    }
    databases(layers, role, skeleton);
  }

  // Grants of a role add up, so of several personas it gets what each of them may read by itself.
  private AccessDecision ofTenants(TableFacts table, Principal principal) {
    AccessDecision least = null;
    boolean differ = false;
    List<Persona> personas =
        policy.personas().stream().filter(p -> p.rows() == Rows.TENANTS).toList();
    for (Persona persona : personas) {
      AccessDecision decision =
          AccessDecider.decide(
              policy,
              new Principal(
                  principal.issuer(),
                  principal.subject(),
                  new TreeSet<>(List.of(persona.name())),
                  principal.tenants(),
                  principal.tier()),
              table.table());
      if (least == null) {
        least = decision;
        continue;
      }
      differ |=
          decision.allowed() != least.allowed()
              || !decision.readableColumns().equals(least.readableColumns());
      if (!decision.allowed()
          || (least.allowed() && least.readableColumns().containsAll(decision.readableColumns()))) {
        least = decision;
      } else if (least.allowed()
          && !decision.readableColumns().containsAll(least.readableColumns())) {
        problems.add(table.table() + ": personas of tenants read different columns; none is given");
        return null;
      }
    }
    if (differ) {
      problems.add(
          table.table()
              + ": personas of tenants may read different parts; a tenant's role gets what all of"
              + " them may");
    }
    return least == null || !least.allowed() ? null : least;
  }

  private boolean table(
      TableFacts facts,
      AccessDecision decision,
      String role,
      String filterName,
      SortedMap<String, Item> into) {
    String database = estate.database(layer(facts));
    String name = facts.table().substring(facts.table().indexOf('.') + 1);
    RowFilter rows;
    try {
      rows =
          RowFilter.compile(
              decision.rows(),
              facts.tenantColumn() == null ? Set.of() : Set.of(facts.tenantColumn()));
    } catch (RowFilter.NotExpressibleException e) {
      problems.add(facts.table() + ", " + filterName + ": " + e.getMessage());
      return false;
    }
    if (rows instanceof RowFilter.NoRows) {
      return false;
    }
    if (rows instanceof RowFilter.AllRows) {
      put(
          into,
          new Grant(
              role,
              new Securable.Columns(database, name, ColumnSet.of(decision.readableColumns())),
              SELECT));
      return true;
    }
    DataFilter filter =
        new DataFilter(database, name, filterName, rows, ColumnSet.of(decision.readableColumns()));
    put(into, filter);
    put(into, new Grant(role, filter.securable(), SELECT));
    return true;
  }

  private void databases(Set<String> layers, String role, SortedMap<String, Item> into) {
    List<String> names = new ArrayList<>(List.of(Estate.DEFAULT_DATABASE));
    layers.forEach(layer -> names.add(estate.database(layer)));
    for (String name : names) {
      put(into, new Grant(role, new Securable.Database(name), DESCRIBE));
    }
  }

  private static Principal principal(TreeSet<String> tenants, String tier) {
    return new Principal("lakegate", "tenant", new TreeSet<>(), tenants, tier);
  }

  private static void put(SortedMap<String, Item> into, Item item) {
    into.put(item.key(), item);
  }

  private static String layer(TableFacts table) {
    return table.table().substring(0, table.table().indexOf('.'));
  }

  /** The name of a tenant's session tag. */
  static String tag(String tenant) {
    return TenantNames.of(tenant);
  }
}
