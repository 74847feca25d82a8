package dev.lakegate.jobs.table;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many commits stay in the active timeline. Hudi takes the first commit in it that is no
 * savepoint for the timeline's beginning, and files of commits that are neither in it nor before it
 * for unfinished: so a commit whose savepoint has expired must be archived at once, or Hudi does
 * not see rows of commits that were archived after it. Immutable and pure.
 */
final class ArchiveBounds {
  private final int least;
  private final int most;

  private ArchiveBounds(int least, int most) {
    this.least = least;
    this.most = most;
  }

  /**
   * Bounds of a pass of upkeep.
   *
   * @param commits in the active timeline, oldest first
   * @param savepoints that stay
   * @param last newest commit that must be archived now, with all before it that are no savepoints;
   *     null when none must
   * @param kept newest commits that keep all their files
   * @param atLeast least number of commits that stay, savepoints aside
   * @param batch how many more may gather
   * @return empty when what must be archived cannot be yet
   */
  static Optional<ArchiveBounds> of(
      List<String> commits, Set<String> savepoints, String last, int kept, int atLeast, int batch) {
    // Hudi counts savepoints among the commits to keep, but passes over them when it archives.
    int active = Math.max(atLeast, kept + 1) + savepoints.size();
    if (last == null) {
      return Optional.of(new ArchiveBounds(active, active + batch));
    }
    int due = 0;
    int possible = 0;
    for (int i = 0; i < commits.size(); i++) {
      if (!savepoints.contains(commits.get(i))) {
        due += commits.get(i).compareTo(last) <= 0 ? 1 : 0;
        possible += i < commits.size() - kept ? 1 : 0;
      }
    }
    // Hudi wants a distance between both bounds, and archives when there are more than the upper.
    int taken = Math.max(2, due);
    if (taken > possible || commits.size() - taken <= kept) {
      return Optional.empty();
    }
    int least = Math.min(active, commits.size() - taken);
    return Optional.of(
        new ArchiveBounds(
            least, Math.max(least + 1, Math.min(active + batch, commits.size() - 1))));
  }

  /** So many are left when there were too many. */
  int least() {
    return least;
  }

  /** More are too many. */
  int most() {
    return most;
  }
}
