package dev.lakegate.gateway.policy;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the policy is kept. */
@ConfigMapping(prefix = "lakegate.gateway.policy")
public interface PolicyConfig {
  /** Pause between questions to governance-service. */
  @WithDefault("2S")
  Duration pollInterval();

  /** How long one question may take. */
  @WithDefault("2S")
  Duration timeout();

  /** How long the last good policy serves without governance-service. */
  @WithDefault("60S")
  Duration grace();
}
