package dev.lakegate.gateway.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** How programs let their users log in in a browser. */
@ConfigMapping(prefix = "lakegate.gateway.login")
interface LoginSettings {
  /** Whether programs are offered it at all. */
  @WithDefault("true")
  boolean enabled();

  /** The gateway's name at the issuer as a client whose users log in. */
  @WithDefault("lakegate-gateway")
  String clientId();

  /** Its secret, where the issuer gave it one; PKCE is used in any case. Never logged. */
  Optional<String> clientSecret();

  /** Scopes it asks for. */
  @WithDefault("openid profile")
  String scope();
}
