package dev.lakegate.transform.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How the local runner starts its process.
 *
 * @param java the java executable
 * @param argsFile Java argument file with class path and main class of the jobs
 * @param heap largest heap, in the notation of {@code -Xmx}
 * @param options more JVM options
 * @param directory scratch directory and place of the log
 * @param startTimeout how long the process may take until it is ready
 * @param stopTimeout how long it may take to end by itself
 * @param firstRestart delay before the second start; doubles with each that leads to no result
 * @param lastRestart longest such delay
 * @param logBytes bound of its log file
 */
public record LocalRunnerSettings(
    Path java,
    Path argsFile,
    String heap,
    List<String> options,
    Path directory,
    Duration startTimeout,
    Duration stopTimeout,
    Duration firstRestart,
    Duration lastRestart,
    long logBytes) {
  public LocalRunnerSettings {
    options = List.copyOf(options);
  }
}
