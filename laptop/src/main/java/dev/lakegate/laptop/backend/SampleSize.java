package dev.lakegate.laptop.backend;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How much sample data to make. The same size gives the same rows, wherever and whenever.
 *
 * @param tenants number of tenants, {@code tenant-1} and on; 1 to 10,000
 * @param rows about how many rows to make in all tables together
 * @param days over how many days before {@code until} the rows are spread; 1 to 3,650
 * @param seed picks one of many such data sets
 * @param until the end of the data's time
 */
public record SampleSize(int tenants, long rows, int days, long seed, Instant until) {
  public static final int DEFAULT_TENANTS = 5;
  public static final int DEFAULT_ROWS = 5_000;
  public static final int DEFAULT_DAYS = 90;
  public static final long DEFAULT_SEED = 1;

  public SampleSize {
    between("tenants", tenants, 1, 10_000);
    between("rows", rows, 0, 1_000_000_000L);
    between("days", days, 1, 3_650);
  }

  /** A small shop of the last 90 days, up to the beginning of today (UTC). */
  public static SampleSize standard() {
    return endingToday(DEFAULT_TENANTS, DEFAULT_ROWS, DEFAULT_DAYS, DEFAULT_SEED);
  }

  /** As given, up to the beginning of today (UTC), so that a day's restarts give the same rows. */
  public static SampleSize endingToday(int tenants, long rows, int days, long seed) {
    return new SampleSize(tenants, rows, days, seed, Instant.now().truncatedTo(ChronoUnit.DAYS));
  }

  private static void between(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be between " + least + " and " + most);
    }
  }
}
