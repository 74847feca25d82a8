package dev.lakegate.jobs.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryColumnsTest {
  private static final Map<String, String> TYPES =
      Map.of(
          "tenant_id", "varchar",
          "order_date", "timestamp(6) with time zone",
          "total", "bigint",
          "status", "varchar",
          "notes", "varchar",
          "id", "bigint");

  @TempDir Path directory;

  private static Snapshot table(String name) {
    ObjectNode node = Json.object().put("version", 1).put("table", name).put("instant", "1");
    new TreeSet<>(TYPES.keySet())
        .forEach(
            column ->
                node.withArray("columns")
                    .addObject()
                    .put("name", column)
                    .put("type", TYPES.get(column))
                    .put("nullable", true));
    return Snapshot.of(node);
  }

  private QueryColumns of(String sql) throws IOException {
    ObjectNode golden = TestLake.golden("job-specification.gold.json").deepCopy();
    golden.put("sql", sql);
    golden.putArray("inputs").add("silver.order").add("silver.line");
    ((ObjectNode) golden.at("/incremental/inputs"))
        .putObject("silver.line")
        .put(
            "keys",
            "SELECT o.tenant_id, to_date(o.order_date) AS dt FROM changed c JOIN silver.order o USING (id)")
        .putObject("columns");
    Map<String, Snapshot> inputs = new LinkedHashMap<>();
    inputs.put("silver.order", table("order"));
    inputs.put("silver.line", table("line"));
    return QueryColumns.of(
        TestLake.spark(), directory, Specification.of(golden), inputs, directory);
  }

  private List<String> read(String input, String sql) throws IOException {
    return of(sql).among(input, table("x").columns()).stream().map(Column::name).toList();
  }

  @Test
  void whatTheQueryAndTheExpressionsOfKeysReferToShouldCount() throws IOException {
    String sql =
        "SELECT o.`TOTAL` * 2, count(*), count( * ) FROM silver.order o"
            + " WHERE status > 'notes' /* id, notes, * */ GROUP BY total";
    // The keys: tenant and date of changed orders; the id by which a changed line finds its order.
    assertThat(read("silver.order", sql))
        .containsExactly("id", "order_date", "status", "tenant_id", "total");
    assertThat(read("silver.line", sql)).containsExactly("id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM silver.order",
        "SELECT o.* FROM silver.order o",
        "SELECT total, * FROM silver.order",
        "SELECT DISTINCT * FROM silver.order",
        "SELECT to_json(struct(*)) FROM silver.order",
        "SELECT o.total FROM silver.order o NATURAL JOIN silver.line p",
        "SELECT /*+ COALESCE(1) */ * FROM silver.order",
        "(TABLE silver.order)",
        "SELECT x FROM silver.order AS x(a, b, c, d, e, x) WHERE a = b AND c = d AND e > 0",
        "SELECT * FROM (SELECT tenant_id, id, notes, order_date, status, total FROM silver.order)"
            + " PIVOT (sum(total) FOR status IN ('a', 'b'))",
        "SELECT total FROM (TABLE silver.order UNION TABLE silver.line)",
        "WITH all AS (TABLE silver.order) SELECT total FROM all",
        "SELECT 1 FROM silver.line l WHERE (l.id, l.notes, l.order_date, l.status, l.tenant_id, l.total)"
            + " IN (TABLE silver.order)"
      })
  void columnsThatAreTakenWithoutTheirNamesShouldCount(String sql) throws IOException {
    assertThat(read("silver.order", sql)).hasSameSizeAs(TYPES.keySet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SELECT total AS x FROM silver.order WHERE status = 'a' | order.total identity | order.status filter",
        "SELECT total + id AS x FROM silver.order | order.id transformation, order.total transformation | ",
        "SELECT sum(total * 2) AS x FROM silver.order GROUP BY tenant_id | order.total aggregation | order.tenant_id group_by",
        "SELECT sum(CASE WHEN status = 'a' THEN total ELSE id END) AS x FROM silver.order | order.id aggregation, order.status conditional, order.total aggregation | ",
        "SELECT if(notes IS NULL, total, 0) AS x FROM silver.order | order.notes conditional, order.total transformation | ",
        "SELECT l.total AS x FROM silver.order o JOIN silver.line l ON o.id = l.id ORDER BY x | line.total identity | line.id join, line.total sort, order.id join",
        "SELECT lag(total) OVER (PARTITION BY tenant_id ORDER BY order_date) AS x FROM silver.order | order.order_date window, order.tenant_id window, order.total aggregation | ",
        "WITH s AS (SELECT id, sum(total) AS t FROM silver.line GROUP BY id) SELECT t AS x FROM silver.order o LEFT JOIN s ON o.id = s.id | line.total aggregation | line.id join, line.id group_by, order.id join",
        "SELECT total AS x FROM silver.order UNION ALL SELECT id FROM silver.line | line.id identity, order.total identity | ",
        "SELECT (SELECT max(l.total) FROM silver.line l WHERE l.id = o.id) AS x FROM silver.order o | line.total aggregation | line.id filter, order.id filter",
        "SELECT id AS x FROM silver.order o WHERE EXISTS (SELECT 1 FROM silver.line l WHERE l.notes = o.notes) | order.id identity | line.notes filter, order.notes filter",
        "SELECT w AS x FROM silver.order LATERAL VIEW explode(split(notes, ',')) AS w | order.notes transformation | ",
        "SELECT count(*) AS x FROM silver.order | | "
      })
  void columnsShouldBeFollowedToTheInputs(String sql, String column, String rows)
      throws IOException {
    JsonNode lineage = of(sql).lineage();
    assertThat(lineage.at("/columns/0/column").asText()).isEqualTo("x");
    assertThat(text(lineage.at("/columns/0/inputs"))).isEqualTo(column == null ? "" : column);
    assertThat(text(lineage.path("rows"))).isEqualTo(rows == null ? "" : rows);
  }

  private static String text(JsonNode inputs) {
    StringBuilder text = new StringBuilder();
    for (JsonNode input : inputs) {
      text.append(text.length() == 0 ? "" : ", ")
          .append(input.path("dataset").asText().replace("silver.", ""))
          .append('.')
          .append(input.path("column").asText())
          .append(' ')
          .append(input.path("kind").asText());
    }
    return text.toString();
  }
}
