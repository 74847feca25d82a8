package dev.lakegate.kit.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Whose tokens are trusted and what their claims mean. */
@ConfigMapping(prefix = "lakegate.identity")
public interface IdentityConfig {
  /** Expected {@code iss} of tokens; also the base URL of the issuer. Required. */
  Optional<URI> issuer();

  /** Where the issuer publishes its keys. Required. */
  Optional<URI> jwksUrl();

  /** Token endpoint, for calls between services. Required where a service calls another. */
  Optional<URI> tokenUrl();

  /** Expected {@code aud} of tokens. */
  @WithDefault("lakegate")
  String audience();

  /** The only signature algorithm that is accepted: an asymmetric one. */
  @WithDefault("RS256")
  String signatureAlgorithm();

  /** Name under which this service gets its own tokens. */
  Optional<String> clientId();

  /** Secret under which this service gets its own tokens. Never logged. */
  Optional<String> clientSecret();

  /** Personas that administer, where a service does not hold the policy. */
  @WithDefault("LakeFormationAdmin")
  Set<String> administrators();

  /** Personas that see the state of the platform, where a service does not hold the policy. */
  @WithDefault("LakeFormationAdmin,DataEngineer")
  Set<String> operators();

  /** Where claims are found: names with {@code /} between them. */
  Claims claims();

  /** Where claims are found: names with {@code /} between them. */
  interface Claims {
    /** Array of persona names. */
    @WithDefault("personas")
    String personas();

    /** Array of tenant ids. */
    @WithDefault("tenants")
    String tenants();

    /** Tier of accounts, a text. */
    @WithDefault("tier")
    String tier();
  }
}
