package dev.lakegate.transform.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.stream.Stream;

/** A lake, a copy of the lakehouse description and the fake jobs, in a directory of their own. */
public final class ServiceResource implements QuarkusTestResourceLifecycleManager {
  /** Where things are. */
  public record Places(Path lakehouse, TestLake lake, Path work) {}

  private Path directory;
  private Places places;

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("transform-service-test");
      Path lakehouse = directory.resolve("lakehouse");
      copy(Path.of(System.getProperty("lakegate.basedir", "..")).resolve("lakehouse"), lakehouse);
      places =
          new Places(lakehouse, new TestLake(directory.resolve("lake")), directory.resolve("work"));
      return Map.ofEntries(
          Map.entry("lakegate.storage.root", places.lake().root().toString()),
          Map.entry("lakegate.lakehouse.directory", lakehouse.toString()),
          Map.entry("lakegate.work.directory", places.work().toString()),
          Map.entry("lakegate.jobs.args-file", FakeJobsFiles.argsFile(places.work()).toString()),
          Map.entry("lakegate.jobs.heap", "64m"),
          Map.entry("lakegate.runs.poll", "PT0.05S"),
          Map.entry("lakegate.events.heartbeat", "PT0.2S"),
          Map.entry("lakegate.events.waiting", "20"),
          Map.entry("lakegate.backfill.most-rows", "15"),
          Map.entry("lakegate.lineage.file", places.work().resolve("lineage.ndjson").toString()),
          Map.entry("lakegate.runs.gather", "PT0.5S"),
          Map.entry("lakegate.runs.first-retry", "PT0.2S"),
          Map.entry("lakegate.runs.last-retry", "PT1S"),
          Map.entry("lakegate.runs.after-cancel", "PT0.5S"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a directory. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(places, new TestInjector.MatchesType(Places.class));
  }

  @Override
  public void stop() {
    if (directory == null) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
