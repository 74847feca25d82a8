package dev.lakegate.transform.plan;

import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer: how each dataset stands, and what may start now.
 *
 * @param statuses one per dataset, in the order of the situation's datasets
 * @param ready what may start now, most urgent first; none reads from or is read by a running one
 * @param wakeAt when a new plan may differ although nothing else happened; null when never
 */
public record Plan(List<Status> statuses, List<Candidate> ready, Instant wakeAt) {
  public Plan {
    statuses = List.copyOf(statuses);
    ready = List.copyOf(ready);
  }

  /** The status of a dataset, if the plan knows it. */
  public Optional<Status> status(String dataset) {
    return statuses.stream().filter(status -> status.dataset().equals(dataset)).findFirst();
  }

  /** How a dataset stands. */
  public enum State {
    /** It has no rows, and is not expected to have any yet. */
    EMPTY,
    /** It reflects everything its inputs have. */
    FRESH,
    /** Its inputs have more than it reflects. */
    STALE,
    /** A run is in progress. */
    RUNNING,
    /** It waits for somebody's decision; the reason says which, and how to tell it. */
    HELD,
    /** Its last run failed and it is still behind. */
    FAILED
  }

  /**
   * How a dataset stands and why.
   *
   * @param dataset its name
   * @param layer Silver or Gold
   * @param state in one word
   * @param reason in one sentence
   * @param behindSince capture time of the oldest change anywhere upstream that the dataset does
   *     not reflect; null when it reflects all of them
   * @param upstreamCurrent whether neither it nor anything upstream waits for work
   * @param nextTryAt when it is tried again; null unless it waits after a failure
   */
  public record Status(
      String dataset,
      Dataset.Layer layer,
      State state,
      String reason,
      Instant behindSince,
      boolean upstreamCurrent,
      Instant nextTryAt) {}

  /**
   * A run that may start now.
   *
   * @param dataset to run
   * @param mode how much to read
   * @param reason why, in one sentence
   * @param behindSince capture time of the oldest change it would apply; null when unknown
   * @param request the id of the run that somebody asked for; null when nobody did
   * @param upTo Silver: last manifest that it may consume; null for Gold
   * @param past which kept state it is about; null unless its mode says so
   */
  public record Candidate(
      String dataset,
      Mode mode,
      String reason,
      Instant behindSince,
      String request,
      Long upTo,
      Past past) {
    /** A run that applies what its inputs have. */
    public Candidate(
        String dataset, Mode mode, String reason, Instant behindSince, String request, Long upTo) {
      this(dataset, mode, reason, behindSince, request, upTo, null);
    }
  }
}
