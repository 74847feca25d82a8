package dev.lakegate.model.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.AccessDecision.ChainLink;
import dev.lakegate.model.policy.AccessDecision.HiddenColumn;
import dev.lakegate.model.policy.AccessDecision.Reason;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessDeciderTest {
  private static final Policy SHIPPED =
      PolicyCompiler.compile(
          LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse")), 7);

  @Test
  void shouldDecideAsTheGoldenFilesDo() {
    Policy golden = Json.read(GoldenFiles.read("policy.json"), Policy.class);
    List<TableFacts> tables = new ArrayList<>(golden.tables());
    tables.add(
        new TableFacts(
            "silver.customer",
            "tenant",
            "tenant_id",
            List.of(new ColumnFacts("tenant_id", false))));
    Policy policy =
        new Policy(1, golden.policyVersion(), golden.personas(), golden.tierFilters(), tables);
    for (String name : List.of("access-decision.json", "access-decision.refused.json")) {
      AccessDecision expected = Json.read(GoldenFiles.read(name), AccessDecision.class);
      assertThat(AccessDecider.decide(policy, expected.principal(), expected.table()))
          .isEqualTo(expected);
    }
  }

  @Test
  void shouldKeepAPersonalTokenToItsSchemas() {
    Principal narrowed =
        new Principal(
            "https://issuer",
            "engineer",
            new TreeSet<>(Set.of("DataEngineer")),
            new TreeSet<>(),
            null,
            new TreeSet<>(Set.of("gold")));
    assertThat(AccessDecider.decide(SHIPPED, narrowed, "gold.dim_customer").allowed()).isTrue();
    for (String table : List.of("silver.customer", "bronze.core_customer", "gold2.t", "t")) {
      AccessDecision decision = AccessDecider.decide(SHIPPED, narrowed, table);
      assertThat(decision.allowed()).as(table).isFalse();
      assertThat(decision.rows()).isEqualTo(new RowPredicate.None());
    }
    AccessDecision decision = AccessDecider.decide(SHIPPED, narrowed, "silver.customer");
    assertThat(decision.reason()).isEqualTo(Reason.TOKEN_SCOPE);
    assertThat(Json.read(Json.write(decision), AccessDecision.class)).isEqualTo(decision);
  }

  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource({
    "LakeFormationAdmin, bronze.core_customer, ALLOWED",
    "LakeFormationAdmin, silver.customer, ALLOWED",
    "LakeFormationAdmin, gold.dim_customer, ALLOWED",
    "DataEngineer, bronze.core_customer, ALLOWED",
    "DataEngineer, silver.customer, ALLOWED",
    "DataEngineer, gold.dim_customer, ALLOWED",
    "DataAnalyst, bronze.core_customer, LAYER_NOT_GRANTED",
    "DataAnalyst, silver.customer, LAYER_NOT_GRANTED",
    "DataAnalyst, gold.dim_customer, ALLOWED",
    "TenantSpecificAnalyst, bronze.core_customer, LAYER_NOT_GRANTED",
    "TenantSpecificAnalyst, silver.customer, LAYER_NOT_GRANTED",
    "TenantSpecificAnalyst, gold.dim_customer, NO_TENANT",
    "Nobody, gold.dim_customer, NO_PERSONA",
    "dataanalyst, gold.dim_customer, NO_PERSONA",
    "DataAnalyst, gold.sales, UNKNOWN_TABLE",
    "DataAnalyst, silver.orders, UNKNOWN_TABLE",
    "DataAnalyst, GOLD.dim_customer, UNKNOWN_TABLE",
    "DataAnalyst, dim_customer, UNKNOWN_TABLE",
  })
  void personasShouldReadTheirLayers(String persona, String table, Reason reason) {
    AccessDecision decision =
        AccessDecider.decide(SHIPPED, principal(Set.of(persona), Set.of(), null), table);
    assertThat(decision.reason()).isEqualTo(reason);
    assertThat(decision.allowed()).isEqualTo(reason == Reason.ALLOWED);
    assertThat(decision.message()).endsWith(".");
    if (!decision.allowed()) {
      assertThat(decision.rows()).isEqualTo(new RowPredicate.None());
      assertThat(decision.readableColumns()).isEmpty();
    }
  }

  @Test
  void analystShouldNotSeePersonalData() {
    AccessDecision decision =
        AccessDecider.decide(
            SHIPPED, principal(Set.of("DataAnalyst"), Set.of(), null), "gold.dim_customer");
    assertThat(decision.readableColumns())
        .containsExactly("tenant_id", "customer_id", "status", "created_at", "updated_at");
    assertThat(decision.hiddenColumns())
        .extracting(HiddenColumn::name)
        .containsExactly("email", "phone", "first_name", "last_name");
    assertThat(decision.hiddenColumns())
        .allSatisfy(
            hidden -> {
              assertThat(hidden.reason()).isEqualTo(Reason.PII_COLUMN);
              assertThat(hidden.personas()).containsExactly("LakeFormationAdmin", "DataEngineer");
            });
    assertThat(decision.rows()).isEqualTo(new RowPredicate.All());
    assertThat(decision.reasonForColumn("status")).isEqualTo(Reason.ALLOWED);
    assertThat(decision.reasonForColumn("email")).isEqualTo(Reason.PII_COLUMN);
    assertThat(decision.reasonForColumn("salary")).isEqualTo(Reason.UNKNOWN_COLUMN);
  }

  @Test
  void tierShouldStandForItsTenantsBesideThoseClaimed() {
    AccessDecision decision =
        AccessDecider.decide(
            SHIPPED,
            principal(Set.of("TenantSpecificAnalyst"), Set.of("tenant-9"), "enterprise"),
            "gold.revenue_metrics");
    assertThat(decision.rows())
        .isEqualTo(new RowPredicate.In("tenant_id", List.of("tenant-1", "tenant-2", "tenant-9")));
    assertThat(decision.chain())
        .extracting(ChainLink::step)
        .containsExactly("claim", "persona", "grant", "claim", "filter", "filter");
  }

  @Test
  void unknownTierShouldGiveNothing() {
    AccessDecision decision =
        AccessDecider.decide(
            SHIPPED,
            principal(Set.of("TenantSpecificAnalyst"), Set.of(), "platinum"),
            "gold.revenue_metrics");
    assertThat(decision.reason()).isEqualTo(Reason.NO_TENANT);
    assertThat(decision.personasThatMay()).contains("TenantSpecificAnalyst");
  }

  @Test
  void unknownTenantShouldAskAndGetNoRows() {
    AccessDecision decision =
        AccessDecider.decide(
            SHIPPED,
            principal(Set.of("TenantSpecificAnalyst"), Set.of("no-such"), null),
            "gold.revenue_metrics");
    assertThat(decision.allowed()).isTrue();
    assertThat(decision.rows()).isEqualTo(new RowPredicate.In("tenant_id", List.of("no-such")));
  }

  @Test
  void strongerPersonaShouldPrevail() {
    AccessDecision decision =
        AccessDecider.decide(
            SHIPPED,
            principal(
                Set.of("TenantSpecificAnalyst", "DataEngineer", "Unknown"),
                Set.of("tenant-1"),
                null),
            "gold.dim_customer");
    assertThat(decision.rows()).isEqualTo(new RowPredicate.All());
    assertThat(decision.readableColumns()).contains("email");
  }

  @Test
  void columnsOfOneShouldNotMeetRowsOfAnother() {
    Persona allRows = new Persona("Wide", List.of("gold"), Rows.ALL, false, false, false);
    Persona personal = new Persona("Deep", List.of("gold"), Rows.TENANTS, true, false, false);
    TableFacts table =
        new TableFacts(
            "gold.people",
            "tenant",
            "tenant_id",
            List.of(new ColumnFacts("tenant_id", false), new ColumnFacts("email", true)));
    Principal both = principal(Set.of("Wide", "Deep"), Set.of("tenant-1"), null);
    Policy wideFirst = new Policy(1, 1, List.of(allRows, personal), List.of(), List.of(table));
    assertThat(AccessDecider.decide(wideFirst, both, "gold.people"))
        .satisfies(
            d -> {
              assertThat(d.rows()).isEqualTo(new RowPredicate.All());
              assertThat(d.readableColumns()).containsExactly("tenant_id");
            });
    Policy deepFirst = new Policy(1, 1, List.of(personal, allRows), List.of(), List.of(table));
    assertThat(AccessDecider.decide(deepFirst, both, "gold.people"))
        .satisfies(
            d -> {
              assertThat(d.rows()).isEqualTo(new RowPredicate.In("tenant_id", List.of("tenant-1")));
              assertThat(d.readableColumns()).containsExactly("tenant_id", "email");
            });
  }

  @Test
  void sharedAndInternalTablesShouldFollowTheirScope() {
    List<ColumnFacts> columns = List.of(new ColumnFacts("day", false));
    Policy policy =
        new Policy(
            1,
            1,
            SHIPPED.personas(),
            List.of(),
            List.of(
                new TableFacts("gold.dim_date", "shared", null, columns),
                new TableFacts("gold.quarantine", "internal", null, columns)));
    Principal tenantless = principal(Set.of("TenantSpecificAnalyst"), Set.of(), null);
    assertThat(AccessDecider.decide(policy, tenantless, "gold.dim_date").rows())
        .isEqualTo(new RowPredicate.All());
    AccessDecision refused = AccessDecider.decide(policy, tenantless, "gold.quarantine");
    assertThat(refused.reason()).isEqualTo(Reason.INTERNAL_TABLE);
    assertThat(refused.personasThatMay()).containsExactly("LakeFormationAdmin");
  }

  @Test
  void tableOfPersonalDataAloneShouldBeRefused() {
    Policy policy =
        new Policy(
            1,
            1,
            SHIPPED.personas(),
            List.of(),
            List.of(
                new TableFacts(
                    "gold.mails", "shared", null, List.of(new ColumnFacts("email", true)))));
    AccessDecision decision =
        AccessDecider.decide(
            policy, principal(Set.of("DataAnalyst"), Set.of(), null), "gold.mails");
    assertThat(decision.reason()).isEqualTo(Reason.PII_COLUMN);
    assertThat(decision.personasThatMay()).containsExactly("LakeFormationAdmin", "DataEngineer");
  }

  static Principal principal(Set<String> personas, Set<String> tenants, String tier) {
    return new Principal(
        "http://localhost", "someone", new TreeSet<>(personas), new TreeSet<>(tenants), tier);
  }
}
