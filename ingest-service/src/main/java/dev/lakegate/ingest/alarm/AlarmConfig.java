package dev.lakegate.ingest.alarm;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When operators are alarmed. */
@ConfigMapping(prefix = "lakegate.alarms")
public interface AlarmConfig {
  /** How often the source is asked what the slot retains. */
  @WithDefault("10s")
  Duration interval();

  /**
   * Retained log at which the source's disk is taken to be in danger, where it has no {@code
   * max_slot_wal_keep_size}. Alarms begin at half of it.
   */
  @WithDefault("16G")
  MemorySize unlimitedWal();
}
