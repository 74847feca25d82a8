package dev.lakegate.gateway.access;

import dev.lakegate.kit.client.ServiceCallException;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.PersonalToken;
import dev.lakegate.kit.identity.PersonalTokenIdentity;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/**
 * Authenticates by personal access tokens: as a bearer token, or as the password of HTTP Basic
 * together with their owner's name. Only over TLS. Whatever else stands in the header is left to
 * the issuer's tokens.
 */
@ApplicationScoped
class PersonalTokenMechanism implements HttpAuthenticationMechanism {
  private static final Logger LOG = Logger.getLogger(PersonalTokenMechanism.class);

  @Inject ExternalAddress address;
  @Inject TokenVerifier verifier;
  @Inject MeterRegistry metrics;

  private final GuessLimit limit = new GuessLimit(Clock.systemUTC());

  @Override
  public int getPriority() {
    return DEFAULT_PRIORITY + 100;
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of();
  }

  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer"));
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identityProviderManager) {
    Optional<Credentials> given = Credentials.of(context.request().getHeader("Authorization"));
    if (given.isEmpty()) {
      return Uni.createFrom().nullItem();
    }
    try {
      return authenticate(context.request(), given.get());
    } catch (RuntimeException e) {
      return Uni.createFrom().failure(e);
    }
  }

  private Uni<SecurityIdentity> authenticate(HttpServerRequest request, Credentials given) {
    if (!address.isSecure(request)) {
      // It has been sent in the clear, but whoever listened must not learn whether it is good.
      throw LakegateException.forbidden(
          "TLS_REQUIRED",
          "User names, passwords and personal access tokens are taken over TLS alone.",
          "Use the https address, and make a new token: this one was sent unencrypted.");
    }
    String client = address.client(request);
    if (!PersonalToken.isWellFormed(given.token())) {
      throttle(client);
      throw refused(client, "MALFORMED");
    }
    String hash = PersonalToken.hash(given.token());
    if (!verifier.isKnown(hash)) {
      throttle(client);
    }
    Context here = Vertx.currentContext();
    return Uni.createFrom()
        .completionStage(() -> verifier.verify(hash, client))
        // The answer comes on another thread; the request goes on on its own.
        .emitOn(task -> resume(here, task))
        .onFailure()
        .transform(PersonalTokenMechanism::cannotTell)
        .map(verdict -> identity(verdict, given, client));
  }

  private static void resume(Context context, Runnable task) {
    if (context == null || context == Vertx.currentContext()) {
      task.run();
    } else {
      context.runOnContext(nothing -> task.run());
    }
  }

  private void throttle(String client) {
    limit
        .wait(client)
        .ifPresent(
            wait -> {
              metrics.counter("lakegate.gateway.tokens.refused", "reason", "THROTTLED").increment();
              throw LakegateException.tooMany(
                  "TOO_MANY_WRONG_TOKENS",
                  "Too many wrong tokens came from your address.",
                  "Wait, then use a token that is good.",
                  wait);
            });
  }

  private SecurityIdentity identity(Verdict verdict, Credentials given, String client) {
    if (!verdict.isKnown()) {
      throw refused(client, "UNKNOWN");
    }
    if (given.user() != null && !verdict.isOwner(given.user())) {
      throw refused(client, "WRONG_USER");
    }
    if (!verdict.isGood(Instant.now())) {
      throw ended(verdict.reason());
    }
    return PersonalTokenIdentity.of(verdict.principal(), verdict.login(), verdict.grant());
  }

  private AuthenticationFailedException refused(String client, String reason) {
    limit.failed(client);
    metrics.counter("lakegate.gateway.tokens.refused", "reason", reason).increment();
    LOG.debugf("a personal access token from %s was refused: %s", client, reason);
    return new AuthenticationFailedException("the personal access token was refused");
  }

  /** Whoever holds the whole secret may know what became of it. */
  private LakegateException ended(String reason) {
    metrics.counter("lakegate.gateway.tokens.refused", "reason", reason).increment();
    return switch (reason) {
      case "REVOKED" ->
          LakegateException.unauthorized(
              "TOKEN_REVOKED", "The personal access token was revoked.", "Make a new one.");
      case "OWNER_ABSENT" ->
          LakegateException.unauthorized(
              "TOKEN_OWNER_ABSENT",
              "Its owner has not logged in for so long that their rights are not known any more.",
              "Log in once, at the console for instance; the token works again then.");
      default ->
          LakegateException.unauthorized(
              "TOKEN_EXPIRED", "The personal access token has expired.", "Make a new one.");
    };
  }

  private static Throwable cannotTell(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof LakegateException) {
      return cause;
    }
    return LakegateException.unavailable(
            "IDENTITY_UNAVAILABLE",
            "Personal access tokens cannot be verified now.",
            "Try again in a moment; if it stays so, look at the health of governance-service.",
            Duration.ofSeconds(2))
        .withCause(cause instanceof ServiceCallException ? cause : failure);
  }
}
