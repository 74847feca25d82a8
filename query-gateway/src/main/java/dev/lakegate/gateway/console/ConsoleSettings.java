package dev.lakegate.gateway.console;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** How the console's users log in. */
@ConfigMapping(prefix = "lakegate.console")
public interface ConsoleSettings {
  /** The console's name at the issuer: a public client that must use PKCE. */
  @WithDefault("lakegate-console")
  String clientId();

  /** Scopes it asks for. */
  @WithDefault("openid profile")
  String scope();

  /** The issuer's authorization endpoint; taken from its discovery document when not set. */
  Optional<URI> authorizationUrl();

  /** The issuer's token endpoint as browsers reach it; from discovery when not set. */
  Optional<URI> tokenUrl();

  /** Where a session at the issuer is ended; from discovery when not set. */
  Optional<URI> logoutUrl();
}
