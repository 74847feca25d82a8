package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.AccessDecider;
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
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
    files.computeIfPresent(
        "tables/order.yaml",
        (file, text) -> text.replace("{name: order_number,", "{name: order_number, pii: true,"));
    assertThat(column(FlagTable.EXPECTATION).pii()).isTrue();
    assertThat(column("id").pii()).isFalse();
    files.computeIfPresent(
        "tables/order.yaml",
        (file, text) ->
            text.replace(
                "columns: [order_number], severity",
                "columns: [order_number], pii: false, severity"));
    files.computeIfPresent(
        "tables/order.yaml",
        (file, text) ->
            text.replace(
                "to: [order_number], severity", "to: [order_number], pii: false, severity"));
    assertThat(column(FlagTable.EXPECTATION).pii()).isFalse();
  }

  @Test
  void aTableWithoutTenantsIsComparedAsAWhole() {
    files.computeIfPresent(
        "tables/tenant.yaml",
        (file, text) ->
            text.replace("scope: tenant", "scope: internal")
                .replaceAll("(?m)^tenant_column.*\\n", "")
                .replace("partition_by: tenant", "partition_by: none")
                .replace(
                    "expectations:\n",
                    "expectations:\n  - {name: name_is_unique, kind: unique, columns: [name],"
                        + " severity: flag, description: No other tenant is called so.}\n"));
    files.keySet().removeIf(file -> file.startsWith("metrics/") || file.startsWith("queries/"));
    Metric flags = metric(load(), "tenant_flags");
    assertThat(flags.grain()).containsExactly("slug", FlagTable.EXPECTATION);
    assertThat(flags.partitionBy()).isEmpty();
    assertThat(flags.tenantColumn()).isNull();
    assertThat(flags.sql()).contains("PARTITION BY r.`name`)").doesNotContain("tenant_id");
    assertThat(flags.incremental().inputs().get("silver.tenant").columns()).isEmpty();
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
