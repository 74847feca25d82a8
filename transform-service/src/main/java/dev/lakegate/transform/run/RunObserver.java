package dev.lakegate.transform.run;

import dev.lakegate.model.job.RunResult;
import java.time.Duration;

/** Is told about runs that end. Called by one thread; must not block. */
public interface RunObserver {
  /**
   * A run ended.
   *
   * @param dataset it ran
   * @param status a final one
   * @param duration from its start
   */
  void ended(String dataset, RunStatus status, Duration duration);

  /**
   * What a run that ended did, as the jobs tell it.
   *
   * @param dataset it ran
   * @param result as the jobs answered
   */
  default void did(String dataset, RunResult result) {}
}
