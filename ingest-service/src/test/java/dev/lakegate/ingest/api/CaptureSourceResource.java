package dev.lakegate.ingest.api;

import dev.lakegate.ingest.testing.TestSource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A source with rows, and the settings of a service that captures it. */
public class CaptureSourceResource implements QuarkusTestResourceLifecycleManager {
  private TestSource source;
  private Path directory;

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("ingest-rest");
      source = TestSource.start();
      source.seed(2, 3);
      return Map.of(
          "lakegate.storage.root", directory.resolve("lake").toString(),
          "lakegate.work.directory", directory.resolve("work").toString(),
          "lakegate.lakehouse.directory",
              TestSource.base().resolve("lakehouse").toAbsolutePath().toString(),
          "lakegate.capture.source.jdbc-url", source.url(),
          "lakegate.capture.source.username", "postgres",
          "lakegate.capture.source.password", "postgres",
          "lakegate.capture.slot", source.settings().slot());
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(source, new TestInjector.MatchesType(TestSource.class));
    injector.injectIntoFields(directory, new TestInjector.MatchesType(Path.class));
  }

  @Override
  public void stop() {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
