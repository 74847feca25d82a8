package dev.lakegate.gateway.access;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Keycloak as issuer: personas are its realm roles, tenants its groups. */
public final class KeycloakResource implements QuarkusTestResourceLifecycleManager {
  static final String PASSWORD = "kept-for-the-test-alone";

  private static final String VERSION = "26.7.3";
  private static final String AUDIENCE =
      """
      {"name": "audience", "protocol": "openid-connect",
       "protocolMapper": "oidc-audience-mapper",
       "config": {"included.custom.audience": "lakegate", "access.token.claim": "true"}}""";
  private static final String REALM =
      """
      {"realm": "lakegate", "enabled": true, "sslRequired": "none",
       "roles": {"realm": [{"name": "TenantSpecificAnalyst"}, {"name": "LakeFormationAdmin"}]},
       "groups": [{"name": "tenant-1"}, {"name": "tenant-2"}],
       "users": [{"username": "ann", "enabled": true, "email": "ann@example.org",
         "emailVerified": true, "firstName": "Ann", "lastName": "Analyst",
         "credentials": [{"type": "password", "value": "PASSWORD", "temporary": false}],
         "realmRoles": ["TenantSpecificAnalyst"], "groups": ["/tenant-1"]}],
       "clients": [
         {"clientId": "lakegate-gateway", "enabled": true, "publicClient": true,
          "standardFlowEnabled": true, "directAccessGrantsEnabled": true, "redirectUris": ["*"],
          "attributes": {"pkce.code.challenge.method": "S256"},
          "protocolMappers": [AUDIENCE,
            {"name": "personas", "protocol": "openid-connect",
             "protocolMapper": "oidc-usermodel-realm-role-mapper",
             "config": {"claim.name": "personas", "jsonType.label": "String",
               "multivalued": "true", "access.token.claim": "true"}},
            {"name": "tenants", "protocol": "openid-connect",
             "protocolMapper": "oidc-group-membership-mapper",
             "config": {"claim.name": "tenants", "full.path": "false",
               "access.token.claim": "true"}}]},
         {"clientId": "query-gateway", "enabled": true, "publicClient": false,
          "secret": "gateway-secret", "serviceAccountsEnabled": true,
          "standardFlowEnabled": false, "protocolMappers": [AUDIENCE]}]}""";

  private Path directory;
  private Process process;

  /** The distribution, if it is there: named by a property, or as Maven keeps it. */
  static Optional<Path> distribution() {
    String named = System.getProperty("lakegate.keycloak.tarball");
    Path path =
        named != null
            ? Path.of(named)
            : Path.of(
                System.getProperty("user.home"),
                ".m2/repository/org/keycloak/keycloak-quarkus-dist",
                VERSION,
                "keycloak-quarkus-dist-" + VERSION + ".tar.gz");
    return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
  }

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("keycloak-test");
      run("tar", "xzf", distribution().orElseThrow().toString(), "--strip-components=1");
      Files.createDirectories(directory.resolve("data/import"));
      Files.writeString(
          directory.resolve("data/import/lakegate-realm.json"),
          REALM.replace("AUDIENCE", AUDIENCE).replace("PASSWORD", PASSWORD));
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      ProcessBuilder command =
          new ProcessBuilder(
                  directory.resolve("bin/kc.sh").toString(),
                  "start-dev",
                  "--http-host=127.0.0.1",
                  "--http-port=" + port,
                  "--hostname=http://127.0.0.1:" + port,
                  "--import-realm",
                  "--db=dev-mem")
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("keycloak.log").toFile());
      command.environment().put("JAVA_HOME", System.getProperty("java.home"));
      command.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
      process = command.start();
      String realm = "http://127.0.0.1:" + port + "/realms/lakegate";
      await(URI.create(realm + "/.well-known/openid-configuration"));
      return Map.of(
          "lakegate.identity.issuer",
          realm,
          "lakegate.identity.jwks-url",
          realm + "/protocol/openid-connect/certs",
          "lakegate.identity.token-url",
          realm + "/protocol/openid-connect/token",
          "lakegate.identity.client-id",
          "query-gateway",
          "lakegate.identity.client-secret",
          "gateway-secret");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void run(String... command) throws IOException, InterruptedException {
    Process tool = new ProcessBuilder(command).directory(directory.toFile()).inheritIO().start();
    if (tool.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  /** Until the realm itself answers: the server does so before. */
  private void await(URI realm) throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (true) {
      try {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(realm).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200 && answer.body().contains("\"issuer\"")) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException(
            "Keycloak does not start: " + Files.readString(directory.resolve("keycloak.log")));
      }
      Thread.sleep(250);
    }
  }

  @Override
  public void stop() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      try {
        process.waitFor(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
