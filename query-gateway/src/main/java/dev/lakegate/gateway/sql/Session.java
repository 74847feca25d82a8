package dev.lakegate.gateway.sql;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * What a statement may ask about its own session.
 *
 * @param start when the query began; the same for the whole statement
 * @param user subject of the principal
 * @param schema for names of one part
 */
public record Session(Instant start, String user, String schema) {
  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");

  private String text(int precision) {
    String all = TEXT.format(LocalDateTime.ofInstant(start, ZoneOffset.UTC));
    return precision == 0 ? all.substring(0, 19) : all.substring(0, 20 + precision);
  }

  Typed now(int precision) {
    return Typed.of(
        Type.timestampTz(precision, "UTC"),
        Duck.zoned("CAST('" + text(precision) + "' AS TIMESTAMP)", "UTC"));
  }

  Typed localNow(int precision) {
    return Typed.of(Type.timestamp(precision), "CAST('" + text(precision) + "' AS TIMESTAMP)");
  }

  Typed today() {
    return Typed.of(Type.DATE, "CAST('" + text(0).substring(0, 10) + "' AS DATE)");
  }
}
