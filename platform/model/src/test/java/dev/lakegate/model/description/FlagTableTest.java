package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expectations that other rows decide become a derived table. */
class FlagTableTest {
  private static final String EXPECTATIONS =
      """
      expectations:
        - {name: number_is_unique, kind: unique, columns: [order_number], severity: flag, description: No other order of the tenant has the number.}
        - {name: customer_exists, kind: relationship, columns: [customer_id], references: silver.customer, severity: flag, description: The customer is there.}
        - {name: repeats_an_order, kind: relationship, columns: [notes], references: silver.order, to: [order_number], severity: flag, description: "The notes name an order of the tenant."}
      """;

  @TempDir Path directory;
  private final Map<String, String> files = LakehouseFixture.shipped();

  @BeforeEach
  void describe() {
    files.merge(
        "tables/order.yaml",
        EXPECTATIONS,
        (text, expectations) -> text.replace("expectations:\n", expectations));
  }

  /** Jobs are tested with the same file: {@code IncrementalHistoriesTest}. */
  @Test
  void isSpecifiedAsTheGoldenFileSays() throws Exception {
    Metric flags = table();
    assertThat(Json.MAPPER.readTree(Json.write(JobSpecificationCompiler.compile(flags))))
        .isEqualTo(GoldenFiles.tree("job-specification.flags.json"));
  }

  @Test
  void isATableOfTheTenantsLikeItsOwn() {
    Lakehouse lakehouse = load();
    assertThat(lakehouse.resolve("silver", "order_flags")).contains("silver.order_flags");
    assertThat(lakehouse.datasets()).contains("silver.order_flags");
    for (Governance.Persona persona : lakehouse.governance().personas()) {
      Principal principal =
          new Principal(
              "issuer",
              "somebody",
              new TreeSet<>(Set.of(persona.name())),
              new TreeSet<>(Set.of("tenant-1")),
              null);
      var policy = PolicyCompiler.compile(lakehouse, 1);
      var own = AccessDecider.decide(policy, principal, "silver.order");
      var flags = AccessDecider.decide(policy, principal, "silver.order_flags");
      assertThat(flags.allowed()).as(persona.name()).isEqualTo(own.allowed());
      assertThat(flags.rows()).as(persona.name()).isEqualTo(own.rows());
    }
  }

  @Test
  void whatItSaysOfPersonalColumnsIsPersonal() {
    assertThat(column(FlagTable.EXPECTATION).pii()).as("governance marks notes").isTrue();
    notesTellNothing();
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
    files.computeIfPresent(
        "tables/order.yaml",
        (file, text) -> text.replace("{name: order_number,", "{name: order_number, pii: true,"));
    assertThat(column(FlagTable.EXPECTATION).pii()).isTrue();
    // That there is a row says it already.
    assertThat(table().columns()).allMatch(Metric.Column::pii);
    files.computeIfPresent(
        "tables/order.yaml",
        (file, text) ->
            text.replace(
                "columns: [order_number], severity",
                "columns: [order_number], pii: false, severity"));
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
  }

  @Test
  void onePersonalExpectationClosesTheTableToWhoMayNotReadPersonalData() {
    notesTellNothing();
    files.computeIfPresent(
        "governance.yaml",
        (file, text) ->
            text.replace(
                "personas:\n",
                "personas:\n  - {name: Reader, description: Reads Silver., schemas: [silver], rows:"
                    + " all}\n"));
    assertThat(reader("silver.order_flags").allowed()).isTrue();
    edit("order", "{name: order_number,", "{name: order_number, pii: true,");
    assertThat(reader("silver.order").allowed()).isTrue();
    assertThat(reader("silver.order_flags").allowed()).isFalse();
  }

  private AccessDecision reader(String table) {
    return AccessDecider.decide(
        PolicyCompiler.compile(load(), 1),
        new Principal(
            "issuer", "reader", new TreeSet<>(Set.of("Reader")), new TreeSet<>(Set.of()), null),
        table);
  }

  @Test
  void whatLeadsToAPersonalColumnIsPersonal() {
    notesTellNothing();
    String leading =
        "expectations:\n  - {name: number_is_no_address, kind: relationship, columns:"
            + " [order_number], references: silver.customer, to: [email], severity: flag,"
            + " description: The number is an address of a customer.}\n";
    edit("order", "expectations:\n", leading);
    assertThat(column(FlagTable.EXPECTATION).pii()).isTrue();
    edit("order", "to: [email], severity", "to: [email], pii: false, severity");
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
    edit("order", "to: [email], pii: false, severity", "to: [phone_e164], severity");
    assertThat(column(FlagTable.EXPECTATION).pii()).isTrue();
  }

  @Test
  void whatGovernanceCallsPersonalIsInherited() {
    notesTellNothing();
    mark("silver.order", "order_number");
    assertThat(table().columns()).allMatch(Metric.Column::pii);
    files.put("governance.yaml", LakehouseFixture.shipped().get("governance.yaml"));
    mark("silver.customer", "id");
    assertThat(table().columns()).as("customer_exists leads there").allMatch(Metric.Column::pii);
    files.put(
        "governance.yaml",
        LakehouseFixture.shipped()
            .get("governance.yaml")
            .replace(
                "{table: silver.order, columns: [notes]}", "{table: silver.order, columns: [id]}"));
    assertThat(column("id").pii()).isTrue();
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
  }

  @Test
  void internalTablesAreReferredToByInternalOnesAlone() {
    makeTenantInternal();
    edit(
        "order",
        "columns: [customer_id], references: silver.customer",
        "columns: [order_number], references: silver.tenant, to: [name]");
    assertThatThrownBy(this::load)
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("silver.tenant is internal, which this table is not");
  }

  @Test
  void noAliasTakesItsName() {
    files.computeIfPresent(
        "tables/product.yaml",
        (file, text) ->
            text.replaceAll("(?m)^aliases:.*\\n", "")
                .replace("scope: tenant", "aliases: [order_flags]\nscope: tenant"));
    assertThatThrownBy(this::load)
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("order_flags");
    files.computeIfPresent(
        "tables/product.yaml", (file, text) -> text.replace("order_flags", "order_quarantine"));
    assertThat(load().resolve("silver", "order_quarantine")).contains("silver.product");
    edit("order", "min: \"0\", severity: flag", "min: \"0\", severity: block");
    assertThatThrownBy(this::load)
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("order_quarantine");
  }

  private void edit(String table, String find, String replace) {
    files.computeIfPresent(
        "tables/" + table + ".yaml",
        (file, text) -> {
          assertThat(text).contains(find);
          return text.replace(find, replace);
        });
  }

  /** The shipped governance.yaml calls notes personal. */
  private void notesTellNothing() {
    edit("order", "to: [order_number], severity", "to: [order_number], pii: false, severity");
  }

  private void mark(String table, String column) {
    files.merge(
        "governance.yaml",
        "  - {table: %s, columns: [%s]}\n".formatted(table, column),
        String::concat);
  }

  @Test
  void aTableWithoutTenantsIsComparedAsAWhole() {
    makeTenantInternal();
    edit(
        "tenant",
        "expectations:\n",
        "expectations:\n  - {name: name_is_unique, kind: unique, columns: [name],"
            + " severity: flag, description: No other tenant is called so.}\n");
    Metric flags = metric(load(), "tenant_flags");
    assertThat(flags.grain()).containsExactly("slug", FlagTable.EXPECTATION);
    assertThat(flags.partitionBy()).isEmpty();
    assertThat(flags.tenantColumn()).isNull();
    assertThat(flags.sql()).contains("PARTITION BY r.`name`)").doesNotContain("tenant_id");
    assertThat(flags.incremental().inputs().get("silver.tenant").columns()).isEmpty();
  }

  private void makeTenantInternal() {
    files.computeIfPresent(
        "tables/tenant.yaml",
        (file, text) ->
            text.replace("scope: tenant", "scope: internal")
                .replaceAll("(?m)^tenant_column.*\\n", "")
                .replace("partition_by: tenant", "partition_by: none"));
    files.keySet().removeIf(file -> file.startsWith("metrics/") || file.startsWith("queries/"));
  }

  private Lakehouse load() {
    return LakehouseLoader.load(LakehouseFixture.write(directory, files));
  }

  private Metric table() {
    return metric(load(), "order_flags");
  }

  private Metric.Column column(String name) {
    return table().columns().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static Metric metric(Lakehouse lakehouse, String name) {
    return lakehouse.derived().stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
