package dev.lakegate.governance.lakeformation;

import static dev.lakegate.governance.lakeformation.Estates.ESTATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.governance.lakeformation.FakeLake.Crash;
import dev.lakegate.governance.lakeformation.FakeLake.Mishap;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever ends or fails while a plan is carried out, nobody ever sees too much. */
class ApplyPropertiesTest {
  private static final Set<String> TENANTS = Set.of("a", "b", "O'Hara");

  record Wish(Policy policy, Set<String> tenants) {}

  record Trouble(Mishap mishap, int at) {}

  @Property(tries = 1000)
  void nobodyEverSeesMoreThanBeforeOrAfter(
      @ForAll("wishes") Wish first,
      @ForAll("wishes") Wish second,
      @ForAll("wishes") Wish third,
      @ForAll("troubles") Trouble trouble) {
    FakeLake lake = new FakeLake();
    lake.locations = registered();
    reach(lake, first);
    lake.mishap = trouble.mishap();
    lake.mishapAt = lake.calls + trouble.at();
    reach(lake, second);
    // Somebody may want something else before anybody looked again.
    lake.mishap = Mishap.NONE;
    reach(lake, third);

    Desired desired = DesiredState.compile(third.policy(), ESTATE, third.tenants());
    assertThat(lake.items).as("converged").isEqualTo(desired.own());
    assertThat(lake.owned).isEqualTo(desired.own().keySet());
    assertThat(Planner.plan(ESTATE, desired, lake.actual(), lake.owned()).steps()).isEmpty();
  }

  @Property(tries = 300)
  void whatOthersMadeStaysAsItIs(
      @ForAll("wishes") Wish first, @ForAll("wishes") Wish second, @ForAll("wishes") Wish others) {
    FakeLake lake = new FakeLake();
    lake.locations = registered();
    Map<String, Item> foreign =
        new HashMap<>(DesiredState.compile(others.policy(), ESTATE, others.tenants()).own());
    lake.items.putAll(foreign);
    for (Wish wish : List.of(first, second)) {
      Desired desired = DesiredState.compile(wish.policy(), ESTATE, wish.tenants());
      Applier.apply(
          Planner.plan(ESTATE, desired, lake.actual(), lake.owned()),
          lake,
          lake,
          () -> {},
          result -> {});
      assertThat(lake.items).containsAllEntriesOf(foreign);
    }
  }

  private static void reach(FakeLake lake, Wish wish) {
    Desired desired = DesiredState.compile(wish.policy(), ESTATE, wish.tenants());
    Set<String> allowed = new HashSet<>(seen(lake.items.values()));
    allowed.addAll(seen(desired.own().values()));
    lake.afterEach = l -> assertThat(allowed).containsAll(seen(l.items.values()));
    try {
      Applier.apply(
          Planner.plan(ESTATE, desired, lake.actual(), lake.owned()),
          lake,
          lake,
          () -> {},
          result -> {});
    } catch (Crash e) {
      assertThat(allowed).containsAll(seen(lake.items.values()));
    }
  }

  private static Set<String> seen(Iterable<Item> items) {
    return FakeLake.visible(items, ALL_COLUMNS, TENANTS);
  }

  private static final Map<String, Set<String>> ALL_COLUMNS =
      Map.of(
          "lakegate_dev_gold.one", Set.of("tenant_id", "amount", "email"),
          "lakegate_dev_gold.two", Set.of("tenant_id", "amount", "email"),
          "lakegate_dev_silver.three", Set.of("tenant_id", "amount", "email"));

  private static List<Actual.Location> registered() {
    return ESTATE.locations().values().stream()
        .map(arn -> new Actual.Location(arn, false))
        .toList();
  }

  @Provide
  Arbitrary<Wish> wishes() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            Arbitraries.of("gold", "silver").set().ofMinSize(1),
            table("gold.one"),
            table("gold.two"),
            table("silver.three"),
            Arbitraries.of(TENANTS).set())
        .as(
            (pii, schemas, one, two, three, tenants) ->
                new Wish(
                    Estates.policy(
                        List.of(Estates.tenants(pii, schemas.toArray(String[]::new))),
                        List.of(),
                        one,
                        two,
                        three),
                    tenants));
  }

  private static Arbitrary<TableFacts> table(String name) {
    return Arbitraries.of(
        Estates.tenantTable(name, "amount", "email!"),
        Estates.tenantTable(name, "amount!", "email"),
        Estates.tenantTable(name, "amount"),
        Estates.sharedTable(name, "amount", "email!"),
        Estates.sharedTable(name, "tenant_id!", "email"));
  }

  @Provide
  Arbitrary<Trouble> troubles() {
    return Combinators.combine(
            Arbitraries.of(Mishap.values()), Arbitraries.integers().between(0, 12))
        .as(Trouble::new);
  }
}
