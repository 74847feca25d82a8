package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random histories through Spark and Hudi, against the source that made them. */
class HistoryTest {
  private static final JsonNode COUNTS =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.counts", "name": "counts", "scope": "tenant",
           "description": "Documents.", "path": "gold/counts", "inputs": ["silver.doc"], "grain": ["tenant_id", "month"],
           "sql": "SELECT tenant_id, load_date AS month, count(*) AS documents, sum(amount) AS amount FROM silver.doc GROUP BY 1, 2",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "month", "type": "date", "nullable": false, "description": "Month."},
             {"name": "documents", "type": "bigint", "nullable": false, "description": "Documents."},
             {"name": "amount", "type": "decimal(22,2)", "nullable": false, "description": "Amount."}
           ]}
          """);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"1, '\"tenant_id\", \"load_date\"'", "2, '\"tenant_id\"'", "4, ''"})
  void silverAndGoldEqualTheSourceAfterEveryRun(long seed, String partitionBy) throws Exception {
    JsonNode specification = SourceTable.specification(partitionBy);
    TestLake lake = new TestLake(directory);
    SourceTable source = new SourceTable(seed, true);
    source.change(4);
    source.drain(false);
    source.copy();
    for (int run = 0; run < 5; run++) {
      lake.nextManifest();
      String records = source.drain(true);
      if (records != null) {
        lake.bronze("core_doc", SourceTable.typed(records));
      }
      JsonNode result = lake.silver(specification);
      assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
      List<String> truth = source.truth();
      assertThat(rows(lake)).as("run %d", run).isEqualTo(truth);
      assertThat(result.path("rowsTotal").asLong()).isEqualTo(truth.size());
      assertThat(hudi(lake)).as("run %d", run).isEqualTo(truth);
      partitionsSayWhatTheirFilesHold(lake, specification);
      if (run % 2 == 1) {
        ObjectNode request = lake.goldRequest(COUNTS, null);
        request.remove("asOf");
        JsonNode gold = lake.run(request);
        assertThat(gold.path("status").asText()).as(gold.toString()).isEqualTo("succeeded");
        goldEqualsSource(lake, truth);
      }
      source.change(3);
    }
    incrementalSnapshotEqualsOneFromAListing(lake, specification);
  }

  private static List<String> rows(TestLake lake) {
    return lake.isEmpty("silver.doc")
        ? List.of()
        : TestLake.query(SourceTable.texts(lake.table("silver.doc"))).stream().sorted().toList();
  }

  private static List<String> hudi(TestLake lake) {
    return lake
        .hudi(
            "silver/doc",
            "concat_ws('|', id, kind, tenant_id, date_format(created_at, 'yyyy-MM-dd HH:mm:ss.SSSSSS'),"
                + " coalesce(body, 'null'), coalesce(note, 'null'), amount)")
        .stream()
        .sorted()
        .toList();
  }

  private static void goldEqualsSource(TestLake lake, List<String> truth) {
    java.util.TreeMap<String, java.math.BigDecimal[]> expected = new java.util.TreeMap<>();
    for (String row : truth) {
      String[] columns = row.split("\\|");
      java.math.BigDecimal[] sums =
          expected.computeIfAbsent(
              columns[2] + "|" + columns[3].substring(0, 7) + "-01",
              key ->
                  new java.math.BigDecimal[] {
                    java.math.BigDecimal.ZERO, java.math.BigDecimal.ZERO
                  });
      sums[0] = sums[0].add(java.math.BigDecimal.ONE);
      sums[1] = sums[1].add(new java.math.BigDecimal(columns[6]));
    }
    List<String> counts =
        lake.isEmpty("gold.counts")
            ? List.of()
            : TestLake.query(
                "SELECT tenant_id, month, documents, amount FROM " + lake.table("gold.counts"));
    assertThat(counts)
        .containsExactlyInAnyOrderElementsOf(
            expected.entrySet().stream()
                .map(e -> e.getKey() + "|" + e.getValue()[0] + "|" + e.getValue()[1])
                .toList());
  }

  private static void partitionsSayWhatTheirFilesHold(TestLake lake, JsonNode specification) {
    for (JsonNode file : lake.current("silver.doc").path("files")) {
      String path = lake.root().resolve(file.path("path").asText()).toString().replace("'", "''");
      for (JsonNode column : specification.path("partitionBy")) {
        assertThat(
                TestLake.query(
                    "SELECT DISTINCT "
                        + column.asText()
                        + "::VARCHAR FROM read_parquet('"
                        + path
                        + "', hive_partitioning = false)"))
            .containsExactly(file.path("partition").path(column.asText()).asText());
      }
      List<String> range =
          TestLake.query(
              "SELECT count(*), min(id), max(id), min(amount), max(amount), strftime(min(created_at), '%Y-%m-%dT%H:%M:%S.%fZ'),"
                  + " strftime(max(created_at), '%Y-%m-%dT%H:%M:%S.%fZ'), min(body), max(body), min(load_date), max(load_date)"
                  + " FROM read_parquet('"
                  + path
                  + "', hive_partitioning = false)");
      JsonNode min = file.path("min");
      JsonNode max = file.path("max");
      assertThat(
              String.join(
                  "|",
                  file.path("rows").asText(),
                  min.path("id").asText(),
                  max.path("id").asText(),
                  min.path("amount").asText(),
                  max.path("amount").asText(),
                  min.path("created_at").asText(),
                  max.path("created_at").asText(),
                  min.path("body").isMissingNode() ? "null" : min.path("body").asText(),
                  max.path("body").isMissingNode() ? "null" : max.path("body").asText(),
                  min.path("load_date").asText(),
                  max.path("load_date").asText()))
          .isEqualTo(range.get(0));
    }
  }

  private static void incrementalSnapshotEqualsOneFromAListing(
      TestLake lake, JsonNode specification) throws Exception {
    JsonNode advanced = lake.current("silver.doc");
    Files.delete(lake.root().resolve("_catalog/silver/doc/current.json"));
    JsonNode result = lake.silver(specification);
    assertThat(result.path("instant")).isEqualTo(advanced.path("instant"));
    ObjectNode listed = lake.current("silver.doc").deepCopy();
    listed.set("publishedAt", advanced.path("publishedAt"));
    assertThat(listed).isEqualTo(advanced);
    Set<String> instants = new TreeSet<>();
    try (var files = Files.list(lake.root().resolve("_catalog/silver/doc"))) {
      files.forEach(file -> instants.add(file.getFileName().toString()));
    }
    assertThat(instants).contains(advanced.path("instant").asText() + ".json", "current.json");
    assertThat(instants).noneMatch(name -> name.endsWith(".new"));
  }
}
