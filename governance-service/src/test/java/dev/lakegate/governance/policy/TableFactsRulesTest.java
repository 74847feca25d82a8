package dev.lakegate.governance.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.governance.policy.Difference.Effect;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TableFactsRulesTest {
  private static TableFacts customer(String scope, String tenantColumn, ColumnFacts... columns) {
    return new TableFacts("gold.customer", scope, tenantColumn, List.of(columns));
  }

  private static ColumnFacts plain(String name) {
    return new ColumnFacts(name, false);
  }

  private static ColumnFacts personal(String name) {
    return new ColumnFacts(name, true);
  }

  private static TableFacts merged(TableFacts inForce, TableFacts described) {
    return TableFactsRules.merge(List.of(inForce), List.of(described)).get(0);
  }

  @Test
  void shouldTakeOverNewTablesAndColumnsAndForgetOldOnes() {
    TableFacts old = customer("tenant", "tenant_id", plain("tenant_id"), plain("fax"));
    TableFacts now = customer("tenant", "tenant_id", plain("tenant_id"), personal("email"));
    TableFacts other = new TableFacts("gold.dim_date", "shared", null, List.of(plain("dt")));
    assertThat(TableFactsRules.merge(List.of(old), List.of(now, other)))
        .containsExactly(now, other);
  }

  @Test
  void shouldTightenAtOnceAndNotLoosen() {
    TableFacts open = customer("tenant", "tenant_id", plain("tenant_id"), plain("email"));
    TableFacts closed = customer("internal", null, plain("tenant_id"), personal("email"));
    assertThat(merged(open, closed)).isEqualTo(closed);
    assertThat(merged(closed, open)).isEqualTo(closed);
  }

  /** What is made of a table's rows says what the table says: the looser word waits for both. */
  @Test
  void shouldLetAHistoryAndFlagsWaitWithTheTableTheyAreOf() {
    TableFacts closed =
        new TableFacts(
            "silver.c",
            "tenant",
            "tenant_id",
            List.of(plain("tenant_id"), plain("status"), personal("email")));
    TableFacts open =
        new TableFacts(
            "silver.c",
            "tenant",
            "tenant_id",
            List.of(plain("tenant_id"), plain("status"), plain("email")));
    TableFacts narrow =
        new TableFacts(
            "silver.c_history",
            "tenant",
            "tenant_id",
            List.of(plain("tenant_id"), plain("status")));
    TableFacts history =
        new TableFacts(
            "silver.c_history",
            "tenant",
            "tenant_id",
            List.of(plain("tenant_id"), plain("status"), plain("email"), plain("began")));
    TableFacts flags =
        new TableFacts(
            "silver.c_flags", "tenant", "tenant_id", List.of(plain("tenant_id"), plain("id")));
    TableFacts hiddenHistory =
        new TableFacts(
            "silver.c_history",
            "tenant",
            "tenant_id",
            List.of(plain("tenant_id"), plain("status"), personal("email"), personal("began")));
    TableFacts hiddenFlags =
        new TableFacts(
            "silver.c_flags",
            "tenant",
            "tenant_id",
            List.of(personal("tenant_id"), personal("id")));
    List<TableFacts> described = List.of(open, history, flags);
    for (List<TableFacts> inForce :
        List.of(List.of(closed), List.of(closed, narrow), List.of(closed, narrow, flags))) {
      List<TableFacts> merged = TableFactsRules.merge(inForce, described);
      assertThat(merged).containsExactly(closed, hiddenHistory, hiddenFlags);
      assertThat(TableFactsRules.merge(merged, described)).isEqualTo(merged);
      assertThat(TableFactsRules.follow(inForce, described)).isEqualTo(merged);
    }
    assertThat(TableFactsRules.merge(List.of(open), described)).isEqualTo(described);
    TableFacts internal = new TableFacts("silver.c", "internal", null, open.columns());
    assertThat(TableFactsRules.merge(List.of(internal), described))
        .allMatch(t -> t.scope().equals("internal") && t.tenantColumn() == null)
        .hasSize(3);
  }

  @Test
  void shouldNotLetAnotherColumnSayWhoseARowIsUnlessTheOldOneIsGone() {
    TableFacts old = customer("tenant", "tenant_id", plain("tenant_id"), plain("owner"));
    TableFacts both = customer("tenant", "owner", plain("tenant_id"), plain("owner"));
    TableFacts renamed = customer("tenant", "owner", plain("owner"));
    assertThat(merged(old, both).tenantColumn()).isEqualTo("tenant_id");
    assertThat(merged(old, renamed).tenantColumn()).isEqualTo("owner");
  }

  @Test
  void shouldNameWhatAPolicyWrittenByHandLoosensOrInvents() {
    TableFacts inForce = customer("tenant", "tenant_id", plain("tenant_id"), personal("email"));
    TableFacts wanted = customer("shared", null, plain("tenant_id"), plain("email"), plain("fax"));
    TableFacts invented = new TableFacts("gold.x", "shared", null, List.of());
    assertThat(TableFactsRules.loosened(List.of(inForce), List.of(wanted, invented)))
        .containsExactlyInAnyOrder(
            "tables: gold.x is not in the lakehouse description",
            "tables: gold.customer loosens its scope from tenant to shared",
            "tables: gold.customer has no column fax",
            "tables: gold.customer.email is marked as personal data in the description");
    assertThat(TableFactsRules.loosened(List.of(inForce), List.of()))
        .containsExactly("tables: gold.customer is missing");
  }

  @Property(tries = 500)
  void shouldNeverLoosenWhateverTheDescriptionSays(
      @ForAll("tables") List<TableFacts> inForce, @ForAll("tables") List<TableFacts> described) {
    List<TableFacts> merged = TableFactsRules.merge(inForce, described);
    Map<String, TableFacts> before = TableFactsRules.byName(inForce);
    for (TableFacts table : merged) {
      TableFacts old = before.get(table.table());
      if (old == null) {
        continue;
      }
      assertThat(TableFactsRules.strictness(table.scope()))
          .isGreaterThanOrEqualTo(TableFactsRules.strictness(old.scope()));
      Map<String, Boolean> pii = TableFactsRules.personal(table);
      TableFactsRules.personal(old)
          .forEach(
              (column, personal) ->
                  assertThat(pii.getOrDefault(column, true) || !personal).isTrue());
    }
    assertThat(merged)
        .map(TableFacts::table)
        .isEqualTo(described.stream().map(TableFacts::table).toList());
    assertThat(TableFactsRules.merge(merged, described)).as("a second start").isEqualTo(merged);
    assertThat(TableFactsRules.merge(described, described)).isEqualTo(described);
    assertThat(TableFactsRules.loosened(described, merged))
        .as("what is in force is never looser than the description")
        .allMatch(problem -> problem.contains("has the tenant column"));
  }

  /** Whatever the files say from moment to moment, one of them missing included. */
  @Property(tries = 500)
  void shouldNeverLoosenOverASequenceOfDescriptionsWhileRunning(
      @ForAll("tables") List<TableFacts> inForce,
      @ForAll("tables") List<TableFacts> then,
      @ForAll("tables") List<TableFacts> atLast) {
    List<TableFacts> between = TableFactsRules.follow(inForce, then);
    List<TableFacts> merged = TableFactsRules.follow(between, atLast);
    Map<String, TableFacts> after = TableFactsRules.byName(merged);
    for (List<TableFacts> earlier : List.of(inForce, between)) {
      for (TableFacts old : TableFactsRules.byName(earlier).values()) {
        TableFacts now = after.get(old.table());
        assertThat(now).as(old.table()).isNotNull();
        assertThat(TableFactsRules.strictness(now.scope()))
            .isGreaterThanOrEqualTo(TableFactsRules.strictness(old.scope()));
        if (now.scope().equals("tenant") && old.scope().equals("tenant")) {
          assertThat(now.tenantColumn()).isEqualTo(old.tenantColumn());
        }
        Map<String, Boolean> personal = TableFactsRules.personal(now);
        TableFactsRules.personal(old)
            .forEach(
                (column, pii) ->
                    assertThat(personal).containsKey(column).matches(p -> !pii || p.get(column)));
      }
    }
    assertThat(TableFactsRules.follow(merged, atLast)).as("again").isEqualTo(merged);
  }

  @Test
  void aTableWhoseFileIsAwayForAMomentShouldComeBackNoLooser() {
    TableFacts closed = customer("tenant", "tenant_id", plain("tenant_id"), personal("status"));
    TableFacts open = customer("tenant", "tenant_id", plain("tenant_id"), plain("status"));
    List<TableFacts> away = TableFactsRules.follow(List.of(closed), List.of());
    assertThat(TableFactsRules.follow(away, List.of(open))).containsExactly(closed);
  }

  @Property(tries = 500)
  void shouldFindNoDifferenceExactlyBetweenEqualFacts(
      @ForAll("tables") List<TableFacts> some, @ForAll("tables") List<TableFacts> others) {
    assertThat(PolicyDifferences.between(policy(some), policy(some))).isEmpty();
    boolean same = normal(some).equals(normal(others));
    assertThat(PolicyDifferences.between(policy(some), policy(others)).isEmpty()).isEqualTo(same);
  }

  @Property(tries = 500)
  void shouldCallEverythingButNewTablesAndColumnsThatAStartTakesOverNarrowing(
      @ForAll("tables") List<TableFacts> inForce, @ForAll("tables") List<TableFacts> described) {
    List<TableFacts> merged = TableFactsRules.merge(inForce, described);
    assertThat(PolicyDifferences.between(policy(inForce), policy(merged)))
        .allMatch(
            d ->
                d.effect() == Effect.NARROWS
                    || d.field() == null
                    || d.field().equals("columns")
                    || d.field().equals("tenantColumn"));
  }

  private static Policy policy(List<TableFacts> tables) {
    return new Policy(Policy.VERSION, 1, List.of(), List.of(), tables);
  }

  private static List<Object> normal(List<TableFacts> tables) {
    List<Object> normal = new ArrayList<>();
    tables.stream()
        .sorted((a, b) -> a.table().compareTo(b.table()))
        .forEach(
            t -> {
              normal.add(t.table());
              normal.add(t.scope());
              normal.add(String.valueOf(t.tenantColumn()));
              normal.add(TableFactsRules.personal(t));
            });
    return normal;
  }

  @Provide
  Arbitrary<List<TableFacts>> tables() {
    Arbitrary<List<ColumnFacts>> columns =
        Combinators.combine(
                Arbitraries.of("tenant_id", "owner", "email", "fax"), Arbitraries.of(true, false))
            .as(ColumnFacts::new)
            .list()
            .uniqueElements(ColumnFacts::name)
            .ofMaxSize(4);
    Arbitrary<TableFacts> table =
        Combinators.combine(
                Arbitraries.of("gold.a", "gold.b", "silver.c"),
                Arbitraries.of("tenant", "shared", "internal"),
                Arbitraries.of("tenant_id", "owner"),
                columns)
            .as(
                (name, scope, tenant, rest) -> {
                  List<ColumnFacts> all = new ArrayList<>(rest);
                  if (scope.equals("tenant")
                      && rest.stream().noneMatch(c -> c.name().equals(tenant))) {
                    all.add(new ColumnFacts(tenant, false));
                  }
                  return new TableFacts(name, scope, scope.equals("tenant") ? tenant : null, all);
                });
    return table.list().uniqueElements(TableFacts::table).ofMaxSize(3);
  }
}
