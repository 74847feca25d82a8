package dev.lakegate.gateway.query;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lakegate.gateway.sql.TrinoText;
import dev.lakegate.gateway.sql.Type;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** Writes values as the REST interface shows them. */
final class JsonRows {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private JsonRows() {}

  static void write(JsonGenerator out, Object value, Type type) throws IOException {
    if (value == null) {
      out.writeNull();
      return;
    }
    switch (type.kind()) {
      case BOOLEAN:
        out.writeBoolean((Boolean) value);
        break;
      case TINYINT, SMALLINT, INTEGER, BIGINT:
        out.writeNumber(((Number) value).longValue());
        break;
      case REAL:
        float f = (Float) value;
        if (Float.isFinite(f)) {
          out.writeNumber(f);
        } else {
          out.writeString(String.valueOf(f));
        }
        break;
      case DOUBLE:
        double d = (Double) value;
        if (Double.isFinite(d)) {
          out.writeNumber(d);
        } else {
          out.writeString(String.valueOf(d));
        }
        break;
      case VARBINARY:
        out.writeBinary((byte[]) value);
        break;
      case ARRAY:
        out.writeStartArray();
        for (Object e : (List<?>) value) {
          write(out, e, type.arguments().get(0));
        }
        out.writeEndArray();
        break;
      case ROW:
        out.writeStartArray();
        int i = 0;
        for (Object e : (List<?>) value) {
          write(out, e, type.arguments().get(i++));
        }
        out.writeEndArray();
        break;
      case MAP:
        out.writeStartObject();
        for (Map.Entry<?, ?> e : ((Map<?, ?>) value).entrySet()) {
          out.writeFieldName(text(e.getKey(), type.arguments().get(0)));
          write(out, e.getValue(), type.arguments().get(1));
        }
        out.writeEndObject();
        break;
      default:
        out.writeString(text(value, type));
    }
  }

  /** A value as text, as CSV and the keys of maps have it. */
  static String text(Object value, Type type) {
    switch (type.kind()) {
      case DECIMAL:
        return ((BigDecimal) value).toPlainString();
      case TIMESTAMP:
        return timestamp((LocalDateTime) value, type.precision(), ' ');
      case TIMESTAMP_TZ:
        Instant at = (Instant) value;
        if (type.zone().equals("UTC")) {
          LocalDateTime utc =
              LocalDateTime.ofEpochSecond(at.getEpochSecond(), at.getNano(), ZoneOffset.UTC);
          return timestamp(utc, type.precision(), 'T') + 'Z';
        }
        ZonedDateTime zoned = at.atZone(ZoneId.of(type.zone()));
        return timestamp(zoned.toLocalDateTime(), type.precision(), 'T')
            + zoned.getOffset().getId();
      case TIME:
        return TrinoText.of(value, type);
      case VARBINARY:
        return java.util.Base64.getEncoder().encodeToString((byte[]) value);
      case INTERVAL_YEAR_MONTH:
        long m = (Long) value;
        return (m < 0 ? "-" : "") + Math.abs(m) / 12 + "-" + Math.abs(m) % 12;
      case INTERVAL_DAY_SECOND:
        long s = Math.abs((Long) value);
        return String.format(
            "%s%d %02d:%02d:%02d.%03d",
            (Long) value < 0 ? "-" : "",
            s / 86_400_000,
            s / 3_600_000 % 24,
            s / 60_000 % 60,
            s / 1000 % 60,
            s % 1000);
      default:
        return String.valueOf(value);
    }
  }

  private static String timestamp(LocalDateTime t, int precision, char separator) {
    int year = t.getYear();
    if (year < 0 || year > 9999) {
      return SECONDS.format(t).replace(' ', separator) + fraction(t, precision);
    }
    // Rows have many of them: a formatter would take most of the time of a large result.
    byte[] c = new byte[precision > 0 ? 20 + precision : 19];
    two(c, 0, year / 100);
    two(c, 2, year % 100);
    c[4] = '-';
    two(c, 5, t.getMonthValue());
    c[7] = '-';
    two(c, 8, t.getDayOfMonth());
    c[10] = (byte) separator;
    two(c, 11, t.getHour());
    c[13] = ':';
    two(c, 14, t.getMinute());
    c[16] = ':';
    two(c, 17, t.getSecond());
    if (precision > 0) {
      c[19] = '.';
      int micros = t.getNano() / 1000;
      if (precision == 6) {
        two(c, 20, micros / 10_000);
        two(c, 22, micros / 100 % 100);
        two(c, 24, micros % 100);
      } else {
        int rest = t.getNano();
        for (int i = precision; i < 9; i++) {
          rest /= 10;
        }
        for (int i = 19 + precision; i > 19; i--) {
          c[i] = (byte) ('0' + rest % 10);
          rest /= 10;
        }
      }
    }
    return new String(c, StandardCharsets.ISO_8859_1);
  }

  private static String fraction(LocalDateTime t, int precision) {
    return precision <= 0 ? "" : "." + String.format("%09d", t.getNano()).substring(0, precision);
  }

  private static void two(byte[] c, int at, int value) {
    c[at] = (byte) ('0' + value / 10);
    c[at + 1] = (byte) ('0' + value % 10);
  }
}
