package dev.lakegate.kit.trace;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes traces as a collector does, and calls as another service does. */
public final class CollectorResource implements QuarkusTestResourceLifecycleManager {
  final List<byte[]> exported = new CopyOnWriteArrayList<>();
  final List<String> parents = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/traces", this::take);
    server.createContext("/other", this::called);
    server.start();
    return Map.of("quarkus.otel.exporter.otlp.traces.endpoint", url());
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void take(HttpExchange x) throws IOException {
    try (x) {
      exported.add(x.getRequestBody().readAllBytes());
      x.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      x.sendResponseHeaders(200, -1);
    }
  }

  private void called(HttpExchange x) throws IOException {
    try (x) {
      parents.add(String.valueOf(x.getRequestHeaders().getFirst("traceparent")));
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      x.sendResponseHeaders(200, body.length);
      x.getResponseBody().write(body);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(CollectorResource.class));
  }

  @Override
  public void stop() {
    server.stop(0);
  }
}
