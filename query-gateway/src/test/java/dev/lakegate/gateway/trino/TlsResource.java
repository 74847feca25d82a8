package dev.lakegate.gateway.trino;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A certificate for localhost, made anew, and small limits so that tests reach them. */
public final class TlsResource implements QuarkusTestResourceLifecycleManager {
  private static final String PASSWORD = "only-for-a-moment";
  Path certificate;

  @Override
  public Map<String, String> start() {
    try {
      Path directory = Files.createTempDirectory("gateway-tls");
      Path store = directory.resolve("store.p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "gateway",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "SAN=dns:localhost,ip:127.0.0.1",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  PASSWORD)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("keytool.log").toFile())
              .start();
      if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IllegalStateException(Files.readString(directory.resolve("keytool.log")));
      }
      KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
      certificate = directory.resolve("gateway.crt");
      Path key = directory.resolve("gateway.key");
      Files.writeString(
          certificate, pem("CERTIFICATE", keys.getCertificate("gateway").getEncoded()));
      Files.writeString(
          key, pem("PRIVATE KEY", keys.getKey("gateway", PASSWORD.toCharArray()).getEncoded()));
      return Map.of(
          "quarkus.http.ssl.certificate.files",
          certificate.toString(),
          "quarkus.http.ssl.certificate.key-files",
          key.toString(),
          "quarkus.http.test-ssl-port",
          "0",
          "lakegate.gateway.trino.abandoned-after",
          "3S",
          "lakegate.gateway.trino.spool",
          "4M",
          "lakegate.gateway.limits.kept-per-principal",
          "12",
          "lakegate.gateway.trino.compression",
          "always");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(TlsResource.class));
  }

  @Override
  public void stop() {
    // The directory is the test's own and temporary.
  }
}
