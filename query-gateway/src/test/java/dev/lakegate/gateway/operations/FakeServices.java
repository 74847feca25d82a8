package dev.lakegate.gateway.operations;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The other services, as far as the gateway asks them, with answers that tests change. */
public final class FakeServices implements QuarkusTestResourceLifecycleManager {
  static final String READY = "{\"status\":\"UP\",\"checks\":[]}";

  /** One service: answers by path, and whether it hangs. */
  static final class Fake {
    private final HttpServer server;
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final java.util.Queue<String> asked =
        new java.util.concurrent.ConcurrentLinkedQueue<>();
    private volatile CountDownLatch hanging;

    Fake(HttpServer server) {
      this.server = server;
    }

    /**
     * @param answer status and body, such as {@code 200 {}}
     */
    void answer(String path, String answer) {
      answers.put(path, answer);
    }

    /** Paths with their queries, in order. */
    List<String> asked() {
      return List.copyOf(asked);
    }

    void hang() {
      hanging = new CountDownLatch(1);
    }

    void goOn() {
      CountDownLatch before = hanging;
      hanging = null;
      if (before != null) {
        before.countDown();
      }
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        CountDownLatch wait = hanging;
        if (wait != null) {
          wait.await(30, TimeUnit.SECONDS);
        }
        String path = exchange.getRequestURI().getPath();
        boolean open = path.startsWith("/q/");
        boolean identified =
            String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))
                .startsWith("Bearer ");
        asked.add(path + "?" + exchange.getRequestURI().getQuery());
        String answer =
            open || identified ? answers.getOrDefault(path, "404 {}") : "401 {\"error\":{}}";
        byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length);
        exchange.getResponseBody().write(body);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final Map<String, Fake> fakes = new LinkedHashMap<>();

  @Override
  public Map<String, String> start() {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String name : List.of("ingest", "transform", "governance")) {
      Fake fake = start(name);
      settings.put(
          "lakegate.services." + name + "-url",
          "http://127.0.0.1:" + fake.server.getAddress().getPort());
    }
    settings.put("lakegate.services.gateway-url", "http://gateway.invalid");
    settings.put("lakegate.gateway.policy.poll-interval", "100ms");
    settings.put("lakegate.gateway.policy.grace", "1s");
    allWell();
    return settings;
  }

  Fake get(String name) {
    return fakes.get(name);
  }

  /** Puts every service in good order. */
  void allWell() {
    fakes.values().forEach(Fake::goOn);
    fakes.values().forEach(fake -> fake.answer("/q/health/ready", "200 " + READY));
    get("ingest").answer("/api/v1/state", "200 " + INGEST);
    get("ingest").answer("/api/v1/tables", "200 " + TABLES);
    get("transform").answer("/api/v1/datasets", "200 " + DATASETS);
    get("governance").answer("/api/v1/policy", "200 " + policy());
  }

  static final String INGEST =
      """
      {"source": {"id": "app", "host": "127.0.0.1", "port": 5432, "database": "app",
                  "slot": "lakegate", "publication": "lakegate", "epoch": 1, "connected": true,
                  "message": "Streaming."},
       "lastManifest": 12, "lastFlushAt": "2026-01-02T03:04:05Z",
       "capturedPosition": "0/1A", "acknowledgedPosition": "0/1A",
       "lag": {"seconds": 0.5, "sourceBytes": 0, "retainedWalBytes": 1024},
       "tables": [
         {"table": "core_order", "dataset": "silver.order", "state": "streaming", "reason": "",
          "progressPercent": 100, "rowsCopied": 10, "inserts": 3, "updates": 2, "deletes": 1,
          "lastChangeAt": "2026-01-02T03:04:05Z"}]}
      """;

  static final String TABLES =
      """
      {"items": [
         {"table": "core_order", "dataset": "silver.order", "state": "streaming", "reason": null,
          "nextAction": null, "generation": 1, "schemaVersion": 1, "pendingApproval": null,
          "quarantinedRows": 2}], "next": null}
      """;

  static final String DATASETS =
      """
      {"items": [
        {"dataset": "silver.order", "layer": "silver", "state": "fresh",
         "reason": "It holds manifest 12.", "rows": 12, "lastCommitAt": "2026-01-02T03:04:07Z",
         "watermark": "2026-01-02T03:04:05Z", "lagSeconds": 2.0, "checkpoint": null,
         "lastRun": null},
        {"dataset": "gold.revenue_metrics", "layer": "gold", "state": "fresh",
         "reason": "It holds all of silver.order.", "rows": 4,
         "lastCommitAt": "2026-01-02T03:04:09Z", "watermark": null, "lagSeconds": 4.0,
         "checkpoint": null, "lastRun": null}],
       "next": null}
      """;

  private static String policy() {
    try (InputStream golden =
        FakeServices.class.getResourceAsStream("/contracts/golden/policy.json")) {
      return new String(golden.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Fake start(String name) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
      Fake fake = new Fake(server);
      fakes.put(name, fake);
      server.createContext("/", fake::handle);
      server.setExecutor(
          command -> {
            Thread thread = new Thread(command, "fake-" + name);
            thread.setDaemon(true);
            thread.start();
          });
      server.start();
      return fake;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(FakeServices.class));
  }

  @Override
  public void stop() {
    fakes.values().forEach(Fake::goOn);
    fakes.values().forEach(fake -> fake.server.stop(0));
  }
}
