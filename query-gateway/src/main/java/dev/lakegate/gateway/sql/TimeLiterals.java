package dev.lakegate.gateway.sql;

import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.Node;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Literals of dates, timestamps and intervals. */
final class TimeLiterals {
  private static final Pattern DATE = Pattern.compile("\\s*(\\d{4})-(\\d{1,2})-(\\d{1,2})\\s*");
  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "(\\d{4})-(\\d{1,2})-(\\d{1,2})"
              + "(?: (\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,12}))?)?)?"
              + "(?:\\s*([A-Za-z_/+:0-9-]*[A-Za-z+:-][A-Za-z_/+:0-9-]*))?");
  private static final Pattern TIME =
      Pattern.compile("(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,12}))?)?");
  private static final Pattern OFFSET = Pattern.compile("([+-])(\\d{1,2})(?::?(\\d{2}))?");
  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");

  private TimeLiterals() {}

  static Typed date(Node node, String text) {
    Matcher m = DATE.matcher(text);
    if (m.matches()) {
      try {
        LocalDate d = LocalDate.of(number(m, 1), number(m, 2), number(m, 3));
        return Typed.of(Type.DATE, "CAST('" + d + "' AS DATE)");
      } catch (DateTimeException e) {
        // Answered below.
      }
    }
    throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid DATE literal");
  }

  static Typed timestamp(Node node, String text) {
    Matcher m = TIMESTAMP.matcher(text.trim());
    if (!m.matches()) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid TIMESTAMP literal");
    }
    String fraction = m.group(7) == null ? "" : m.group(7);
    if (fraction.length() > 6) {
      throw Refusal.unsupported(node, "timestamps finer than microseconds");
    }
    LocalDateTime local;
    try {
      local =
          LocalDateTime.of(
              number(m, 1),
              number(m, 2),
              number(m, 3),
              m.group(4) == null ? 0 : number(m, 4),
              m.group(5) == null ? 0 : number(m, 5),
              m.group(6) == null ? 0 : number(m, 6),
              fraction.isEmpty() ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9)));
    } catch (DateTimeException e) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid TIMESTAMP literal");
    }
    int precision = fraction.length();
    if (m.group(8) == null || m.group(8).isEmpty()) {
      return Typed.of(Type.timestamp(precision), "CAST('" + TEXT.format(local) + "' AS TIMESTAMP)");
    }
    String zone = zone(node, m.group(8));
    var offsets = ZoneId.of(zone).getRules().getValidOffsets(local);
    if (offsets.size() != 1) {
      throw Refusal.unsupported(node, "a local time that a clock change skips or repeats");
    }
    String utc = TEXT.format(local.atOffset(offsets.get(0)).withOffsetSameInstant(ZoneOffset.UTC));
    return Typed.of(
        Type.timestampTz(precision, zone), Duck.zoned("CAST('" + utc + "' AS TIMESTAMP)", "UTC"));
  }

  /** TIME, carried as microseconds of the day. */
  static Typed time(Node node, String text) {
    Matcher m = TIME.matcher(text.trim());
    if (!m.matches()) {
      throw m.reset(text.trim().replaceFirst(" ?[+-]\\d\\d?:\\d\\d$", "")).matches()
          ? Refusal.unsupported(node, "type time with time zone")
          : Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid TIME literal");
    }
    String fraction = m.group(4) == null ? "" : m.group(4);
    if (fraction.length() > 6) {
      throw Refusal.unsupported(node, "times finer than microseconds");
    }
    int hour = number(m, 1);
    int minute = number(m, 2);
    int second = m.group(3) == null ? 0 : number(m, 3);
    if (hour > 23 || minute > 59 || second > 59) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid TIME literal");
    }
    long micros =
        ((hour * 60L + minute) * 60 + second) * 1_000_000
            + Integer.parseInt((fraction + "000000").substring(0, 6));
    return Typed.of(Type.time(fraction.length()), Duck.number(micros, Type.BIGINT));
  }

  /** A text cast to a timestamp with time zone; a text that is none fails when it is evaluated. */
  static Typed zoned(Node node, String text, int precision) {
    Typed t;
    try {
      t = timestamp(node, text);
    } catch (SqlFailure f) {
      if (!f.code().equals("INVALID_LITERAL")) {
        throw f;
      }
      Type type = Type.timestampTz(precision, "UTC");
      return Typed.of(type, Duck.fail(type, "INVALID_CAST_ARGUMENT"));
    }
    return Casts.cast(node, t, Type.timestampTz(precision, Zones.session()));
  }

  /** A zone that both engines know by the same name and rules. */
  static String zone(Node node, String zone) {
    Optional<String> known = Zones.find(zone);
    if (known.isPresent()) {
      return known.get();
    }
    Matcher offset = OFFSET.matcher(zone);
    if (offset.matches()) {
      int hours = number(offset, 2);
      int minutes = offset.group(3) == null ? 0 : number(offset, 3);
      if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0)) {
        throw Refusal.at(node, "INVALID_LITERAL", "'" + zone + "' is not a valid time zone");
      }
      // Trino shows an offset of nothing as UTC.
      return hours == 0 && minutes == 0
          ? "UTC"
          : String.format("%s%02d:%02d", offset.group(1), hours, minutes);
    }
    try {
      ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + zone + "' is not a valid time zone");
    }
    throw Refusal.unsupported(node, "time zone " + zone);
  }

  static Typed interval(IntervalLiteral i) {
    String v = i.getValue().trim();
    long sign = i.getSign() == IntervalLiteral.Sign.NEGATIVE ? -1 : 1;
    try {
      if (v.startsWith("-")) {
        sign = -sign;
        v = v.substring(1);
      }
      if (i.isYearToMonth()) {
        long months;
        if (i.getEndField().isPresent() && i.getEndField().get() != i.getStartField()) {
          String[] p = v.split("-", -1);
          if (p.length != 2) {
            throw invalid(i);
          }
          months = Math.addExact(Math.multiplyExact(natural(i, p[0]), 12), natural(i, p[1]));
        } else {
          months =
              i.getStartField() == IntervalLiteral.IntervalField.YEAR
                  ? Math.multiplyExact(natural(i, v), 12)
                  : natural(i, v);
        }
        long value = Math.toIntExact(sign * months);
        return Typed.literal(
            Type.INTERVAL_YEAR_MONTH, Duck.number(value, Type.INTERVAL_YEAR_MONTH), value);
      }
      long millis = sign * dayTime(i, v);
      return Typed.literal(
          Type.INTERVAL_DAY_SECOND, Duck.number(millis, Type.INTERVAL_DAY_SECOND), millis);
    } catch (ArithmeticException e) {
      throw invalid(i);
    }
  }

  private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1000};

  private static long dayTime(IntervalLiteral i, String v) {
    int start = index(i.getStartField());
    int end = i.getEndField().map(TimeLiterals::index).orElse(start);
    if (end < start) {
      throw invalid(i);
    }
    // DAY is parted from HOUR by a space, the others by colons.
    String[] parts = v.split(start == 0 && end > 0 ? "[ :]" : ":", -1);
    if (parts.length != end - start + 1 || (start == 0 && end > 0 && !v.matches("\\d+ .*"))) {
      throw invalid(i);
    }
    long sum = 0;
    for (int p = 0; p < parts.length; p++) {
      int field = start + p;
      String text = parts[p];
      if (field == 3 && text.indexOf('.') >= 0) {
        int point = text.indexOf('.');
        String fraction = text.substring(point + 1);
        if (fraction.isEmpty() || fraction.length() > 3) {
          throw invalid(i);
        }
        sum = Math.addExact(sum, natural(i, (fraction + "00").substring(0, 3)));
        text = text.substring(0, point);
      }
      sum = Math.addExact(sum, Math.multiplyExact(natural(i, text), MILLIS[field]));
    }
    return sum;
  }

  private static int index(IntervalLiteral.IntervalField f) {
    return switch (f) {
      case DAY -> 0;
      case HOUR -> 1;
      case MINUTE -> 2;
      case SECOND -> 3;
      default -> throw new IllegalArgumentException(f.name());
    };
  }

  private static long natural(IntervalLiteral i, String text) {
    if (!text.matches("\\d{1,15}")) {
      throw invalid(i);
    }
    return Long.parseLong(text);
  }

  private static SqlFailure invalid(IntervalLiteral i) {
    return Refusal.at(
        i, "INVALID_LITERAL", "'" + i.getValue() + "' is not a valid INTERVAL literal");
  }

  private static int number(Matcher m, int group) {
    return Integer.parseInt(m.group(group));
  }
}
