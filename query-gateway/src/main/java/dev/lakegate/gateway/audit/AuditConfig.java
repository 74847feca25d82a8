package dev.lakegate.gateway.audit;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The outbox of audit events. */
@ConfigMapping(prefix = "lakegate.gateway.audit")
public interface AuditConfig {
  /** What the outbox may hold before queries are refused. */
  @WithDefault("64M")
  MemorySize maxBytes();

  /** Pause between attempts to deliver. */
  @WithDefault("1S")
  Duration drainInterval();
}
