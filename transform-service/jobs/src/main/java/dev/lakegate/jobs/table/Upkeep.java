package dev.lakegate.jobs.table;

import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.protocol.Specification;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.apache.hudi.client.SparkRDDWriteClient;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.CleanerUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps of a table's past what its retention says, and removes the rest: first the snapshots, then
 * the files that they alone listed, so that every snapshot that can be read can be read whole.
 */
public final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /**
   * Newest commit that this process has tended, by table: where there was nothing to clean, the
   * timeline does not tell that somebody looked.
   */
  private static final ConcurrentMap<Path, String> TENDED = new ConcurrentHashMap<>();

  private final HudiTable table;
  private final Specification specification;
  private final Retention retention;
  private final Snapshots snapshots;

  /** The snapshots of the table. */
  public interface Snapshots {
    /** Instants that have a snapshot, oldest first. */
    SortedSet<String> instants() throws IOException;

    /**
     * Absolute paths of the files that the snapshots of some instants, or the current one, list.
     */
    Set<Path> files(Set<String> instants) throws IOException;

    /** Removes every snapshot but the current one and those of these instants. */
    void retain(Set<String> instants) throws IOException;
  }

  /** The upkeep of a table. */
  public Upkeep(
      HudiTable table, Specification specification, Retention retention, Snapshots snapshots) {
    this.table = table;
    this.specification = specification;
    this.retention = retention;
    this.snapshots = snapshots;
  }

  /**
   * Does what is due.
   *
   * @return whether the timeline changed
   */
  public boolean run(HoodieTableMetaClient client) throws IOException {
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    String cleaned = earliestKept(client);
    List<String> whole =
        commits
            .getInstantsAsStream()
            .map(HoodieInstant::getTimestamp)
            .filter(instant -> cleaned == null || instant.compareTo(cleaned) >= 0)
            .collect(Collectors.toList());
    HoodieInstant last =
        client
            .getActiveTimeline()
            .getTimelineOfActions(
                new HashSet<>(
                    java.util.Arrays.asList(
                        HoodieTimeline.CLEAN_ACTION, HoodieTimeline.SAVEPOINT_ACTION)))
            .lastInstant()
            .orElse(null);
    boolean unfinished =
        !client.getActiveTimeline().getCleanerTimeline().filterInflightsAndRequested().empty();
    String tended = TENDED.get(table.path());
    String since = last == null ? "" : last.getTimestamp();
    if (tended != null && tended.compareTo(since) > 0) {
      since = tended;
    }
    if (!unfinished
        && commits.findInstantsAfter(since).countInstants() < retention.cleanEveryCommits()) {
      return false;
    }
    Set<String> savepoints = savepoints(client);
    List<String> replaced = replacements(commits);
    Retention.Plan plan = retention.plan(whole, snapshots.instants(), savepoints, replaced);
    int kept = Math.max(1, plan.kept());
    int least = Math.max(retention.commitsKept(), kept + 1);
    int most = least + retention.archiveEveryCommits();
    boolean tooMany = commits.countInstants() > most;
    if (!unfinished && plan.kept() == whole.size() && plan.expired().isEmpty() && !tooMany) {
      return false;
    }
    Map<String, String> options = HudiOptions.upkeep(specification, kept, least, most);
    String newest = commits.lastInstant().get().getTimestamp();
    try (SparkRDDWriteClient<?> writer = table.client(options)) {
      for (String instant : plan.wanted()) {
        HaltPoint.reached("before savepoint");
        writer.savepoint(instant, "lakegate", "hourly");
        savepoints.add(instant);
      }
      Set<String> keep = new TreeSet<>(savepoints);
      keep.removeAll(plan.expired());
      keep.addAll(whole.subList(Math.max(0, whole.size() - plan.kept()), whole.size()));
      snapshots.retain(keep);
      HaltPoint.reached("after snapshots");
      for (String instant : plan.expired()) {
        writer.deleteSavepoint(instant);
      }
      HaltPoint.reached("before clean");
      writer.clean(false);
      HaltPoint.reached("after clean");
      // Files of replaced rows must be gone before Hudi forgets that they were replaced.
      boolean scan =
          TENDED.put(table.path(), newest) == null
              || !plan.expired().isEmpty()
              || (tooMany && !replaced.isEmpty());
      boolean swept = !scan || removeOrphans(table.metaClient());
      if (swept && (!tooMany || new Timeline(table).shorten(least))) {
        HaltPoint.reached("before archive");
        writer.archive();
      }
    }
    return true;
  }

  /** The commits in the timeline that took the place of all rows. */
  private static List<String> replacements(HoodieTimeline commits) throws IOException {
    List<String> result = new ArrayList<>();
    for (HoodieInstant instant : commits.getInstants()) {
      if (instant.getAction().equals(HoodieTimeline.REPLACE_COMMIT_ACTION)
          && HudiTable.replacesAll(HudiTable.metadata(commits, instant))) {
        result.add(instant.getTimestamp());
      }
    }
    return result;
  }

  private static Set<String> savepoints(HoodieTableMetaClient client) {
    return client
        .getActiveTimeline()
        .getSavePointTimeline()
        .filterCompletedInstants()
        .getInstantsAsStream()
        .map(HoodieInstant::getTimestamp)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Oldest commit whose files the last clean kept; null when nothing was cleaned. */
  private static String earliestKept(HoodieTableMetaClient client) throws IOException {
    HoodieTimeline cleans =
        client.getActiveTimeline().getCleanerTimeline().filterCompletedInstants();
    if (!cleans.lastInstant().isPresent()) {
      return null;
    }
    String earliest =
        CleanerUtils.getCleanerMetadata(client, cleans.lastInstant().get())
            .getEarliestCommitToRetain();
    return earliest == null || earliest.isEmpty() ? null : earliest;
  }

  /**
   * Removes base files that no snapshot lists and no commit will need: of runs that were killed and
   * taken back only in part, and of savepoints that expired, which Hudi's cleaning passes over. The
   * newest file of a group whose last row went stays: no snapshot lists it, but Hudi needs it.
   *
   * @return false when it cannot be told yet what is needed
   */
  private boolean removeOrphans(HoodieTableMetaClient client) throws IOException {
    HoodieTimeline active = client.getActiveTimeline();
    if (!active.getWriteTimeline().filterInflightsAndRequested().empty()) {
      return false;
    }
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    Set<String> completed = new HashSet<>();
    commits.getInstantsAsStream().forEach(instant -> completed.add(instant.getTimestamp()));
    Set<String> savepoints = savepoints(client);
    String first = null;
    for (HoodieInstant instant : commits.getInstants()) {
      if (!savepoints.contains(instant.getTimestamp())) {
        first = instant.getTimestamp();
        break;
      }
    }
    String earliest = earliestKept(client);
    if (first == null || earliest == null) {
      // Nothing was ever cleaned, so all files are of commits that are all kept.
      return true;
    }
    // An old file that any later snapshot lists is in the first of those whose files are all kept.
    Set<String> readable = new TreeSet<>(savepoints);
    for (String instant : snapshots.instants()) {
      if (instant.compareTo(earliest) >= 0) {
        readable.add(instant);
        break;
      }
    }
    Set<Path> listed = snapshots.files(readable);
    Set<Path> everListed = null;
    List<Path> files = baseFiles();
    Map<String, String> newest = new HashMap<>();
    for (Path file : files) {
      newest.merge(
          group(file),
          FSUtils.getCommitTime(file.getFileName().toString()),
          (left, right) -> left.compareTo(right) >= 0 ? left : right);
    }
    int removed = 0;
    for (Path file : files) {
      String instant = FSUtils.getCommitTime(file.getFileName().toString());
      boolean takenBack = instant.compareTo(first) >= 0 && !completed.contains(instant);
      boolean outdated =
          instant.compareTo(earliest) < 0
              && !listed.contains(file)
              && (!instant.equals(newest.get(group(file))) || table.rows(file) > 0);
      if (takenBack || outdated) {
        // Whatever the timeline says, no file goes that can be read.
        everListed = everListed == null ? snapshots.files(snapshots.instants()) : everListed;
        if (everListed.contains(file)) {
          continue;
        }
        Files.deleteIfExists(file);
        removed++;
      }
    }
    if (removed > 0) {
      LOG.info("{}: removed {} files that nothing needs", specification.dataset(), removed);
    }
    return true;
  }

  private static String group(Path file) {
    return file.getParent() + "/" + FSUtils.getFileId(file.getFileName().toString());
  }

  private List<Path> baseFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        table.path(),
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.getFileName().toString().equals(".hoodie")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().endsWith(".parquet")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return files;
  }
}
