package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.sql.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Writes values of one type as Trino's clients read them. Immutable. */
abstract class ValueEncoder {
  private static final DateTimeFormatter FAR = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  /** Writes a value that is not NULL. */
  abstract void value(JsonBytes out, Object value);

  final void write(JsonBytes out, Object value) {
    if (value == null) {
      out.raw("null");
    } else {
      value(out, value);
    }
  }

  /**
   * The encoder of a type.
   *
   * @param parametric whether the client knows times of other precisions than milliseconds
   */
  static ValueEncoder of(Type type, boolean parametric) {
    return switch (type.kind()) {
      case BOOLEAN -> new Plain();
      case TINYINT, SMALLINT, INTEGER, BIGINT -> new Whole();
      case REAL, DOUBLE -> new Floating();
      case DECIMAL -> new Decimal();
      case VARBINARY -> new Binary();
      case TIME -> new Clock(type.precision(), parametric);
      case TIMESTAMP -> new Local(type.precision(), parametric);
      case TIMESTAMP_TZ -> new Zoned(type.precision(), type.zone(), parametric);
      case INTERVAL_YEAR_MONTH -> new Months();
      case INTERVAL_DAY_SECOND -> new Millis();
      case ARRAY -> new Items(List.of(of(type.arguments().get(0), parametric)), true);
      case ROW -> new Items(type.arguments().stream().map(t -> of(t, parametric)).toList(), false);
      case MAP -> new Entries(type, parametric);
      default -> new Text();
    };
  }

  private static final class Plain extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      out.raw((Boolean) value ? "true" : "false");
    }
  }

  private static final class Whole extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      out.number(((Number) value).longValue());
    }
  }

  private static final class Floating extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      String text = value.toString();
      if (Double.isFinite(((Number) value).doubleValue())) {
        out.raw(text);
      } else {
        out.raw('"').raw(text).raw('"');
      }
    }
  }

  private static final class Decimal extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      out.raw('"').raw(((BigDecimal) value).toPlainString()).raw('"');
    }
  }

  private static final class Binary extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      out.raw('"').raw(Base64.getEncoder().encode((byte[]) value)).raw('"');
    }
  }

  private static final class Text extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      out.string(value.toString());
    }
  }

  private abstract static class Time extends ValueEncoder {
    private final int precision;

    Time(int precision, boolean parametric) {
      this.precision = parametric ? precision : 3;
    }

    final void write(JsonBytes out, LocalDateTime exact) {
      LocalDateTime t = rounded(exact);
      if (t.getYear() < 0 || t.getYear() > 9999) {
        out.raw(FAR.format(t));
      } else {
        out.padded(t.getYear(), 4).raw('-').padded(t.getMonthValue(), 2).raw('-');
        out.padded(t.getDayOfMonth(), 2).raw(' ').padded(t.getHour(), 2).raw(':');
        out.padded(t.getMinute(), 2).raw(':').padded(t.getSecond(), 2);
      }
      if (precision > 0) {
        int unit = 1;
        for (int i = precision; i < 9; i++) {
          unit *= 10;
        }
        out.raw('.').padded(t.getNano() / unit, precision);
      }
    }

    /** Values finer than the client can take are rounded half up, as Trino does it. */
    private LocalDateTime rounded(LocalDateTime t) {
      int unit = precision == 3 ? 1_000_000 : 1;
      int rest = t.getNano() % unit;
      return rest == 0 ? t : t.plusNanos(rest * 2 >= unit ? unit - rest : -rest);
    }
  }

  /** Times of day. */
  private static final class Clock extends Time {
    Clock(int precision, boolean parametric) {
      super(precision, parametric);
    }

    @Override
    void value(JsonBytes out, Object value) {
      // A day of its own, of which only the clock is shown.
      JsonBytes whole = new JsonBytes(40);
      write(whole, ((LocalTime) value).atDate(LocalDate.EPOCH));
      out.raw('"').raw(new String(whole.copy(), StandardCharsets.US_ASCII).substring(11)).raw('"');
    }
  }

  private static final class Local extends Time {
    Local(int precision, boolean parametric) {
      super(precision, parametric);
    }

    @Override
    void value(JsonBytes out, Object value) {
      out.raw('"');
      write(out, (LocalDateTime) value);
      out.raw('"');
    }
  }

  private static final class Zoned extends Time {
    private final ZoneId zone;
    private final String name;

    Zoned(int precision, String zone, boolean parametric) {
      super(precision, parametric);
      this.name = zone;
      this.zone = zone.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(zone);
    }

    @Override
    void value(JsonBytes out, Object value) {
      out.raw('"');
      write(out, LocalDateTime.ofInstant((Instant) value, zone));
      out.raw(' ').raw(name).raw('"');
    }
  }

  private static final class Months extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      long months = ((Number) value).longValue();
      out.raw('"').raw(months < 0 ? "-" : "").number(Math.abs(months) / 12).raw('-');
      out.number(Math.abs(months) % 12).raw('"');
    }
  }

  private static final class Millis extends ValueEncoder {
    @Override
    void value(JsonBytes out, Object value) {
      long millis = ((Number) value).longValue();
      long s = Math.abs(millis);
      out.raw('"').raw(millis < 0 ? "-" : "").number(s / 86_400_000).raw(' ');
      out.padded((int) (s / 3_600_000 % 24), 2).raw(':').padded((int) (s / 60_000 % 60), 2);
      out.raw(':').padded((int) (s / 1000 % 60), 2).raw('.').padded((int) (s % 1000), 3).raw('"');
    }
  }

  /** Arrays, whose items have one encoder, and rows, whose fields have one each. */
  private static final class Items extends ValueEncoder {
    private final List<ValueEncoder> encoders;
    private final boolean same;

    Items(List<ValueEncoder> encoders, boolean same) {
      this.encoders = encoders;
      this.same = same;
    }

    @Override
    void value(JsonBytes out, Object value) {
      out.raw('[');
      int i = 0;
      for (Object item : (List<?>) value) {
        if (i > 0) {
          out.raw(',');
        }
        encoders.get(same ? 0 : i).write(out, item);
        i++;
      }
      out.raw(']');
    }
  }

  /** Maps are objects, whose keys are the text of the keys. */
  private static final class Entries extends ValueEncoder {
    private final ValueEncoder keys;
    private final ValueEncoder values;

    Entries(Type type, boolean parametric) {
      keys = of(type.arguments().get(0), parametric);
      values = of(type.arguments().get(1), parametric);
    }

    @Override
    void value(JsonBytes out, Object value) {
      out.raw('{');
      boolean first = true;
      for (Map.Entry<?, ?> e : ((Map<?, ?>) value).entrySet()) {
        if (!first) {
          out.raw(',');
        }
        first = false;
        key(out, e.getKey());
        out.raw(':');
        values.write(out, e.getValue());
      }
      out.raw('}');
    }

    private void key(JsonBytes out, Object key) {
      if (key instanceof Boolean || key instanceof Number && !(key instanceof BigDecimal)) {
        out.raw('"').raw(key.toString()).raw('"');
      } else if (key instanceof String || key instanceof LocalDate) {
        out.string(key.toString());
      } else if (key instanceof List || key instanceof Map) {
        JsonBytes text = new JsonBytes(64);
        keys.write(text, key);
        out.string(new String(text.copy(), StandardCharsets.UTF_8));
      } else {
        keys.write(out, key);
      }
    }
  }
}
