package dev.lakegate.jobs.protocol;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Text form of times. */
public final class Times {
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private Times() {}

  /** ISO-8601 in UTC with microseconds, so that texts of equal length sort by time. */
  public static String micros(Instant time) {
    return MICROS.format(time);
  }
}
