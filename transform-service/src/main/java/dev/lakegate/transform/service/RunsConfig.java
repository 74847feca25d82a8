package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When runs start, how much they take, and how long they are remembered. */
@ConfigMapping(prefix = "lakegate.runs")
public interface RunsConfig {
  /** How often to look for new manifests, snapshots and descriptions. */
  @WithDefault("PT0.25S")
  Duration poll();

  /** Longest time a run may take; then its process is ended. */
  @WithDefault("PT30M")
  Duration timeout();

  /** Most Bronze files of one run; a single manifest may have more. */
  @WithDefault("5000")
  int maxFiles();

  /** Most Bronze rows of one run; a single manifest may have more. */
  @WithDefault("1000000")
  long maxRows();

  /** How long a metric waits after an input's commit for its other inputs to catch up. */
  @WithDefault("PT6S")
  Duration gather();

  /** Rows of a copy in progress from which a table no longer waits for the copy's end. */
  @WithDefault("1000000")
  long copyRows();

  /** How soon after a change Silver should reflect it; who has waited longest by it runs first. */
  @WithDefault("PT20S")
  Duration silverGoal();

  /** The same for Gold. */
  @WithDefault("PT40S")
  Duration goldGoal();

  /** Delay before a new try after a failure that may pass by itself; doubles with each. */
  @WithDefault("PT5S")
  Duration firstRetry();

  /** Longest delay between tries. */
  @WithDefault("PT5M")
  Duration lastRetry();

  /** Delay before a cancelled table runs again. */
  @WithDefault("PT1M")
  Duration afterCancel();

  /** How long ended runs are remembered. */
  @WithDefault("P14D")
  Duration keepFor();

  /** How many runs are remembered. */
  @WithDefault("50000")
  int keepMost();

  /** How many runs may be asked for at once. */
  @WithDefault("100")
  int queueMost();

  /** Size of the log of one run, in bytes, about; the middle of a longer one is left out. */
  @WithDefault("262144")
  int logBytes();

  /** Logs of runs that are kept. */
  @WithDefault("1000")
  int logsKept();
}
