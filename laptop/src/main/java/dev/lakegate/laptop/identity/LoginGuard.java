package dev.lakegate.laptop.identity;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows the guessing of passwords: after five failures in a row a name is locked for half a minute.
 * Remembers a bounded number of names, and locks everything when more than that fail. Thread-safe.
 */
final class LoginGuard {
  static final int FAILURES = 5;
  static final Duration LOCK = Duration.ofSeconds(30);
  private static final int NAMES = 1000;

  private record Failures(int count, Instant last) {}

  private final Clock clock;
  private final Map<String, Failures> failures = new LinkedHashMap<>();

  LoginGuard(Clock clock) {
    this.clock = clock;
  }

  synchronized boolean isLocked(String name) {
    forgetOld();
    Failures seen = failures.get(name);
    if (seen == null) {
      return failures.size() >= NAMES;
    }
    return seen.count() >= FAILURES;
  }

  synchronized void failed(String name) {
    forgetOld();
    if (failures.size() < NAMES || failures.containsKey(name)) {
      failures.merge(
          name,
          new Failures(1, clock.instant()),
          (old, one) -> new Failures(old.count() + 1, one.last()));
    }
  }

  synchronized void succeeded(String name) {
    failures.remove(name);
  }

  private void forgetOld() {
    Instant since = clock.instant().minus(LOCK);
    failures.values().removeIf(f -> f.last().isBefore(since));
  }
}
