package dev.lakegate.transform.run;

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
}
