package dev.lakegate.governance;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Gives the service a lakehouse description of its own, which tests may change. */
public final class LakehouseCopy implements QuarkusTestResourceLifecycleManager {
  private static final Path ORIGINAL =
      Path.of(System.getProperty("lakegate.basedir", "..")).resolve("lakehouse");

  /** The directory of the copy. */
  public record Directory(Path path) {
    /** Replaces text in a file; fails when it is not there. */
    public void replace(String file, String before, String after) {
      try {
        String text = Files.readString(path.resolve(file));
        if (!text.contains(before)) {
          throw new AssertionError(file + " does not contain " + before);
        }
        Files.writeString(path.resolve(file), text.replace(before, after));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Puts everything back as it is in the repository. */
    public void reset() {
      try {
        clear(path);
        copy(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Path path;

  @Override
  public Map<String, String> start() {
    try {
      path = Files.createTempDirectory("lakehouse");
      copy(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of("lakegate.lakehouse.directory", path.toString());
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(new Directory(path), new TestInjector.MatchesType(Directory.class));
  }

  @Override
  public void stop() {
    try {
      clear(path);
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path target) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(ORIGINAL)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path to = target.resolve(ORIGINAL.relativize(file).toString());
      Files.createDirectories(to.getParent());
      Files.copy(file, to);
    }
  }

  private static void clear(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.sorted(Comparator.reverseOrder()).filter(f -> !f.equals(directory)).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
