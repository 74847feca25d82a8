package dev.lakegate.ingest.capture;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Tables whose copy failed for a reason of their own, and when they are tried again, whatever
 * session does it. Not thread-safe.
 */
final class CopyFailures {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private record Failure(Duration pause, long retryNanos) {}

  private final Map<String, Failure> failures = new HashMap<>();

  /**
   * The copy failed once more.
   *
   * @return how long to wait
   */
  Duration add(String table) {
    Failure before = failures.get(table);
    Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    failures.put(table, new Failure(pause, System.nanoTime() + pause.toNanos()));
    return pause;
  }

  /** Whether it is too early to try again. */
  boolean waits(String table) {
    Failure failure = failures.get(table);
    return failure != null && System.nanoTime() - failure.retryNanos() < 0;
  }

  /** The copy went well, to its end, or somebody asked for it anew. */
  void remove(String table) {
    failures.remove(table);
  }
}
