package dev.lakegate.jobs.table;

import dev.lakegate.jobs.JobException;
import java.lang.reflect.Field;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hudi.common.table.timeline.HoodieInstantTimeGenerator;

/**
 * Holds a run until the clock is past a timeline's last instant. Hudi names commits by the clock
 * and takes the one with the greatest name for the newest, so a commit made after the clock was set
 * back would count as older than what it follows: it would never be published, and be made again.
 * Hudi also remembers the last name that it gave in this process, to any table, and spins until the
 * clock is past it, however long that takes.
 */
final class InstantClock {
  /** What a clock that is kept by NTP may be stepped back by; longer waits would hold up others. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS").withZone(ZoneOffset.UTC);
  private static final int LENGTH = 17;
  private static final long PAUSE_MILLIS = 20;

  private InstantClock() {}

  /**
   * The last instant that Hudi made in this process; empty when it made none, or does not show it.
   */
  static Optional<String> lastOfProcess() {
    try {
      Field field = HoodieInstantTimeGenerator.class.getDeclaredField("lastInstantTime");
      field.setAccessible(true);
      String last = String.valueOf(((AtomicReference<?>) field.get(null)).get());
      return last.matches("[0-9]{14,}") ? Optional.of(last) : Optional.empty();
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Another version of Hudi: then only the table's own timeline is looked at.
      return Optional.empty();
    }
  }

  /**
   * Returns as soon as an instant made now is greater.
   *
   * @param last an instant of a timeline, or of this process
   * @throws JobException retryable, {@code CLOCK_BEHIND}, when that takes longer than {@link
   *     #PATIENCE}
   */
  static void awaitPast(String last, String dataset, Clock clock) {
    String bound = last.length() > LENGTH ? last.substring(0, LENGTH) : last;
    while (true) {
      Instant now = clock.instant();
      if (FORMAT.format(now).compareTo(bound) > 0) {
        return;
      }
      if (FORMAT.format(now.plus(PATIENCE)).compareTo(bound) < 0) {
        throw JobException.retryable(
            "CLOCK_BEHIND",
            "the clock says "
                + now
                + ", but "
                + dataset
                + " or another table was written at "
                + last
                + " (UTC): set the clock of this machine right; the table goes on once the clock"
                + " is past that time");
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw JobException.retryable(
            "RUN_FAILED", "interrupted while waiting for the clock to pass " + last);
      }
    }
  }
}
