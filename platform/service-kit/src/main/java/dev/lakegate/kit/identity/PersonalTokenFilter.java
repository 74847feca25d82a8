package dev.lakegate.kit.identity;

import dev.lakegate.kit.error.LakegateException;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ResourceInfo;
import java.lang.reflect.Method;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Keeps personal access tokens to what they are for. It looks at the method that was chosen, not at
 * the path, so nothing about the address can lead around it.
 */
@ApplicationScoped
class PersonalTokenFilter {
  @Inject CurrentPrincipal caller;

  @ServerRequestFilter
  void check(ResourceInfo resource) {
    caller.personalToken().ifPresent(token -> check(token, resource));
  }

  private static void check(TokenGrant token, ResourceInfo resource) {
    if (resource.getResourceMethod().isAnnotationPresent(PermitAll.class)) {
      return;
    }
    String needed = scope(resource.getResourceMethod(), resource.getResourceClass());
    if (needed == null) {
      throw LakegateException.forbidden(
          "TOKEN_SCOPE",
          "Personal access tokens are not taken here.",
          "Log in and use the access token of the log-in.");
    }
    if (!token.scopes().contains(needed)) {
      throw LakegateException.forbidden(
          "TOKEN_SCOPE",
          "The personal access token lacks the scope '" + needed + "'.",
          "Make a token with this scope.");
    }
  }

  private static String scope(Method method, Class<?> type) {
    ForPersonalTokens own = method.getAnnotation(ForPersonalTokens.class);
    if (own == null && type != null) {
      own = type.getAnnotation(ForPersonalTokens.class);
    }
    return own == null ? null : own.value();
  }
}
