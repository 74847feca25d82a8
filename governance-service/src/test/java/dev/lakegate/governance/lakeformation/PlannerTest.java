package dev.lakegate.governance.lakeformation;

import static dev.lakegate.governance.lakeformation.Estates.ESTATE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.governance.lakeformation.Applier.Outcome;
import dev.lakegate.governance.lakeformation.Applier.Result;
import dev.lakegate.governance.lakeformation.Finding.Severity;
import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.governance.lakeformation.Item.Role;
import dev.lakegate.governance.lakeformation.Item.Workgroup;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.lakeformation.RowFilter;
import dev.lakegate.model.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private final FakeLake lake = new FakeLake();

  @BeforeEach
  void skeleton() {
    lake.locations =
        List.of(
            new Actual.Location("arn:aws:s3:::gold", false),
            new Actual.Location("arn:aws:s3:::silver", false));
    // What Terraform makes, in its own words.
    String analyst = ESTATE.personaRoleArn("DataAnalyst");
    String small = ESTATE.tierRoleArn("small");
    for (String principal : List.of(analyst, small)) {
      there(grant(principal, new Securable.Database("lakegate_dev_gold"), "DESCRIBE"));
      there(grant(principal, new Securable.Database("default"), "DESCRIBE"));
      there(grant(principal, allBut("dim_date"), "SELECT"));
    }
    there(grant(analyst, allBut("revenue", "email"), "SELECT"));
    DataFilter tier =
        new DataFilter(
            "lakegate_dev_gold",
            "revenue",
            "tenant_filter_small",
            new RowFilter.Expression("tenant_id IN ('b', 'a')"),
            ColumnSet.allBut(List.of("email")));
    there(tier);
    there(grant(small, tier.securable(), "SELECT"));
  }

  private static Securable allBut(String table, String... left) {
    return new Securable.Columns("lakegate_dev_gold", table, ColumnSet.allBut(List.of(left)));
  }

  private static Grant grant(String principal, Securable on, String permission) {
    return new Grant(principal, on, permission);
  }

  private void there(Item item) {
    lake.items.put(item.key(), item);
  }

  private ChangePlan plan(Policy policy, String... tenants) {
    return Planner.plan(
        ESTATE,
        DesiredState.compile(policy, ESTATE, List.of(tenants)),
        lake.actual(),
        lake.owned());
  }

  private List<Result> apply(ChangePlan plan) {
    return Applier.apply(plan, lake, lake, () -> {}, result -> {});
  }

  private static List<String> codes(ChangePlan plan, Severity severity) {
    return plan.findings().stream()
        .filter(f -> f.severity() == severity)
        .map(Finding::code)
        .toList();
  }

  @Test
  void nothingIsWantedWithoutTenants() {
    ChangePlan plan = plan(Estates.usual());
    assertThat(plan.findings()).isEmpty();
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.text()).isEqualTo("Nothing to change.\n");
  }

  @Test
  void aTenantGetsItsOwnRowsOfEachTableAndNoPersonalData() {
    ChangePlan plan = plan(Estates.usual(), "a");

    assertThat(plan.steps().stream().map(Step::text))
        .containsExactly(
            "create workgroup: workgroup lakegate-dev-tenant-a, results to"
                + " s3://lakegate-dev-results/tenants/a/, at most 1000000000 bytes scanned",
            "create role: role lakegate-dev-tenant-a",
            "create filter: filter tenant-a on lakegate_dev_gold.revenue: tenant_id = 'a';"
                + " columns amount, tenant_id",
            "grant: SELECT on columns lakegate_dev_gold.dim_date (columns day) to"
                + " lakegate-dev-tenant-a",
            "grant: DESCRIBE on database default to lakegate-dev-tenant-a",
            "grant: DESCRIBE on database lakegate_dev_gold to lakegate-dev-tenant-a",
            "grant: SELECT on filter lakegate_dev_gold.revenue/tenant-a to lakegate-dev-tenant-a");
    assertThat(apply(plan)).allMatch(r -> r.outcome() == Outcome.DONE);
    assertThat(plan(Estates.usual(), "a").steps()).isEmpty();
    assertThat(plan(Estates.usual(), "a").findings()).isEmpty();
  }

  @Test
  void theRoleTrustsTheGatewayAsThisTenantAlone() {
    Role role =
        DesiredState.compile(Estates.usual(), ESTATE, List.of("A b"))
            .own(Role.class)
            .findFirst()
            .orElseThrow();
    JsonNode statement = Json.read(role.trust(), JsonNode.class).path("Statement").path(0);
    String name = role.name().substring("lakegate-dev-tenant-".length());

    assertThat(name).matches("h-[0-9a-f]{30}");
    assertThat(statement.path("Principal").path("AWS").asText()).isEqualTo(ESTATE.gatewayRoleArn());
    JsonNode condition = statement.path("Condition");
    assertThat(condition.path("StringEquals").path("aws:RequestTag/tenant").asText())
        .isEqualTo(name);
    assertThat(condition.path("ForAllValues:StringEquals").path("aws:TagKeys").toString())
        .isEqualTo("[\"tenant\"]");
    assertThat(condition.path("Null").path("sts:SourceIdentity").asText()).isEqualTo("false");
    assertThat(role.boundary()).isEqualTo(ESTATE.boundaryArn());
    assertThat(role.policy())
        .contains("workgroup/lakegate-dev-tenant-" + name + "\"")
        .contains("arn:aws:s3:::lakegate-dev-results/tenants/" + name + "/*")
        .doesNotContain("s3:ListBucket");
  }

  @Test
  void aTenantThatGoesTakesEverythingWithItGrantsFirst() {
    apply(plan(Estates.usual(), "a", "b"));
    ChangePlan plan = plan(Estates.usual(), "b");

    assertThat(plan.steps().stream().map(s -> s.action().name()))
        .containsExactly(
            "REVOKE",
            "REVOKE",
            "REVOKE",
            "REVOKE",
            "DELETE_FILTER",
            "DELETE_ROLE",
            "DELETE_WORKGROUP");
    assertThat(apply(plan)).allMatch(r -> r.outcome() == Outcome.DONE);
    assertThat(lake.items.keySet()).noneMatch(k -> k.contains("tenant-a"));
    assertThat(plan(Estates.usual(), "b").steps()).isEmpty();
  }

  @Test
  void aGrantThatSomebodyTookAwayComesBack() {
    apply(plan(Estates.usual(), "a"));
    lake.items.keySet().removeIf(k -> k.startsWith("grant|") && k.contains("tenant-a|"));
    assertThat(plan(Estates.usual(), "a").steps()).isNotEmpty();
  }

  @Test
  void aFilterThatSomebodyWidenedIsNarrowedAndCritical() {
    apply(plan(Estates.usual(), "a"));
    DataFilter own = (DataFilter) lake.items.get("filter|lakegate_dev_gold.revenue|tenant-a");
    there(
        new DataFilter(
            own.database(),
            own.table(),
            own.name(),
            new RowFilter.Expression("tenant_id IN ('a', 'b')"),
            own.columns()));

    ChangePlan plan = plan(Estates.usual(), "a");
    assertThat(codes(plan, Severity.CRITICAL)).containsExactly("FILTER_OF_OTHERS");
    apply(plan);
    assertThat(plan(Estates.usual(), "a").findings()).isEmpty();
  }

  @Test
  void aTierFilterGrantedToATenantIsCriticalAndNotTouched() {
    apply(plan(Estates.usual(), "a"));
    Grant foreign =
        grant(
            ESTATE.roleArn("a"),
            new Securable.Filter("lakegate_dev_gold", "revenue", "tenant_filter_small"),
            "SELECT");
    there(foreign);

    ChangePlan plan = plan(Estates.usual(), "a");
    assertThat(codes(plan, Severity.CRITICAL)).containsExactly("FILTER_OF_OTHERS");
    assertThat(plan.steps()).isEmpty();
  }

  @Test
  void aWholeTableGrantedToATenantIsCritical() {
    apply(plan(Estates.usual(), "a"));
    there(
        grant(ESTATE.roleArn("a"), new Securable.Table("lakegate_dev_gold", "revenue"), "SELECT"));
    assertThat(codes(plan(Estates.usual(), "a"), Severity.CRITICAL))
        .containsExactly("FOREIGN_GRANT");
  }

  @Test
  void namesThatATenantMaySeeBesidesAreNoAlarm() {
    apply(plan(Estates.usual(), "a"));
    there(
        grant(
            ESTATE.roleArn("a"), new Securable.Table("lakegate_dev_gold", "revenue"), "DESCRIBE"));
    assertThat(plan(Estates.usual(), "a").findings().stream().map(Finding::severity))
        .containsExactly(Severity.INFO);
  }

  @Test
  void whoeverIamLetsInBlocksAllGivingButNoTaking() {
    apply(plan(Estates.usual(), "a"));
    there(
        grant(
            "IAM_ALLOWED_PRINCIPALS", new Securable.Table("lakegate_dev_gold", "revenue"), "ALL"));

    ChangePlan plan = plan(Estates.usual(), "b");
    assertThat(codes(plan, Severity.CRITICAL)).containsExactly("IAM_ALLOWED_PRINCIPALS");
    for (Result result : apply(plan)) {
      assertThat(result.outcome())
          .isEqualTo(result.step().action().tightens() ? Outcome.DONE : Outcome.BLOCKED);
    }
    assertThat(lake.items.keySet()).noneMatch(k -> k.contains("tenant-b"));
  }

  @Test
  void defaultsHybridAndMissingLocationsBlock() {
    lake.settings = new Actual.Settings(List.of(), List.of("IAM_ALLOWED_PRINCIPALS"), false, false);
    assertThat(plan(Estates.usual(), "a").blocked()).isTrue();
    lake.settings = new Actual.Settings(List.of(), List.of(), false, false);
    lake.locations = List.of(new Actual.Location("arn:aws:s3:::gold", true));
    assertThat(plan(Estates.usual(), "a").blocked()).isTrue();
    lake.locations = List.of();
    assertThat(plan(Estates.usual(), "a").blocked()).isTrue();
    lake.locations = List.of(new Actual.Location("arn:aws:s3:::gold", false));
    assertThat(plan(Estates.usual(), "a").blocked()).isFalse();
  }

  @Test
  void aRoleOfTheSameNameThatIsNotOursGetsNothing() {
    there(new Role("lakegate-dev-tenant-a", "{\"Statement\":[]}", null, null));

    ChangePlan plan = plan(Estates.usual(), "a");
    assertThat(codes(plan, Severity.WARNING)).containsExactly("NAME_TAKEN");
    apply(plan);
    assertThat(lake.items.keySet()).noneMatch(k -> k.startsWith("grant|" + ESTATE.roleArn("a")));
  }

  @Test
  void nothingIsGivenAfterSomethingCouldNotBeTakenAway() {
    apply(plan(Estates.usual(), "a"));
    lake.mishap = FakeLake.Mishap.FAIL_BEFORE;
    lake.mishapAt = lake.calls;

    List<Result> results = apply(plan(Estates.usual(), "b"));
    assertThat(results.get(0).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(results)
        .filteredOn(r -> !r.step().action().tightens())
        .isNotEmpty()
        .allMatch(r -> r.outcome() == Outcome.SKIPPED);
    assertThat(results)
        .filteredOn(r -> r.step().action() == Step.Action.DELETE_ROLE)
        .allMatch(r -> r.outcome() == Outcome.SKIPPED);
  }

  @Test
  void aPolicyThatIsNarrowerThanTerraformsGrantsIsCritical() {
    Policy narrower =
        Estates.policy(
            List.of(Estates.analyst(), Estates.tenants(false, "gold")),
            List.of(new Policy.TierFilter("tenant_filter_small", "small", List.of("a"))),
            Estates.tenantTable("gold.revenue", "amount!", "email!"),
            Estates.sharedTable("gold.dim_date", "day"));
    assertThat(codes(plan(narrower), Severity.CRITICAL))
        .containsExactlyInAnyOrder("SKELETON_WIDER", "SKELETON_DIFFERS");
  }

  @Test
  void whatTerraformDidNotMakeIsMissed() {
    lake.items.clear();
    assertThat(codes(plan(Estates.usual()), Severity.WARNING))
        .hasSize(9)
        .containsOnly("SKELETON_MISSING");
  }

  @Test
  void personasOfTenantsThatReadDifferentColumnsGetWhatAllMay() {
    List<Policy.Persona> personas =
        List.of(
            Estates.tenants(false, "gold"),
            new Policy.Persona(
                "Other", List.of("gold", "silver"), Policy.Rows.TENANTS, true, false, false));
    Desired desired =
        DesiredState.compile(
            Estates.policy(
                personas,
                List.of(),
                Estates.tenantTable("gold.revenue", "amount", "email!"),
                Estates.tenantTable("silver.order", "total")),
            ESTATE,
            List.of("a"));
    assertThat(desired.own(DataFilter.class).map(DataFilter::text))
        .containsExactly(
            "filter tenant-a on lakegate_dev_gold.revenue: tenant_id = 'a';"
                + " columns amount, tenant_id");
    assertThat(desired.problems()).hasSize(2);
  }

  @Test
  void grantsGoInCallsOfTwenty() {
    List<Policy.TableFacts> tables = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      tables.add(Estates.sharedTable("gold.t" + i, "day"));
    }
    List<Integer> sizes = new ArrayList<>();
    ChangePlan plan =
        plan(
            Estates.policy(
                List.of(Estates.tenants(false, "gold")),
                List.of(),
                tables.toArray(Policy.TableFacts[]::new)),
            "a");
    Applier.apply(
        plan,
        (action, items) -> {
          sizes.add(items.size());
          return java.util.Map.of();
        },
        lake,
        () -> {},
        result -> {});
    assertThat(sizes).containsExactly(1, 1, 20, 7);
  }

  @Test
  void moreThanAHundredFiltersOfOnePrincipalAreTooMany() {
    for (int i = 0; i <= 100; i++) {
      there(
          grant(
              ESTATE.tierRoleArn("small"),
              new Securable.Filter("lakegate_dev_gold", "revenue", "f" + i),
              "SELECT"));
    }
    assertThat(codes(plan(Estates.usual()), Severity.WARNING)).contains("TOO_MANY_FILTERS");
  }

  @Test
  void aWorkgroupWithoutEnforcementIsMended() {
    apply(plan(Estates.usual(), "a"));
    there(new Workgroup("lakegate-dev-tenant-a", "s3://elsewhere/", 1, false));
    assertThat(plan(Estates.usual(), "a").steps().stream().map(Step::action))
        .containsExactly(Step.Action.UPDATE_WORKGROUP);
    assertThat(Set.of(Step.Action.UPDATE_WORKGROUP)).allMatch(Step.Action::tightens);
  }
}
