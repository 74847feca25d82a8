package dev.lakegate.transform.plan;

import dev.lakegate.model.job.JobSpecification;
import java.time.Instant;
import java.util.List;

/**
 * What a dataset's recent runs tell the planner. All of it may be lost (the control database is no
 * part of the truth): planning then only knows less about durations and definitions.
 *
 * @param last the last run that ended; null when none is known
 * @param failures consecutive runs that ended without success, up to the last
 * @param definition fingerprint of the described specification that last succeeded; null when
 *     unknown
 * @param specification with which the last run succeeded; null when unknown
 * @param commits recent successes, oldest first
 * @param rowsLeftOut changed rows that runs could not store since the table was last made or copied
 *     anew, as far as runs are remembered
 * @param rowsQuarantined rows in its quarantine after the last success
 */
public record History(
    Last last,
    int failures,
    String definition,
    JobSpecification specification,
    List<Commit> commits,
    long rowsLeftOut,
    long rowsQuarantined) {
  /** Nothing known. */
  public static final History NONE = new History(null, 0, null, null, List.of());

  /** Of a table that no row was left out of. */
  public History(
      Last last,
      int failures,
      String definition,
      JobSpecification specification,
      List<Commit> commits) {
    this(last, failures, definition, specification, commits, 0, 0);
  }

  public History {
    commits = List.copyOf(commits);
  }

  /**
   * The last run that ended.
   *
   * @param runId its id
   * @param outcome how it ended
   * @param finishedAt when
   * @param errorCode machine-readable; null when it succeeded
   * @param errorMessage for people; null when it succeeded
   * @param retryable whether trying again may help without anyone changing anything
   * @param definition fingerprint of the specification it ran
   * @param basis what it read, as {@link Basis} writes it; null when unknown
   */
  public record Last(
      String runId,
      Outcome outcome,
      Instant finishedAt,
      String errorCode,
      String errorMessage,
      boolean retryable,
      String definition,
      String basis) {
    /** Of which it is not known what it read. */
    public Last(
        String runId,
        Outcome outcome,
        Instant finishedAt,
        String errorCode,
        String errorMessage,
        boolean retryable,
        String definition) {
      this(runId, outcome, finishedAt, errorCode, errorMessage, retryable, definition, null);
    }
  }

  /** How a run ended. */
  public enum Outcome {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    INTERRUPTED
  }

  /**
   * A run that committed.
   *
   * @param instant of its commit
   * @param startedAt when it started
   * @param finishedAt when it ended
   * @param oldestChangeAt when the oldest change that it applied was captured; null when unknown
   */
  public record Commit(
      String instant, Instant startedAt, Instant finishedAt, Instant oldestChangeAt) {}
}
