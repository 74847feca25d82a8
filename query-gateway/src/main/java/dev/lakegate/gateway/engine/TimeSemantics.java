package dev.lakegate.gateway.engine;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Trino's functions and casts of times do where DuckDB does something else. Pure; never given
 * NULL.
 */
final class TimeSemantics {
  /** Trino has 52 bits for the milliseconds of a time with zone. */
  private static final long LAST_SECOND = (1L << 51) / 1000;

  private TimeSemantics() {}

  private static final Pattern DATE = Pattern.compile("\\s*(\\d{4})-(\\d{1,2})-(\\d{1,2})\\s*");

  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "(\\d{4})-(\\d{1,2})-(\\d{1,2})"
              + "(?: (\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,6}))?)?)?");

  static LocalDate toDate(String s) {
    Matcher m = DATE.matcher(s);
    if (m.matches()) {
      try {
        return LocalDate.of(number(m, 1), number(m, 2), number(m, 3));
      } catch (DateTimeException e) {
        // Answered below.
      }
    }
    throw TrinoError.invalidCast();
  }

  static LocalDateTime toTimestamp(String s) {
    Matcher m = TIMESTAMP.matcher(s.trim());
    if (m.matches()) {
      try {
        String fraction = m.group(7) == null ? "" : m.group(7);
        return LocalDateTime.of(
            number(m, 1),
            number(m, 2),
            number(m, 3),
            m.group(4) == null ? 0 : number(m, 4),
            m.group(5) == null ? 0 : number(m, 5),
            m.group(6) == null ? 0 : number(m, 6),
            Integer.parseInt((fraction + "000000000").substring(0, 9)));
      } catch (DateTimeException e) {
        // Answered below.
      }
    }
    throw TrinoError.invalidCast();
  }

  static int number(Matcher m, int group) {
    return Integer.parseInt(m.group(group));
  }

  /** Rounds half up to a multiple of so many microseconds. */
  static LocalDateTime roundTimestamp(LocalDateTime t, long unit) {
    long micros = micros(t);
    return ofMicros(Math.floorDiv(micros + unit / 2, unit) * unit);
  }

  private static long micros(LocalDateTime t) {
    return t.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + t.getNano() / 1000;
  }

  private static LocalDateTime ofMicros(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000),
        (int) Math.floorMod(micros, 1_000_000) * 1000,
        ZoneOffset.UTC);
  }

  static OffsetDateTime fromUnixtime(double seconds) {
    double millis = seconds * 1000;
    if (Double.isNaN(millis) || Math.abs(millis) > 2.5e14) {
      throw TrinoError.invalidArgument();
    }
    return Instant.ofEpochMilli(Math.round(millis)).atOffset(ZoneOffset.UTC);
  }

  /** Whole units between two times, as Trino counts them. */
  /**
   * The instant at which clocks of a zone show a local time that was worked out from an instant.
   * Where they show it twice it is the time with that instant's offset, where they skip it the
   * later one by as much as they skip.
   *
   * @param local microseconds of the local time, as if it were of UTC
   * @param from microseconds of the instant
   */
  static OffsetDateTime moved(long local, long from, String zone) {
    ZoneId id = ZoneId.of(zone);
    LocalDateTime time = LocalDateTime.ofInstant(instant(local), ZoneOffset.UTC);
    OffsetDateTime moved =
        ZonedDateTime.ofLocal(time, id, id.getRules().getOffset(instant(from))).toOffsetDateTime();
    if (Math.abs(moved.toEpochSecond()) >= LAST_SECOND) {
      throw TrinoError.invalidArgument();
    }
    return moved;
  }

  /** A number, unless it is further from zero than that. */
  static long within(long n, long most, Supplier<TrinoError> otherwise) {
    if (n < -most || n > most) {
      throw otherwise.get();
    }
    return n;
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static long dateDiff(String unit, LocalDateTime a, LocalDateTime b) {
    return switch (unit) {
      case "millisecond" -> ChronoUnit.MILLIS.between(a, b);
      case "second" -> ChronoUnit.SECONDS.between(a, b);
      case "minute" -> ChronoUnit.MINUTES.between(a, b);
      case "hour" -> ChronoUnit.HOURS.between(a, b);
      case "day" -> ChronoUnit.DAYS.between(a, b);
      case "week" -> ChronoUnit.DAYS.between(a, b) / 7;
      case "month" -> months(a, b);
      case "quarter" -> months(a, b) / 3;
      default -> months(a, b) / 12;
    };
  }

  /**
   * Whole months: Trino counts a month as full when adding it to the earlier time does not pass the
   * later one, and adding clamps to the month's end (from 31 January to 28 February is one month).
   * Backwards it is as many.
   */
  private static long months(LocalDateTime a, LocalDateTime b) {
    if (b.isBefore(a)) {
      return -months(b, a);
    }
    long n = (b.getYear() - a.getYear()) * 12L + b.getMonthValue() - a.getMonthValue();
    return a.plusMonths(n).isAfter(b) ? n - 1 : n;
  }

  static String dateFormat(LocalDateTime t, String format) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        b.append(c);
        continue;
      }
      int hour12 = t.getHour() % 12 == 0 ? 12 : t.getHour() % 12;
      switch (format.charAt(++i)) {
        case 'a' -> b.append(t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.US));
        case 'b' -> b.append(t.getMonth().getDisplayName(TextStyle.SHORT, Locale.US));
        case 'c' -> b.append(t.getMonthValue());
        case 'd' -> b.append(two(t.getDayOfMonth()));
        case 'e' -> b.append(t.getDayOfMonth());
        case 'f' -> b.append(String.format(Locale.ROOT, "%06d", t.getNano() / 1_000_000 * 1000));
        case 'H' -> b.append(two(t.getHour()));
        case 'h', 'I' -> b.append(two(hour12));
        case 'i' -> b.append(two(t.getMinute()));
        case 'j' -> b.append(String.format(Locale.ROOT, "%03d", t.getDayOfYear()));
        case 'k' -> b.append(t.getHour());
        case 'l' -> b.append(hour12);
        case 'M' -> b.append(t.getMonth().getDisplayName(TextStyle.FULL, Locale.US));
        case 'm' -> b.append(two(t.getMonthValue()));
        case 'p' -> b.append(t.getHour() < 12 ? "AM" : "PM");
        case 'r' ->
            b.append(two(hour12))
                .append(':')
                .append(two(t.getMinute()))
                .append(':')
                .append(two(t.getSecond()))
                .append(t.getHour() < 12 ? " AM" : " PM");
        case 'S', 's' -> b.append(two(t.getSecond()));
        case 'T' ->
            b.append(two(t.getHour()))
                .append(':')
                .append(two(t.getMinute()))
                .append(':')
                .append(two(t.getSecond()));
        case 'v' -> b.append(two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)));
        case 'W' -> b.append(t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US));
        case 'x' -> b.append(String.format(Locale.ROOT, "%04d", t.get(IsoFields.WEEK_BASED_YEAR)));
        case 'Y' -> b.append(String.format(Locale.ROOT, "%04d", t.getYear()));
        case 'y' -> b.append(two(t.getYear() % 100));
        case '%' -> b.append('%');
        default -> throw new TrinoError("NOT_SUPPORTED");
      }
    }
    return b.toString();
  }

  private static String two(int n) {
    return n < 10 ? "0" + n : String.valueOf(n);
  }

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  static LocalDateTime dateParse(String text, String format) {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millis = 0;
    Boolean afternoon = null;
    boolean twelve = false;
    int at = 0;
    int[] read = new int[2];
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        if (at >= text.length() || text.charAt(at++) != c) {
          throw TrinoError.invalidArgument();
        }
        continue;
      }
      char spec = format.charAt(++i);
      switch (spec) {
        case '%' -> {
          if (at >= text.length() || text.charAt(at++) != '%') {
            throw TrinoError.invalidArgument();
          }
        }
        case 'b', 'M' -> {
          String rest = text.substring(at).toLowerCase(Locale.ROOT);
          int found = -1;
          for (int n = 0; n < 12; n++) {
            if (rest.startsWith(MONTHS.get(n))) {
              found = n;
            }
          }
          if (found < 0) {
            throw TrinoError.invalidArgument();
          }
          month = found + 1;
          String full =
              java.time.Month.of(month)
                  .getDisplayName(TextStyle.FULL, Locale.US)
                  .toLowerCase(Locale.ROOT);
          at += rest.startsWith(full) ? full.length() : 3;
        }
        case 'p' -> {
          String rest = text.substring(at).toLowerCase(Locale.ROOT);
          if (!rest.startsWith("am") && !rest.startsWith("pm")) {
            throw TrinoError.invalidArgument();
          }
          afternoon = rest.startsWith("pm");
          at += 2;
        }
        default -> {
          int width =
              switch (spec) {
                case 'Y' -> 4;
                case 'f' -> 6;
                default -> 2;
              };
          digits(text, at, width, read);
          int n = read[0];
          int used = read[1];
          at += used;
          switch (spec) {
            case 'Y' -> year = n;
            // MySQL's and Joda's pivot: 70 and above is the last century.
            case 'y' -> year = n >= 70 ? 1900 + n : 2000 + n;
            case 'm', 'c' -> month = n;
            case 'd', 'e' -> day = n;
            case 'H', 'k' -> hour = n;
            case 'h', 'I' -> {
              hour = n;
              twelve = true;
            }
            case 'i' -> minute = n;
            case 'S', 's' -> second = n;
            case 'f' -> millis = (int) (n * Math.pow(10, 6 - used)) / 1000;
            default -> throw new TrinoError("NOT_SUPPORTED");
          }
        }
      }
    }
    if (at != text.length()) {
      throw TrinoError.invalidArgument();
    }
    if (twelve) {
      if (hour < 1 || hour > 12) {
        throw TrinoError.invalidArgument();
      }
      hour = hour % 12 + (Boolean.TRUE.equals(afternoon) ? 12 : 0);
    }
    try {
      return LocalDateTime.of(year, month, day, hour, minute, second, millis * 1_000_000);
    } catch (DateTimeException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static void digits(String text, int at, int width, int[] result) {
    int n = 0;
    int used = 0;
    while (used < width
        && at + used < text.length()
        && text.charAt(at + used) >= '0'
        && text.charAt(at + used) <= '9') {
      n = n * 10 + text.charAt(at + used) - '0';
      used++;
    }
    if (used == 0) {
      throw TrinoError.invalidArgument();
    }
    result[0] = n;
    result[1] = used;
  }

  // ------------------------------------------------------------------ times of day

  private static final Pattern TIME =
      Pattern.compile("(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,6}))?)?");

  private static final long DAY = 86_400_000_000L;

  static long toTime(String s) {
    Matcher m = TIME.matcher(s.trim());
    if (!m.matches()) {
      throw TrinoError.invalidCast();
    }
    int second = m.group(3) == null ? 0 : number(m, 3);
    if (number(m, 1) > 23 || number(m, 2) > 59 || second > 59) {
      throw TrinoError.invalidCast();
    }
    String fraction = m.group(4) == null ? "" : m.group(4);
    return ((number(m, 1) * 60L + number(m, 2)) * 60 + second) * 1_000_000
        + Integer.parseInt((fraction + "000000").substring(0, 6));
  }

  static long roundTime(long micros, int precision) {
    long unit = 1;
    for (int i = precision; i < 6; i++) {
      unit *= 10;
    }
    return (micros + unit / 2) / unit * unit % DAY;
  }

  static String timeText(long micros, int precision) {
    String all =
        String.format(
            Locale.ROOT,
            "%02d:%02d:%02d.%06d",
            micros / 3_600_000_000L,
            micros / 60_000_000 % 60,
            micros / 1_000_000 % 60,
            micros % 1_000_000);
    return precision == 0 ? all.substring(0, 8) : all.substring(0, 9 + precision);
  }

  // ------------------------------------------------------------------ instants

  private static final Pattern ZONED = Pattern.compile("(.*?)(?: ?(UTC|Z|[+]00:?00))?");

  /** A text without a zone is of the session's, which is UTC; other zones are not carried. */
  static OffsetDateTime toInstant(String s, int precision) {
    Matcher m = ZONED.matcher(s.trim());
    if (!m.matches()) {
      throw TrinoError.invalidCast();
    }
    if (!TIMESTAMP.matcher(m.group(1)).matches()) {
      throw s.matches("\\s*\\d{4}-.*[A-Za-z+].*")
          ? TrinoError.notSupported()
          : TrinoError.invalidCast();
    }
    LocalDateTime t = toTimestamp(m.group(1));
    long unit = 1;
    for (int i = precision; i < 6; i++) {
      unit *= 10;
    }
    return roundTimestamp(t, unit).atOffset(ZoneOffset.UTC);
  }

  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4})(?:-(\\d{2})(?:-(\\d{2}))?)?"
              + "(?:T(\\d{2})(?::(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?)?)?"
              + "(Z|[+-]\\d{2}(?::?\\d{2})?)?");

  /**
   * An ISO 8601 time with the zone that it names.
   *
   * @return in milliseconds and with its offset
   */
  static OffsetDateTime fromIso(String s) {
    Matcher m = ISO.matcher(s);
    if (!m.matches() || (m.group(8) != null && m.group(4) == null)) {
      throw s.matches("[0-9WTZ.,:+-]+") && !m.matches()
          ? TrinoError.notSupported()
          : TrinoError.invalidArgument();
    }
    try {
      String fraction = m.group(7) == null ? "" : m.group(7);
      LocalDateTime t =
          LocalDateTime.of(
              number(m, 1),
              m.group(2) == null ? 1 : number(m, 2),
              m.group(3) == null ? 1 : number(m, 3),
              m.group(4) == null ? 0 : number(m, 4),
              m.group(5) == null ? 0 : number(m, 5),
              m.group(6) == null ? 0 : number(m, 6),
              Integer.parseInt((fraction + "000").substring(0, 3)) * 1_000_000);
      return t.atOffset(m.group(8) == null ? ZoneOffset.UTC : ZoneOffset.of(m.group(8)));
    } catch (DateTimeException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static OffsetDateTime fromIsoUtc(String s) {
    OffsetDateTime t = fromIso(s);
    if (t.getOffset().getTotalSeconds() != 0) {
      throw TrinoError.notSupported();
    }
    return t;
  }

  private static final Pattern ISO_DATE =
      Pattern.compile("(\\d{4})-(?:(\\d{2})-(\\d{2})|W(\\d{2})-([1-7])|(\\d{3}))");

  static LocalDate fromIsoDate(String s) {
    Matcher m = ISO_DATE.matcher(s);
    if (!m.matches()) {
      throw s.matches("\\d{4}(-(\\d{2}|W\\d{2}))?")
          ? TrinoError.notSupported()
          : TrinoError.invalidArgument();
    }
    try {
      if (m.group(2) != null) {
        return LocalDate.of(number(m, 1), number(m, 2), number(m, 3));
      }
      if (m.group(6) != null) {
        return LocalDate.ofYearDay(number(m, 1), number(m, 6));
      }
      int weeks =
          (int)
              LocalDate.of(number(m, 1), 6, 1)
                  .range(IsoFields.WEEK_OF_WEEK_BASED_YEAR)
                  .getMaximum();
      if (number(m, 4) < 1 || number(m, 4) > weeks) {
        throw TrinoError.invalidArgument();
      }
      return LocalDate.of(number(m, 1), 1, 4)
          .with(IsoFields.WEEK_OF_WEEK_BASED_YEAR, number(m, 4))
          .with(ChronoField.DAY_OF_WEEK, number(m, 5));
    } catch (DateTimeException e) {
      throw TrinoError.invalidArgument();
    }
  }

  // ------------------------------------------------------------------ durations

  private static final Pattern DURATION = Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*([a-z]+)\\s*");

  static long parseDuration(String s) {
    Matcher m = DURATION.matcher(s);
    if (!m.matches()) {
      throw TrinoError.invalidArgument();
    }
    double unit =
        switch (m.group(2)) {
          case "ns" -> 1e-6;
          case "us" -> 1e-3;
          case "ms" -> 1;
          case "s" -> 1e3;
          case "m" -> 6e4;
          case "h" -> 3.6e6;
          case "d" -> 8.64e7;
          default -> throw TrinoError.invalidArgument();
        };
    return (long) Math.floor(Double.parseDouble(m.group(1)) * unit + 0.5);
  }

  static String humanReadable(double seconds) {
    if (Double.isNaN(seconds) || Double.isInfinite(seconds) || Math.abs(seconds) > 1e14) {
      throw TrinoError.invalidArgument();
    }
    long left = Math.round(Math.abs(seconds));
    String[] names = {"week", "day", "hour", "minute", "second"};
    long[] units = {604_800, 86_400, 3600, 60, 1};
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < units.length; i++) {
      long n = left / units[i];
      left %= units[i];
      if (n > 0 || (i == 4 && b.length() == 0)) {
        b.append(b.length() == 0 ? "" : ", ").append(n).append(' ').append(names[i]);
        b.append(n == 1 ? "" : "s");
      }
    }
    return b.toString();
  }
}
