package dev.lakegate.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.terraform.Estimate.Line;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cost page is what the plans and the price file say, and dev stays within its budget. */
class CostTest {
  private static final BigDecimal DEV_BUDGET = new BigDecimal("200");

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod"})
  void everythingThatIsPlannedIsPricedOrKnownToBeFree(String environment) {
    Plan plan = Plan.of(environment);
    assertThat(unpriced(plan, environment)).isEmpty();
  }

  @Test
  void whatNobodyHasPricedIsNoticed() {
    Plan plan =
        Plan.of("dev")
            .plus("aws_redshift_cluster", "surprise", Map.of("node_type", "ra3.16xlarge"))
            .plus("aws_nat_gateway", "surprise", Map.of());
    assertThat(unpriced(plan, "dev")).containsExactly("aws_redshift_cluster");
    assertThat(Estimate.total(Estimate.of(plan, "dev", Prices.read())))
        .isGreaterThan(Estimate.total(estimate("dev")).add(new BigDecimal("30")));
  }

  @Test
  void devStaysWithinItsBudget() {
    assertThat(Estimate.total(estimate("dev"))).isLessThan(DEV_BUDGET);
    assertThat(
            Estimate.total(
                Estimate.of(Plan.of("dev", "capture_engine=lakegate"), "dev", Prices.read())))
        .isLessThan(DEV_BUDGET);
  }

  @Test
  void devHasNeitherNatGatewaysNorMoreThanTheEndpointThatDmsNeeds() {
    Plan plan = Plan.of("dev");
    assertThat(plan.resources("aws_nat_gateway")).isEmpty();
    assertThat(
            plan.resources("aws_vpc_endpoint")
                .filter(e -> e.text("vpc_endpoint_type").equals("Interface")))
        .extracting(Plan.Resource::index)
        .containsExactly("secretsmanager");
    assertThat(Plan.of("dev", "capture_engine=lakegate").resources("aws_vpc_endpoint"))
        .allMatch(endpoint -> endpoint.text("vpc_endpoint_type").equals("Gateway"));
  }

  @Test
  void pricesHaveDatesAndSources() {
    Prices.read()
        .entries()
        .forEach(
            (name, entry) -> {
              assertThat(new BigDecimal(entry.get("price").toString())).as(name).isPositive();
              assertThat(entry.get("as_of").toString()).as(name).matches("20\\d\\d-\\d\\d");
              assertThat(entry.get("source").toString())
                  .as(name)
                  .startsWith("https://aws.amazon.com/");
              assertThat(entry.get("unit")).as(name).isNotNull();
            });
  }

  @Test
  void thePageSaysWhatThePlansSay() throws IOException {
    Path page = Terraform.repository().resolve("docs/COST_ESTIMATION.md");
    String text = page();
    if (Boolean.getBoolean("lakegate.write-cost")) {
      Files.writeString(page, text);
    }
    assertThat(page)
        .as("./lakegate test -pl tests/terraform -am -Dlakegate.write-cost=true writes it anew")
        .hasContent(text);
  }

  private static Set<String> unpriced(Plan plan, String profile) {
    Set<String> priced =
        Estimate.of(plan, profile, Prices.read()).stream()
            .map(line -> line.resource().substring(0, line.resource().indexOf('.')))
            .collect(Collectors.toSet());
    return plan.resources()
        .map(Plan.Resource::type)
        .filter(type -> !priced.contains(type) && !Estimate.FREE.contains(type))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Line> estimate(String environment) {
    return Estimate.of(Plan.of(environment), environment, Prices.read());
  }

  private static String page() {
    Prices prices = Prices.read();
    List<Line> dev = Estimate.of(Plan.of("dev"), "dev", prices);
    List<Line> own = Estimate.of(Plan.of("dev", "capture_engine=lakegate"), "dev", prices);
    List<Line> prod = Estimate.of(Plan.of("prod"), "prod", prices);
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # What it costs

        US dollars a month in us-east-1, at list prices, without taxes, discounts and most free tiers. This page is computed: sizes and numbers come from the plans of `terraform/environments/`, prices with dates and sources from `terraform/prices/us-east-1.yaml`, and so does the usage that a plan cannot know. A test compares it with the plans, and fails when a plan has something that nobody has priced.

        | profile | a month |
        |---|---|
        | dev, captured by DMS | $%s |
        | dev, captured by the project's own engine | $%s |
        | prod | $%s |

        What drives it, and what to do:

        - **DMS** runs all day, and its instance cannot be stopped, only its task. The own engine (`capture_engine = "lakegate"`) needs none, nor the endpoint; serverless DMS can be stopped.
        - **NAT gateways** are $33 each and data. dev has none: tasks have public addresses that only the load balancer reaches. An interface endpoint is $7.30 a zone; more than four cost more than a NAT gateway. dev has one, for DMS to read its secret.
        - **Glue** by the run: small batches run in transform-service, where a run costs nothing more. A Glue run every ten minutes would be $127 a month for each table. Crawlers bill ten minutes at the least; three every hour would be $161 and more.
        - **Athena** bills what is scanned: workgroups limit each query, and partitions by tenant and month keep it small.
        - **S3**: Bronze cools down after 90 and 180 days, results go after 30.

        """
            .formatted(Estimate.total(dev), Estimate.total(own), Estimate.total(prod)));
    table(page, "dev", dev);
    table(page, "prod", prod);
    page.append("## Prices\n\n| what | price | for a | as of | source |\n|---|---|---|---|---|\n");
    prices
        .entries()
        .forEach(
            (name, entry) -> {
              if (prices.used().contains(name)) {
                page.append(
                    "| %s | %s | %s | %s | %s |\n"
                        .formatted(
                            name,
                            entry.get("price"),
                            entry.get("unit"),
                            entry.get("as_of"),
                            entry.get("source")));
              }
            });
    page.append(
        "\nPrices change: compare them with the sources before a budget hangs on them. `./lakegate test -pl tests/terraform -am -Dlakegate.write-cost=true` writes this page anew.\n");
    return page.toString();
  }

  private static void table(StringBuilder page, String profile, List<Line> lines) {
    page.append("## ").append(profile).append("\n\n| service | $ a month |\n|---|---|\n");
    Map<String, BigDecimal> services = new TreeMap<>();
    lines.forEach(line -> services.merge(line.service(), line.dollars(), BigDecimal::add));
    services.entrySet().stream()
        .sorted(
            Map.Entry.<String, BigDecimal>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> page.append("| %s | %s |\n".formatted(entry.getKey(), entry.getValue())));
    page.append(
        "| **all** | **%s** |\n\n| service | resource | reckoned from | $ a month |\n|---|---|---|---|\n"
            .formatted(Estimate.total(lines)));
    lines.stream()
        .sorted(
            Comparator.comparing(Line::service)
                .thenComparing(Line::resource)
                .thenComparing(Line::reckoning))
        .forEach(
            line ->
                page.append(
                    "| %s | `%s` | %s | %s |\n"
                        .formatted(
                            line.service(), line.resource(), line.reckoning(), line.dollars())));
    page.append('\n');
  }
}
