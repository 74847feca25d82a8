package dev.lakegate.gateway.access;

import dev.lakegate.kit.client.ServiceCallException;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.policy.Principal;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Tells governance-service what tokens of the issuer say of people, because nothing else does:
 * their personal access tokens follow it. A person's claims are told when they change, and
 * otherwise every few minutes. While it cannot be told, it is tried again every few seconds, not
 * with each request.
 */
@ApplicationScoped
class Sightings {
  private static final Logger LOG = Logger.getLogger(Sightings.class);
  private static final Duration AGAIN_AFTER = Duration.ofMinutes(5);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final int MOST_KEPT = 10_000;

  private record Told(Principal principal, String login, long at, boolean failed) {}

  @Inject CurrentPrincipal caller;
  @Inject GovernanceClient governance;

  private final Map<String, Told> told = new ConcurrentHashMap<>();

  /** A person, as their token of the issuer describes them. */
  record Seen(Principal principal, String login, Instant issuedAt) {}

  @ServerRequestFilter
  void look() {
    if (caller.find().isEmpty() || caller.isService() || caller.personalToken().isPresent()) {
      return;
    }
    Seen seen = seen();
    Told now = new Told(seen.principal(), seen.login(), System.nanoTime(), false);
    String key = seen.principal().issuer() + '\n' + seen.principal().subject();
    if (told.size() >= MOST_KEPT) {
      told.clear();
    }
    if (told.compute(key, (k, old) -> old != null && isEnough(old, now) ? old : now) == now) {
      Infrastructure.getDefaultExecutor().execute(() -> tell(key, now, seen));
    }
  }

  /** The caller of the present request, who has logged in. */
  Seen seen() {
    return new Seen(
        caller.require(), caller.login().orElseThrow(), caller.issuedAt().orElse(Instant.now()));
  }

  private static boolean isEnough(Told old, Told now) {
    if (old.failed()) {
      return now.at() - old.at() < RETRY_AFTER.toNanos();
    }
    return old.principal().equals(now.principal())
        && old.login().equals(now.login())
        && now.at() - old.at() < AGAIN_AFTER.toNanos();
  }

  private void tell(String key, Told now, Seen seen) {
    try {
      governance.get().post("/api/v1/sightings", seen, Void.class);
    } catch (ServiceCallException | LakegateException e) {
      told.replace(key, now, new Told(now.principal(), now.login(), System.nanoTime(), true));
      LOG.debugf("what a token says of its bearer could not be told: %s", e.getMessage());
    }
  }
}
