package dev.lakegate.transform.plan;

import dev.lakegate.model.job.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * The files one Silver run takes, and the checkpoint it reaches.
 *
 * @param through checkpoint after the run: no file of the table lies between its last file and this
 * @param files in the order of their manifests, whole manifests only, all of one epoch
 * @param complete whether nothing of the chain is left for another run
 */
public record Batch(Checkpoint.OfManifests through, List<PendingFile> files, boolean complete) {
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
   * @param head end of the chain as it was when the files were listed
   * @param endOfEpoch last manifest of the epoch of the first pending file; ignored without files
   * @param pending every file after the checkpoint, ordered by manifest, or the first of them
   * @param truncated whether more files follow than were listed; the last manifest listed is then
   *     whole all the same
   * @param limits of a run
   */
  public static Batch cut(
      Bronze.Head head,
      long endOfEpoch,
      List<PendingFile> pending,
      boolean truncated,
      Limits limits) {
    if (pending.isEmpty()) {
      return new Batch(new Checkpoint.OfManifests(head.epoch(), head.manifest()), List.of(), true);
    }
    String epoch = pending.get(0).epoch();
    List<PendingFile> taken = new ArrayList<>();
    long rows = 0;
    int next = 0;
    while (next < pending.size() && pending.get(next).epoch().equals(epoch)) {
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
    boolean limited = next < pending.size() ? pending.get(next).epoch().equals(epoch) : truncated;
    long through =
        limited ? taken.get(taken.size() - 1).manifest() : Math.min(head.manifest(), endOfEpoch);
    return new Batch(
        new Checkpoint.OfManifests(epoch, through), taken, next == pending.size() && !truncated);
  }
}
