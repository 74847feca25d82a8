package dev.lakegate.kit.description;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.Problem;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Keeps what a service makes of the lakehouse description up to date with its directory, so that a
 * new table needs no restart. While the directory has problems, the last description without any
 * stays in force. Thread-safe.
 *
 * @param <T> what the service makes of it; it throws IllegalArgumentException for what it cannot
 *     use
 */
public final class DescriptionFollower<T> {
  private static final Logger LOG = Logger.getLogger(DescriptionFollower.class);
  private static final int DEPTH = 2;
  private static final int MAX_FILES = 5_000;

  private final Path directory;
  private final Function<Lakehouse, T> compiler;
  private String seen;
  private T current;
  private List<Problem> problems = List.of();

  /**
   * Follows a directory; the first {@link #poll} reads it.
   *
   * @param compiler makes of a valid description what the service needs
   */
  public DescriptionFollower(Path directory, Function<Lakehouse, T> compiler) {
    this.directory = Objects.requireNonNull(directory, "directory is null");
    this.compiler = Objects.requireNonNull(compiler, "compiler is null");
  }

  /**
   * Loads the description anew if a file of it was added, changed or removed, or if it could not be
   * read before: a failure to read need not leave a trace on the files.
   *
   * @return whether another one is in force now
   */
  public synchronized boolean poll() {
    String now = appearance();
    boolean again = now.equals(seen);
    if (again && problems.isEmpty()) {
      return false;
    }
    seen = now;
    try {
      T loaded = compiler.apply(LakehouseLoader.load(directory));
      if (current != null) {
        LOG.info("The lakehouse description changed");
      }
      current = loaded;
      problems = List.of();
      return true;
    } catch (LakehouseException e) {
      broken(again, e.problems(), e.getMessage());
    } catch (IllegalArgumentException e) {
      broken(
          again,
          List.of(new Problem(".", 0, e.getMessage(), "Correct the description.")),
          e.getMessage());
    }
    return false;
  }

  private void broken(boolean again, List<Problem> found, String message) {
    if (!again || !found.equals(problems)) {
      LOG.errorf("%s%s", message, current == null ? "" : "\nThe last valid one is kept.");
    }
    problems = found;
  }

  /** The description in force; empty when there was never one without problems. */
  public synchronized Optional<T> current() {
    return Optional.ofNullable(current);
  }

  /** What is wrong with the directory as it is now. */
  public synchronized List<Problem> problems() {
    return problems;
  }

  /** Names, sizes and times of the files: tells, cheaply, whether anything changed. */
  private String appearance() {
    TreeMap<String, String> files = new TreeMap<>();
    // Links are followed: descriptions are deployed by pointing one at another directory.
    try (Stream<Path> walk =
        Files.walk(directory.toRealPath(), DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      walk.limit(MAX_FILES)
          .forEach(
              file -> {
                try {
                  BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                  if (a.isRegularFile()) {
                    files.put(file.toString(), a.size() + "@" + a.lastModifiedTime().toInstant());
                  }
                } catch (IOException e) {
                  // Removed meanwhile; the next poll sees it gone.
                  files.put(file.toString(), "unreadable");
                }
              });
    } catch (IOException | java.io.UncheckedIOException e) {
      return "unreadable: " + e.getMessage();
    }
    return files.toString();
  }
}
