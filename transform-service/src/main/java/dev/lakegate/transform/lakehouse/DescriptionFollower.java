package dev.lakegate.transform.lakehouse;

import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Keeps the compiled description up to date with its directory. While the directory has problems,
 * the last description without any stays in force. Thread-safe.
 */
public final class DescriptionFollower {
  private static final Logger LOG = Logger.getLogger(DescriptionFollower.class);
  private static final int DEPTH = 2;
  private static final int MAX_FILES = 5_000;

  private final Path directory;
  private String seen;
  private Description current;
  private List<Problem> problems = List.of();

  public DescriptionFollower(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory is null");
  }

  /** Loads the description anew if a file of it was added, changed or removed. */
  public synchronized void poll() {
    String now = appearance();
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      Description loaded = Description.of(LakehouseLoader.load(directory));
      if (current != null) {
        LOG.infof("the lakehouse description changed: %d datasets", loaded.datasets().size());
      }
      current = loaded;
      problems = List.of();
    } catch (LakehouseException e) {
      problems = e.problems();
      LOG.errorf("%s%s", e.getMessage(), current == null ? "" : "\nThe last valid one is kept.");
    } catch (IllegalArgumentException e) {
      problems = List.of(new Problem(".", 0, e.getMessage(), "Correct the description."));
      LOG.errorf("%s", e.getMessage());
    }
  }

  /** The description in force; empty when there was never one without problems. */
  public synchronized Optional<Description> current() {
    return Optional.ofNullable(current);
  }

  /** What is wrong with the directory as it is now. */
  public synchronized List<Problem> problems() {
    return problems;
  }

  /** Names, sizes and times of the files: tells, cheaply, whether anything changed. */
  private String appearance() {
    TreeMap<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(directory, DEPTH)) {
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
