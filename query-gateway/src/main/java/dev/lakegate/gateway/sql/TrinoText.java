package dev.lakegate.gateway.sql;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Values of an execution as text, as Trino writes them. */
public final class TrinoText {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private TrinoText() {}

  /**
   * The text of a value that is neither NULL, nor an array, a map or a row.
   *
   * @param value as an execution gives it
   * @param type of its column
   */
  public static String of(Object value, Type type) {
    return switch (type.kind()) {
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      case VARBINARY -> HexFormat.of().withUpperCase().formatHex((byte[]) value);
      case TIME -> time((LocalTime) value, type.precision());
      case TIMESTAMP -> timestamp((LocalDateTime) value, type.precision());
      case TIMESTAMP_TZ ->
          timestamp(
                  LocalDateTime.ofInstant((Instant) value, ZoneId.of(type.zone())),
                  type.precision())
              + " "
              + type.zone();
      case INTERVAL_YEAR_MONTH -> {
        long m = ((Number) value).longValue();
        yield (m < 0 ? "-" : "") + Math.abs(m) / 12 + "-" + Math.abs(m) % 12;
      }
      case INTERVAL_DAY_SECOND -> {
        long all = ((Number) value).longValue();
        long s = Math.abs(all);
        yield String.format(
            "%s%d %02d:%02d:%02d.%03d",
            all < 0 ? "-" : "",
            s / 86_400_000,
            s / 3_600_000 % 24,
            s / 60_000 % 60,
            s / 1000 % 60,
            s % 1000);
      }
      default -> String.valueOf(value);
    };
  }

  /** A time of day with so many digits of a second. */
  public static String time(LocalTime t, int precision) {
    String all =
        String.format(
            "%02d:%02d:%02d.%09d", t.getHour(), t.getMinute(), t.getSecond(), t.getNano());
    return precision == 0 ? all.substring(0, 8) : all.substring(0, 9 + precision);
  }

  private static String timestamp(LocalDateTime t, int precision) {
    String seconds = SECONDS.format(t);
    return precision <= 0
        ? seconds
        : seconds + "." + String.format("%09d", t.getNano()).substring(0, precision);
  }
}
