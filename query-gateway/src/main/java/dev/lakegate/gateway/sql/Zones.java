package dev.lakegate.gateway.sql;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Time zones that both Trino and the engine know, by Trino's names. */
public final class Zones {
  private static final Set<String> UTC =
      Set.of(
          "utc",
          "z",
          "gmt",
          "ut",
          "uct",
          "gmt0",
          "greenwich",
          "universal",
          "zulu",
          "etc/utc",
          "etc/gmt",
          "etc/gmt0",
          "etc/gmt+0",
          "etc/gmt-0",
          "etc/greenwich",
          "etc/uct",
          "etc/universal",
          "etc/zulu",
          "+00:00",
          "-00:00",
          "utc+00:00",
          "gmt+0",
          "gmt-0");
  private static final Pattern OFFSET =
      Pattern.compile("(?:UTC|GMT|UT)?([+-])(\\d{1,2})(?::?(\\d{2}))?");
  private static final Pattern REGION = Pattern.compile("[A-Z][A-Za-z_]+(/[A-Za-z_-]+)+");

  // Coercions happen everywhere and are pure functions of types, except for this one fact.
  private static final ThreadLocal<String> SESSION = ThreadLocal.withInitial(() -> "UTC");

  private Zones() {}

  /** The zone in which times without one are meant, while {@link #within} works. */
  static String session() {
    return SESSION.get();
  }

  /** Works on a statement of a session in that zone. */
  static <T> T within(String zone, Supplier<T> work) {
    String before = SESSION.get();
    SESSION.set(zone);
    try {
      return work.get();
    } finally {
      SESSION.set(before);
    }
  }

  /** The name that Trino shows for a zone; empty when it is not one that can be worked with. */
  public static Optional<String> find(String zone) {
    if (UTC.contains(zone.toLowerCase(Locale.ROOT))) {
      return Optional.of("UTC");
    }
    var m = OFFSET.matcher(zone);
    if (m.matches()) {
      int hours = Integer.parseInt(m.group(2));
      int minutes = m.group(3) == null ? 0 : Integer.parseInt(m.group(3));
      if (hours * 60 + minutes > 14 * 60 || minutes > 59) {
        return Optional.empty();
      }
      return Optional.of(
          hours + minutes == 0 ? "UTC" : String.format("%s%02d:%02d", m.group(1), hours, minutes));
    }
    if (REGION.matcher(zone).matches() && !zone.startsWith("Etc/")) {
      try {
        return Optional.of(ZoneId.of(zone).getId());
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
