package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import java.time.Duration;
import java.time.Instant;

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

  /**
   * A run begins.
   *
   * @param request as it is sent to the jobs, with the specification in it
   */
  default void begins(String run, String dataset, Instant at, JsonNode request) {}

  /** A run that began has ended, and how. */
  default void ended(RunEnd end) {}

  /**
   * A run had begun in an earlier life of the service, which did not live to see its end.
   *
   * @param at when that is found out
   */
  default void lost(String run, String dataset, Mode mode, Instant at) {}
}
