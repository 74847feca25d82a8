package dev.lakegate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a commit of a few rows costs on a table of 100,000, and that the cost stays flat. */
@Tag("long")
class CommitCostTest {
  private static final int COMMITS = Integer.getInteger("lakegate.jobs.commits", 40);
  private static final int ROWS = Integer.getInteger("lakegate.jobs.rows", 100_000);

  /** Rows of a commit; from 20 on they touch a file of each tenant. */
  private static final int CHANGES = Integer.getInteger("lakegate.jobs.changes", 5);

  /** A metric run follows each so many commits of its table. */
  private static final int GOLD_EVERY = Integer.getInteger("lakegate.jobs.gold-every", 1);

  private static final JsonNode EVENT = TestLake.golden("job-specification.silver.json");
  private static final JsonNode FUNNEL =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.funnel", "name": "funnel", "scope": "tenant",
           "description": "Events by day.", "path": "gold/funnel", "inputs": ["silver.event"], "grain": ["tenant_id", "dt"],
           "sql": "SELECT tenant_id, to_date(created_at) AS dt, count(*) AS events FROM silver.event GROUP BY 1, 2",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "dt", "type": "date", "nullable": false, "description": "Day."},
             {"name": "events", "type": "bigint", "nullable": false, "description": "Events."}
           ]}
          """);

  @TempDir Path directory;

  @Test
  void staysFlat() {
    TestLake lake = new TestLake(directory);
    long start = cpu();
    long clock = System.nanoTime();
    lake.nextManifest().bronze("core_event", events(0, ROWS, 1, 180));
    JsonNode load = succeeded(lake.silver(EVENT));
    System.err.printf(
        "load of %d rows: %.1f s wall, %.1f s CPU, %d files%n",
        ROWS,
        seconds(System.nanoTime() - clock),
        seconds(cpu() - start),
        load.path("filesWritten").asInt());
    List<Long> silver = new ArrayList<>();
    List<Long> gold = new ArrayList<>();
    List<Long> wall = new ArrayList<>();
    List<Long> goldWall = new ArrayList<>();
    ObjectNode request = lake.goldRequest(FUNNEL, null);
    request.remove("asOf");
    for (int i = 0; i < COMMITS; i++) {
      lake.nextManifest().bronze("core_event", events(ROWS + (long) i * CHANGES, CHANGES, 2, 1));
      start = cpu();
      clock = System.nanoTime();
      succeeded(lake.silver(EVENT));
      silver.add(cpu() - start);
      wall.add(System.nanoTime() - clock);
      if (i % GOLD_EVERY == 0) {
        start = cpu();
        clock = System.nanoTime();
        succeeded(lake.run(request));
        gold.add(cpu() - start);
        goldWall.add(System.nanoTime() - clock);
      }
      if (i % 10 == 9) {
        System.err.printf(
            "commits %d..: silver %.2f s wall %.2f s CPU, gold %.2f s wall %.2f s CPU%n",
            i - 9, newest(wall), newest(silver), newest(goldWall), newest(gold));
      }
    }
    assertThat(newest(silver)).isLessThan(1.5 * median(silver, 10));
    assertThat(newest(gold)).isLessThan(1.5 * median(gold, 10));
    assertThat(TestLake.query("SELECT count(*) FROM " + lake.table("silver.event")))
        .containsExactly(String.valueOf(ROWS + (long) COMMITS * CHANGES));
  }

  /** What it gains to run two tables beside each other; rounds of both kinds take turns. */
  @Test
  void twoRunsBesideEachOther() throws Exception {
    TestLake[] lakes = {
      new TestLake(directory.resolve("one")), new TestLake(directory.resolve("two"))
    };
    for (TestLake lake : lakes) {
      lake.nextManifest().bronze("core_event", events(0, ROWS, 1, 180));
      succeeded(lake.silver(EVENT));
    }
    List<Long> after = new ArrayList<>();
    List<Long> beside = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < COMMITS; i++) {
        List<JsonNode> requests = new ArrayList<>();
        for (TestLake lake : lakes) {
          lake.nextManifest()
              .bronze("core_event", events(ROWS + (long) i * CHANGES, CHANGES, 2, 1));
          requests.add(lake.silverRequest(EVENT));
          lake.forgetPending();
        }
        long clock = System.nanoTime();
        if (i % 2 == 0) {
          for (int j = 0; j < lakes.length; j++) {
            succeeded(lakes[j].run(requests.get(j)));
          }
          after.add(System.nanoTime() - clock);
        } else {
          List<Future<JsonNode>> results = new ArrayList<>();
          for (int j = 0; j < lakes.length; j++) {
            TestLake lake = lakes[j];
            JsonNode request = requests.get(j);
            results.add(threads.submit(() -> lake.run(request)));
          }
          for (Future<JsonNode> result : results) {
            succeeded(result.get());
          }
          beside.add(System.nanoTime() - clock);
        }
      }
    } finally {
      threads.shutdown();
    }
    System.err.printf(
        "two commits: %.2f s after each other, %.2f s beside each other%n",
        middle(after), middle(beside));
    assertThat(middle(beside)).isLessThan(1.1 * middle(after));
  }

  private static double middle(List<Long> nanos) {
    List<Long> sorted = nanos.stream().sorted().collect(Collectors.toList());
    return seconds(sorted.get(sorted.size() / 2));
  }

  /**
   * Events of 20 tenants; the last column spreads them over that many days back from a day in June.
   */
  private static String events(long from, long count, int position, int days) {
    return """
    SELECT 'event-' || i AS id, 'session-' || (i %% 977) AS session_id, 'page_view' AS event_type,
      '{"page": "/products/' || (i %% 311) || '"}' AS event_data, '203.0.113.' || (i %% 250) AS ip_address,
      'agent' AS user_agent, TIMESTAMPTZ '2026-06-30 12:00:00+00' - to_days((i %% %d)::INTEGER) AS created_at,
      (i %% 5000)::BIGINT AS customer_id, 'tenant-' || (i %% 20) AS tenant_id,
      'I' AS _op, '00011%040d' || lpad(i::VARCHAR, 8, '0') AS _change_seq,
      TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts, NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key,
      DATE '2026-03-02' AS load_date FROM range(%d, %d) t(i)
    """
        .formatted(days, position, from, from + count);
  }

  /** Median of the newest ten. */
  private static double newest(List<Long> nanos) {
    return median(nanos, Math.max(0, nanos.size() - 10));
  }

  private static double median(List<Long> nanos, int from) {
    List<Long> part =
        nanos.subList(from, Math.min(nanos.size(), from + 10)).stream()
            .sorted()
            .collect(Collectors.toList());
    return seconds(part.get(part.size() / 2));
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static JsonNode succeeded(JsonNode result) {
    assertThat(result.path("status").asText()).as(result.toString()).isEqualTo("succeeded");
    return result;
  }
}
