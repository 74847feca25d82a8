package dev.lakegate.transform.plan;

import java.time.Duration;

/**
 * The numbers of planning.
 *
 * @param gather how long a Gold metric at most waits, after an input's commit, for its other inputs
 *     to catch up, so that one wave of changes makes one run
 * @param copyRows rows of a copy that is still going on from which Silver no longer waits for its
 *     end
 * @param silverGoal how soon after a change a Silver table should reflect it; orders runs
 * @param goldGoal the same for a metric
 * @param firstRetry delay before the first new try after a failure that may pass by itself
 * @param lastRetry longest delay between tries
 * @param afterCancel delay before a cancelled dataset is run again
 */
public record Rules(
    Duration gather,
    long copyRows,
    Duration silverGoal,
    Duration goldGoal,
    Duration firstRetry,
    Duration lastRetry,
    Duration afterCancel) {

  /**
   * Delay after the given number of consecutive failures: doubles with each. What was throttled
   * begins four times and ends two times higher, so that it does not add to what it suffers from;
   * what only a change from outside can help begins eight times higher.
   */
  Duration retryDelay(int failures, FailureClass kind) {
    Duration delay =
        switch (kind) {
          case TRANSIENT -> firstRetry;
          case THROTTLED -> firstRetry.multipliedBy(4);
          case BAD_DATA, CODE, OTHER -> firstRetry.multipliedBy(8);
        };
    Duration longest = kind == FailureClass.THROTTLED ? lastRetry.multipliedBy(2) : lastRetry;
    for (int i = 1; i < failures && delay.compareTo(longest) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    return delay.compareTo(longest) < 0 ? delay : longest;
  }
}
