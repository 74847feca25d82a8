package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Tables that are made of former states. */
@ConfigMapping(prefix = "lakegate.asof")
public interface AsOfConfig {
  /** How long one exists unless somebody says otherwise. */
  @WithDefault("P7D")
  Duration expiry();

  /** How long one may exist. */
  @WithDefault("P90D")
  Duration longestExpiry();

  /** How many may exist at once. */
  @WithDefault("200")
  int most();
}
