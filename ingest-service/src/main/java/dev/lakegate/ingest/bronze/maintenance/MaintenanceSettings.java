package dev.lakegate.ingest.bronze.maintenance;

import java.time.Duration;

/**
 * How Bronze is maintained. Immutable.
 *
 * @param interval pause between passes
 * @param rollUpAge manifests younger than this stand alone
 * @param rollUpManifests manifests in one roll-up
 * @param mergedBytes size up to which small files are merged into one; a file of at least half of
 *     it is left as it is
 * @param grace how long files stay that merged ones stand for, and that nothing names
 * @param duckdbMemory limit while merging, such as {@code 96MB}
 */
public record MaintenanceSettings(
    Duration interval,
    Duration rollUpAge,
    int rollUpManifests,
    long mergedBytes,
    Duration grace,
    String duckdbMemory) {
  /** What applies where nothing is configured. */
  public static final MaintenanceSettings STANDARD =
      new MaintenanceSettings(
          Duration.ofMinutes(1), Duration.ofDays(1), 1000, 64L << 20, Duration.ofHours(2), "96MB");

  public MaintenanceSettings {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("maintenance.interval must be longer than nothing");
    }
    if (rollUpAge.isNegative() || grace.isNegative()) {
      throw new IllegalArgumentException("maintenance.roll-up-age and .grace are not negative");
    }
    if (rollUpManifests < 2 || rollUpManifests > 100_000) {
      throw new IllegalArgumentException("maintenance.roll-up-manifests is from 2 to 100000");
    }
    if (mergedBytes < 1) {
      throw new IllegalArgumentException("maintenance.merged-bytes starts at 1");
    }
  }
}
