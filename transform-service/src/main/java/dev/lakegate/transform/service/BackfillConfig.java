package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What is computed again because somebody asks for it. */
@ConfigMapping(prefix = "lakegate.backfill")
public interface BackfillConfig {
  /** Rows to read from which somebody has to confirm it. */
  @WithDefault("10000000")
  long mostRows();
}
