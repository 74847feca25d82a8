package dev.lakegate.gateway.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Finds the issuer's endpoints once and keeps them for a while. Thread-safe; the issuer may start
 * after the gateway and be away later.
 */
@ApplicationScoped
public class IssuerDiscovery {
  private static final Logger LOG = Logger.getLogger(IssuerDiscovery.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration KEPT_FOR = Duration.ofMinutes(10);
  private static final int LARGEST_DOCUMENT = 256 * 1024;

  private final HttpClient http;
  private final IdentityConfig identity;
  private final ConsoleSettings settings;

  private volatile Endpoints known;
  private volatile long knownAt;

  @Inject
  IssuerDiscovery(HttpClient http, IdentityConfig identity, ConsoleSettings settings) {
    this.http = http;
    this.identity = identity;
    this.settings = settings;
    this.known = Endpoints.configured(settings).orElse(null);
  }

  /** The issuer. */
  public URI issuer() {
    return identity
        .issuer()
        .orElseThrow(
            () ->
                LakegateException.of(
                    500,
                    "NOT_CONFIGURED",
                    "The gateway knows no issuer.",
                    "Set lakegate.identity.issuer."));
  }

  /** The endpoints as far as they are known; never waits. */
  Optional<Endpoints> known() {
    return Optional.ofNullable(known);
  }

  /**
   * The endpoints. Blocking, for at most 3 seconds.
   *
   * @throws LakegateException 503 when the issuer has never answered
   */
  public synchronized Endpoints endpoints() {
    if (Endpoints.configured(settings).isPresent()
        || known != null && System.nanoTime() - knownAt < KEPT_FOR.toNanos()) {
      return known;
    }
    try {
      known = fetch();
      knownAt = System.nanoTime();
    } catch (IOException | IllegalArgumentException e) {
      if (known == null) {
        throw LakegateException.unavailable(
                "ISSUER_UNAVAILABLE",
                "The identity provider cannot be asked where to log in: " + reason(e) + ".",
                "Look whether " + issuer() + " runs and is what lakegate.identity.issuer names.",
                Duration.ofSeconds(2))
            .withCause(e);
      }
      LOG.warnf("the issuer's discovery document cannot be renewed: %s", reason(e));
    }
    return known;
  }

  private Endpoints fetch() throws IOException {
    URI issuer = issuer();
    URI address =
        URI.create(issuer.toString().replaceAll("/+$", "") + "/.well-known/openid-configuration");
    try {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(address)
                  .timeout(TIMEOUT)
                  .header("Accept", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        byte[] body = in.readNBytes(LARGEST_DOCUMENT);
        if (response.statusCode() != 200) {
          throw new IOException("it answered " + response.statusCode() + " at " + address);
        }
        JsonNode document = Json.MAPPER.readTree(body);
        return Endpoints.read(document, issuer, settings);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? "it cannot be reached" : e.getMessage();
  }
}
