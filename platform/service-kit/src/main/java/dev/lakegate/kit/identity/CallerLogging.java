package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Puts the caller's subject, tenant and personal token into the logs of their request. */
@ApplicationScoped
class CallerLogging {
  @Inject CurrentPrincipal caller;

  @ServerRequestFilter
  void describe() {
    describeToken();
    caller
        .find()
        .ifPresent(
            principal -> {
              MDC.put("subject", principal.subject());
              if (!principal.tenants().isEmpty()) {
                MDC.put("tenant", tenant(principal));
              }
            });
  }

  /** The token's id is no secret, and tells which of a person's tools it was. */
  private void describeToken() {
    caller.personalToken().ifPresent(token -> MDC.put("personalToken", token.id()));
  }

  private static String tenant(Principal principal) {
    return principal.tenants().size() == 1
        ? principal.tenants().first()
        : principal.tenants().first() + " and " + (principal.tenants().size() - 1) + " more";
  }
}
