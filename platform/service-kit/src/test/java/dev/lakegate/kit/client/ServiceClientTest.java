package dev.lakegate.kit.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.kit.testing.TestIssuer;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceClientTest {
  private final List<Map<String, String>> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private TestIssuer issuer;
  private HttpServer other;
  private ServiceTokens tokens;
  private ServiceClient client;

  @BeforeEach
  void start() throws IOException {
    issuer = TestIssuer.start();
    other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.setExecutor(Executors.newCachedThreadPool());
    other.createContext("/", this::answer);
    other.start();
    HttpClient http = new HttpClients().client();
    tokens = new ServiceTokens(http, config(Map.of()), clock());
    client = client(tokens, URI.create("http://127.0.0.1:" + other.getAddress().getPort() + "/"));
  }

  @AfterEach
  void stop() {
    release.countDown();
    other.stop(0);
    ((java.util.concurrent.ExecutorService) other.getExecutor()).shutdownNow();
    issuer.close();
    MDC.remove("requestId");
  }

  private ServiceClient client(ServiceTokens with, URI base) {
    return new ServiceClient(
        "other", base, Duration.ofMillis(700), new HttpClients().client(), with);
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return now;
      }

      @Override
      public ZoneOffset getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(java.time.ZoneId zone) {
        return this;
      }
    };
  }

  private IdentityConfig config(Map<String, String> changes) {
    Map<String, String> settings = new HashMap<>(issuer.settings());
    settings.putAll(changes);
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(settings, "test", 100))
        .withMapping(IdentityConfig.class)
        .build()
        .getConfigMapping(IdentityConfig.class);
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> request = new HashMap<>();
    request.put("method", exchange.getRequestMethod());
    request.put("path", exchange.getRequestURI().toString());
    exchange.getRequestHeaders().forEach((name, values) -> request.put(name, values.get(0)));
    request.put(
        "body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    seen.add(request);
    switch (exchange.getRequestURI().getPath()) {
      case "/policy" -> {
        exchange.getResponseHeaders().set("ETag", "\"7\"");
        if ("\"7\"".equals(request.get("If-none-match"))) {
          exchange.sendResponseHeaders(304, -1);
          exchange.close();
        } else {
          respond(exchange, 200, "{\"version\":7}");
        }
      }
      case "/refused" ->
          respond(
              exchange,
              409,
              "{\"error\":{\"code\":\"SLOT_IN_USE\",\"message\":\"The slot is in use.\"}}");
      case "/html" -> respond(exchange, 502, "<html>bad gateway</html>");
      case "/rotated" -> respond(exchange, seen.size() == 1 ? 401 : 200, "{\"ok\":true}");
      case "/always-401" -> respond(exchange, 401, "{}");
      case "/no-json" -> respond(exchange, 200, "hello");
      case "/huge" -> {
        exchange.sendResponseHeaders(200, 0);
        byte[] chunk = new byte[1024 * 1024];
        try {
          for (int i = 0; i < 20; i++) {
            exchange.getResponseBody().write(chunk);
          }
        } catch (IOException e) {
          // The client has heard enough.
        }
        exchange.close();
      }
      case "/hangs-in-its-body" -> {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
        await();
        exchange.close();
      }
      case "/hangs" -> {
        await();
        exchange.close();
      }
      default -> respond(exchange, 200, "{\"ok\":true}");
    }
  }

  private void await() {
    try {
      release.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private ServiceCallException failure(String path) {
    return catchThrowableOfType(ServiceCallException.class, () -> client.get(path, Map.class));
  }

  @Test
  void shouldCarryItsOwnTokenAndTheRequestId() {
    MDC.put("requestId", "the-request");
    assertThat(client.get("/state?x=1", Map.class)).isEqualTo(Map.of("ok", true));
    assertThat(seen.get(0))
        .containsEntry("path", "/state?x=1")
        .containsEntry("X-request-id", "the-request")
        .hasEntrySatisfying("Authorization", token -> assertThat(token).startsWith("Bearer ey"));
  }

  @Test
  void shouldPostJson() {
    client.post("/events", Map.of("at", Instant.EPOCH), Map.class);
    assertThat(seen.get(0))
        .containsEntry("method", "POST")
        .containsEntry("Content-type", "application/json")
        .containsEntry("body", "{\"at\":\"1970-01-01T00:00:00.000000Z\"}");
  }

  @Test
  void shouldNotFetchWhatHasNotChanged() {
    Reply<Map> first = client.getIfChanged("/policy", null, Map.class);
    assertThat(first).isEqualTo(new Reply<>(200, "\"7\"", Map.of("version", 7)));
    assertThat(client.getIfChanged("/policy", first.etag(), Map.class).notModified()).isTrue();
  }

  @Test
  void shouldDecodeTheOthersErrors() {
    ServiceCallException refused = failure("/refused");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("SLOT_IN_USE");
    assertThat(refused).hasMessage("other: answered with status 409: The slot is in use.");
    assertThat(failure("/html").code()).isEqualTo("STATUS_502");
    assertThat(failure("/no-json").code()).isEqualTo("BAD_ANSWER");
  }

  @Test
  void shouldBoundTimeAndSize() {
    assertThat(failure("/hangs").code()).isEqualTo("TIMEOUT");
    assertThat(failure("/hangs-in-its-body").code()).isEqualTo("TIMEOUT");
    assertThat(failure("/huge").code()).isEqualTo("BAD_ANSWER");
  }

  @Test
  void shouldSayThatTheOtherCannotBeReached() {
    int port = other.getAddress().getPort();
    other.stop(0);
    ServiceCallException unreachable = failure("/state");
    assertThat(unreachable.code()).isEqualTo("UNREACHABLE");
    assertThat(unreachable).hasMessageContaining("127.0.0.1:" + port);
    assertThat(unreachable.toUnavailable().status()).isEqualTo(503);
    assertThat(unreachable.toUnavailable().retryAfter()).isPresent();
  }

  @Test
  void shouldTryOnceMoreWithANewTokenWhenItsOwnIsRefused() {
    assertThat(client.get("/rotated", Map.class)).isEqualTo(Map.of("ok", true));
    assertThat(issuer.tokensGiven()).isEqualTo(2);
    assertThat(failure("/always-401").status()).isEqualTo(401);
  }

  @Test
  void shouldKeepATokenUntilMostOfItsLifeIsOver() {
    String first = tokens.get();
    now = now.plusSeconds(479);
    assertThat(tokens.get()).isEqualTo(first);
    now = now.plusSeconds(2);
    assertThat(tokens.get()).isNotEqualTo(first);
    assertThat(issuer.tokensGiven()).isEqualTo(2);
  }

  @Test
  void shouldNotShowItsSecretWhenItGetsNoToken() {
    ServiceTokens wrong =
        new ServiceTokens(
            new HttpClients().client(),
            config(Map.of("lakegate.identity.client-secret", "wrong-secret")),
            clock());
    assertThatThrownBy(wrong::get)
        .isInstanceOf(ServiceCallException.class)
        .hasMessageContaining("'test-service'")
        .hasMessageNotContaining("wrong-secret");
  }
}
