package dev.lakegate.gateway.access;

import dev.lakegate.gateway.access.BrowserLogins.Outcome;
import dev.lakegate.gateway.access.BrowserLogins.Pending;
import dev.lakegate.gateway.console.IssuerDiscovery;
import dev.lakegate.kit.error.LakegateException;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.inject.Inject;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Log-in in the browser for programs that speak Trino's protocol: the refusal of their first
 * request names two addresses, one that the user opens and one that the program asks for the token.
 * All of it over TLS alone.
 */
@Path("/oauth2")
@PermitAll
@Tag(name = "browser log-in", description = "For Trino's clients with external authentication.")
public class BrowserLoginResource {
  private static final String COOKIE = "__Host-lakegate-login";
  private static final String CALLBACK = "/oauth2/callback";
  private static final Duration POLL = Duration.ofSeconds(8);
  private static final int LONGEST_CODE = 4_096;

  @Inject BrowserLoginOffers offers;
  @Inject CodeExchange exchange;
  @Inject IssuerDiscovery discovery;
  @Inject ExternalAddress address;
  @Inject RoutingContext context;

  @GET
  @Path("token/initiate/{ticket}")
  @Produces(MediaType.TEXT_HTML)
  @Operation(summary = "Ask the user whether they began this log-in")
  public Response ask(@PathParam("ticket") String ticket, @CookieParam(COOKIE) String cookie) {
    requireTls();
    Optional<BrowserLoginOffers.Offer> offer = offers.offer(ticket);
    if (offer.isEmpty()) {
      return page(400, BrowserLoginPages.failed("This address is not valid any more."));
    }
    String here = address.client(context.request());
    Response.ResponseBuilder response =
        Response.ok(
            BrowserLoginPages.confirm(
                "/oauth2/token/initiate/" + ticket,
                offer.get().program(),
                offer.get().from(),
                !offer.get().from().equals(here)));
    if (!isOurs(cookie)) {
      // Lax: it comes along when the issuer sends the browser back, and with no other site's form.
      response.header(
          "Set-Cookie",
          COOKIE
              + "="
              + Tickets.random()
              + "; Path=/; Max-Age="
              + Tickets.LIFE.toSeconds()
              + "; Secure; HttpOnly; SameSite=Lax");
    }
    return response.build();
  }

  @POST
  @Path("token/initiate/{ticket}")
  @Produces(MediaType.TEXT_HTML)
  @Blocking
  @Operation(summary = "Send the browser to the identity provider")
  public Response begin(
      @PathParam("ticket") String ticket,
      @CookieParam(COOKIE) String cookie,
      @HeaderParam("Origin") String origin,
      @HeaderParam("Sec-Fetch-Site") String site) {
    requireTls();
    URI base = address.base(context.request());
    boolean foreign =
        origin != null && !origin.equals(base.toString())
            || site != null && !site.equals("same-origin");
    Optional<BrowserLoginOffers.Offer> offer = offers.offer(ticket);
    if (foreign || !isOurs(cookie) || offer.isEmpty()) {
      return page(
          foreign ? 403 : 400,
          BrowserLoginPages.failed(
              "This form did not come from Lakegate's own page, or is not valid any more."));
    }
    Pending login =
        new Pending(
            offer.get().waiter(),
            offer.get().from(),
            Tickets.hash(cookie),
            Tickets.random(),
            Tickets.random(),
            URI.create(base + CALLBACK));
    return offers
        .logins()
        .begin(login, address.client(context.request()))
        .map(state -> Response.seeOther(exchange.authorization(state, login)).build())
        .orElseGet(
            () ->
                page(503, BrowserLoginPages.failed("Too many log-ins are under way. Try later.")));
  }

  @GET
  @Path("callback")
  @Produces(MediaType.TEXT_HTML)
  @Blocking
  @Operation(summary = "Where the identity provider sends the browser back to")
  public Response callback(
      @QueryParam("state") String state,
      @QueryParam("code") String code,
      @QueryParam("error") String error,
      @QueryParam("iss") String issuer,
      @CookieParam(COOKIE) String cookie) {
    requireTls();
    Optional<Pending> begun =
        isOurs(cookie) ? offers.logins().take(state, cookie) : Optional.empty();
    if (begun.isEmpty()) {
      return page(
          400,
          BrowserLoginPages.failed("This answer belongs to no log-in that this browser began."));
    }
    Pending login = begun.get();
    if (issuer != null && !issuer.equals(discovery.issuer().toString())) {
      return fail(login, "The answer came from another identity provider.");
    }
    if (error != null || code == null || code.isEmpty() || code.length() > LONGEST_CODE) {
      return fail(login, "The identity provider refused the log-in.");
    }
    try {
      CodeExchange.LoggedIn user = exchange.exchange(code, login);
      offers.logins().end(login, new Outcome(user.accessToken(), null));
      return page(200, BrowserLoginPages.done(user.name()));
    } catch (CodeExchange.ExchangeFailedException e) {
      return fail(login, e.getMessage());
    }
  }

  @GET
  @Path("token/{waiter}")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Wait for the token",
      description =
          "Answers `token`, `error`, or `nextUri` to ask again. A token is given out once.")
  public Uni<Map<String, String>> poll(@PathParam("waiter") String waiter) {
    requireTls();
    if (!offers.isWaiter(waiter)) {
      return Uni.createFrom()
          .item(Map.of("error", "This log-in is not known, or took too long. Begin again."));
    }
    String name = Tickets.hash(waiter);
    CompletableFuture<Outcome> outcome =
        offers
            .logins()
            .outcome(name, address.client(context.request()))
            .orElseThrow(
                () ->
                    LakegateException.unavailable(
                        "TOO_MANY_LOGINS",
                        "Too many log-ins are under way.",
                        "Try again in a moment.",
                        Duration.ofSeconds(5)));
    Map<String, String> again =
        Map.of("nextUri", address.base(context.request()) + "/oauth2/token/" + waiter);
    return Uni.createFrom()
        // A copy: giving up waiting must not end what others wait for.
        .completionStage(() -> outcome.copy())
        .map(
            end ->
                end.token() == null
                    ? Map.of("error", end.error())
                    : offers.logins().spend(name)
                        ? Map.of("token", end.token())
                        : Map.of("error", "The token was given out already. Begin again."))
        .ifNoItem()
        .after(POLL)
        .recoverWithItem(again);
  }

  @DELETE
  @Path("token/{waiter}")
  @Operation(summary = "The program no longer waits")
  public Response forget(@PathParam("waiter") String waiter) {
    requireTls();
    if (offers.isWaiter(waiter)) {
      offers.logins().outcome(Tickets.hash(waiter), address.client(context.request()));
      offers.logins().spend(Tickets.hash(waiter));
    }
    return Response.noContent().build();
  }

  private Response fail(Pending login, String message) {
    offers.logins().end(login, new Outcome(null, message));
    return page(400, BrowserLoginPages.failed(message));
  }

  private void requireTls() {
    if (!offers.isOffered()) {
      throw LakegateException.notFound(
          "NOT_FOUND", "There is nothing at this address.", "Log in otherwise.");
    }
    if (!address.isSecure(context.request())) {
      throw LakegateException.forbidden(
          "TLS_REQUIRED", "Logging in needs TLS.", "Use the https address.");
    }
  }

  private static boolean isOurs(String cookie) {
    return cookie != null && cookie.matches("[A-Za-z0-9_-]{43}");
  }

  private static Response page(int status, String html) {
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE).entity(html).build();
  }
}
