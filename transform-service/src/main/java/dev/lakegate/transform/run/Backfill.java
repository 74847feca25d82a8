package dev.lakegate.transform.run;

import java.time.Instant;
import java.util.List;

/**
 * Something that is computed again because somebody asked for it.
 *
 * @param id sorts by the time it was asked for; null while it is only considered
 * @param dataset whose rows of the range are wanted anew
 * @param from beginning of the range
 * @param to end of the range, which does not belong to it
 * @param cascade whether what reads it is computed anew, too
 * @param whole why more than the range is computed
 * @param rowsRead about how many rows all of it reads
 * @param by who asked
 * @param askedAt when; null while it is only considered
 * @param state {@code considered}, {@code queued}, {@code running}, {@code succeeded}, {@code
 *     failed} or {@code cancelled}
 * @param done steps that have ended well
 * @param steps inputs before those that read them
 */
public record Backfill(
    String id,
    String dataset,
    Instant from,
    Instant to,
    boolean cascade,
    String whole,
    long rowsRead,
    String by,
    Instant askedAt,
    String state,
    int done,
    List<Step> steps) {
  public Backfill {
    steps = List.copyOf(steps);
  }

  /**
   * One dataset of it.
   *
   * @param dataset that is computed anew
   * @param run that does it; null while it is only considered
   * @param status of that run; null while it is only considered, or when the run is forgotten
   * @param rowsRead about how many rows it reads
   */
  public record Step(String dataset, String run, RunStatus status, Long rowsRead) {}

  /** The state that the runs of the steps make. */
  static String state(List<Step> steps) {
    boolean queued = false;
    boolean begun = false;
    for (Step step : steps) {
      // A run that was forgotten ended long ago; forgetting keeps the last success.
      RunStatus status = step.status() == null ? RunStatus.SUCCEEDED : step.status();
      if (status == RunStatus.FAILED) {
        return "failed";
      }
      if (status == RunStatus.CANCELLED) {
        return "cancelled";
      }
      queued |= !status.isFinal();
      begun |= status != RunStatus.QUEUED;
    }
    return !queued ? "succeeded" : begun ? "running" : "queued";
  }
}
