package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.PolicyCompiler;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A gateway with a certificate, behind a trusted proxy at 127.0.0.2, and a governance-service that
 * keeps tokens in memory and answers as the real one does.
 */
public final class AccessResource implements QuarkusTestResourceLifecycleManager {
  final Map<String, ObjectNode> tokens = new ConcurrentHashMap<>();
  final Map<String, JsonNode> owners = new ConcurrentHashMap<>();
  final List<JsonNode> sightings = new CopyOnWriteArrayList<>();
  final List<JsonNode> auditEvents = new CopyOnWriteArrayList<>();
  final AtomicInteger sightingAttempts = new AtomicInteger();
  final AtomicInteger verifications = new AtomicInteger();
  volatile boolean up = true;

  private Path directory;
  private HttpServer server;

  @Override
  public Map<String, String> start() {
    Map<String, String> settings = new HashMap<>();
    try {
      directory = Files.createTempDirectory("access-test");
      Path keys = directory.resolve("keys.p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "gateway",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "san=dns:localhost,ip:127.0.0.1",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  keys.toString(),
                  "-storepass",
                  "changeit")
              .inheritIO()
              .start();
      if (keytool.waitFor() != 0) {
        throw new IllegalStateException("keytool failed");
      }
      settings.put("quarkus.http.ssl.certificate.key-store-file", keys.toString());
      settings.put("quarkus.http.ssl.certificate.key-store-password", "changeit");
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", this::answer);
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    settings.put("quarkus.http.test-ssl-port", "0");
    // As in a service that has run for a while, keys are fetched again during the tests.
    settings.put("quarkus.oidc.jwks.cache-time-to-live", "1S");
    settings.put("quarkus.oidc.jwks.clean-up-timer-interval", "1S");
    settings.put("lakegate.gateway.proxy.trusted", "127.0.0.2");
    settings.put("lakegate.work.directory", directory.resolve("work").toString());
    settings.put(
        "lakegate.services.governance-url", "http://127.0.0.1:" + server.getAddress().getPort());
    return settings;
  }

  private void answer(HttpExchange x) throws IOException {
    try (x) {
      if (x.getRequestURI().getPath().equals("/api/v1/sightings")) {
        sightingAttempts.incrementAndGet();
      }
      if (!up) {
        x.sendResponseHeaders(503, -1);
        return;
      }
      String path = x.getRequestURI().getPath();
      JsonNode body =
          x.getRequestMethod().equals("POST")
              ? Json.MAPPER.readTree(x.getRequestBody())
              : Json.MAPPER.nullNode();
      if (path.equals("/api/v1/policy")) {
        x.getResponseHeaders().set("ETag", "\"1\"");
        send(
            x,
            200,
            Json.write(PolicyCompiler.compile(LakehouseLoader.load(Path.of("../lakehouse")), 1)));
      } else if (path.equals("/api/v1/audit-events")) {
        body.path("events").forEach(auditEvents::add);
        send(x, 200, "{}");
      } else if (path.equals("/api/v1/sightings")) {
        sightings.add(body);
        x.sendResponseHeaders(204, -1);
      } else if (path.equals("/api/v1/personal-tokens/verify")) {
        verifications.incrementAndGet();
        send(x, 200, verdict(body.path("hash").asText()).toString());
      } else if (path.equals("/api/v1/personal-tokens") && x.getRequestMethod().equals("POST")) {
        create(x, body);
      } else if (path.equals("/api/v1/personal-tokens")) {
        String query = String.valueOf(x.getRequestURI().getQuery());
        ObjectNode page = Json.MAPPER.createObjectNode();
        ArrayNode items = page.putArray("items");
        tokens.values().stream()
            .filter(
                t ->
                    !query.contains("subject=")
                        || query.contains("subject=" + t.path("subject").asText()))
            .forEach(items::add);
        send(x, 200, page.toString());
      } else if (path.endsWith("/revoke")) {
        revoke(x, path.split("/")[4], body);
      } else {
        send(x, 200, "{}");
      }
    }
  }

  private void create(HttpExchange x, JsonNode body) throws IOException {
    if (body.path("tenants").isArray()) {
      send(
          x,
          422,
          "{\"error\":{\"code\":\"TOKEN_NOT_ALLOWED\",\"message\":\"not yours\",\"remedy\":\"less\","
              + "\"details\":{\"field\":\"tenants\"}}}");
      return;
    }
    ObjectNode token = Json.MAPPER.createObjectNode();
    JsonNode owner = body.path("owner");
    token.put("id", UUID.randomUUID().toString());
    token.set("issuer", owner.path("principal").path("issuer"));
    token.set("subject", owner.path("principal").path("subject"));
    token.set("name", body.path("name"));
    if (body.path("scopes").isArray()) {
      token.set("scopes", body.path("scopes"));
    } else {
      token.putArray("scopes").add("query");
    }
    token.put("createdAt", Instant.now().toString());
    token.put("expiresAt", Instant.now().plus(Duration.ofDays(90)).toString());
    tokens.put(body.path("hash").asText(), token);
    owners.put(body.path("hash").asText(), owner);
    send(x, 201, token.toString());
  }

  private ObjectNode verdict(String hash) {
    ObjectNode verdict = Json.MAPPER.createObjectNode();
    ObjectNode token = tokens.get(hash);
    boolean valid = token != null && !token.hasNonNull("revokedAt") && !token.has("reason");
    verdict.put("valid", valid);
    verdict.put(
        "reason",
        token == null
            ? "UNKNOWN"
            : valid ? "VALID" : token.has("reason") ? token.path("reason").asText() : "REVOKED");
    if (token != null) {
      verdict.set("token", token);
      verdict.set("login", owners.get(hash).path("login"));
    }
    if (valid) {
      verdict.set("principal", owners.get(hash).path("principal"));
    }
    return verdict;
  }

  private void revoke(HttpExchange x, String id, JsonNode body) throws IOException {
    for (ObjectNode token : tokens.values()) {
      if (token.path("id").asText().equals(id)
          && (body.path("administrator").asBoolean()
              || token.path("subject").equals(body.path("by").path("subject")))) {
        token.put("revokedAt", Instant.now().toString());
        send(x, 200, token.toString());
        return;
      }
    }
    send(
        x,
        404,
        "{\"error\":{\"code\":\"TOKEN_UNKNOWN\",\"message\":\"none\",\"remedy\":\"list\","
            + "\"details\":{}}}");
  }

  private static void send(HttpExchange x, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    x.getResponseHeaders().set("Content-Type", "application/json");
    x.sendResponseHeaders(status, bytes.length);
    x.getResponseBody().write(bytes);
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(AccessResource.class));
  }

  @Override
  public void stop() {
    server.stop(0);
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
