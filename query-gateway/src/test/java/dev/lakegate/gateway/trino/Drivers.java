package dev.lakegate.gateway.trino;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/** Trino's JDBC drivers, each in a class loader of its own. */
public final class Drivers {
  private static final Map<String, Driver> LOADED = new ConcurrentHashMap<>();
  static final Path CLIENTS = Path.of("target/trino-clients");

  private Drivers() {}

  /** The driver of a version, such as {@code 476}. */
  public static Driver driver(String version) {
    return LOADED.computeIfAbsent(
        version,
        v -> {
          try {
            URL jar = CLIENTS.resolve("trino-jdbc-" + v + ".jar").toAbsolutePath().toUri().toURL();
            ClassLoader loader =
                new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
            return (Driver)
                Class.forName("io.trino.jdbc.TrinoDriver", true, loader)
                    .getConstructor()
                    .newInstance();
          } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  static Connection connect(
      String version, URL gateway, Path certificate, String token, Map<String, String> more)
      throws SQLException {
    Properties p = new Properties();
    p.setProperty("SSL", "true");
    p.setProperty("SSLTrustStorePath", certificate.toString());
    p.setProperty("accessToken", token);
    more.forEach(p::setProperty);
    return driver(version)
        .connect("jdbc:trino://localhost:" + gateway.getPort() + "/lakehouse/gold", p);
  }
}
