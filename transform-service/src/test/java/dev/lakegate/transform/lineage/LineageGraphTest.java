package dev.lakegate.transform.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunResult.Lineage;
import dev.lakegate.model.job.RunResult.Lineage.Kind;
import dev.lakegate.model.job.RunResult.Lineage.OfColumn;
import dev.lakegate.model.job.RunResult.Lineage.Source;
import dev.lakegate.transform.lineage.LineageGraph.Direction;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LineageGraphTest {
  private static Source source(String name) {
    String[] parts = name.split("\\.");
    return new Source(parts[0] + "." + parts[1], parts[2], Kind.TRANSFORMATION);
  }

  private static OfColumn column(String name, String... inputs) {
    return new OfColumn(name, List.of(inputs).stream().map(LineageGraphTest::source).toList());
  }

  private static final LineageGraph GRAPH =
      new LineageGraph(
          List.of(
              new DatasetLineage(
                  "silver.order",
                  "silver",
                  List.of("bronze.core_order"),
                  List.of(
                      column("id", "bronze.core_order.id"),
                      column("total", "bronze.core_order.total"),
                      column("status", "bronze.core_order.status")),
                  List.of()),
              new DatasetLineage(
                  "silver.facts",
                  "silver",
                  List.of("silver.order"),
                  List.of(column("id", "silver.order.id"), column("amount", "silver.order.total")),
                  List.of(source("silver.order.status"))),
              new DatasetLineage(
                  "gold.revenue",
                  "gold",
                  List.of("silver.facts"),
                  List.of(column("revenue", "silver.facts.amount"), column("orders")),
                  List.of(source("silver.facts.id"))),
              new DatasetLineage("gold.new", "gold", List.of("silver.order"), null, null)));

  private static String text(List<DatasetLineage> items) {
    return items.stream()
        .map(
            one ->
                one.dataset()
                    + (one.columns() == null
                        ? "?"
                        : one.columns().stream().map(OfColumn::column).toList()
                            + "/"
                            + one.rows().stream().map(Source::column).toList()))
        .collect(Collectors.joining(" "));
  }

  @Test
  void datasetsShouldBeFollowedBothWays() {
    assertThat(text(GRAPH.of("silver.facts", Direction.UPSTREAM)))
        .isEqualTo("silver.order[id, total, status]/[] silver.facts[id, amount]/[status]");
    assertThat(text(GRAPH.of("silver.facts", Direction.DOWNSTREAM)))
        .isEqualTo("silver.facts[id, amount]/[status] gold.revenue[revenue, orders]/[id]");
    assertThat(GRAPH.of("silver.facts", Direction.BOTH)).hasSize(3);
    assertThat(GRAPH.of("bronze.core_order", Direction.DOWNSTREAM)).isEqualTo(GRAPH.all());
    assertThat(GRAPH.of("gold.new", Direction.UPSTREAM)).hasSize(2);
  }

  @Test
  void columnsShouldBeFollowedBothWays() {
    assertThat(text(GRAPH.of("gold.revenue", "revenue", Direction.UPSTREAM)))
        .isEqualTo(
            "silver.order[total]/[] silver.facts[amount]/[status] gold.revenue[revenue]/[id]");
    assertThat(text(GRAPH.of("bronze.core_order", "total", Direction.DOWNSTREAM)))
        .isEqualTo("silver.order[total]/[] silver.facts[amount]/[] gold.revenue[revenue]/[]");
    // It goes into no value further down, but decides about rows.
    assertThat(text(GRAPH.of("silver.order", "status", Direction.DOWNSTREAM)))
        .isEqualTo("silver.order[status]/[] silver.facts[]/[status]");
    assertThat(text(GRAPH.of("gold.revenue", "orders", Direction.UPSTREAM)))
        .isEqualTo("gold.revenue[orders]/[id]");
  }

  @Test
  void whatThereIsShouldBeKnown() {
    assertThat(GRAPH.knows("bronze.core_order")).isTrue();
    assertThat(GRAPH.knows("bronze.core_event")).isFalse();
    assertThat(GRAPH.knows("bronze.core_order", "status")).isTrue();
    assertThat(GRAPH.knows("silver.order", "total")).isTrue();
    assertThat(GRAPH.knows("silver.order", "amount")).isFalse();
    assertThat(GRAPH.knows("gold.new", "x")).isFalse();
  }

  @Test
  void derivedColumnsOfSilverShouldBeMadeOfWhatTheirExpressionsName() {
    JobSpecification specification =
        new JobSpecification(
            1,
            JobSpecification.Kind.SILVER,
            "silver.customer",
            "customer",
            "tenant",
            "",
            "silver/customer",
            "core_customer",
            List.of("id"),
            null,
            null,
            null,
            null,
            null,
            null,
            "tenant_id",
            List.of("tenant_id"),
            List.of(
                new JobSpecification.SpecColumn("id", "bigint", false, ""),
                new JobSpecification.SpecColumn("email", "varchar", true, ""),
                new JobSpecification.SpecColumn("name", "varchar", true, "")),
            List.of(
                new JobSpecification.Derivation(
                    "email_clean", "varchar", "normalize_email(`email`, 'name \\' id')", ""),
                new JobSpecification.Derivation(
                    "email_known", "boolean", "EMAIL_clean IS NOT NULL AND \"id\" <> name", ""),
                new JobSpecification.Derivation("name", "varchar", "trim(Name)", "")),
            List.of());
    Lineage lineage = SilverLineage.of(specification);
    assertThat(
            lineage.columns().stream()
                .map(
                    c ->
                        c.column()
                            + c.inputs().stream()
                                .map(i -> i.column() + " " + i.kind().name().toLowerCase())
                                .toList()))
        .containsExactly(
            "id[id identity]",
            "email[email identity]",
            "name[name transformation]",
            "email_clean[email transformation]",
            "email_known[email transformation, name transformation]");
    assertThat(lineage.columns().get(0).inputs().get(0).dataset())
        .isEqualTo("bronze.core_customer");
  }

  @Test
  void versionsShouldBeMadeOfWhatTheyTrackAndOfTheChangesThatDateThem() {
    JobSpecification history =
        dev.lakegate.model.job.JobSpecificationCompiler.compile(
                dev.lakegate.model.description.LakehouseLoader.load(
                    java.nio.file.Path.of(
                        System.getProperty("lakegate.basedir", ".."), "lakehouse")))
            .stream()
            .filter(s -> s.dataset().equals("silver.customer_history"))
            .findFirst()
            .orElseThrow();
    Lineage lineage = SilverLineage.of(history);
    assertThat(lineage.columns())
        .allSatisfy(c -> assertThat(c.inputs()).as(c.column()).isNotEmpty())
        .contains(
            new OfColumn("id", List.of(new Source("bronze.core_customer", "id", Kind.IDENTITY))),
            new OfColumn(
                "tenant_id",
                List.of(new Source("bronze.core_customer", "tenant_id", Kind.IDENTITY))));
    assertThat(lineage.columns().stream().filter(c -> c.column().equals("valid_to")))
        .containsExactly(
            new OfColumn(
                "valid_to",
                List.of(new Source("bronze.core_customer", "_commit_ts", Kind.TRANSFORMATION))));
  }
}
