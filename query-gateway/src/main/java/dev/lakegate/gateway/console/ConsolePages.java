package dev.lakegate.gateway.console;

import dev.lakegate.kit.config.IdentityConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Puts the security headers on every answer, and the pages at their addresses. */
@ApplicationScoped
class ConsolePages {
  /** Before authentication and everything else, so that refusals carry the headers too. */
  private static final int FIRST = 1000;

  @Inject IssuerDiscovery discovery;
  @Inject IdentityConfig identity;

  void register(@Observes Filters filters) {
    filters.register(this::handle, FIRST);
  }

  private void handle(RoutingContext context) {
    String path = context.normalizedPath();
    HttpServerRequest request = context.request();
    String host = request.authority() == null ? null : request.authority().host();
    // At the end, because whoever answers sets headers of their own, such as for caching.
    context.addHeadersEndHandler(
        nothing ->
            PageHeaders.of(path, request.isSSL(), host, issuers())
                .forEach((name, value) -> put(context, path, name, value)));
    switch (path) {
      case "/ops", "/ops/" -> context.reroute("/ops.html");
      case "/tokens", "/tokens/" -> context.reroute("/tokens.html");
      default -> context.next();
    }
  }

  /** The REST interface may say itself how long an answer keeps. */
  private static void put(RoutingContext context, String path, String name, String value) {
    boolean own = name.equals("Cache-Control") && !PageHeaders.isConsole(path);
    if (!own || !context.response().headers().contains(name)) {
      context.response().putHeader(name, value);
    }
  }

  private List<URI> issuers() {
    List<URI> issuers = new ArrayList<>();
    identity.issuer().ifPresent(issuers::add);
    discovery.known().ifPresent(endpoints -> issuers.add(endpoints.token()));
    return issuers;
  }
}
