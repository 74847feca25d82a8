package dev.lakegate.jobs.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadColumnsTest {
  private static final List<Column> COLUMNS =
      Stream.of("tenant_id", "order_date", "total", "status", "notes", "id")
          .map(name -> new Column(name, "varchar", true, ""))
          .toList();

  private static List<String> read(String sql) {
    ObjectNode golden = TestLake.golden("job-specification.gold.json").deepCopy();
    golden.put("sql", sql);
    return ReadColumns.of(Specification.of(golden)).among(COLUMNS).stream()
        .map(Column::name)
        .toList();
  }

  @Test
  void namesInTheSqlAndInTheExpressionsOfKeysShouldCount() {
    assertThat(
            read("SELECT o.`TOTAL` * 2, count(*), count( * ) FROM silver.order o WHERE id > 3 * 4"))
        .containsExactly("tenant_id", "order_date", "total", "id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM silver.order",
        "SELECT o.* FROM silver.order o",
        "SELECT total, * FROM silver.order",
        "SELECT DISTINCT * FROM silver.order",
        "SELECT to_json(struct(*)) FROM silver.order",
        "SELECT total FROM silver.order NATURAL JOIN silver.order p"
      })
  void columnsThatAreTakenWithoutTheirNamesShouldCount(String sql) {
    assertThat(read(sql)).hasSameSizeAs(COLUMNS);
  }
}
