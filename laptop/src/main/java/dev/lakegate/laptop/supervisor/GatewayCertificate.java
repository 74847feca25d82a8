package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.identity.Secrets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The gateway's certificate for localhost and 127.0.0.1, signed by itself: {@code gateway.crt} for
 * clients to trust, {@code gateway.key} for its owner's eyes. Kept between starts, so that clients
 * trust it once; made anew a month before it ends.
 */
final class GatewayCertificate {
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  private GatewayCertificate() {}

  static Path certificate(Path directory) {
    return directory.resolve("gateway.crt");
  }

  static Path key(Path directory) {
    return directory.resolve("gateway.key");
  }

  static void ensure(Path directory) {
    try {
      if (!isGood(directory)) {
        make(directory);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new StartException(
          "The gateway's certificate cannot be made in " + directory + ": " + e, e);
    }
  }

  private static boolean isGood(Path directory) throws IOException {
    if (!Files.exists(certificate(directory)) || !Files.exists(key(directory))) {
      return false;
    }
    try (InputStream in = Files.newInputStream(certificate(directory))) {
      X509Certificate found =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return found.getNotAfter().toInstant().minus(RENEW_BEFORE).isAfter(Instant.now());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static void make(Path directory) throws IOException, GeneralSecurityException {
    Path store = directory.resolve("gateway.p12.new");
    Files.deleteIfExists(store);
    // The password protects the store for the moment that it exists; nobody needs it later.
    String password = Secrets.token();
    try {
      ProcessBuilder keytool =
          new ProcessBuilder(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "gateway",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-validity",
                  "825",
                  "-dname",
                  "CN=localhost, O=Lakegate on this machine",
                  "-ext",
                  "SAN=dns:localhost,ip:127.0.0.1",
                  "-ext",
                  "EKU=serverAuth",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass:env",
                  "STORE_PASSWORD"));
      keytool.environment().put("STORE_PASSWORD", password);
      Process process = keytool.redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + output.strip());
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, password.toCharArray());
      }
      writePem(
          key(directory),
          "PRIVATE KEY",
          keys.getKey("gateway", password.toCharArray()).getEncoded(),
          "rw-------");
      writePem(
          certificate(directory),
          "CERTIFICATE",
          keys.getCertificate("gateway").getEncoded(),
          "rw-r--r--");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(store);
    }
  }

  private static void writePem(Path file, String label, byte[] der, String permissions)
      throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(
        fresh,
        "-----BEGIN "
            + label
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + label
            + "-----\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
