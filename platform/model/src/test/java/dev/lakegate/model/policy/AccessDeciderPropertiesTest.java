package dev.lakegate.model.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Decisions over random policies, principals and tables, against what a small reading of the rules
 * says cell by cell: a cell is a tenant's row and a column.
 */
class AccessDeciderPropertiesTest {
  private static final List<String> NAMES = List.of("A", "B", "C", "D");
  private static final List<String> TENANTS =
      List.of(
          "t1", "t2", "*", "%", "_", "' OR '1'='1", "\"", "\\", "NULL", "tenant_id", " ", "t1,t2");
  private static final List<String> TABLES =
      List.of("bronze.x", "silver.x", "gold.x", "gold.y", "gold.z");

  /** A row's tenant and a column's name. */
  record Cell(String tenant, String column) {}

  /** All that a decision rests on. */
  record Case(Policy policy, Principal principal, String table) {}

  @Property(tries = 3000)
  void shouldGiveExactlyWhatOnePersonaGives(@ForAll("cases") Case c) {
    Set<Cell> given = cells(c.policy(), decide(c, c.principal()));
    List<Set<Cell>> single =
        known(c).stream().map(persona -> expected(c, persona)).filter(s -> !s.isEmpty()).toList();
    if (single.isEmpty()) {
      assertThat(given).isEmpty();
      return;
    }
    assertThat(single).contains(given);
    single.stream()
        .filter(candidate -> single.stream().allMatch(candidate::containsAll))
        .findFirst()
        .ifPresentOrElse(
            largest -> assertThat(given).isEqualTo(largest),
            () -> assertThat(given).isEqualTo(single.get(0)));
  }

  @Property(tries = 2000)
  void withoutTenantNoTenantRowsForThoseWhoReadTheirOwn(@ForAll("cases") Case c) {
    Principal tenantless = withTenants(c.principal(), Set.of(""), null);
    AccessDecision decision = decide(c, tenantless);
    boolean allRows = known(c).stream().anyMatch(p -> p.rows() == Rows.ALL);
    boolean tenantScoped =
        c.policy().table(c.table()).map(t -> t.scope().equals("tenant")).orElse(false);
    if (tenantScoped && !allRows) {
      assertThat(decision.allowed()).isFalse();
      assertThat(cells(c.policy(), decision)).isEmpty();
    }
  }

  @Property(tries = 2000)
  void claimValuesShouldBePlainData(@ForAll("cases") Case c) {
    if (decide(c, c.principal()).rows() instanceof RowPredicate.In in) {
      Set<String> claimed = new TreeSet<>(c.principal().tenants());
      c.policy().tierFilters().stream()
          .filter(f -> f.tier().equals(c.principal().tier()))
          .forEach(f -> claimed.addAll(f.tenants()));
      assertThat(in.values()).containsExactlyElementsOf(claimed).doesNotContain("");
    }
  }

  @Property(tries = 2000)
  void moreClaimsShouldNeverBeRefusedMore(
      @ForAll("cases") Case c, @ForAll("names") String persona) {
    AccessDecision before = decide(c, c.principal());
    Set<String> personas = new TreeSet<>(c.principal().personas());
    personas.add(persona);
    assertThat(decide(c, withPersonas(c.principal(), personas)).allowed() || !before.allowed())
        .isTrue();
    Set<String> tenants = new TreeSet<>(c.principal().tenants());
    tenants.add("t2");
    AccessDecision more = decide(c, withTenants(c.principal(), tenants, c.principal().tier()));
    assertThat(more.allowed() || !before.allowed()).isTrue();
  }

  @Property(tries = 2000)
  void lessGrantedShouldNeverGiveMore(@ForAll("cases") Case c, @ForAll("names") String persona) {
    Principal alone = withPersonas(c.principal(), Set.of(persona));
    Set<Cell> before = cells(c.policy(), decide(c, alone));
    for (Policy smaller : smaller(c.policy(), persona)) {
      assertThat(before)
          .containsAll(cells(c.policy(), AccessDecider.decide(smaller, alone, c.table())));
    }
  }

  @Property(tries = 2000)
  void everyColumnShouldBeReadableOrHiddenWithAReason(@ForAll("cases") Case c) {
    AccessDecision decision = decide(c, c.principal());
    if (decision.allowed()) {
      List<String> all = new ArrayList<>(decision.readableColumns());
      decision.hiddenColumns().forEach(h -> all.add(h.name()));
      assertThat(all)
          .containsExactlyInAnyOrderElementsOf(
              c.policy().table(c.table()).orElseThrow().columns().stream()
                  .map(ColumnFacts::name)
                  .toList());
      assertThat(decision.personasThatMay()).containsAnyElementsOf(c.principal().personas());
    }
    assertThat(Json.read(Json.write(decision), AccessDecision.class)).isEqualTo(decision);
    assertThat(decide(c, c.principal())).isEqualTo(decision);
  }

  @Property(tries = 2000)
  void undescribedColumnsShouldBeReadByThoseAloneWhoSeeEverything(
      @ForAll("cases") Case c, @ForAll("stored") List<String> stored) {
    AccessDecision before = decide(c, c.principal());
    AccessDecision decision = AccessDecider.decide(c.policy(), c.principal(), c.table(), stored);
    // Whether and which rows, nothing that is stored changes; nor what described columns give.
    assertThat(decision.allowed()).isEqualTo(before.allowed());
    assertThat(decision.reason()).isEqualTo(before.reason());
    if (!decision.allowed()) {
      assertThat(decision.readableColumns()).isEmpty();
      assertThat(decision.hiddenColumns()).isEmpty();
      return;
    }
    List<String> undescribed =
        stored.stream().filter(name -> name.startsWith("new")).distinct().toList();
    boolean oneSeesAll =
        known(c).stream()
            .anyMatch(
                p ->
                    p.pii()
                        && p.rows() == Rows.ALL
                        && decision.personasThatMay().contains(p.name()));
    if (oneSeesAll) {
      // Who sees all rows and all described columns contains every other persona.
      assertThat(decision.readableColumns()).containsAll(undescribed);
      assertThat(decision.rows()).isEqualTo(new RowPredicate.All());
    } else {
      assertThat(decision.readableColumns())
          .isEqualTo(before.readableColumns())
          .doesNotContainAnyElementsOf(
              undescribed.isEmpty() ? List.of("new?") : List.copyOf(undescribed));
      assertThat(decision.rows()).isEqualTo(before.rows());
      for (String name : undescribed) {
        assertThat(decision.hiddenColumns())
            .filteredOn(h -> h.name().equals(name))
            .singleElement()
            .satisfies(
                h -> {
                  assertThat(h.reason()).isEqualTo(AccessDecision.Reason.PII_COLUMN);
                  assertThat(h.personas())
                      .isSubsetOf(decision.personasThatMay())
                      .doesNotContainAnyElementsOf(
                          c.principal().personas().isEmpty()
                              ? Set.of("?")
                              : c.principal().personas());
                });
      }
    }
  }

  // ---- the rules again, read naively

  private static Set<Cell> expected(Case c, Persona persona) {
    TableFacts table = c.policy().table(c.table()).orElse(null);
    if (table == null
        || !persona.schemas().contains(c.table().split("\\.")[0])
        || (table.scope().equals("internal") && !persona.internal())) {
      return Set.of();
    }
    Set<Cell> cells = new HashSet<>();
    for (String tenant : TENANTS) {
      boolean own =
          c.principal().tenants().contains(tenant)
              || c.policy().tierFilters().stream()
                  .anyMatch(
                      f -> f.tier().equals(c.principal().tier()) && f.tenants().contains(tenant));
      if (table.scope().equals("tenant") && persona.rows() == Rows.TENANTS && !own) {
        continue;
      }
      for (ColumnFacts column : table.columns()) {
        if (persona.pii() || !column.pii()) {
          cells.add(new Cell(tenant, column.name()));
        }
      }
    }
    return cells;
  }

  private static Set<Cell> cells(Policy policy, AccessDecision decision) {
    Set<Cell> cells = new HashSet<>();
    for (String tenant : TENANTS) {
      boolean visible;
      if (decision.rows() instanceof RowPredicate.All) {
        visible = true;
      } else if (decision.rows() instanceof RowPredicate.In in) {
        visible = in.values().stream().anyMatch(value -> value.equals(tenant));
      } else {
        visible = false;
      }
      if (visible) {
        decision.readableColumns().forEach(column -> cells.add(new Cell(tenant, column)));
      }
    }
    return cells;
  }

  private static List<Persona> known(Case c) {
    return c.policy().personas().stream()
        .filter(p -> c.principal().personas().contains(p.name()))
        .toList();
  }

  private static AccessDecision decide(Case c, Principal principal) {
    return AccessDecider.decide(c.policy(), principal, c.table());
  }

  private static Principal withPersonas(Principal p, Collection<String> personas) {
    return new Principal(p.issuer(), p.subject(), new TreeSet<>(personas), p.tenants(), p.tier());
  }

  private static Principal withTenants(Principal p, Collection<String> tenants, String tier) {
    return new Principal(p.issuer(), p.subject(), p.personas(), new TreeSet<>(tenants), tier);
  }

  private static List<Policy> smaller(Policy policy, String name) {
    List<Policy> smaller = new ArrayList<>();
    Persona p = policy.persona(name).orElse(null);
    if (p != null) {
      smaller.add(replace(policy, p, List.of(), p.rows(), p.pii(), p.internal()));
      smaller.add(replace(policy, p, p.schemas(), Rows.TENANTS, p.pii(), p.internal()));
      smaller.add(replace(policy, p, p.schemas(), p.rows(), false, p.internal()));
      smaller.add(replace(policy, p, p.schemas(), p.rows(), p.pii(), false));
    }
    smaller.add(new Policy(1, 1, policy.personas(), List.of(), policy.tables()));
    smaller.add(new Policy(1, 1, policy.personas(), policy.tierFilters(), List.of()));
    return smaller;
  }

  private static Policy replace(
      Policy policy, Persona p, List<String> schemas, Rows rows, boolean pii, boolean internal) {
    return new Policy(
        1,
        1,
        policy.personas().stream()
            .map(o -> o == p ? new Persona(p.name(), schemas, rows, pii, internal, false) : o)
            .toList(),
        policy.tierFilters(),
        policy.tables());
  }

  // ---- random cases

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(NAMES);
  }

  @Provide
  Arbitrary<List<String>> stored() {
    return Arbitraries.of("c0", "c1", "c2", "new1", "new2", "new\"3").list().ofMaxSize(6);
  }

  @Provide
  Arbitrary<Case> cases() {
    return Combinators.combine(policies(), principals(), Arbitraries.of(TABLES)).as(Case::new);
  }

  private static Arbitrary<Principal> principals() {
    return Combinators.combine(
            Arbitraries.of("A", "B", "C", "D", "Unknown", "*", "").set().ofMaxSize(4),
            Arbitraries.of(TENANTS).set().ofMaxSize(4),
            Arbitraries.of("gold", "silver", "none", "*").injectNull(0.3))
        .as(
            (personas, tenants, tier) ->
                new Principal("i", "s", new TreeSet<>(personas), new TreeSet<>(tenants), tier));
  }

  private static Arbitrary<Policy> policies() {
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    Arbitrary<List<Persona>> personas =
        Combinators.combine(
                Arbitraries.of("bronze", "silver", "gold").set(),
                Arbitraries.of(Rows.class),
                flag,
                flag)
            .as(
                (s, rows, pii, internal) ->
                    new Persona("x", List.copyOf(s), rows, pii, internal, false))
            .list()
            .ofMaxSize(NAMES.size())
            .map(AccessDeciderPropertiesTest::named);
    Arbitrary<List<TierFilter>> filters =
        Arbitraries.of(TENANTS)
            .set()
            .ofMaxSize(3)
            .list()
            .ofMaxSize(2)
            .map(
                sets -> {
                  List<TierFilter> made = new ArrayList<>();
                  for (int i = 0; i < sets.size(); i++) {
                    made.add(
                        new TierFilter(
                            "f" + i, i == 0 ? "gold" : "silver", List.copyOf(sets.get(i))));
                  }
                  return made;
                });
    Arbitrary<List<TableFacts>> tables =
        Combinators.combine(
                Arbitraries.of(TABLES),
                Arbitraries.of("tenant", "shared", "internal"),
                flag.list().ofMinSize(1).ofMaxSize(3))
            .as(AccessDeciderPropertiesTest::table)
            .list()
            .ofMaxSize(8);
    return Combinators.combine(personas, filters, tables)
        .as((p, f, t) -> new Policy(1, 1, p, f, distinct(t)));
  }

  private static TableFacts table(String name, String scope, List<Boolean> pii) {
    List<ColumnFacts> columns = new ArrayList<>();
    for (int i = 0; i < pii.size(); i++) {
      columns.add(new ColumnFacts("c" + i, pii.get(i)));
    }
    return new TableFacts(name, scope, scope.equals("tenant") ? "c0" : null, columns);
  }

  private static List<Persona> named(List<Persona> personas) {
    List<Persona> named = new ArrayList<>();
    for (int i = 0; i < personas.size(); i++) {
      Persona p = personas.get(i);
      named.add(new Persona(NAMES.get(i), p.schemas(), p.rows(), p.pii(), p.internal(), false));
    }
    return named;
  }

  private static List<TableFacts> distinct(List<TableFacts> tables) {
    return List.copyOf(
        tables.stream()
            .collect(Collectors.toMap(TableFacts::table, t -> t, (one, two) -> one))
            .values());
  }
}
