package dev.lakegate.gateway.query;

import java.util.Arrays;

/** How long a query took in each phase of its life. Thread-safe. */
final class Phases {
  /** What is done with a query, in order. */
  enum Phase {
    PARSE,
    SECURE,
    PLAN,
    WAIT,
    EXECUTE,
    ENCODE,
    AUDIT
  }

  private final long[] nanos = new long[Phase.values().length];

  synchronized void add(Phase phase, long duration) {
    nanos[phase.ordinal()] += Math.max(0, duration);
  }

  /** Nanoseconds of a phase; 0 when it was not come to. */
  synchronized long of(Phase phase) {
    return nanos[phase.ordinal()];
  }

  @Override
  public synchronized String toString() {
    return Arrays.toString(nanos);
  }
}
