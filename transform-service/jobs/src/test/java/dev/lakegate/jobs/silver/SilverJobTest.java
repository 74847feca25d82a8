package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.TestLake;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SilverJobTest {
  private static final JsonNode EVENT = TestLake.golden("job-specification.silver.json");

  @TempDir Path directory;
  private TestLake lake;

  @BeforeEach
  void makeLake() {
    lake = new TestLake(directory);
  }

  @Test
  void carriesInsertUpdateAndDelete() {
    lake.nextManifest()
        .bronze(
            "core_event",
            event("a", "I", 1, "tenant-1", "2026-03-01 00:00:00+00", "203.0.113.77", "one")
                + " UNION ALL "
                + event("b", "I", 2, "tenant-2", "2026-02-11 00:00:00+00", null, "two"));
    JsonNode first = lake.silver(EVENT);
    assertThat(first.path("status").asText()).as(first.toString()).isEqualTo("succeeded");
    assertThat(rows())
        .containsExactly("a|tenant-1|2026-03-01|203.0.113.0|one", "b|tenant-2|2026-02-01|null|two");
    for (int i = 0; i < 5; i++) {
      lake.nextManifest()
          .bronze(
              "core_event",
              event(
                  "a",
                  "U",
                  3 + i,
                  i % 2 == 0 ? "te nant/ü%=" : "tenant-3",
                  "2026-03-01 00:00:00+00",
                  "2001:db8:1:2::3/128",
                  "three" + i));
      JsonNode second = lake.silver(EVENT);
      assertThat(second.path("status").asText()).as(second.toString()).isEqualTo("succeeded");
    }
    assertThat(rows())
        .containsExactly(
            "a|te nant/ü%=|2026-03-01|2001:db8:1::|three4", "b|tenant-2|2026-02-01|null|two");
  }

  private java.util.List<String> rows() {
    return TestLake.query(
        "SELECT id, tenant_id, load_date, ip_address, event_data FROM "
            + lake.table("silver.event")
            + " ORDER BY id");
  }

  private static String event(
      String id, String op, int sequence, String tenant, String createdAt, String ip, String data) {
    return """
    SELECT '%s' AS id, 's' AS session_id, 'page_view' AS event_type, '%s' AS event_data, %s::VARCHAR AS ip_address,
      'agent' AS user_agent, TIMESTAMPTZ '%s' AS created_at, 1::BIGINT AS customer_id, '%s' AS tenant_id,
      '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged,
      NULL::VARCHAR AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(
            id,
            data,
            ip == null ? "NULL" : "'" + ip + "'",
            createdAt,
            tenant,
            op,
            "00011%040d00000000".formatted(sequence));
  }
}
