package dev.lakegate.e2e;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for something to hold, with a deadline. */
final class Eventually {
  private Eventually() {}

  /** A condition that may throw an {@link AssertionError} to say what is still wrong. */
  interface Check {
    void run() throws Exception;
  }

  /** Repeats a check until it passes; after the deadline its last failure is thrown. */
  static void passes(Duration within, Check check) throws Exception {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          throw new AssertionError("Not within " + within + ": " + e.getMessage(), e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }
}
