package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How the job process is started. */
@ConfigMapping(prefix = "lakegate.jobs")
public interface JobsConfig {
  /** Java argument file of the jobs: JVM options without heap, class path and main class. */
  Optional<Path> argsFile();

  /** The java executable, of a JDK 17; by default the one that runs this service. */
  Optional<Path> java();

  /** Largest heap of the job process, in the notation of {@code -Xmx}. */
  @WithDefault("1g")
  String heap();

  /** More options for its JVM. */
  @WithDefault("-XX:+ExitOnOutOfMemoryError")
  List<String> options();

  /** How long the process may take until it is ready. */
  @WithDefault("PT3M")
  Duration startTimeout();

  /** How long it may take to end by itself when the service stops. */
  @WithDefault("PT5S")
  Duration stopTimeout();

  /** Delay before it is started again after it died; doubles while that leads to nothing. */
  @WithDefault("PT1S")
  Duration firstRestart();

  /** Longest such delay. */
  @WithDefault("PT1M")
  Duration lastRestart();

  /** Bound of its log file in bytes; one earlier file of that size is kept. */
  @WithDefault("16777216")
  long logBytes();
}
