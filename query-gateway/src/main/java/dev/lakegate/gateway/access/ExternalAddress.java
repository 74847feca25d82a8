package dev.lakegate.gateway.access;

import dev.lakegate.kit.error.LakegateException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;

/**
 * The one place that says by which address clients reach the gateway, also behind proxies that end
 * TLS. Forwarding headers count only when they come from a proxy that {@code
 * lakegate.gateway.proxy.trusted} names; {@code lakegate.gateway.external-url} wins over all.
 * Thread-safe.
 */
@ApplicationScoped
public class ExternalAddress {
  private final URI fixed;
  private final Forwarding forwarding;

  @Inject
  ExternalAddress(ProxySettings settings) {
    this.fixed =
        settings
            .externalUrl()
            .map(url -> URI.create(url.toString().replaceAll("/+$", "")))
            .orElse(null);
    this.forwarding =
        new Forwarding(
            Networks.of(settings.proxy().trusted().orElse(List.of())), settings.proxy().headers());
  }

  /**
   * The base of addresses that are given to this client, such as {@code https://lake.example.org}:
   * scheme, host, and port where it is not the scheme's own; no slash at the end.
   *
   * @throws LakegateException 400 when the request names no usable host
   */
  public URI base(HttpServerRequest request) {
    return fixed != null ? fixed : origin(request).base();
  }

  /**
   * Whether the client's own connection is encrypted: to the gateway, or to a trusted proxy.
   *
   * @throws LakegateException 400 when the request names no usable host
   */
  public boolean isSecure(HttpServerRequest request) {
    return origin(request).secure();
  }

  /**
   * The client's IP address: the nearest hop that is not a trusted proxy.
   *
   * @throws LakegateException 400 when the request names no usable host
   */
  public String client(HttpServerRequest request) {
    return origin(request).client();
  }

  private Forwarding.Origin origin(HttpServerRequest request) {
    return forwarding.origin(
        new Forwarding.Request(
            request.connection().remoteAddress() == null
                ? ""
                : String.valueOf(request.connection().remoteAddress().hostAddress()),
            request.connection().isSsl(),
            request.authority() == null ? null : request.authority().toString(),
            request.headers()::getAll));
  }
}
