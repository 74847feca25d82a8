package dev.lakegate.model.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobsTest {
  private final Lakehouse lakehouse =
      LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "job-specification.silver.json",
        "job-specification.history.json",
        "job-specification.gold.json"
      })
  void compiledSpecificationsShouldBeTheGoldenOnes(String golden) throws Exception {
    JsonNode expected = GoldenFiles.tree(golden);
    JobSpecification compiled =
        JobSpecificationCompiler.compile(lakehouse).stream()
            .filter(s -> s.dataset().equals(expected.get("dataset").textValue()))
            .findFirst()
            .orElseThrow();
    ObjectNode actual = (ObjectNode) Json.MAPPER.readTree(Json.write(compiled));
    // The golden SQL stands on one line.
    if (actual.has("sql")) {
      actual.put("sql", flat(actual.get("sql").textValue()));
      ((ObjectNode) expected).put("sql", flat(expected.get("sql").textValue()));
    }
    assertThat(actual).isEqualTo(expected);
  }

  /**
   * The specifications with which the jobs' tests try the shipped derivations and expectations. To
   * write them anew after a change of lakehouse/tables, set the property lakegate.golden.write.
   */
  @Test
  void compiledTablesShouldBeThoseThatTheJobsAreTestedWith() throws Exception {
    Path directory =
        Path.of(
            System.getProperty("lakegate.basedir"),
            "transform-service/jobs/src/test/resources/silver");
    for (SourceTable table : lakehouse.tables()) {
      Path file = directory.resolve(table.name() + ".json");
      JsonNode compiled = Json.MAPPER.readTree(Json.write(JobSpecificationCompiler.compile(table)));
      if (Boolean.getBoolean("lakegate.golden.write")) {
        Files.createDirectories(directory);
        Files.writeString(
            file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(compiled) + "\n");
      }
      if (Files.exists(file)) {
        assertThat(Json.MAPPER.readTree(Files.readString(file)))
            .as(table.name())
            .isEqualTo(compiled);
      }
    }
  }

  @Test
  void tenantTableShouldDeriveItsTenant() {
    JobSpecification tenant =
        JobSpecificationCompiler.compile(lakehouse.table("tenant").orElseThrow());
    assertThat(tenant.derivations())
        .contains(new JobSpecification.Derivation("tenant_id", "varchar", "slug", "Tenant."))
        .extracting(JobSpecification.Derivation::column)
        .containsExactly("quality_flags", "tenant_id");
    assertThat(tenant.tenantColumn()).isEqualTo("tenant_id");
    assertThat(tenant.partitionBy()).containsExactly("tenant_id");
    assertThat(tenant.bronzeTable()).isEqualTo("core_tenant");
  }

  @Test
  void largeTablesShouldBePartitionedByMonth() {
    for (JobSpecification specification : JobSpecificationCompiler.compile(lakehouse)) {
      boolean large =
          Set.of("order", "orderitem", "event", "invoice").contains(specification.name());
      assertThat(specification.partitionBy().contains("load_date")).isEqualTo(large);
      if (specification.scope().equals("tenant")) {
        assertThat(specification.partitionBy().get(0)).isEqualTo("tenant_id");
      } else {
        assertThat(specification.dataset()).isEqualTo("gold.dim_date");
      }
    }
  }

  @Test
  void mrrShouldDependOnTheDay() {
    JobSpecification mrr =
        JobSpecificationCompiler.compile(lakehouse.metric("mrr_metrics").orElseThrow());
    assertThat(mrr.clock()).isEqualTo("utc_day");
    assertThat(mrr.sql()).contains("${as_of_date}");
  }

  @Test
  void orderShouldPutInputsFirst() {
    Map<String, List<String>> inputs = new LinkedHashMap<>();
    inputs.put("gold.c", List.of("gold.b", "silver.x"));
    inputs.put("gold.b", List.of("silver.x"));
    inputs.put("silver.x", List.of());
    inputs.put("gold.a", List.of("silver.x"));
    DependencyGraph graph = DependencyGraph.of(inputs);
    assertThat(graph.order()).containsExactly("silver.x", "gold.a", "gold.b", "gold.c");
    assertThat(graph.descendants("silver.x")).containsExactly("gold.a", "gold.b", "gold.c");
    assertThat(graph.descendants("gold.b")).containsExactly("gold.c");
    assertThat(graph.inputs("gold.c")).containsExactlyInAnyOrder("gold.b", "silver.x");
    assertThat(DependencyGraph.of(lakehouse).order()).containsAll(lakehouse.datasets());
    assertThat(DependencyGraph.of(lakehouse).descendants("silver.order"))
        .contains("gold.revenue_metrics", "gold.fact_order_line", "gold.product_sales")
        .contains("gold.product_performance", "gold.tenant_summary")
        .contains("silver.order_facts", "silver.orderitem_facts")
        .doesNotContain("gold.funnel_metrics", "gold.dim_date", "silver.session");
  }

  @Test
  void cyclesShouldBeToldWithTheirPath() {
    Map<String, List<String>> inputs =
        Map.of(
            "silver.x", List.of(),
            "gold.a", List.of("silver.x", "gold.c"),
            "gold.b", List.of("gold.a"),
            "gold.c", List.of("gold.b"),
            "gold.d", List.of("gold.c"));
    assertThatThrownBy(() -> DependencyGraph.of(inputs))
        .hasMessage("datasets depend on each other: gold.a -> gold.c -> gold.b -> gold.a");
    assertThatThrownBy(() -> DependencyGraph.of(Map.of("gold.a", List.of("gold.a"))))
        .hasMessage("datasets depend on each other: gold.a -> gold.a");
    assertThatThrownBy(() -> DependencyGraph.of(Map.of("gold.a", List.of("silver.x"))))
        .hasMessage("gold.a reads silver.x, which is no dataset");
  }

  @Test
  void checkpointsShouldTellTheirShapesApart() {
    assertThat(Json.read("{\"epoch\":\"0001\",\"manifest\":2}", Checkpoint.class))
        .isEqualTo(new Checkpoint.OfManifests("0001", 2));
    Checkpoint inputs =
        new Checkpoint.OfInputs(
            new TreeMap<>(Map.of("silver.order", "20260302101532123")), LocalDate.of(2026, 3, 2));
    String json = "{\"silver.order\":\"20260302101532123\",\"asOf\":\"2026-03-02\"}";
    assertThat(Json.write(inputs)).isEqualTo(json);
    assertThat(Json.read(json, Checkpoint.class)).isEqualTo(inputs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "7",
        "{\"epoch\":\"0001\"}",
        "{\"epoch\":\"0001\",\"manifest\":\"2\"}",
        "{\"epoch\":\"0001\",\"manifest\":2.5}",
        "{\"epoch\":\"1\",\"manifest\":2}",
        "{\"epoch\":\"0001\",\"manifest\":-1}",
        "{\"epoch\":\"0001\",\"manifest\":2,\"silver.order\":\"20260302101532123\"}",
        "{\"silver.order\":20260302101532123}",
        "{\"silver.order\":null}",
        "{\"asOf\":\"today\"}"
      })
  void malformedCheckpointsShouldBeRefused(String json) {
    assertThatThrownBy(() -> Json.read(json, Checkpoint.class))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String flat(String sql) {
    return sql.replaceAll("\\s+", " ").replaceAll("\\( ", "(").replaceAll(", (\\d)", ",$1").strip();
  }
}
