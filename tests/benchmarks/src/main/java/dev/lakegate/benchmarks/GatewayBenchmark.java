package dev.lakegate.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the gateway adds to a query, over loopback, warm and with its audit, against the same SQL on
 * a DuckDB of this process; and how fast it hands out many rows. Right when each row has the values
 * that DuckDB gives, and each query is in the audit.
 */
final class GatewayBenchmark implements Benchmarks.Benchmark {
  private static final String TRINO = "pages of the Trino protocol";
  private static final long ORDERS = 1_000_000;
  private static final long EVENTS = 2_400;
  private static final int ROUNDS = 3;
  private static final int SMALL = 2_000;

  /** A request passes through thousands of methods, which are compiled for good one by one. */
  private static final int WARM = 20_000;

  private static final String COLUMNS =
      "id, tenant_id, status, order_number, total, customer_id, created_at, load_date";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

  private record Query(String name, String ours, String duckdb, int warm) {}

  private long asked;

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    int rounds = options.rounds().orElse(ROUNDS);
    try (BenchTables tables = BenchTables.make(options.rows().orElse(ORDERS), EVENTS);
        BenchGateway gateway =
            BenchGateway.start(tables.root(), Map.of("lakegate.gateway.cache.bytes", "0"));
        Connection duckdb = BenchTables.duckdb();
        HttpLine line = gateway.connect()) {
      String token = gateway.issuer().engineer();
      String one = tables.files("order", 3, 3, 3);
      List<Query> small =
          List.of(
              new Query("SELECT 1", "SELECT 1", "SELECT 1", WARM),
              new Query(
                  "small aggregate",
                  "SELECT status, count(*), sum(total) FROM silver.\"order\" WHERE tenant_id ="
                      + " 'tenant-3' AND load_date = DATE '2026-03-01' GROUP BY status",
                  "SELECT status, count(*), sum(total) FROM "
                      + one
                      + " WHERE tenant_id = 'tenant-3' AND load_date = DATE '2026-03-01' GROUP BY"
                      + " status",
                  WARM / 5));
      System.out.printf(
          "%d processors; gateway with -Xmx256m in a process of its own, one connection, audit on,"
              + " no cache of results; %d rounds of %d queries each after %d and %d to warm up%n",
          Runtime.getRuntime().availableProcessors(), rounds, SMALL, WARM, WARM / 5);
      for (Query q : small) {
        overhead(q, gateway, line, token, duckdb, rounds);
      }
      for (int rows : new int[] {100_000, 1_000_000}) {
        rows(rows, tables, gateway, line, token, duckdb, rounds);
      }
      System.out.printf(
          "gateway: peak resident set %d MB (heap 256 MB at most); mean microseconds by phase: %s%n",
          gateway.peakMegabytes(), gateway.phases());
      awaitAudit(gateway);
    }
  }

  private void awaitAudit(BenchGateway gateway) throws InterruptedException {
    long end = System.nanoTime() + 30_000_000_000L;
    while (gateway.auditEvents() < asked) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            gateway.auditEvents() + " of " + asked + " queries are in the audit");
      }
      Thread.sleep(100);
    }
    System.out.printf("audit: all %,d queries%n", asked);
  }

  private void overhead(
      Query q, BenchGateway gateway, HttpLine line, String token, Connection duckdb, int rounds)
      throws Exception {
    for (int i = 0; i < q.warm(); i++) {
      duckdb(duckdb, q.duckdb());
      ask(line, token, q.ours());
    }
    List<Double> ratios = new ArrayList<>();
    List<Double> p50 = new ArrayList<>();
    List<Double> p99 = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      double[] base = new double[SMALL];
      for (int i = 0; i < SMALL; i++) {
        long began = System.nanoTime();
        duckdb(duckdb, q.duckdb());
        base[i] = (System.nanoTime() - began) / 1e6;
      }
      long processor = gateway.processorMillis();
      double[] ours = new double[SMALL];
      for (int i = 0; i < SMALL; i++) {
        long began = System.nanoTime();
        ask(line, token, q.ours());
        ours[i] = (System.nanoTime() - began) / 1e6;
      }
      double half = Figures.percentile(ours, 0.5) - Figures.percentile(base, 0.5);
      double most = Figures.percentile(ours, 0.99) - Figures.percentile(base, 0.99);
      p50.add(half);
      p99.add(most);
      ratios.add(Figures.percentile(ours, 0.5) / Figures.percentile(base, 0.5));
      System.out.printf(
          "%s, round %d: DuckDB p50 %.3f p99 %.3f ms; gateway p50 %.3f p99 %.3f ms, of processors"
              + " %.3f ms%n",
          q.name(),
          round,
          Figures.percentile(base, 0.5),
          Figures.percentile(base, 0.99),
          Figures.percentile(ours, 0.5),
          Figures.percentile(ours, 0.99),
          (gateway.processorMillis() - processor) / (double) SMALL);
    }
    System.out.printf(
        "%s: overhead p50 %s ms, p99 %s ms; ratio of medians %s%n",
        q.name(), Figures.spread(p50), Figures.spread(p99), Figures.spread(ratios));
  }

  private byte[] ask(HttpLine line, String token, String sql) throws Exception {
    asked++;
    return line.post(token, "application/json", sql);
  }

  private static long duckdb(Connection c, String sql) throws SQLException {
    long rows = 0;
    try (PreparedStatement p = c.prepareStatement(sql);
        ResultSet r = p.executeQuery()) {
      int columns = r.getMetaData().getColumnCount();
      while (r.next()) {
        for (int i = 1; i <= columns; i++) {
          r.getObject(i);
        }
        rows++;
      }
    }
    return rows;
  }

  private void rows(
      int rows,
      BenchTables tables,
      BenchGateway gateway,
      HttpLine line,
      String token,
      Connection duckdb,
      int rounds)
      throws Exception {
    String ours = "SELECT " + COLUMNS + " FROM silver.\"order\" LIMIT " + rows;
    String theirs = "SELECT " + COLUMNS + " FROM " + tables.allFiles("order") + " LIMIT " + rows;
    compare(rows, tables, line, token, duckdb);
    for (String format : List.of("application/x-ndjson", "text/csv", TRINO)) {
      long expected = duckdb(duckdb, theirs);
      long[] lines = new long[1];
      read(line, token, format, ours, lines);
      List<Double> rates = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        long began = System.nanoTime();
        duckdb(duckdb, theirs);
        double base = (System.nanoTime() - began) / 1e9;
        lines[0] = 0;
        began = System.nanoTime();
        read(line, token, format, ours, lines);
        double own = (System.nanoTime() - began) / 1e9;
        long got = format.equals("text/csv") ? lines[0] - 1 : lines[0];
        if (got != expected) {
          throw new IllegalStateException(got + " of " + expected + " rows as " + format);
        }
        rates.add(expected / own / 1000);
        ratios.add(base / own);
      }
      System.out.printf(
          "%,d rows as %s: %s thousand rows/s; share of DuckDB's rate %s%n",
          expected, format, Figures.spread(rates), Figures.spread(ratios));
    }
  }

  private void read(HttpLine line, String token, String format, String sql, long[] lines)
      throws Exception {
    asked++;
    if (format.equals(TRINO)) {
      pages(line, token, sql, lines);
      return;
    }
    int status =
        line.post(
            token,
            format,
            sql,
            (b, n) -> {
              for (int i = 0; i < n; i++) {
                if (b[i] == '\n') {
                  lines[0]++;
                }
              }
            });
    if (status != 200) {
      throw new IllegalStateException("status " + status);
    }
  }

  /** Page by page, as Trino's clients fetch; rows are counted by what stands between them. */
  private static void pages(HttpLine line, String token, String sql, long[] rows)
      throws IOException {
    String path = "/v1/statement";
    String statement = sql;
    while (path != null) {
      ByteArrayOutputStream page = new ByteArrayOutputStream(2 << 20);
      int status = line.trino(token, path, statement, (b, n) -> page.write(b, 0, n));
      if (status != 200) {
        throw new IllegalStateException("status " + status);
      }
      byte[] b = page.toByteArray();
      String head = new String(b, 0, Math.min(b.length, 6000), StandardCharsets.UTF_8);
      int next = head.indexOf("\"nextUri\":\"");
      path = null;
      if (next >= 0) {
        String uri = head.substring(next + 11, head.indexOf('"', next + 11));
        path = uri.substring(uri.indexOf('/', uri.indexOf("//") + 2));
      }
      int data = head.indexOf("\"data\":[[");
      if (data >= 0) {
        rows[0]++;
        for (int i = data + 9; b[i] != ']' || b[i + 1] != ']'; i++) {
          if (b[i] == ']' && b[i + 1] == ',' && b[i + 2] == '[') {
            rows[0]++;
          }
        }
      }
      statement = null;
    }
  }

  /** Row by row and value by value, in a defined order. */
  private void compare(int rows, BenchTables tables, HttpLine line, String token, Connection duckdb)
      throws Exception {
    asked++;
    String sql = "SELECT " + COLUMNS + " FROM silver.\"order\" ORDER BY id LIMIT " + rows;
    StringBuilder rest = new StringBuilder();
    try (PreparedStatement p =
            duckdb.prepareStatement(
                "SELECT "
                    + COLUMNS
                    + " FROM "
                    + tables.allFiles("order")
                    + " ORDER BY id LIMIT "
                    + rows);
        ResultSet r = p.executeQuery()) {
      long[] same = new long[1];
      int status =
          line.post(
              token,
              "application/x-ndjson",
              sql,
              (b, n) -> {
                rest.append(new String(b, 0, n, StandardCharsets.ISO_8859_1));
                int at = 0;
                for (int end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", at)) {
                  equal(Json.MAPPER.readTree(rest.substring(at, end)), r);
                  same[0]++;
                  at = end + 1;
                }
                rest.delete(0, at);
              });
      if (status != 200 || r.next()) {
        throw new IllegalStateException("not all rows came: " + same[0] + ", status " + status);
      }
      System.out.printf("%,d rows: equal, value by value%n", same[0]);
    }
  }

  private static void equal(JsonNode row, ResultSet r) {
    try {
      if (!r.next()) {
        throw new IllegalStateException("more rows than DuckDB has");
      }
      boolean same =
          row.path("id").asLong() == r.getLong(1)
              && row.path("tenant_id").asText().equals(r.getString(2))
              && row.path("status").asText().equals(r.getString(3))
              && row.path("order_number").asText().equals(r.getString(4))
              && row.path("total").asText().equals(r.getBigDecimal(5).toPlainString())
              && row.path("customer_id").asLong() == r.getLong(6)
              && row.path("created_at").asText().equals(time(r.getObject(7)))
              && row.path("load_date").asText().equals(r.getObject(8).toString());
      if (!same) {
        throw new IllegalStateException("row " + row + " is another one in DuckDB");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String time(Object value) {
    LocalDateTime utc =
        ((OffsetDateTime) value).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
    return TIME.format(utc);
  }
}
