package dev.lakegate.governance.lakeformation;

import java.util.concurrent.locks.LockSupport;

/** Lets through so many a second, evenly. For one thread. */
final class Pace {
  private final long nanos;
  private long next = System.nanoTime();

  Pace(double perSecond) {
    nanos = (long) (1_000_000_000L / perSecond);
  }

  void await() {
    for (long wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
      LockSupport.parkNanos(wait);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted");
      }
    }
    next = Math.max(next, System.nanoTime() - nanos) + nanos;
  }
}
