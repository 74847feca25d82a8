package dev.lakegate.transform.plan;

import dev.lakegate.model.job.RunRequest.Mode;
import java.time.Instant;

/**
 * What a dataset needs, before failures and turns are considered.
 *
 * @param kind nothing, something that it has to wait for, or a run
 * @param mode of the run; null unless one is needed
 * @param reason a sentence
 * @param behindSince capture time of the oldest change that it does not reflect; null when unknown
 *     or when there is none
 * @param failing whether a failure holds it
 * @param decision whether it waits for somebody's decision
 * @param upTo Silver: last manifest that a run may consume; null for Gold
 * @param blockedBy a running dataset that must end first; null when there is none
 */
record Need(
    Kind kind,
    Mode mode,
    String reason,
    Instant behindSince,
    boolean failing,
    boolean decision,
    Long upTo,
    String blockedBy) {
  enum Kind {
    NOTHING,
    HELD,
    WORK
  }

  static Need nothing(String reason) {
    return new Need(Kind.NOTHING, null, reason, null, false, false, null, null);
  }

  static Need held(String reason, Instant behindSince, boolean failing) {
    return new Need(Kind.HELD, null, reason, behindSince, failing, false, null, null);
  }

  /** Somebody has to decide; what reads it goes on with what it has. */
  static Need decision(String reason, Instant behindSince) {
    return new Need(Kind.HELD, null, reason, behindSince, false, true, null, null);
  }

  static Need work(Mode mode, String reason, Instant behindSince) {
    return new Need(Kind.WORK, mode, reason, behindSince, false, false, null, null);
  }

  static Need work(Mode mode, String reason, Instant behindSince, long upTo) {
    return new Need(Kind.WORK, mode, reason, behindSince, false, false, upTo, null);
  }

  Need blockedBy(String running, String why) {
    return new Need(kind, mode, reason + " " + why, behindSince, failing, decision, upTo, running);
  }
}
