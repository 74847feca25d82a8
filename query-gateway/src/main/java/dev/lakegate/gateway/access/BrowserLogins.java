package dev.lakegate.gateway.access;

import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Log-ins that are under way in browsers, and their outcomes until the program that waits has
 * fetched them: each once. In memory, bounded in all and for each address, short-lived.
 * Thread-safe.
 */
final class BrowserLogins {
  private static final int MOST = 10_000;

  /** An office may be behind one address; nobody needs all places. */
  static final int MOST_OF_ONE_ADDRESS = 300;

  /**
   * A browser that was sent to the issuer.
   *
   * @param waiter hash of the waiting program's secret
   * @param from the waiting program's address
   * @param cookieHash of the cookie of the browser that began it
   * @param redirectUri that the issuer was given
   */
  record Pending(
      String waiter,
      String from,
      String cookieHash,
      String verifier,
      String nonce,
      URI redirectUri) {}

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

  private record Started(Pending pending, String address, Instant until) {}

  private record Waiter(
      CompletableFuture<Outcome> outcome, String address, Instant until, boolean spent) {}

  /** How many places each address has. */
  private static final class Places {
    private final Map<String, Integer> taken = new HashMap<>();

    boolean hasRoom(String address) {
      return taken.getOrDefault(address, 0) < MOST_OF_ONE_ADDRESS;
    }

    void take(String address) {
      taken.merge(address, 1, Integer::sum);
    }

    void giveBack(String address) {
      taken.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
    }
  }

  private static final Outcome LATE = new Outcome(null, "The log-in took too long. Begin again.");
  private static final Outcome SPENT =
      new Outcome(null, "The token was given out already. Begin again.");

  private final Clock clock;
  // All live equally long, so that those that end first come first.
  private final Map<String, Started> started = new LinkedHashMap<>();
  private final Map<String, Waiter> waiters = new LinkedHashMap<>();
  private final Places startedPlaces = new Places();
  private final Places waiterPlaces = new Places();

  BrowserLogins(Clock clock) {
    this.clock = clock;
  }

  /**
   * Begins a log-in under an unguessable state; empty when too many are under way.
   *
   * @param from the browser's address
   */
  synchronized Optional<String> begin(Pending pending, String from) {
    purge();
    String address = Networks.subscriber(from);
    if (started.size() >= MOST || !startedPlaces.hasRoom(address)) {
      return Optional.empty();
    }
    String state = Tickets.random();
    startedPlaces.take(address);
    started.put(state, new Started(pending, address, clock.instant().plus(Tickets.LIFE)));
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
    startedPlaces.giveBack(found.address());
    return Optional.of(found.pending());
  }

  /** Ends a log-in; only the first outcome for a program counts. */
  synchronized void end(Pending login, Outcome outcome) {
    purge();
    waiter(login.waiter(), login.from())
        .filter(w -> !w.spent())
        .ifPresent(w -> w.outcome().complete(outcome));
  }

  /**
   * The outcome that a program waits for, when there will be one; empty when too many wait.
   *
   * @param from the program's address
   */
  synchronized Optional<CompletableFuture<Outcome>> outcome(String waiter, String from) {
    purge();
    return waiter(waiter, from)
        .map(w -> w.spent() ? CompletableFuture.completedFuture(SPENT) : w.outcome());
  }

  /** Ends the waiting: true once, for the one who may use the outcome. */
  synchronized boolean spend(String waiter) {
    Waiter known = waiters.get(waiter);
    if (known == null || known.spent()) {
      return false;
    }
    waiters.put(
        waiter,
        new Waiter(CompletableFuture.completedFuture(SPENT), known.address(), known.until(), true));
    return true;
  }

  private Optional<Waiter> waiter(String name, String from) {
    Waiter known = waiters.get(name);
    String address = Networks.subscriber(from);
    if (known == null && waiters.size() < MOST && waiterPlaces.hasRoom(address)) {
      known =
          new Waiter(new CompletableFuture<>(), address, clock.instant().plus(Tickets.LIFE), false);
      waiterPlaces.take(address);
      waiters.put(name, known);
    }
    return Optional.ofNullable(known);
  }

  private void purge() {
    Instant now = clock.instant();
    for (Iterator<Started> i = started.values().iterator(); i.hasNext(); ) {
      Started first = i.next();
      if (now.isBefore(first.until())) {
        break;
      }
      i.remove();
      startedPlaces.giveBack(first.address());
    }
    for (Iterator<Waiter> i = waiters.values().iterator(); i.hasNext(); ) {
      Waiter first = i.next();
      if (now.isBefore(first.until())) {
        break;
      }
      i.remove();
      waiterPlaces.giveBack(first.address());
      first.outcome().complete(LATE);
    }
  }
}
