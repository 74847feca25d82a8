package dev.lakegate.kit.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Gives a {@code @QuarkusTest} a real, empty control database on a free port: annotate the test
 * with {@code @QuarkusTestResource(ControlDatabaseResource.class)}. A field of type {@link
 * EmbeddedPostgres} is set, for tests that look into the database.
 */
public final class ControlDatabaseResource implements QuarkusTestResourceLifecycleManager {
  private EmbeddedPostgres postgres;

  @Override
  public Map<String, String> start() {
    try {
      postgres =
          EmbeddedPostgres.builder()
              // Small and without fsync: the cluster lives as long as the test.
              .setServerConfig("shared_buffers", "16MB")
              .setServerConfig("fsync", "off")
              .setServerConfig("max_connections", "40")
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL does not start", e);
    }
    return Map.of(
        "lakegate.control.jdbc-url",
        "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres",
        "lakegate.control.username",
        "postgres",
        "lakegate.control.password",
        "postgres");
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(postgres, new TestInjector.MatchesType(EmbeddedPostgres.class));
  }

  @Override
  public void stop() {
    if (postgres != null) {
      try {
        postgres.close();
      } catch (IOException e) {
        throw new UncheckedIOException("the embedded PostgreSQL does not stop", e);
      }
    }
  }
}
