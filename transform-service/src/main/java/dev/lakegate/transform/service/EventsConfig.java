package dev.lakegate.transform.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Events that are sent as they happen. */
@ConfigMapping(prefix = "lakegate.events")
public interface EventsConfig {
  /** Events that are remembered for those who come back. */
  @WithDefault("2000")
  int kept();

  /** How many may listen at once. */
  @WithDefault("50")
  int mostListeners();

  /** Events that may wait for one listener; one that is slower is disconnected. */
  @WithDefault("256")
  int waiting();

  /** How often those who hear nothing are told that the connection lives. */
  @WithDefault("PT15S")
  Duration heartbeat();

  /** How long one connection lasts; who wants to go on connects anew, with a valid token. */
  @WithDefault("PT15M")
  Duration longest();
}
