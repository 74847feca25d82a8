package dev.lakegate.model.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.description.Expectation;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCompilerTest {
  private static final Path LAKEHOUSE =
      Path.of(System.getProperty("lakegate.basedir"), "lakehouse");

  private final Lakehouse lakehouse = LakehouseLoader.load(LAKEHOUSE);
  private final Policy policy = PolicyCompiler.compile(lakehouse, 7);

  @Test
  void personasAndTiersShouldBeThoseOfTheGoldenPolicy() {
    Policy golden = Json.read(GoldenFiles.read("policy.json"), Policy.class);
    assertThat(policy.personas()).isEqualTo(golden.personas());
    assertThat(policy.tierFilters()).isEqualTo(golden.tierFilters());
    assertThat(policy.policyVersion()).isEqualTo(7);
  }

  @Test
  void everyDatasetShouldHaveFactsInItsLayer() {
    assertThat(policy.tables())
        .extracting(TableFacts::table)
        .contains("bronze.core_tenant", "silver.tenant", "gold.revenue_metrics")
        .doesNotHaveDuplicates()
        .hasSize(8 + 8 + lakehouse.histories().size() + lakehouse.computed().size());
  }

  @Test
  void bronzeShouldHaveTheEnginesColumns() {
    assertThat(names("bronze.core_customer"))
        .containsExactly(
            "id",
            "created_at",
            "updated_at",
            "email",
            "phone",
            "first_name",
            "last_name",
            "metadata",
            "status",
            "tenant_id",
            "_op",
            "_change_seq",
            "_commit_ts",
            "_unchanged",
            "_old_key",
            "load_date");
    assertThat(names("bronze.core_tenant")).endsWith("load_date", "tenant_id");
    assertThat(facts("bronze.core_tenant").tenantColumn()).isEqualTo("tenant_id");
  }

  @Test
  void silverShouldHaveDerivedColumns() {
    assertThat(names("silver.tenant"))
        .containsExactly("slug", "name", "plan", "created_at", "quality_flags", "tenant_id");
    assertThat(names("silver.event")).endsWith("quality_flags", "load_date");
    assertThat(facts("silver.tenant").tenantColumn()).isEqualTo("tenant_id");
  }

  @Test
  void personalDataShouldCarryOver() {
    assertThat(personal("bronze.core_customer"))
        .containsExactly("email", "phone", "first_name", "last_name", "metadata");
    assertThat(personal("silver.customer"))
        .containsExactly(
            "email",
            "phone",
            "first_name",
            "last_name",
            "metadata",
            "email_normalized",
            "phone_e164",
            "address_city",
            "address_postal_code",
            "quality_flags");
    assertThat(personal("silver.event")).containsExactly("ip_address", "user_agent");
    assertThat(personal("gold.dim_customer"))
        .containsExactly("email", "phone", "first_name", "last_name");
    assertThat(personal("silver.order")).containsExactly("notes");
    assertThat(personal("gold.revenue_metrics")).isEmpty();
  }

  /** What is personal data in a table is so in its versions, whatever said so. */
  @Test
  void versionsShouldBeGovernedLikeTheirTable(@TempDir Path directory) throws IOException {
    assertThat(personal("silver.customer_history"))
        .containsExactly("email", "phone", "first_name", "last_name", "metadata");
    assertThat(personal("silver.order_history")).isEmpty();
    for (String history :
        List.of("customer_history", "order_history", "subscription_history", "tenant_history")) {
      assertThat(facts("silver." + history).tenantColumn()).isEqualTo("tenant_id");
      assertThat(facts("silver." + history).scope()).isEqualTo("tenant");
    }
    assertThat(names("silver.tenant_history"))
        .containsExactly(
            "slug",
            "tenant_id",
            "name",
            "plan",
            "valid_from",
            "valid_to",
            "version",
            "began",
            "ended");
    copyTo(directory);
    Path governance = directory.resolve("governance.yaml");
    Files.writeString(
        governance,
        Files.readString(governance)
            + "  - {table: silver.order, columns: [status]}\n"
            + "  - {table: silver.subscription, columns: [started_at, plan]}\n");
    Policy stricter = PolicyCompiler.compile(LakehouseLoader.load(directory), 1);
    assertThat(personal(stricter, "silver.order_history"))
        .containsExactly("status", "transition_allowed");
    assertThat(personal(stricter, "silver.subscription_history"))
        .containsExactly("plan", "started_at", "valid_from");
  }

  /** What governance.yaml alone calls personal is inherited as what a table's file calls so. */
  @Test
  void whatGovernanceCallsPersonalShouldBeInherited(@TempDir Path directory) throws IOException {
    copyTo(directory);
    replace(
        directory.resolve("tables/order.yaml"),
        "derivations:\n",
        """
        derivations:
          - {column: notes_clean, type: varchar, expression: trim(notes), description: Notes.}
          - {column: notes_short, type: varchar, expression: "left(notes_clean, 9)", description: Notes.}
          - {column: notes_length, type: bigint, expression: length(notes), pii: false, description: Length.}
          - {column: notes, type: varchar, expression: trim(notes), pii: false, description: Notes.}
        """);
    Policy before = PolicyCompiler.compile(LakehouseLoader.load(directory), 1);
    assertThat(personal(before, "silver.order"))
        .containsExactly("notes", "notes_clean", "notes_short");
    assertThat(personal(before, "bronze.core_order")).containsExactly("notes");
    replace(
        directory.resolve("tables/order.yaml"),
        "expectations:\n",
        """
        expectations:
          - {name: has_notes, kind: sql, expression: notes <> '', severity: flag, description: Notes.}
        """);
    replace(
        directory.resolve("governance.yaml"),
        "personal_data:\n",
        """
        personal_data:
          - {table: bronze.core_customer, columns: [id]}
          - {table: gold.revenue_monthly, columns: [total_revenue]}
        """);
    Lakehouse loaded = LakehouseLoader.load(directory);
    Policy after = PolicyCompiler.compile(loaded, 1);
    assertThat(personal(after, "silver.order")).contains("quality_flags");
    assertThat(personal(after, "bronze.core_customer")).contains("id", "_old_key");
    assertThat(
            loaded.metrics().stream()
                .filter(metric -> metric.name().equals("revenue_monthly"))
                .flatMap(metric -> metric.expectations().stream())
                .filter(Expectation::pii)
                .map(Expectation::kind))
        .contains(Expectation.Kind.RANGE);
  }

  /**
   * To tighten a column in governance.yaml waits for no metric that reads what is derived of it.
   */
  @Test
  void whatGovernanceCallsPersonalShouldNotBeAskedForInMetrics(@TempDir Path directory)
      throws IOException {
    copyTo(directory);
    replace(
        directory.resolve("governance.yaml"),
        "personal_data:\n",
        "personal_data:\n  - {table: silver.product, columns: [category]}\n");
    Policy policy = PolicyCompiler.compile(LakehouseLoader.load(directory), 1);
    assertThat(personal(policy, "silver.product")).contains("category", "category_top");
  }

  private static void copyTo(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(LAKEHOUSE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = directory.resolve(LAKEHOUSE.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static void replace(Path file, String find, String replace) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(find);
    Files.writeString(file, text.replace(find, replace));
  }

  private TableFacts facts(String table) {
    return policy.table(table).orElseThrow();
  }

  private List<String> names(String table) {
    return facts(table).columns().stream().map(ColumnFacts::name).toList();
  }

  private List<String> personal(String table) {
    return personal(policy, table);
  }

  private static List<String> personal(Policy policy, String table) {
    return policy.table(table).orElseThrow().columns().stream()
        .filter(ColumnFacts::pii)
        .map(ColumnFacts::name)
        .toList();
  }
}
