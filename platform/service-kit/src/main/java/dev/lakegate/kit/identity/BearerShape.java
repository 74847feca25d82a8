package dev.lakegate.kit.identity;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Refuses bearer tokens that do not even look like a signed JWT before anything takes them apart:
 * the OIDC extension fails on some of them, as on two dots, with an error that is no refusal.
 */
@ApplicationScoped
class BearerShape {
  private static final int BEFORE_AUTHENTICATION = 930;
  private static final String SCHEME = "Bearer ";
  private static final Pattern JWT =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

  void register(@Observes Filters filters) {
    filters.register(BearerShape::check, BEFORE_AUTHENTICATION);
  }

  private static void check(RoutingContext context) {
    String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      String token = header.substring(SCHEME.length()).strip();
      if (!PersonalToken.isMeant(token) && !JWT.matcher(token).matches()) {
        context.fail(401, new AuthenticationFailedException("the token is not a signed JWT"));
        return;
      }
    }
    context.next();
  }
}
