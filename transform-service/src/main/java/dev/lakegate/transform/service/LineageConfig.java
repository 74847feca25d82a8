package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where events of runs go in OpenLineage's words; nowhere unless a file or an address is set. */
@ConfigMapping(prefix = "lakegate.lineage")
public interface LineageConfig {
  /** File to append events to, one a line. */
  Optional<Path> file();

  /** Largest size of that file in bytes; a full one is kept as {@code <file>.1} and so on. */
  @WithDefault("16777216")
  long fileBytes();

  /** Full files that are kept. */
  @WithDefault("5")
  int filesKept();

  /** Address to post events to, such as {@code https://host/api/v1/lineage}. */
  Optional<URI> url();

  /** Sent to that address as a bearer token. */
  Optional<String> apiKey();

  /** Longest time of a request. */
  @WithDefault("PT5S")
  Duration timeout();

  /** Namespace of jobs and datasets. */
  @WithDefault("lakegate")
  String namespace();

  /** URI of who says so. */
  @WithDefault("urn:lakegate:transform-service")
  String producer();

  /** Events that may wait; more are dropped and counted. */
  @WithDefault("1000")
  int waiting();

  /** Tries to deliver an event. */
  @WithDefault("5")
  int tries();

  /** Time before the second try; it doubles, up to 30 s. */
  @WithDefault("PT1S")
  Duration firstRetry();
}
