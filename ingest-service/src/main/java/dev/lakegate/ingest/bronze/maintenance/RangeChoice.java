package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Which manifests are rolled up next: the oldest that stand alone, a full number of one epoch or
 * all that an ended epoch has left, all of them old enough, and never the newest one. Pure.
 */
final class RangeChoice {
  /** Keeps a roll-up far below the size that readers refuse. */
  static final int MAX_FILES = 20_000;

  private RangeChoice() {}

  /**
   * The manifests to roll up; empty when there are not enough.
   *
   * @param first lowest number that no roll-up holds
   * @param last number of the newest manifest
   * @param manifests reads a manifest, which exists
   */
  static List<Manifest> of(
      long first,
      long last,
      MaintenanceSettings settings,
      Instant now,
      LongFunction<Manifest> manifests) {
    Instant before = now.minus(settings.rollUpAge());
    long end = first + settings.rollUpManifests() - 1;
    if (first >= last) {
      return List.of();
    }
    Manifest oldest = manifests.apply(first);
    // Looked at first, so that a pass with nothing to do reads two manifests and not a thousand.
    if (!isOld(oldest, before) || !isFull(oldest, end, last, before, manifests)) {
      return List.of();
    }
    List<Manifest> chosen = new ArrayList<>();
    long files = 0;
    for (long number = first; number <= Math.min(end, last - 1); number++) {
      Manifest manifest = manifests.apply(number);
      files += manifest.files().size();
      if (!manifest.epoch().equals(oldest.epoch()) || files > MAX_FILES && !chosen.isEmpty()) {
        return List.copyOf(chosen);
      }
      if (!isOld(manifest, before)) {
        return List.of();
      }
      chosen.add(manifest);
    }
    return List.copyOf(chosen);
  }

  private static boolean isFull(
      Manifest oldest, long end, long last, Instant before, LongFunction<Manifest> manifests) {
    if (end < last) {
      Manifest atEnd = manifests.apply(end);
      if (atEnd.epoch().equals(oldest.epoch())) {
        return isOld(atEnd, before);
      }
    }
    return !manifests.apply(last).epoch().equals(oldest.epoch());
  }

  private static boolean isOld(Manifest manifest, Instant before) {
    return manifest.createdAt().isBefore(before);
  }
}
