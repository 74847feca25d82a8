package dev.lakegate.jobs.table;

import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.spark.Scratch;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a table's timeline short and without gaps.
 *
 * <p>Hudi sees a file when its commit is in the timeline, or is older than all commits in it. Its
 * own archiving passes over the commits of savepoints: those then stand before commits that are
 * gone, and Hudi no longer sees the files that the latter wrote. So commits are taken out here,
 * strictly from the oldest on, those of savepoints too: a savepoint's own file protects its files
 * from cleaning without its commit. Wherever a crash stops this, what is left has no gap.
 */
final class Timeline {
  private static final Logger LOG = LoggerFactory.getLogger(Timeline.class);

  private final HudiTable table;

  Timeline(HudiTable table) {
    this.table = table;
  }

  /**
   * Takes the oldest commits out.
   *
   * @param left number of commits that stay
   * @return false when a commit is under way, so that nothing may be taken out
   */
  boolean shorten(int left) throws IOException {
    HoodieTableMetaClient client = table.metaClient();
    // With the files of each state of a commit, not only those of the last.
    HoodieTimeline all = new HoodieActiveTimeline(client, false).getWriteTimeline();
    List<HoodieInstant> commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants().getInstants();
    if (!client.getActiveTimeline().getWriteTimeline().filterInflightsAndRequested().empty()) {
      return false;
    }
    List<HoodieInstant> oldest = commits.subList(0, Math.max(0, commits.size() - left));
    String savepoint =
        client
            .getActiveTimeline()
            .getSavePointTimeline()
            .filterCompletedInstants()
            .firstInstant()
            .map(HoodieInstant::getTimestamp)
            .orElse(null);
    for (HoodieInstant commit : oldest) {
      // A savepoint's files that this commit replaced would come to life without it.
      if (savepoint != null
          && commit.getAction().equals(HoodieTimeline.REPLACE_COMMIT_ACTION)
          && savepoint.compareTo(commit.getTimestamp()) < 0) {
        LOG.info(
            "{}: the timeline keeps {} while savepoint {} exists", table.path(), commit, savepoint);
        break;
      }
      Scratch.delete(
          table.path().resolve(".hoodie").resolve(".temp").resolve(commit.getTimestamp()));
      // The completed state last: without it, Hudi would take the commit back.
      List<HoodieInstant> begun =
          all.getInstantsAsStream()
              .filter(instant -> instant.getTimestamp().equals(commit.getTimestamp()))
              .filter(instant -> !instant.isCompleted())
              .collect(Collectors.toList());
      for (HoodieInstant instant : begun) {
        client.getActiveTimeline().deleteInstantFileIfExists(instant);
      }
      client.getActiveTimeline().deleteInstantFileIfExists(commit);
      HaltPoint.reached("archived a commit");
    }
    return true;
  }
}
