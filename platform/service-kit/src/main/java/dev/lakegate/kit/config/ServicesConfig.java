package dev.lakegate.kit.config;

import io.smallrye.config.ConfigMapping;
import java.net.URI;
import java.util.Optional;

/** Where the other services are. */
@ConfigMapping(prefix = "lakegate.services")
public interface ServicesConfig {
  /** Base URL of ingest-service. */
  Optional<URI> ingestUrl();

  /** Base URL of transform-service. */
  Optional<URI> transformUrl();

  /** Base URL of governance-service. */
  Optional<URI> governanceUrl();

  /** Base URL of query-gateway. */
  Optional<URI> gatewayUrl();
}
