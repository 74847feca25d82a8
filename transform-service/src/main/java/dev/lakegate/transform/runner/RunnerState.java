package dev.lakegate.transform.runner;

import java.time.Instant;
import java.util.Objects;

/**
 * How a runner is doing.
 *
 * @param phase in one word
 * @param message in one sentence
 * @param since when this phase began
 * @param starts how often its process was started; 0 for a runner without one
 */
public record RunnerState(Phase phase, String message, Instant since, int starts) {
  public RunnerState {
    Objects.requireNonNull(phase, "phase is null");
    Objects.requireNonNull(message, "message is null");
    Objects.requireNonNull(since, "since is null");
  }

  /** What a runner can be in. */
  public enum Phase {
    /** Not able to take runs yet. */
    STARTING,
    /** Takes a run, also beside others. */
    READY,
    /** Executes as many runs as it can at once. */
    BUSY,
    /** Not able to take runs; tries to become so. */
    DOWN,
    /** Closed for good. */
    CLOSED
  }
}
