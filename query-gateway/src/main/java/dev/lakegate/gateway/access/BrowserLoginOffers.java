package dev.lakegate.gateway.access;

import dev.lakegate.kit.error.LakegateException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Offers a log-in in the browser to programs whose request under {@code /v1/} was not
 * authenticated, in the header that Trino's clients look for. Thread-safe.
 */
@ApplicationScoped
class BrowserLoginOffers {
  /** Before authentication (200), whose refusals it adds to. */
  private static final int EARLY = 950;

  private static final String TICKET = "offer";
  private static final String WAITER = "waiter";
  private static final int LONGEST_PROGRAM = 80;

  private final Tickets tickets = new Tickets(Clock.systemUTC());
  private final BrowserLogins logins = new BrowserLogins(Clock.systemUTC());

  @Inject LoginSettings settings;
  @Inject ExternalAddress address;

  /**
   * What a user is asked to confirm.
   *
   * @param waiter hash of the waiting program's secret
   * @param from its address
   * @param program as it names itself
   */
  record Offer(String waiter, String from, String program) {}

  void register(@Observes Filters filters) {
    filters.register(this::handle, EARLY);
  }

  private void handle(RoutingContext context) {
    if (context.normalizedPath().startsWith("/v1/")) {
      context.addHeadersEndHandler(
          nothing -> {
            if (context.response().getStatusCode() == 401) {
              context.response().headers().set("WWW-Authenticate", challenges(context.request()));
            }
          });
    }
    context.next();
  }

  private List<String> challenges(HttpServerRequest request) {
    try {
      if (isOffered() && address.isSecure(request)) {
        String base = address.base(request).toString();
        String waiter = tickets.issue(WAITER, Tickets.random());
        String ticket =
            tickets.issue(
                TICKET,
                Tickets.hash(waiter)
                    + "\n"
                    + address.client(request)
                    + "\n"
                    + program(request.getHeader("User-Agent")));
        return List.of(
            "Basic realm=\"Lakegate\"",
            "Bearer x_redirect_server=\""
                + base
                + "/oauth2/token/initiate/"
                + ticket
                + "\", x_token_server=\""
                + base
                + "/oauth2/token/"
                + waiter
                + "\"");
      }
    } catch (LakegateException e) {
      // Without a usable host there is no address to offer; the refusal stands as it is.
      return List.of("Bearer");
    }
    return List.of("Bearer");
  }

  boolean isOffered() {
    return settings.enabled();
  }

  /** What a ticket offers; empty when it is not valid. */
  Optional<Offer> offer(String ticket) {
    return tickets
        .read(TICKET, ticket)
        .map(content -> content.split("\n", 3))
        .map(parts -> new Offer(parts[0], parts[1], parts[2]));
  }

  /** Whether this is the secret of a program that was offered a log-in lately. */
  boolean isWaiter(String text) {
    return tickets.read(WAITER, text).isPresent();
  }

  BrowserLogins logins() {
    return logins;
  }

  private static String program(String userAgent) {
    if (userAgent == null) {
      return "one that does not name itself";
    }
    String plain = userAgent.replaceAll("[^ -~]", "");
    return plain.length() <= LONGEST_PROGRAM ? plain : plain.substring(0, LONGEST_PROGRAM) + "...";
  }
}
