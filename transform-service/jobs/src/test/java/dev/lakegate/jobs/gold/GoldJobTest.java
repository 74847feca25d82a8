package dev.lakegate.jobs.gold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldJobTest {
  private static final JsonNode REVENUE = TestLake.golden("job-specification.gold.json");
  private static final JsonNode ORDER =
      Json.parse(
          """
          {"version": 1, "kind": "silver", "dataset": "silver.order", "name": "order", "scope": "tenant",
           "description": "Orders.", "path": "silver/order", "bronzeTable": "core_order", "key": ["id"],
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "customer_id", "type": "bigint", "nullable": false, "description": "Customer."},
             {"name": "status", "type": "varchar", "nullable": false, "description": "Status."},
             {"name": "order_date", "type": "timestamp(6) with time zone", "nullable": false, "description": "When."},
             {"name": "total", "type": "decimal(12,2)", "nullable": false, "description": "Total."}
           ], "derivations": [], "expectations": []}
          """);

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
  }

  @Test
  void followsItsInput() {
    lake.nextManifest()
        .bronze(
            "core_order",
            order(1, "I", 1, "tenant-1", 7, "completed", "2026-03-01 23:59:59+00", "10.00")
                + " UNION ALL "
                + order(2, "I", 2, "tenant-1", 7, "completed", "2026-03-01 01:00:00+00", "5.01")
                + " UNION ALL "
                + order(3, "I", 3, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "0.10")
                + " UNION ALL "
                + order(4, "I", 4, "tenant-2", 8, "pending", "2026-03-02 01:00:00+00", "0.10"));
    succeeded(lake.silver(ORDER));
    succeeded(lake.run(lake.goldRequest(REVENUE, "2026-03-02")));
    assertThat(rows())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-2|2026-03-02|1|1|0.10|0.10");
    lake.nextManifest()
        .bronze(
            "core_order",
            order(3, "D", 5, "tenant-2", 8, "completed", "2026-03-02 01:00:00+00", "0.10")
                + " UNION ALL "
                + order(5, "I", 6, "tenant-3", 9, "completed", "2026-03-05 01:00:00+00", "3.00"));
    succeeded(lake.silver(ORDER));
    JsonNode result = succeeded(lake.run(lake.goldRequest(REVENUE, "2026-03-02")));
    assertThat(rows())
        .containsExactly("tenant-1|2026-03-01|2|1|15.01|7.51", "tenant-3|2026-03-05|1|1|3.00|3.00");
    assertThat(result.path("rowsUpserted").asLong()).isEqualTo(1);
    assertThat(result.path("rowsDeleted").asLong()).isEqualTo(1);
    result = succeeded(lake.run(lake.goldRequest(REVENUE, "2026-03-02")));
    assertThat(result.path("rowsUpserted").asLong()).isZero();
    assertThat(result.path("filesWritten").asLong()).isZero();
  }

  private java.util.List<String> rows() {
    return TestLake.query(
        "SELECT tenant_id, dt, order_count, unique_customers, total_revenue, avg_order_value FROM "
            + lake.table("gold.revenue_metrics")
            + " ORDER BY ALL");
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }

  private static String order(
      int id,
      String op,
      int sequence,
      String tenant,
      int customer,
      String status,
      String date,
      String total) {
    return """
    SELECT %d::BIGINT AS id, '%s' AS tenant_id, %d::BIGINT AS customer_id, '%s' AS status,
      TIMESTAMPTZ '%s' AS order_date, %s::DECIMAL(12,2) AS total,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(
            id,
            tenant,
            customer,
            status,
            date,
            total,
            op,
            "00011%040d00000000".formatted(sequence));
  }
}
