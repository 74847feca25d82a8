package dev.lakegate.transform.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * The files one Silver run takes, and how far it comes. A run may cross epochs: its files fold by
 * change sequence, which sorts later epochs behind earlier ones.
 *
 * @param through last manifest consumed: no file of the table lies between its last file and this
 * @param files in the order of their manifests, whole manifests only
 * @param complete whether nothing is left for another run
 */
public record Batch(long through, List<PendingFile> files, boolean complete) {
  public Batch {
    files = List.copyOf(files);
  }

  /**
   * Bounds of one run; a single manifest may exceed them, because it is never split.
   *
   * @param files most files
   * @param rows most rows
   */
  public record Limits(int files, long rows) {}

  /**
   * Cuts the next batch off the pending files.
   *
   * @param upTo last manifest that may be consumed
   * @param pending every file after the checkpoint and up to that, ordered by manifest, or the
   *     first of them
   * @param truncated whether more files follow than were listed; the last manifest listed is then
   *     whole all the same
   * @param limits of a run
   */
  public static Batch cut(long upTo, List<PendingFile> pending, boolean truncated, Limits limits) {
    List<PendingFile> taken = new ArrayList<>();
    long rows = 0;
    int next = 0;
    while (next < pending.size()) {
      int end = next;
      long more = 0;
      while (end < pending.size() && pending.get(end).manifest() == pending.get(next).manifest()) {
        more += pending.get(end).rows();
        end++;
      }
      if (!taken.isEmpty() && (end > limits.files() || rows + more > limits.rows())) {
        break;
      }
      taken.addAll(pending.subList(next, end));
      rows += more;
      next = end;
    }
    boolean complete = next == pending.size() && !truncated;
    return new Batch(complete ? upTo : taken.get(taken.size() - 1).manifest(), taken, complete);
  }
}
