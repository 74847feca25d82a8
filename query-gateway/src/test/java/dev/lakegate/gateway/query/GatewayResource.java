package dev.lakegate.gateway.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.gateway.TestLake;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A lake on disk and a governance-service that speaks the real endpoints. */
public final class GatewayResource implements QuarkusTestResourceLifecycleManager {
  final List<JsonNode> auditEvents = new CopyOnWriteArrayList<>();
  volatile Policy policy;
  volatile boolean up = true;
  TestLake lake;
  private Path directory;
  private HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("gateway-test");
      lake = new TestLake(directory.resolve("lake"));
      fill(lake);
      policy = PolicyCompiler.compile(LakehouseLoader.load(Path.of("../lakehouse")), 1);
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/api/v1/policy", this::policy);
      server.createContext("/api/v1/audit-events", this::audit);
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of(
        "lakegate.lakehouse.directory",
        lakehouse().toString(),
        "lakegate.storage.root",
        lake.root().toString(),
        "lakegate.work.directory",
        directory.resolve("work").toString(),
        "lakegate.services.governance-url",
        "http://127.0.0.1:" + server.getAddress().getPort(),
        "lakegate.gateway.policy.poll-interval",
        "0.1S",
        "lakegate.gateway.audit.drain-interval",
        "0.1S",
        "lakegate.gateway.limits.run-time",
        "20S",
        "lakegate.gateway.engine.memory-megabytes",
        "256");
  }

  /** The shipped lakehouse, a saved query that asks for values and one that reads Silver. */
  private Path lakehouse() {
    Path from = Path.of("../lakehouse");
    Path to = directory.resolve("lakehouse");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path f : (Iterable<Path>) files::iterator) {
        Files.copy(f, to.resolve(from.relativize(f).toString()));
      }
      Files.writeString(
          to.resolve("queries").resolve("revenue_since.sql"),
          """
          ---
          version: 1
          name: revenue_since
          title: Revenue since a day
          description: Revenue of the days from one on, above an amount.
          workgroup: analytics-team
          inputs: [gold.revenue_metrics]
          ---
          SELECT tenant_id, dt, total_revenue FROM gold.revenue_metrics
          WHERE dt >= ? AND total_revenue > ? ORDER BY dt
          """);
      Files.writeString(
          to.resolve("queries").resolve("stock.sql"),
          """
          ---
          version: 1
          name: stock
          title: Stock
          description: Pieces in stock per product.
          workgroup: data-engineering
          inputs: [silver.product]
          ---
          SELECT tenant_id, sku, inventory_quantity FROM silver.product ORDER BY tenant_id, sku
          """);
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void fill(TestLake lake) {
    Map<String, String> revenue = new LinkedHashMap<>();
    Map<String, String> customers = new LinkedHashMap<>();
    for (String t : List.of("tenant-1", "tenant-2", "tenant-3")) {
      int n = t.charAt(7) - '0';
      revenue.put(
          t,
          "SELECT '"
              + t
              + "' AS tenant_id, DATE '2026-01-01' + CAST(i AS INTEGER) AS dt, CAST(i + 1 AS BIGINT) AS"
              + " order_count, CAST(1 AS BIGINT) AS unique_customers, CAST("
              + n
              + "00.50 + i AS DECIMAL(18,2)) AS total_revenue, CAST(10 AS DECIMAL(18,2)) AS"
              + " avg_order_value FROM range("
              + n * 10
              + ") r(i)");
      customers.put(
          t,
          "SELECT '"
              + t
              + "' AS tenant_id, i + 1 AS customer_id, 'secret' || i || '@"
              + t
              + ".example' AS email, NULL::VARCHAR AS phone, 'F' AS first_name, 'L' AS last_name,"
              + " 'active' AS status, TIMESTAMPTZ '2026-01-01 00:00:00.123456+00' AS created_at,"
              + " TIMESTAMPTZ '2026-01-02 00:00:00+00' AS updated_at FROM range(5) r(i)");
    }
    lake.publish(
        "gold",
        "revenue_metrics",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("dt", "date"),
            TestLake.column("order_count", "bigint"),
            TestLake.column("unique_customers", "bigint"),
            TestLake.column("total_revenue", "decimal(18,2)"),
            TestLake.column("avg_order_value", "decimal(18,2)")),
        revenue);
    lake.publish(
        "gold",
        "dim_customer",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("customer_id", "bigint"),
            TestLake.column("email", "varchar"),
            TestLake.column("phone", "varchar"),
            TestLake.column("first_name", "varchar"),
            TestLake.column("last_name", "varchar"),
            TestLake.column("status", "varchar"),
            TestLake.column("created_at", "timestamp(6) with time zone"),
            TestLake.column("updated_at", "timestamp(6) with time zone")),
        customers);
    lake.capture(
        "core_order",
        Map.of(
            "tenant-1",
            "SELECT 1::BIGINT AS id, 'I' AS _op, 'tenant-1' AS tenant_id",
            "",
            "SELECT 2::BIGINT AS id, 'D' AS _op, NULL::VARCHAR AS tenant_id"));
  }

  /** Events that were delivered. */
  public List<JsonNode> auditEvents() {
    return auditEvents;
  }

  private void policy(HttpExchange x) throws IOException {
    try (x) {
      if (!up || !authorised(x)) {
        x.sendResponseHeaders(up ? 401 : 503, -1);
        return;
      }
      Policy p = policy;
      String etag = "\"" + p.policyVersion() + "\"";
      x.getResponseHeaders().set("ETag", etag);
      if (etag.equals(x.getRequestHeaders().getFirst("If-None-Match"))) {
        x.sendResponseHeaders(304, -1);
        return;
      }
      answer(x, 200, Json.write(p));
    }
  }

  private void audit(HttpExchange x) throws IOException {
    try (x) {
      if (!up || !authorised(x)) {
        x.sendResponseHeaders(up ? 401 : 503, -1);
        return;
      }
      JsonNode body = Json.MAPPER.readTree(x.getRequestBody());
      body.path("events").forEach(auditEvents::add);
      answer(x, 200, "{}");
    }
  }

  private static boolean authorised(HttpExchange x) {
    return String.valueOf(x.getRequestHeaders().getFirst("Authorization")).startsWith("Bearer ");
  }

  private static void answer(HttpExchange x, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    x.getResponseHeaders().set("Content-Type", "application/json");
    x.sendResponseHeaders(status, bytes.length);
    x.getResponseBody().write(bytes);
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(GatewayResource.class));
  }

  @Override
  public void stop() {
    server.stop(0);
    lake.close();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
