package dev.lakegate.gateway.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Slows those who present wrong tokens: an address has {@value #BURST} failures, and gets one back
 * every {@value #REFILL_SECONDS} seconds. Remembers a bounded number of addresses; when more than
 * that fail at once, all that it does not remember count as one. Thread-safe.
 */
final class GuessLimit {
  static final int BURST = 30;
  static final int REFILL_SECONDS = 2;
  private static final int MOST_ADDRESSES = 10_000;

  private record Failures(double count, Instant at) {}

  private final Clock clock;
  private final Map<String, Failures> failures = new HashMap<>();
  private Instant purgeAt = Instant.MIN;

  GuessLimit(Clock clock) {
    this.clock = clock;
  }

  /** How long this address has to wait; empty when it may try. */
  synchronized Optional<Duration> wait(String address) {
    double count = count(key(address));
    return count < BURST
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds((long) Math.ceil((count - BURST + 1) * REFILL_SECONDS)));
  }

  /** Counts a wrong token. */
  synchronized void failed(String address) {
    String key = key(address);
    failures.put(key, new Failures(Math.min(BURST, count(key) + 1), clock.instant()));
  }

  private double count(String key) {
    Failures known = failures.get(key);
    if (known == null) {
      return 0;
    }
    double forgiven =
        Duration.between(known.at(), clock.instant()).toMillis() / 1000.0 / REFILL_SECONDS;
    return Math.max(0, known.count() - Math.max(0, forgiven));
  }

  private String key(String address) {
    String key = Networks.subscriber(address);
    if (failures.size() < MOST_ADDRESSES || failures.containsKey(key)) {
      return key;
    }
    Instant now = clock.instant();
    if (!now.isBefore(purgeAt)) {
      // Not with each request: whoever has many addresses must not make every one expensive.
      failures.keySet().removeIf(k -> count(k) <= 0);
      purgeAt = now.plusSeconds(1);
    }
    return failures.size() >= MOST_ADDRESSES ? Networks.UNKNOWN : key;
  }
}
