package dev.lakegate.kit.aws;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How AWS is called. The names of the estate itself, as Terraform tells them, are in the services'
 * own mappings of {@code lakegate.aws}.
 */
@ConfigMapping(prefix = "lakegate.aws.client")
public interface AwsConfig {
  /** Region; otherwise what the SDK finds: {@code AWS_REGION}, the profile, the instance. */
  Optional<String> region();

  /** One address for every AWS service, for emulators and private endpoints. */
  Optional<URI> endpoint();

  /**
   * Addresses by service, before {@link #endpoint()}: the name in AWS's own addresses, such as
   * {@code lakeformation}.
   */
  Map<String, URI> endpoints();

  /** Given credentials; otherwise the SDK's default chain finds them. */
  Credentials credentials();

  /** How failed attempts are repeated. */
  Retry retry();

  /** Connection establishment. */
  @WithDefault("PT3S")
  Duration connectTimeout();

  /** One attempt, from sending to the last byte. */
  @WithDefault("PT15S")
  Duration attemptTimeout();

  /** A call with all its attempts and the pauses between them. */
  @WithDefault("PT60S")
  Duration callTimeout();

  /** Connections in all, to all AWS services. */
  @WithDefault("50")
  int maxConnections();

  /** Credentials in settings: for emulators, and machines outside of AWS. */
  interface Credentials {
    /** Access key id. */
    Optional<String> accessKeyId();

    /** Its secret. */
    Optional<String> secretAccessKey();

    /** Session token of temporary credentials. */
    Optional<String> sessionToken();
  }

  /** Repeated attempts. */
  interface Retry {
    /**
     * {@code standard}, or {@code adaptive}, which also slows down calls that are not throttled
     * yet.
     */
    @WithDefault("standard")
    Mode mode();

    /** Attempts in all, the first included. */
    @WithDefault("4")
    int maxAttempts();
  }

  /** Kinds of repetition. */
  enum Mode {
    STANDARD,
    ADAPTIVE
  }
}
