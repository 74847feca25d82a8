package dev.lakegate.governance.token;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Bounds of personal access tokens. */
@ConfigMapping(prefix = "lakegate.tokens")
interface TokenConfig {
  /** How long a token is good when its owner does not say. */
  @WithDefault("P90D")
  Duration lifetime();

  /** The longest that an owner may ask for. */
  @WithDefault("P365D")
  Duration longestLifetime();

  /** How old what the issuer last said of the owner may be. */
  @WithDefault("P14D")
  Duration claimsMaxAge();

  /** Tokens of one owner that are good at the same time. */
  @WithDefault("50")
  int mostPerOwner();
}
