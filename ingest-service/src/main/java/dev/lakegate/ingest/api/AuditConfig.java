package dev.lakegate.ingest.api;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The outbox of audit events. */
@ConfigMapping(prefix = "lakegate.ingest.audit")
public interface AuditConfig {
  /** What the outbox may hold before orders are refused. */
  @WithDefault("16M")
  MemorySize maxBytes();

  /** Pause between attempts to deliver. */
  @WithDefault("1S")
  Duration drainInterval();
}
