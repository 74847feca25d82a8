package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.RollUp;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One look at all of Bronze's folders for files that nothing names, folder by folder so that it can
 * stop in between. Files of manifests that do not exist yet are capture's; names that Bronze does
 * not give are somebody else's. Not thread-safe.
 */
final class OrphanScan {
  private static final Pattern SINGLE = Pattern.compile("(\\d{20})-\\d+\\.parquet");
  private static final Pattern MERGED = Pattern.compile("(\\d{20})-(\\d{20})-\\d+\\.parquet");

  private final Path root;
  private final ManifestReader reader;
  private final long checked;
  private final long last;
  private final Instant before;
  private final MaintenanceSteps steps;
  private final Deque<Path> folders = new ArrayDeque<>();
  private List<RollUp.Range> rollUps = List.of();
  private long youngest = Long.MAX_VALUE;
  private long files;
  private long removed;

  /**
   * @param checked files of manifests up to this one are not looked at again
   * @param last number of the newest manifest
   * @param before a file that was changed later may still be somebody's
   */
  OrphanScan(
      Path root,
      ManifestReader reader,
      long checked,
      long last,
      Instant before,
      MaintenanceSteps steps)
      throws IOException {
    this.root = root;
    this.reader = reader;
    this.checked = checked;
    this.last = last;
    this.before = before;
    this.steps = steps;
    for (Path table : list(root.resolve("bronze"))) {
      if (!table.getFileName().toString().startsWith("_") && Files.isDirectory(table)) {
        folders.addAll(list(table));
      }
    }
  }

  /**
   * Looks at the next folder, of one table and day.
   *
   * @return whether there was one
   */
  boolean next() throws IOException {
    Path day = folders.poll();
    if (day == null) {
      return false;
    }
    // Anew for each folder, since roll-ups may be made in between.
    rollUps = reader.rollUps();
    Map<Long, List<Path>> byManifest = new TreeMap<>();
    for (Path tenant : list(day)) {
      for (Path file : list(tenant)) {
        collect(file, byManifest);
      }
    }
    for (Map.Entry<Long, List<Path>> entry : byManifest.entrySet()) {
      removeUnnamed(entry.getKey(), entry.getValue());
    }
    return true;
  }

  private void collect(Path file, Map<Long, List<Path>> byManifest) {
    String name = file.getFileName().toString();
    Matcher single = SINGLE.matcher(name);
    Matcher merged = MERGED.matcher(name);
    long number;
    boolean look;
    if (single.matches()) {
      number = Long.parseLong(single.group(1));
      look = number > checked && number <= last;
    } else if (merged.matches()) {
      number = Long.parseLong(merged.group(2));
      RollUp.Range range = new RollUp.Range(Long.parseLong(merged.group(1)), number);
      // Without a roll-up it was left behind by an attempt that came to none.
      look = number <= last && (number > checked || !rollUps.contains(range));
    } else {
      return;
    }
    files++;
    if (look) {
      byManifest.computeIfAbsent(number, n -> new ArrayList<>()).add(file);
    }
  }

  private void removeUnnamed(long number, List<Path> candidates) throws IOException {
    Set<Path> named = new HashSet<>();
    addNamed(number, named);
    for (RollUp.Range range : rollUps) {
      if (range.contains(number)) {
        // Files of a table that was merged stand in the last manifest of their range.
        addNamed(range.last(), named);
        addReplaced(range, named);
      }
    }
    for (Path file : candidates) {
      if (named.contains(file)) {
        continue;
      }
      try {
        if (Files.getLastModifiedTime(file).toInstant().isAfter(before)) {
          youngest = Math.min(youngest, number);
          continue;
        }
      } catch (NoSuchFileException e) {
        continue;
      }
      if (Files.deleteIfExists(file)) {
        files--;
        removed++;
        steps.done(MaintenanceSteps.Step.ORPHAN_DELETED);
      }
    }
  }

  /** A reader may have learnt of them from the manifests before the roll-up. */
  private void addReplaced(RollUp.Range range, Set<Path> named) {
    RollUp rollUp = reader.readRollUp(range);
    if (rollUp.createdAt().isAfter(before)) {
      rollUp.replaced().forEach(path -> named.add(root.resolve(path)));
    }
  }

  private void addNamed(long number, Set<Path> named) {
    for (BronzeFile file : reader.read(number).orElseThrow().files()) {
      named.add(root.resolve(file.path()));
    }
  }

  /** When all folders were looked at: up to which manifest no file is left that nothing names. */
  long checkedThrough() {
    return Math.max(checked, Math.min(youngest - 1, last));
  }

  /** Data files that it saw and left. */
  long files() {
    return files;
  }

  long removed() {
    return removed;
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(entries::add);
    } catch (java.nio.file.NotDirectoryException | NoSuchFileException e) {
      return List.of();
    }
    return entries;
  }
}
