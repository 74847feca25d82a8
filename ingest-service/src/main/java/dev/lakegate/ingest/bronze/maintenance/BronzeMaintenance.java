package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.bronze.RollUp;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * One pass after the other over the Bronze of one storage root, whose writer's lock the caller
 * holds. What is done is in the lake itself; a pass that dies anywhere is completed by the next.
 * Reads manifests that are durable and never touches files of those that are not, so it may run
 * beside capture. Not thread-safe.
 */
final class BronzeMaintenance {
  private static final int FOLDERS_PER_PASS = 2_000;
  private static final int ROLL_UPS_PER_PASS = 20;

  private final Path root;
  private final Path scratch;
  private final MaintenanceSettings settings;
  private final MaintenanceMetrics metrics;
  private final MaintenanceSteps steps;
  private final Clock clock;
  private final BooleanSupplier stop;
  private final Rest rest;
  private final ManifestReader reader;
  private final ManifestWriter writer;
  private volatile FileMerger merging;
  private OrphanScan scan;
  private Instant scannedAt;

  /** Gives way to others after work. */
  @FunctionalInterface
  interface Rest {
    /** Waits, in proportion to the work that was done. */
    void after(Duration work);
  }

  /**
   * @param stop whether to end soon
   */
  BronzeMaintenance(
      Path root,
      Path scratch,
      MaintenanceSettings settings,
      MaintenanceMetrics metrics,
      MaintenanceSteps steps,
      Clock clock,
      BooleanSupplier stop,
      Rest rest)
      throws IOException {
    this.root = root;
    this.scratch = scratch;
    this.settings = settings;
    this.metrics = metrics;
    this.steps = steps;
    this.clock = clock;
    this.stop = stop;
    this.rest = rest;
    this.reader = new ManifestReader(root);
    this.writer = new ManifestWriter(root);
    deleteTree(staging());
  }

  private Path staging() {
    return root.resolve("bronze/_merging");
  }

  /** Completes what was begun, removes what is due, rolls up what is old enough. */
  void pass() throws IOException, SQLException {
    long last = reader.lastNumber();
    if (last == 0) {
      return;
    }
    MaintenanceProgress progress = MaintenanceProgress.read(root, last);
    removeManifests();
    progress = removeReplaced(progress);
    for (int i = 0; i < ROLL_UPS_PER_PASS && !stop.getAsBoolean() && rollUp(); i++) {
      // Until nothing is old enough.
    }
    removeOrphans(progress);
    metrics.chain(singles().size(), reader.rollUps().size());
  }

  /** Ends a merge that is under way; the pass then fails. Safe to call from any thread. */
  void cancel() {
    FileMerger now = merging;
    if (now != null) {
      now.cancel();
    }
  }

  // ---- rolling up

  private boolean rollUp() throws IOException, SQLException {
    List<RollUp.Range> ranges = reader.rollUps();
    long first = ranges.isEmpty() ? 1 : ranges.get(ranges.size() - 1).last() + 1;
    List<Manifest> manifests =
        RangeChoice.of(
            first,
            reader.lastNumber(),
            settings,
            clock.instant(),
            number -> reader.read(number).orElseThrow());
    if (manifests.isEmpty()) {
      return false;
    }
    long started = System.nanoTime();
    RollUp.Range range = new RollUp.Range(first, first + manifests.size() - 1);
    MergePlan plan = MergePlan.of(manifests, settings);
    List<BronzeFile> merged = merge(plan, range);
    if (merged.size() < plan.groups().size()) {
      return false;
    }
    RollUp rollUp =
        new RollUp(
            RollUp.VERSION,
            range.first(),
            range.last(),
            manifests.get(0).epoch(),
            clock.instant(),
            plan.apply(manifests, merged),
            plan.replaced());
    writer.write(rollUp);
    steps.done(MaintenanceSteps.Step.ROLLED_UP);
    removeManifests();
    metrics.merged(plan.replaced().size(), merged.size());
    rest.after(Duration.ofNanos(System.nanoTime() - started));
    return true;
  }

  /** Fewer files than groups when it was stopped. */
  private List<BronzeFile> merge(MergePlan plan, RollUp.Range range)
      throws IOException, SQLException {
    List<BronzeFile> merged = new ArrayList<>();
    if (plan.groups().isEmpty()) {
      return merged;
    }
    try (FileMerger merger =
        new FileMerger(root, staging(), scratch, settings.duckdbMemory(), steps)) {
      merging = merger;
      for (MergePlan.Group group : plan.groups()) {
        if (stop.getAsBoolean()) {
          break;
        }
        long started = System.nanoTime();
        merged.add(merger.merge(group, range, merged.size()));
        rest.after(Duration.ofNanos(System.nanoTime() - started));
      }
    } finally {
      merging = null;
      deleteTree(staging());
    }
    return merged;
  }

  /**
   * Deletes the manifests that roll-ups hold, once those have shown to be whole. The last of a
   * range goes first: it names the merged files, and a reader that finds an earlier manifest, with
   * fewer files, in the roll-up must not then find the last one as it was before.
   */
  private void removeManifests() throws IOException {
    TreeSet<Long> singles = singles();
    for (RollUp.Range range : reader.rollUps()) {
      NavigableSet<Long> rolledUp =
          singles.subSet(range.first(), true, range.last(), true).descendingSet();
      if (rolledUp.isEmpty()) {
        continue;
      }
      reader.readRollUp(range);
      for (long number : rolledUp) {
        Files.delete(root.resolve(BronzePaths.manifest(number)));
        steps.done(MaintenanceSteps.Step.MANIFEST_DELETED);
      }
      steps.done(MaintenanceSteps.Step.MANIFESTS_DELETED);
    }
  }

  // ---- removing

  private MaintenanceProgress removeReplaced(MaintenanceProgress before) throws IOException {
    MaintenanceProgress progress = before;
    for (RollUp.Range range : reader.rollUps()) {
      if (stop.getAsBoolean()) {
        break;
      }
      if (range.last() <= progress.replacedRemoved()) {
        continue;
      }
      RollUp rollUp = reader.readRollUp(range);
      if (rollUp.createdAt().plus(settings.grace()).isAfter(clock.instant())) {
        break;
      }
      long removed = 0;
      for (String path : rollUp.replaced()) {
        Path file = root.resolve(path).normalize();
        if (!file.startsWith(root.resolve("bronze").normalize())) {
          throw new IOException(path + " of a roll-up is no file of Bronze");
        }
        if (Files.deleteIfExists(file)) {
          removed++;
          steps.done(MaintenanceSteps.Step.REPLACED_DELETED);
        }
      }
      metrics.removed(MaintenanceMetrics.Reason.REPLACED, removed);
      progress = progress.withReplacedRemoved(range.last());
      progress.write(root);
      steps.done(MaintenanceSteps.Step.PROGRESS_WRITTEN);
    }
    return progress;
  }

  /** At the start, and then once in a grace period: orphans come from crashes alone. */
  private void removeOrphans(MaintenanceProgress progress) throws IOException {
    Instant now = clock.instant();
    if (scan == null) {
      if (scannedAt != null && scannedAt.plus(settings.grace()).isAfter(now)) {
        return;
      }
      Instant before = now.minus(settings.grace());
      removeHalfManifests(root.resolve(BronzePaths.MANIFESTS), before);
      removeHalfManifests(root.resolve(BronzePaths.ROLL_UPS), before);
      scan =
          new OrphanScan(
              root, reader, progress.orphansRemoved(), reader.lastNumber(), before, steps);
      scannedAt = now;
    }
    long removedBefore = scan.removed();
    boolean more = true;
    for (int i = 0; i < FOLDERS_PER_PASS && more && !stop.getAsBoolean(); i++) {
      long started = System.nanoTime();
      more = scan.next();
      rest.after(Duration.ofNanos(System.nanoTime() - started));
    }
    metrics.removed(MaintenanceMetrics.Reason.ORPHAN, scan.removed() - removedBefore);
    if (!more) {
      metrics.files(scan.files());
      progress.withOrphansRemoved(scan.checkedThrough()).write(root);
      steps.done(MaintenanceSteps.Step.PROGRESS_WRITTEN);
      scan = null;
    }
  }

  /** Manifests in the making have hidden names; a crash leaves them behind. */
  private static void removeHalfManifests(Path folder, Instant before) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      // No folder, or a file that its writer has just removed.
    }
  }

  private TreeSet<Long> singles() throws IOException {
    TreeSet<Long> numbers = new TreeSet<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(root.resolve(BronzePaths.MANIFESTS))) {
      for (Path file : files) {
        BronzePaths.manifestNumber(file.getFileName().toString()).ifPresent(numbers::add);
      }
    }
    return numbers;
  }

  private static void deleteTree(Path directory) throws IOException {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure)
                throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // Nothing to delete.
    }
  }
}
