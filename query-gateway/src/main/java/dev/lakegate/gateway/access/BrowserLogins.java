package dev.lakegate.gateway.access;

import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Log-ins that are under way in browsers, and their outcomes until the program that waits has
 * fetched them: each once. In memory, bounded, short-lived. Thread-safe.
 */
final class BrowserLogins {
  private static final int MOST = 10_000;

  /**
   * A browser that was sent to the issuer.
   *
   * @param waiter hash of the waiting program's secret
   * @param cookieHash of the cookie of the browser that began it
   * @param redirectUri that the issuer was given
   */
  record Pending(
      String waiter, String cookieHash, String verifier, String nonce, URI redirectUri) {}

  /**
   * How a log-in ended; exactly one is not null.
   *
   * @param token access token of the issuer
   * @param error why there is none
   */
  record Outcome(String token, String error) {
    @Override
    public String toString() {
      return "Outcome[error=" + error + "]";
    }
  }

  private record Started(Pending pending, Instant until) {}

  private record Waiter(CompletableFuture<Outcome> outcome, Instant until, boolean spent) {}

  private static final Outcome LATE = new Outcome(null, "The log-in took too long. Begin again.");
  private static final Outcome SPENT =
      new Outcome(null, "The token was given out already. Begin again.");

  private final Clock clock;
  private final Map<String, Started> started = new HashMap<>();
  private final Map<String, Waiter> waiters = new HashMap<>();

  BrowserLogins(Clock clock) {
    this.clock = clock;
  }

  /** Begins a log-in under an unguessable state; empty when too many are under way. */
  synchronized Optional<String> begin(Pending pending) {
    purge();
    if (started.size() >= MOST) {
      return Optional.empty();
    }
    String state = Tickets.random();
    started.put(state, new Started(pending, clock.instant().plus(Tickets.LIFE)));
    return Optional.of(state);
  }

  /** Takes a log-in out by its state: good for one use, and in the browser that began it. */
  synchronized Optional<Pending> take(String state, String cookie) {
    purge();
    Started found = state == null ? null : started.get(state);
    if (found == null || cookie == null) {
      return Optional.empty();
    }
    if (!found.pending().cookieHash().equals(Tickets.hash(cookie))) {
      // Somebody else's browser: the one that began it may still come.
      return Optional.empty();
    }
    started.remove(state);
    return Optional.of(found.pending());
  }

  /** Ends a log-in; only the first outcome for a program counts. */
  synchronized void end(String waiter, Outcome outcome) {
    purge();
    waiter(waiter).filter(w -> !w.spent()).ifPresent(w -> w.outcome().complete(outcome));
  }

  /** The outcome that a program waits for, when there will be one; empty when too many wait. */
  synchronized Optional<CompletableFuture<Outcome>> outcome(String waiter) {
    purge();
    return waiter(waiter)
        .map(w -> w.spent() ? CompletableFuture.completedFuture(SPENT) : w.outcome());
  }

  /** Ends the waiting: true once, for the one who may use the outcome. */
  synchronized boolean spend(String waiter) {
    Waiter known = waiters.get(waiter);
    if (known == null || known.spent()) {
      return false;
    }
    waiters.put(waiter, new Waiter(CompletableFuture.completedFuture(SPENT), known.until(), true));
    return true;
  }

  private Optional<Waiter> waiter(String name) {
    Waiter known = waiters.get(name);
    if (known == null && waiters.size() < MOST) {
      known = new Waiter(new CompletableFuture<>(), clock.instant().plus(Tickets.LIFE), false);
      waiters.put(name, known);
    }
    return Optional.ofNullable(known);
  }

  private void purge() {
    Instant now = clock.instant();
    started.values().removeIf(s -> !now.isBefore(s.until()));
    List<Waiter> old = waiters.values().stream().filter(w -> !now.isBefore(w.until())).toList();
    waiters.values().removeAll(old);
    old.forEach(w -> w.outcome().complete(LATE));
  }
}
