package dev.lakegate.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The query gateway as it is shipped, in a process of its own with little heap, on a lake that a
 * benchmark made. Who logs people in, and who has the policy and takes the audit, are small servers
 * of this process.
 */
final class BenchGateway implements AutoCloseable {
  private static final int HEAP_MEGABYTES = 256;

  private final TestIssuer issuer;
  private final HttpServer governance;
  private final AtomicLong auditEvents = new AtomicLong();
  private final Process process;
  private final int port;

  private BenchGateway(TestIssuer issuer, HttpServer governance, Process process, int port) {
    this.issuer = issuer;
    this.governance = governance;
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param lake the storage root
   * @param more settings
   */
  static BenchGateway start(Path lake, Map<String, String> more)
      throws IOException, InterruptedException {
    Path base = Path.of(System.getProperty("lakegate.basedir"));
    Policy policy = PolicyCompiler.compile(LakehouseLoader.load(base.resolve("lakehouse")), 1);
    TestIssuer issuer = TestIssuer.start();
    HttpServer governance =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // As docs/PERFORMANCE.md recommends it for a gateway of its own.
    command.add("-Xms" + HEAP_MEGABYTES + "m");
    command.add("-Xmx" + HEAP_MEGABYTES + "m");
    command.add("-Xmn" + HEAP_MEGABYTES / 2 + "m");
    command.add("-XX:+UseSerialGC");
    // To compare settings of the virtual machine, or to take a profile.
    for (String option : System.getProperty("lakegate.bench.gateway-options", "").split(" ")) {
      if (!option.isEmpty()) {
        command.add(option);
      }
    }
    command.add("-Dquarkus.http.port=" + port);
    command.add("-Dquarkus.log.console.json.enabled=false");
    command.add("-Dlakegate.storage.root=" + lake);
    command.add("-Dlakegate.work.directory=" + Files.createTempDirectory(lake.getParent(), "work"));
    command.add("-Dlakegate.lakehouse.directory=" + base.resolve("lakehouse"));
    command.add(
        "-Dlakegate.services.governance-url=http://127.0.0.1:" + governance.getAddress().getPort());
    // Clients of a benchmark are faster than people.
    command.add("-Dlakegate.gateway.limits.rate=1000000");
    command.add("-Dlakegate.gateway.limits.burst=1000000");
    issuer.settings().forEach((k, v) -> command.add("-D" + k + "=" + v));
    more.forEach((k, v) -> command.add("-D" + k + "=" + v));
    command.add("-jar");
    command.add(base.resolve("query-gateway/target/quarkus-app/quarkus-run.jar").toString());
    Path log = lake.resolveSibling("gateway.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    BenchGateway gateway = new BenchGateway(issuer, governance, process, port);
    governance.createContext("/api/v1/policy", x -> gateway.policy(x, policy));
    governance.createContext("/api/v1/audit-events", gateway::audit);
    governance.createContext("/api/v1/sightings", BenchGateway::sighting);
    governance.start();
    try {
      gateway.awaitReady(log);
      return gateway;
    } catch (IOException | InterruptedException | RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private void awaitReady(Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        HttpURLConnection c =
            (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + "/q/health/ready").toURL().openConnection();
        if (c.getResponseCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // It does not listen yet.
      }
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("the gateway does not start:\n" + Files.readString(log));
      }
      Thread.sleep(100);
    }
  }

  private void policy(HttpExchange x, Policy policy) throws IOException {
    try (x) {
      x.getResponseHeaders().set("ETag", "\"1\"");
      if ("\"1\"".equals(x.getRequestHeaders().getFirst("If-None-Match"))) {
        x.sendResponseHeaders(304, -1);
      } else {
        answer(x, Json.write(policy));
      }
    }
  }

  private void audit(HttpExchange x) throws IOException {
    try (x) {
      auditEvents.addAndGet(Json.MAPPER.readTree(x.getRequestBody()).path("events").size());
      answer(x, "{}");
    }
  }

  /** Who asked: told once, unless it is not taken. */
  private static void sighting(HttpExchange x) throws IOException {
    try (x) {
      x.getRequestBody().readAllBytes();
      x.sendResponseHeaders(204, -1);
    }
  }

  private static void answer(HttpExchange x, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    x.getResponseHeaders().set("Content-Type", "application/json");
    x.sendResponseHeaders(200, bytes.length);
    x.getResponseBody().write(bytes);
  }

  /** Audit events that have arrived. */
  long auditEvents() {
    return auditEvents.get();
  }

  TestIssuer issuer() {
    return issuer;
  }

  HttpLine connect() throws IOException {
    return new HttpLine(port);
  }

  int port() {
    return port;
  }

  /** Most memory that the process has held, in megabytes. */
  long peakMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    return -1;
  }

  /** Processor time that the process has taken, in milliseconds. */
  long processorMillis() {
    return process.info().totalCpuDuration().orElseThrow().toMillis();
  }

  /**
   * A metric as the gateway reports it; NaN when it does not.
   *
   * @param label as in {@code phase="parse"}, among others; empty for any
   */
  double metric(String name, String label) throws IOException {
    HttpURLConnection c =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/q/metrics").toURL().openConnection();
    c.setRequestProperty("Accept", "text/plain");
    String text = new String(c.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.lines()
        .filter(l -> l.startsWith(name + "{") || l.startsWith(name + " "))
        .filter(l -> l.contains(label))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Mean microseconds of each phase of the queries so far. */
  String phases() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String phase :
        List.of("authenticate", "parse", "secure", "plan", "wait", "execute", "encode", "audit")) {
      String label = "phase=\"" + phase + "\"";
      double sum = metric("lakegate_query_phase_seconds_sum", label);
      double count = metric("lakegate_query_phase_seconds_count", label);
      text.append(
          String.format(Locale.ROOT, " %s %.0f", phase, count == 0 ? 0 : sum / count * 1e6));
    }
    return text.toString().trim();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    governance.stop(0);
    issuer.close();
  }
}
