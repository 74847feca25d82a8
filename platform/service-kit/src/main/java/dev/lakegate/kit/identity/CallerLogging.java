package dev.lakegate.kit.identity;

import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Puts the caller's subject and tenant into the logs of their request. */
@ApplicationScoped
class CallerLogging {
  @Inject CurrentPrincipal caller;

  @ServerRequestFilter
  void describe() {
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

  private static String tenant(Principal principal) {
    return principal.tenants().size() == 1
        ? principal.tenants().first()
        : principal.tenants().first() + " and " + (principal.tenants().size() - 1) + " more";
  }
}
