package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.JodaFormats;
import dev.lakegate.gateway.sql.JodaFormats.Piece;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;

/** What format_datetime and parse_datetime do. Pure; never given NULL. */
final class JodaSemantics {
  private JodaSemantics() {}

  static String format(long epochMicros, String zone, String pattern) {
    ZonedDateTime t =
        Instant.ofEpochSecond(
                Math.floorDiv(epochMicros, 1_000_000), Math.floorMod(epochMicros, 1_000_000) * 1000)
            .atZone(ZoneId.of(zone));
    StringBuilder b = new StringBuilder();
    for (Piece p : JodaFormats.pieces(pattern)) {
      int n = p.count();
      switch (p.letter()) {
        case 0 -> b.append(p.text());
        case 'y', 'Y' -> b.append(year(t.getYear(), n));
        case 'x' -> b.append(year(t.get(IsoFields.WEEK_BASED_YEAR), n));
        case 'M' ->
            b.append(
                n < 3
                    ? padded(t.getMonthValue(), n)
                    : t.getMonth()
                        .getDisplayName(n == 3 ? TextStyle.SHORT : TextStyle.FULL, Locale.US));
        case 'E' ->
            b.append(
                t.getDayOfWeek()
                    .getDisplayName(n < 4 ? TextStyle.SHORT : TextStyle.FULL, Locale.US));
        case 'd' -> b.append(padded(t.getDayOfMonth(), n));
        case 'D' -> b.append(padded(t.getDayOfYear(), n));
        case 'H' -> b.append(padded(t.getHour(), n));
        case 'h' -> b.append(padded(t.getHour() % 12 == 0 ? 12 : t.getHour() % 12, n));
        case 'm' -> b.append(padded(t.getMinute(), n));
        case 's' -> b.append(padded(t.getSecond(), n));
        case 'S' -> {
          String fraction = String.format(Locale.ROOT, "%03d", t.getNano() / 1_000_000);
          b.append((fraction + "0".repeat(Math.min(n, 20))).substring(0, Math.min(n, 20)));
        }
        case 'a' -> b.append(t.getHour() < 12 ? "AM" : "PM");
        case 'Z' -> b.append(n > 2 ? zone : offset(t.getOffset(), n == 2));
        default -> throw TrinoError.notSupported();
      }
    }
    return b.toString();
  }

  private static String offset(ZoneOffset o, boolean colon) {
    int minutes = Math.abs(o.getTotalSeconds()) / 60;
    return String.format(
        Locale.ROOT,
        "%s%02d%s%02d",
        o.getTotalSeconds() < 0 ? "-" : "+",
        minutes / 60,
        colon ? ":" : "",
        minutes % 60);
  }

  private static String year(int year, int count) {
    return count == 2 ? padded(year % 100, 2) : padded(year, count);
  }

  private static String padded(int n, int width) {
    return String.format(Locale.ROOT, "%0" + Math.min(width, 20) + "d", n);
  }

  /** A text read by a pattern; without an offset in it, it is a time of UTC. */
  static OffsetDateTime parse(String text, String pattern) {
    int year = 2000;
    boolean dated = false;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millis = 0;
    boolean half = false;
    boolean afternoon = false;
    ZoneOffset zone = ZoneOffset.UTC;
    int at = 0;
    List<Piece> pieces = JodaFormats.pieces(pattern);
    for (int i = 0; i < pieces.size(); i++) {
      Piece p = pieces.get(i);
      switch (p.letter()) {
        case 0 -> {
          if (!text.startsWith(p.text(), at)) {
            throw TrinoError.invalidArgument();
          }
          at += p.text().length();
          continue;
        }
        case 'a' -> {
          String rest = text.substring(at).toUpperCase(Locale.ROOT);
          if (!rest.startsWith("AM") && !rest.startsWith("PM")) {
            throw TrinoError.invalidArgument();
          }
          half = true;
          afternoon = rest.startsWith("PM");
          at += 2;
          continue;
        }
        case 'Z' -> {
          int end = at;
          while (end < text.length() && "+-:0123456789Z".indexOf(text.charAt(end)) >= 0) {
            end++;
          }
          String z = text.substring(at, end);
          if (!z.matches("Z|[+-]\\d{2}:?\\d{2}")) {
            throw z.isEmpty() ? TrinoError.invalidArgument() : TrinoError.notSupported();
          }
          try {
            zone = ZoneOffset.of(z);
          } catch (DateTimeException e) {
            throw TrinoError.invalidArgument();
          }
          at = end;
          continue;
        }
        default -> {
          // Read below.
        }
      }
      // Digits: as many as there are, unless digits follow in the pattern.
      boolean tight = i + 1 < pieces.size() && "yYMdHhmsS".indexOf(pieces.get(i + 1).letter()) > 0;
      boolean years = p.letter() == 'y' || p.letter() == 'Y';
      int most =
          tight || p.letter() == 'S'
              ? p.count()
              : years ? Math.max(4, p.count()) : Math.max(2, p.count());
      int end = at;
      while (end < text.length()
          && end - at < Math.min(9, most)
          && Character.isDigit(text.charAt(end))) {
        end++;
      }
      if (end == at) {
        throw TrinoError.invalidArgument();
      }
      int n = Integer.parseInt(text.substring(at, end));
      switch (p.letter()) {
        case 'y', 'Y' -> {
          if (p.count() == 2 && end - at == 2) {
            throw TrinoError.notSupported();
          }
          year = n;
          dated = true;
        }
        case 'M' -> month = n;
        case 'd' -> day = n;
        case 'H' -> hour = n;
        case 'h' -> {
          hour = n % 12;
          half = true;
        }
        case 'm' -> minute = n;
        case 's' -> second = n;
        default -> millis = Integer.parseInt((text.substring(at, end) + "000").substring(0, 3));
      }
      at = end;
    }
    if (at != text.length()) {
      throw TrinoError.invalidArgument();
    }
    if (!dated) {
      throw TrinoError.notSupported();
    }
    try {
      return LocalDateTime.of(
              year,
              month,
              day,
              hour + (half && afternoon && hour < 12 ? 12 : 0),
              minute,
              second,
              millis * 1_000_000)
          .atOffset(zone);
    } catch (DateTimeException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static OffsetDateTime parseUtc(String text, String pattern) {
    OffsetDateTime t = parse(text, pattern);
    if (t.getOffset().getTotalSeconds() != 0) {
      throw TrinoError.notSupported();
    }
    return t;
  }
}
