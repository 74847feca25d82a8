package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.duckdb.DuckDBConnection;

/**
 * The three classes of queries that users ask: one month of one tenant, a join over half a year of
 * all tenants, a whole table. With one client and with twelve, against plain DuckDB that is given
 * the right files by hand. Right when both give the same rows.
 */
final class ClassesBenchmark implements Benchmarks.Benchmark {
  private static final long ROWS = 1_000_000;
  private static final int ROUNDS = 5;
  private static final int CLIENTS = 12;
  private static final int WARM = 6;

  /**
   * A class of queries.
   *
   * @param ours Trino SQL
   * @param duckdb the same over files that somebody chose
   * @param times it is asked in one round by each client
   */
  private record QueryClass(String name, String ours, String duckdb, int times) {}

  private static List<QueryClass> classes(BenchTables tables, long rows) throws Exception {
    boolean large = rows > 3_000_000;
    return List.of(
        new QueryClass(
            "one month of one tenant",
            """
            SELECT status, count(*) AS orders, sum(total) AS revenue FROM silver."order"
            WHERE tenant_id = 'tenant-3' AND created_at >= TIMESTAMP '2026-03-01 00:00:00 UTC'
            AND created_at < TIMESTAMP '2026-04-01 00:00:00 UTC' GROUP BY status
            """,
            "SELECT status, count(*) AS orders, sum(total) AS revenue FROM "
                + tables.files("order", 3, 3, 3)
                + " WHERE tenant_id = 'tenant-3' AND created_at >= TIMESTAMPTZ '2026-03-01"
                + " 00:00:00+00' AND created_at < TIMESTAMPTZ '2026-04-01 00:00:00+00' GROUP BY"
                + " status",
            large ? 40 : 100),
        new QueryClass(
            "join over six months of all tenants",
            """
            SELECT o.tenant_id, count(*) AS orders, sum(o.total) AS revenue, sum(e.events) AS events
            FROM silver."order" o
            JOIN (SELECT tenant_id, customer_id, count(*) AS events FROM silver.event
                  WHERE created_at >= TIMESTAMP '2026-07-01 00:00:00 UTC'
                  GROUP BY tenant_id, customer_id) e
              ON e.tenant_id = o.tenant_id AND e.customer_id = o.customer_id
            WHERE o.created_at >= TIMESTAMP '2026-07-01 00:00:00 UTC' AND o.status = 'completed'
            GROUP BY o.tenant_id
            """,
            "SELECT o.tenant_id, count(*) AS orders, sum(o.total) AS revenue, sum(e.events) AS"
                + " events FROM "
                + tables.files("order", 0, 7, 12)
                + " o JOIN (SELECT tenant_id, customer_id, count(*) AS events FROM "
                + tables.files("event", 0, 7, 12)
                + " WHERE created_at >= TIMESTAMPTZ '2026-07-01 00:00:00+00' GROUP BY tenant_id,"
                + " customer_id) e ON e.tenant_id = o.tenant_id AND e.customer_id = o.customer_id"
                + " WHERE o.created_at >= TIMESTAMPTZ '2026-07-01 00:00:00+00' AND o.status ="
                + " 'completed' GROUP BY o.tenant_id",
            large ? 2 : 4),
        new QueryClass(
            "whole table",
            """
            SELECT event_type, count(*) AS events, count(DISTINCT customer_id) AS customers,
                   max(length(event_data)) AS longest
            FROM silver.event GROUP BY event_type
            """,
            "SELECT event_type, count(*) AS events, count(DISTINCT customer_id) AS customers,"
                + " max(length(event_data)) AS longest FROM "
                + tables.allFiles("event")
                + " GROUP BY event_type",
            large ? 2 : 4));
  }

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    long rows = options.rows().orElse(ROWS);
    int most = options.clients().orElse(CLIENTS);
    progress("making " + rows + " rows");
    try (BenchTables tables = BenchTables.make(rows / 4, rows - rows / 4);
        BenchGateway gateway =
            BenchGateway.start(
                tables.root(),
                Map.of(
                    "lakegate.gateway.cache.bytes", "0",
                    "lakegate.gateway.limits.concurrent-per-principal", "20"));
        Connection duckdb = BenchTables.duckdb()) {
      System.out.printf(
          "%,d rows, %d tenants, 12 months, 240 files a table; gateway with -Xmx256m, no cache of"
              + " results; %d processors, %d rounds%n",
          rows, BenchTables.TENANTS, Runtime.getRuntime().availableProcessors(), rounds);
      for (QueryClass c : classes(tables, rows)) {
        same(c, gateway, duckdb);
        for (int clients : most == 1 ? new int[] {1} : new int[] {1, most}) {
          measure(c, clients, gateway, duckdb, rounds);
        }
      }
      System.out.printf(
          "gateway: peak resident set %d MB; mean microseconds by phase: %s%n",
          gateway.peakMegabytes(), gateway.phases());
    }
  }

  /** For who waits; not among the figures. */
  private static void progress(String what) {
    System.err.println("  .. " + what);
  }

  private static void measure(
      QueryClass c, int clients, BenchGateway gateway, Connection duckdb, int rounds)
      throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    int measured = clients == 1 ? c.times() : Math.max(1, c.times() / 4);
    for (int round = 0; round <= rounds; round++) {
      // The first round is to warm up, and longer: a fresh gateway has nothing compiled yet.
      int times = round == 0 ? measured * WARM : measured;
      progress(
          "%s, %d at once, %s, %d queries each"
              .formatted(
                  c.name(),
                  clients,
                  round == 0 ? "warming up" : "round " + round + " of " + rounds,
                  times));
      double base =
          seconds(
              clients,
              n -> {
                try (Connection own = ((DuckDBConnection) duckdb).duplicate()) {
                  for (int i = 0; i < times; i++) {
                    rows(own, c.duckdb());
                  }
                }
              });
      double own =
          seconds(
              clients,
              n -> {
                String token = gateway.issuer().user("engineer-" + n, "DataEngineer");
                try (HttpLine line = gateway.connect()) {
                  for (int i = 0; i < times; i++) {
                    line.finished(token, c.ours().replaceAll("\\s+", " "));
                  }
                }
              });
      if (round > 0) {
        theirs.add(base / times * 1000);
        ours.add(own / times * 1000);
        ratios.add(own / base);
      }
    }
    System.out.printf(
        "%s, %d client%s: DuckDB %s ms, gateway %s ms a query; ratio %s%n",
        c.name(),
        clients,
        clients == 1 ? "" : "s",
        Figures.spread(theirs),
        Figures.spread(ours),
        Figures.spread(ratios));
  }

  private interface Client {
    void run(int number) throws Exception;
  }

  private static double seconds(int clients, Client client) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<?>> ends = new ArrayList<>();
      long began = System.nanoTime();
      for (int i = 0; i < clients; i++) {
        int number = i;
        ends.add(
            threads.submit(
                () -> {
                  client.run(number);
                  return null;
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
      return (System.nanoTime() - began) / 1e9;
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<String> rows(Connection c, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (PreparedStatement p = c.prepareStatement(sql);
        ResultSet r = p.executeQuery()) {
      int columns = r.getMetaData().getColumnCount();
      while (r.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          Object v = r.getObject(i);
          row.append(v instanceof BigDecimal d ? d.toPlainString() : String.valueOf(v)).append('|');
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  private static void same(QueryClass c, BenchGateway gateway, Connection duckdb) throws Exception {
    List<String> expected = rows(duckdb, c.duckdb());
    List<String> got = new ArrayList<>();
    try (HttpLine line = gateway.connect()) {
      byte[] answer = line.finished(gateway.issuer().engineer(), c.ours().replaceAll("\\s+", " "));
      JsonNode body = Json.MAPPER.readTree(answer);
      for (JsonNode row : body.path("rows")) {
        StringBuilder text = new StringBuilder();
        row.forEach(v -> text.append(v.asText()).append('|'));
        got.add(text.toString());
      }
      Collections.sort(expected);
      Collections.sort(got);
      if (!expected.equals(got) || got.isEmpty()) {
        throw new IllegalStateException(c.name() + ": " + got + " instead of " + expected);
      }
      System.out.printf(
          "%s: %d rows, equal to DuckDB's; %d files read%n",
          c.name(), got.size(), body.path("stats").path("filesRead").asInt());
    }
  }
}
