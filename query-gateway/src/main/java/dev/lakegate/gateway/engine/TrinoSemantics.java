package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lakegate.gateway.sql.JsonPath;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Trino's functions and casts do where DuckDB's do something else. Pure; never given NULL. */
final class TrinoSemantics {
  private static final BigInteger MAX_DECIMAL = BigInteger.TEN.pow(38).subtract(BigInteger.ONE);
  private static final JsonFactory JSON = new JsonFactory();

  private TrinoSemantics() {}

  private static TrinoError invalidCast() {
    return new TrinoError("INVALID_CAST_ARGUMENT");
  }

  private static TrinoError invalidArgument() {
    return new TrinoError("INVALID_FUNCTION_ARGUMENT");
  }

  // ------------------------------------------------------------------ numbers

  /** DuckDB's shortest text of a floating point number in Trino's notation: {@code 1.5E1}. */
  static String scientific(String text) {
    switch (text) {
      case "nan", "-nan":
        return "NaN";
      case "inf":
        return "Infinity";
      case "-inf":
        return "-Infinity";
      default:
        break;
    }
    boolean negative = text.startsWith("-");
    BigDecimal d = new BigDecimal(text).abs();
    if (d.signum() == 0) {
      return negative ? "-0.0E0" : "0.0E0";
    }
    BigDecimal s = d.stripTrailingZeros();
    String digits = s.unscaledValue().toString();
    int exponent = digits.length() - 1 - s.scale();
    String fraction = digits.length() > 1 ? digits.substring(1) : "0";
    return (negative ? "-" : "") + digits.charAt(0) + "." + fraction + "E" + exponent;
  }

  static BigInteger requireDecimal38(BigInteger n) {
    if (n.abs().compareTo(MAX_DECIMAL) > 0) {
      throw new TrinoError("NUMERIC_VALUE_OUT_OF_RANGE");
    }
    return n;
  }

  /** {@code n * 10^shift / d}, rounded half up (away from zero). */
  static BigInteger divide(BigInteger n, BigInteger d, int shift) {
    if (d.signum() == 0) {
      throw new TrinoError("DIVISION_BY_ZERO");
    }
    BigInteger a = shift >= 0 ? n.multiply(BigInteger.TEN.pow(shift)) : n;
    BigInteger b = shift >= 0 ? d : d.multiply(BigInteger.TEN.pow(-shift));
    return requireDecimal38(
        new BigDecimal(a).divide(new BigDecimal(b), 0, RoundingMode.HALF_UP).toBigInteger());
  }

  static BigInteger remainder(BigInteger n, BigInteger d, int shiftN, int shiftD) {
    if (d.signum() == 0) {
      throw new TrinoError("DIVISION_BY_ZERO");
    }
    return n.multiply(BigInteger.TEN.pow(shiftN)).remainder(d.multiply(BigInteger.TEN.pow(shiftD)));
  }

  static boolean toBoolean(String s) {
    return switch (s.toLowerCase(Locale.ROOT)) {
      case "t", "true", "1" -> true;
      case "f", "false", "0" -> false;
      default -> throw invalidCast();
    };
  }

  static long toInteger(String s, int bits) {
    try {
      long n = Long.parseLong(s);
      long max = bits == 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
      if (n <= max && n >= -max - 1) {
        return n;
      }
    } catch (NumberFormatException e) {
      // Answered below.
    }
    throw invalidCast();
  }

  static double toDouble(String s) {
    try {
      return Double.parseDouble(s);
    } catch (NumberFormatException e) {
      throw invalidCast();
    }
  }

  static float toReal(String s) {
    try {
      return Float.parseFloat(s);
    } catch (NumberFormatException e) {
      throw invalidCast();
    }
  }

  static String toDecimal(String s, int precision, int scale) {
    try {
      if (s.length() > 100) {
        throw invalidCast();
      }
      BigDecimal d = new BigDecimal(s);
      if (Math.abs((long) d.scale()) > 1000) {
        throw invalidCast();
      }
      d = d.setScale(scale, RoundingMode.HALF_UP);
      if (d.precision() > precision && d.signum() != 0) {
        throw invalidCast();
      }
      return d.toPlainString();
    } catch (NumberFormatException e) {
      throw invalidCast();
    }
  }

  static double round(double value, int digits) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return value;
    }
    double factor = Math.pow(10, digits);
    // As Trino computes it: scale, round half away from zero, scale back.
    if (value < 0) {
      return -(Math.round(-value * factor) / factor);
    }
    return Math.round(value * factor) / factor;
  }

  static String toBase(long value, long radix) {
    if (radix < Character.MIN_RADIX || radix > Character.MAX_RADIX) {
      throw invalidArgument();
    }
    return Long.toString(value, (int) radix);
  }

  static long fromBase(String text, long radix) {
    if (radix < Character.MIN_RADIX || radix > Character.MAX_RADIX) {
      throw invalidArgument();
    }
    try {
      return Long.parseLong(text, (int) radix);
    } catch (NumberFormatException e) {
      throw invalidArgument();
    }
  }

  // ------------------------------------------------------------------ text

  static String fit(String s, int length) {
    if (s.codePointCount(0, s.length()) > length) {
      throw invalidCast();
    }
    return s;
  }

  static String upper(String s) {
    return map(s, Character::toUpperCase);
  }

  static String lower(String s) {
    return map(s, Character::toLowerCase);
  }

  /** Code point by code point, as Trino does: no special casing such as SS for sharp s. */
  private static String map(String s, java.util.function.IntUnaryOperator f) {
    StringBuilder b = new StringBuilder(s.length());
    s.codePoints().map(f).forEach(b::appendCodePoint);
    return b.toString();
  }

  static String reverse(String s) {
    int[] points = s.codePoints().toArray();
    StringBuilder b = new StringBuilder(s.length());
    for (int i = points.length - 1; i >= 0; i--) {
      b.appendCodePoint(points[i]);
    }
    return b.toString();
  }

  static String trim(String s, boolean left, boolean right) {
    return trim(s, Character::isWhitespace, left, right);
  }

  static String trim(String s, String characters, boolean left, boolean right) {
    return trim(s, c -> characters.indexOf(c) >= 0, left, right);
  }

  private static String trim(
      String s, java.util.function.IntPredicate drop, boolean left, boolean right) {
    int[] points = s.codePoints().toArray();
    int from = 0;
    int to = points.length;
    while (left && from < to && drop.test(points[from])) {
      from++;
    }
    while (right && from < to && drop.test(points[to - 1])) {
      to--;
    }
    return new String(points, from, to - from);
  }

  static String substr(String s, long start, long length) {
    if (start == 0 || length <= 0 || s.isEmpty()) {
      return "";
    }
    int[] points = s.codePoints().toArray();
    long from = start > 0 ? start - 1 : points.length + start;
    if (from < 0 || from >= points.length) {
      return "";
    }
    long to = length > points.length - from ? points.length : from + length;
    return new String(points, (int) from, (int) (to - from));
  }

  static String replace(String s, String search, String with) {
    if (!search.isEmpty()) {
      StringBuilder b = new StringBuilder();
      int at = 0;
      for (int found = s.indexOf(search); found >= 0; found = s.indexOf(search, at)) {
        b.append(s, at, found).append(with);
        at = found + search.length();
        ChunkBudget.require(b.length(), 0);
      }
      return b.append(s, at, s.length()).toString();
    }
    ChunkBudget.require((s.length() + 1L) * with.length() + s.length(), 0);
    StringBuilder b = new StringBuilder(with);
    s.codePoints().forEach(p -> b.appendCodePoint(p).append(with));
    return b.toString();
  }

  static String splitPart(String s, String delimiter, long index) {
    if (index <= 0) {
      throw invalidArgument();
    }
    if (delimiter.isEmpty()) {
      int[] points = s.codePoints().toArray();
      return index > points.length ? null : new String(points, (int) index - 1, 1);
    }
    int at = 0;
    for (long i = 1; ; i++) {
      int next = s.indexOf(delimiter, at);
      if (i == index) {
        return next < 0 ? s.substring(at) : s.substring(at, next);
      }
      if (next < 0) {
        return null;
      }
      at = next + delimiter.length();
    }
  }

  static String pad(String s, long size, String with, boolean left) {
    if (size < 0 || size > Integer.MAX_VALUE || with.isEmpty()) {
      throw invalidArgument();
    }
    ChunkBudget.require(size, 0);
    int[] points = s.codePoints().toArray();
    if (points.length >= size) {
      return new String(points, 0, (int) size);
    }
    int[] fill = with.codePoints().toArray();
    StringBuilder b = new StringBuilder();
    int missing = (int) size - points.length;
    if (!left) {
      b.append(s);
    }
    for (int i = 0; i < missing; i++) {
      b.appendCodePoint(fill[i % fill.length]);
    }
    if (left) {
      b.append(s);
    }
    return b.toString();
  }

  static String chr(long code) {
    if (code < 0
        || code > Character.MAX_CODE_POINT
        || (code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
      throw invalidArgument();
    }
    return Character.toString((int) code);
  }

  static String translate(String s, String from, String to) {
    int[] f = from.codePoints().toArray();
    int[] t = to.codePoints().toArray();
    StringBuilder b = new StringBuilder();
    s.codePoints()
        .forEach(
            p -> {
              for (int i = 0; i < f.length; i++) {
                if (f[i] == p) {
                  if (i < t.length) {
                    b.appendCodePoint(t[i]);
                  }
                  return;
                }
              }
              b.appendCodePoint(p);
            });
    return b.toString();
  }

  static long levenshtein(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    if ((long) x.length * y.length > 1_000_000) {
      throw invalidArgument();
    }
    int[] row = new int[y.length + 1];
    for (int j = 0; j <= y.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= x.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= y.length; j++) {
        int above = row[j];
        int change = diagonal + (x[i - 1] == y[j - 1] ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[y.length];
  }

  static String requireHex(String s) {
    if (s.length() % 2 != 0 || !s.matches("[0-9A-Fa-f]*")) {
      throw invalidArgument();
    }
    return s;
  }

  /** Bytes to text, each byte that is no UTF-8 replaced by U+FFFD. */
  static String fromUtf8Hex(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------ times

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
    throw invalidCast();
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
    throw invalidCast();
  }

  private static int number(Matcher m, int group) {
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
      throw invalidArgument();
    }
    return Instant.ofEpochMilli(Math.round(millis)).atOffset(ZoneOffset.UTC);
  }

  /** Whole units between two times, as Trino counts them. */
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
   * Whole months: Trino counts a month as full when adding it does not pass the later time, and
   * adding clamps to the month's end (from 31 January to 28 February is one month).
   */
  private static long months(LocalDateTime a, LocalDateTime b) {
    boolean forward = !b.isBefore(a);
    LocalDateTime low = forward ? a : b;
    LocalDateTime high = forward ? b : a;
    long n = (high.getYear() - low.getYear()) * 12L + high.getMonthValue() - low.getMonthValue();
    if (forward) {
      if (low.plusMonths(n).isAfter(high)) {
        n--;
      }
      return n;
    }
    if (high.minusMonths(n).isBefore(low)) {
      n--;
    }
    return -n;
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
          throw invalidArgument();
        }
        continue;
      }
      char spec = format.charAt(++i);
      switch (spec) {
        case '%' -> {
          if (at >= text.length() || text.charAt(at++) != '%') {
            throw invalidArgument();
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
            throw invalidArgument();
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
            throw invalidArgument();
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
      throw invalidArgument();
    }
    if (twelve) {
      if (hour < 1 || hour > 12) {
        throw invalidArgument();
      }
      hour = hour % 12 + (Boolean.TRUE.equals(afternoon) ? 12 : 0);
    }
    try {
      return LocalDateTime.of(year, month, day, hour, minute, second, millis * 1_000_000);
    } catch (DateTimeException e) {
      throw invalidArgument();
    }
  }

  private static void digits(String text, int at, int width, int[] result) {
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
      throw invalidArgument();
    }
    result[0] = n;
    result[1] = used;
  }

  // ------------------------------------------------------------------ JSON

  static String jsonExtractScalar(String json, String path) {
    List<Object> steps = JsonPath.steps(path);
    try (JsonParser p = JSON.createParser(json)) {
      p.nextToken();
      for (Object step : steps) {
        if (!descend(p, step)) {
          return null;
        }
      }
      JsonToken t = p.currentToken();
      return t == null || !t.isScalarValue() || t == JsonToken.VALUE_NULL ? null : p.getText();
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean descend(JsonParser p, Object step) throws IOException {
    if (step instanceof String name) {
      if (p.currentToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (p.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = p.currentName().equals(name);
        p.nextToken();
        if (found) {
          return true;
        }
        p.skipChildren();
      }
      return false;
    }
    if (p.currentToken() != JsonToken.START_ARRAY) {
      return false;
    }
    for (int i = 0; ; i++) {
      JsonToken t = p.nextToken();
      if (t == null || t == JsonToken.END_ARRAY) {
        return false;
      }
      if (i == (Integer) step) {
        return true;
      }
      p.skipChildren();
    }
  }

  static Long jsonArrayLength(String json) {
    try (JsonParser p = JSON.createParser(json)) {
      if (p.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      long n = 0;
      while (true) {
        JsonToken t = p.nextToken();
        if (t == JsonToken.END_ARRAY) {
          return n;
        }
        if (t == null) {
          return null;
        }
        p.skipChildren();
        n++;
      }
    } catch (IOException e) {
      return null;
    }
  }
}
