package dev.lakegate.model.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedLakehouseTest {
  private static final Path BASE = Path.of(System.getProperty("lakegate.basedir"));
  private static final Pattern TABLE =
      Pattern.compile("CREATE TABLE public\\.(\\w+) \\((.*?)\\n\\);", Pattern.DOTALL);
  private static final Pattern COLUMN =
      Pattern.compile("^ {4}(\\w+) ((?!CONSTRAINT).+?)( NOT NULL)?,?$", Pattern.MULTILINE);

  private final Lakehouse lakehouse = LakehouseLoader.load(LakehouseFixture.SHIPPED);

  @Test
  void tablesShouldBeExactlyThoseOfTheSource() throws IOException {
    String schema =
        Files.readString(BASE.resolve("laptop/src/main/resources/backend/core_schema.sql"));
    Map<String, List<String>> source = new LinkedHashMap<>();
    Matcher table = TABLE.matcher(schema);
    while (table.find()) {
      source.put(
          table.group(1),
          COLUMN
              .matcher(table.group(2))
              .results()
              .filter(c -> !c.group(1).equals("CONSTRAINT"))
              .map(
                  c ->
                      c.group(1)
                          + " "
                          + c.group(2).replace("character varying", "varchar")
                          + (c.group(3) == null ? " NULL" : " NOT NULL"))
              .toList());
    }
    Map<String, List<String>> described = new LinkedHashMap<>();
    for (SourceTable t : lakehouse.tables()) {
      described.put(
          t.sourceTable(),
          t.columns().stream()
              .map(c -> c.name() + " " + c.sourceType() + (c.nullable() ? " NULL" : " NOT NULL"))
              .toList());
      assertThat(t.key())
          .as(t.name())
          .containsExactly(
              Pattern.compile(t.sourceTable() + "_pkey PRIMARY KEY \\((\\w+)\\)")
                  .matcher(schema)
                  .results()
                  .findFirst()
                  .orElseThrow()
                  .group(1));
    }
    assertThat(described).isEqualTo(source).hasSize(8);
  }

  @Test
  void typesShouldBeWhatBronzeMakesOfTheSource() {
    for (SourceTable table : lakehouse.tables()) {
      for (SourceTable.Column column : table.columns()) {
        String expected =
            switch (column.sourceType().replaceAll("\\(.*", "")) {
              case "varchar", "text", "jsonb", "uuid", "inet" -> "varchar";
              case "numeric" -> column.sourceType().replace("numeric", "decimal");
              case "timestamp with time zone" -> "timestamp(6) with time zone";
              default -> column.sourceType();
            };
        assertThat(column.type().text()).as(table.name() + "." + column.name()).isEqualTo(expected);
      }
    }
  }

  @Test
  void namesShouldResolveAliasesIncluded() {
    assertThat(lakehouse.resolve("silver", "orders")).contains("silver.order");
    assertThat(lakehouse.resolve("silver", "order")).contains("silver.order");
    assertThat(lakehouse.resolve("bronze", "core_order")).contains("bronze.core_order");
    assertThat(lakehouse.resolve("gold", "revenue_metrics")).contains("gold.revenue_metrics");
    assertThat(lakehouse.resolve("gold", "orders")).isEmpty();
    assertThat(lakehouse.resolve("bronze", "order")).isEmpty();
    assertThat(lakehouse.resolve("system", "order")).isEmpty();
    assertThat(lakehouse.table("orders")).isEmpty();
    assertThat(lakehouse.resolve("silver", "session")).contains("silver.session");
    assertThat(lakehouse.resolve("gold", "session")).isEmpty();
  }

  @Test
  void shouldOfferThePlansQueriesAndMetrics() {
    assertThat(lakehouse.queries())
        .extracting(SavedQuery::title)
        .containsExactlyInAnyOrder(
            "Revenue by tenant over time",
            "Customer acquisition trends",
            "Product performance dashboard",
            "Subscription MRR tracking",
            "Event funnel analysis");
    assertThat(lakehouse.metrics())
        .extracting(Metric::name)
        .contains(
            "tenant_summary",
            "customer_metrics",
            "customer_retention",
            "product_performance",
            "revenue_metrics",
            "revenue_monthly",
            "product_sales",
            "funnel_metrics",
            "mrr_metrics",
            "payment_metrics")
        .contains(
            "dim_date",
            "dim_tenant",
            "dim_customer",
            "dim_product",
            "fact_order_line",
            "fact_subscription_month");
  }

  @Test
  void derivedColumnsShouldInheritPersonalData() {
    assertThat(personal("event")).containsExactly("ip_address");
    assertThat(personal("customer"))
        .containsExactly(
            "email_normalized",
            "phone_e164",
            "address_city",
            "address_postal_code",
            "quality_flags");
  }

  /** Spark does not mind the case of names, and a star names them all. */
  @Test
  void derivedColumnsShouldInheritPersonalDataHoweverTheyNameIt(@TempDir Path directory)
      throws IOException {
    Map<String, String> files = LakehouseFixture.shipped();
    files.merge(
        "tables/customer.yaml",
        """
          - {column: shouted, type: varchar, expression: "lower(EMAIL)", description: E-mail.}
          - {column: whole, type: varchar, expression: "to_json(struct(*))", description: All.}
          - {column: twice, type: bigint, expression: id * 2, description: Nothing personal.}
        """,
        (yaml, more) -> yaml.replaceFirst("(?m)^derivations:\\n", "derivations:\n" + more));
    SourceTable customer =
        LakehouseLoader.load(LakehouseFixture.write(directory, files))
            .table("customer")
            .orElseThrow();
    assertThat(customer.derivations())
        .filteredOn(d -> List.of("shouted", "whole", "twice").contains(d.column()))
        .extracting(SourceTable.Derivation::column, SourceTable.Derivation::pii)
        .containsExactlyInAnyOrder(
            tuple("shouted", true), tuple("whole", true), tuple("twice", false));
  }

  private List<String> personal(String table) {
    return lakehouse.table(table).orElseThrow().derivations().stream()
        .filter(SourceTable.Derivation::pii)
        .map(SourceTable.Derivation::column)
        .toList();
  }

  @Test
  void everyTableShouldSayWhatIsWrongWithARow() {
    for (SourceTable table : lakehouse.tables()) {
      assertThat(table.expectations()).as(table.name()).isNotEmpty();
      assertThat(table.derivations())
          .as(table.name())
          .filteredOn(derivation -> derivation.column().equals(Expectation.FLAGS))
          .singleElement()
          .satisfies(
              flags -> {
                assertThat(flags.type().text()).isEqualTo("array(varchar)");
                // Which of a customer's addresses and numbers are well formed is personal.
                assertThat(flags.pii()).isEqualTo(table.name().equals("customer"));
              });
    }
  }

  @Test
  void whatBlocksShouldHaveAQuarantineThatOnlyInternalPersonasRead(@TempDir Path directory)
      throws IOException {
    Map<String, String> files = LakehouseFixture.shipped();
    files.merge(
        "tables/order.yaml",
        "kind: range, columns: [total], min: \"0\", severity: flag",
        (text, find) -> text.replace(find, find.replace("flag", "block")));
    Lakehouse blocking = LakehouseLoader.load(LakehouseFixture.write(directory, files));
    assertThat(blocking.quarantines())
        .extracting(Quarantine::dataset)
        .containsExactly("silver.order_quarantine");
    assertThat(blocking.resolve("silver", "order_quarantine")).contains("silver.order_quarantine");
    assertThat(blocking.resolve("silver", "event_quarantine")).isEmpty();
    SourceTable order = blocking.table("order").orElseThrow();
    assertThat(JobSpecificationCompiler.compile(order).expectations())
        .contains(
            new JobSpecification.Expectation("total_not_negative", "`total` >= 0BD", true),
            new JobSpecification.Expectation("total_adds_up", "total_discrepancy = 0", false));
    // What blocks does not flag.
    assertThat(order.derivations())
        .filteredOn(derivation -> derivation.column().equals(Expectation.FLAGS))
        .singleElement()
        .satisfies(
            flags ->
                assertThat(flags.expression())
                    .contains("'total_adds_up'")
                    .doesNotContain("'total_not_negative'"));
    Policy policy = PolicyCompiler.compile(blocking, 1);
    // What the row's values were, and what is wrong with them.
    assertThat(policy.table("silver.order_quarantine").orElseThrow().columns())
        .filteredOn(Policy.ColumnFacts::pii)
        .extracting(Policy.ColumnFacts::name)
        .containsExactly("key", "failed_expectations", "input");
    for (Governance.Persona persona : blocking.governance().personas()) {
      Principal principal =
          new Principal(
              "issuer",
              "somebody",
              new TreeSet<>(Set.of(persona.name())),
              new TreeSet<>(Set.of("tenant-1")),
              null);
      assertThat(AccessDecider.decide(policy, principal, "silver.order_quarantine").allowed())
          .as(persona.name())
          .isEqualTo(persona.name().equals("LakeFormationAdmin"));
    }
  }

  @Test
  void noTableShouldBeCalledAsAQuarantine(@TempDir Path directory) throws IOException {
    Map<String, String> files = LakehouseFixture.shipped();
    files.put(
        "tables/order_quarantine.yaml",
        example(Files.readString(BASE.resolve("docs/ADDING_A_TABLE.md")), "yaml")
            .replace("name: coupon ", "name: order_quarantine "));
    LakehouseLoader.load(LakehouseFixture.write(directory, files));
    files.merge(
        "tables/order.yaml",
        "severity: flag",
        (text, find) -> text.replaceFirst(find, "severity: block"));
    assertThatThrownBy(() -> LakehouseLoader.load(LakehouseFixture.write(directory, files)))
        .isInstanceOf(LakehouseException.class)
        .hasMessageContaining("its quarantine would be called 'order_quarantine'");
  }

  /** The guide's examples, put into the shipped description as a reader would. */
  @Test
  void examplesOfTheGuideShouldLoad(@TempDir Path directory) throws IOException {
    String guide = Files.readString(BASE.resolve("docs/ADDING_A_TABLE.md"));
    Map<String, String> files = LakehouseFixture.shipped();
    files.put("tables/coupon.yaml", example(guide, "yaml"));
    files.put("metrics/coupon_usage.sql", example(guide, "sql"));
    Lakehouse grown = LakehouseLoader.load(LakehouseFixture.write(directory, files));
    assertThat(grown.table("coupon")).isPresent();
    assertThat(grown.metric("coupon_usage").orElseThrow().inputs())
        .containsExactly("silver.coupon");
    assertThat(EditorSchemas.problems("tables/coupon.yaml", files.get("tables/coupon.yaml")))
        .isEmpty();
  }

  private static String example(String guide, String language) {
    int start = guide.indexOf("```" + language + "\n") + language.length() + 4;
    return guide.substring(start, guide.indexOf("```", start));
  }
}
