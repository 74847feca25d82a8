package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.FunctionCall;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Functions of dates, times and intervals. */
final class TimeFunctions {
  private TimeFunctions() {}

  private static final Set<String> DATE_UNITS = Set.of("day", "week", "month", "quarter", "year");

  /** So many of any unit lead from no time that occurs to one that Trino has not. */
  private static final long NEAR = 10_000;

  /** The engine's timestamps end here. */
  private static final long YEARS = 290_000;

  private static final Set<String> TIME_UNITS = Set.of("millisecond", "second", "minute", "hour");

  private static String unit(Call c, boolean dateOnly, boolean withMillis) {
    String unit = c.literal(0).toLowerCase(Locale.ROOT);
    boolean known =
        DATE_UNITS.contains(unit)
            || (TIME_UNITS.contains(unit) && (withMillis || !unit.equals("millisecond")));
    if (!known || (dateOnly && !DATE_UNITS.contains(unit))) {
      throw c.invalid(
          "'" + unit + "' is not a valid " + (dateOnly ? "DATE" : "Timestamp") + " field");
    }
    return unit;
  }

  /** A number of units, when both Trino and the engine can move a time by so many. */
  private static String within(Call c, String unit, Type t) {
    long most =
        switch (unit) {
          case "year" -> YEARS;
          case "quarter" -> YEARS * 4;
          case "month" -> YEARS * 12;
          case "week" -> YEARS * 52;
          case "day" -> YEARS * 365;
          default -> Integer.MAX_VALUE;
        };
    // Dates reach further in Trino than in the engine.
    return (t.kind() == Kind.DATE ? "lk_far_date(" : "lk_far_time(")
        + c.bigint(1)
        + ", "
        + Duck.number(most, Type.BIGINT)
        + ")";
  }

  private static void requireZoned(Call c) {
    if (c.type(0).kind() != Kind.TIMESTAMP_TZ) {
      throw c.noMatch();
    }
    if (c.type(0).zone().equals(Type.MIXED)) {
      throw Refusal.unsupported(c.node, c.name + " of times in different zones");
    }
  }

  private static Typed offset(Call c, String part) {
    requireZoned(c.arity(1));
    String minutes =
        "((epoch_us("
            + Duck.local(c.sql(0), c.type(0).zone())
            + ") - epoch_us("
            + c.sql(0)
            + ")) // 60000000)";
    return c.result(Type.BIGINT, "(" + minutes + " " + part + ")");
  }

  /**
   * A time whose zone is in its text: that of a literal is known; a computed text has to be of UTC.
   * Text without a zone is meant in the session's, so that sessions of other zones have to say it.
   */
  private static Typed zoned(Call c, String sql, String offset) {
    // An unbound question mark is a constant too, and no text.
    String literal = c.args.get(0).constant() instanceof String s ? s : null;
    if (literal == null || offset.equals(literal) || offset.isEmpty()) {
      boolean utc =
          c.name.equals("from_iso8601_timestamp")
              && literal != null
              && literal.indexOf('T') > 0
              && literal.endsWith("Z");
      if (!utc && !c.args.get(0).isNull() && !c.session.zone().equals("UTC")) {
        throw Refusal.unsupported(
            c.node, c.name + " of text without a literal offset, in sessions outside of UTC");
      }
      return c.result(Type.timestampTz(3, "UTC"), sql);
    }
    String zone = TimeLiterals.zone(c.argument(0), offset);
    if (zone.equals("UTC")) {
      return c.result(Type.timestampTz(3, zone), sql);
    }
    // Read as if it were of UTC, then put into its zone.
    String local =
        literal.substring(0, literal.length() - offset.length())
            + (c.name.equals("parse_datetime")
                ? "+0000".substring(0, offset.length() == 6 ? 0 : 5)
                : "Z");
    if (c.name.equals("parse_datetime") && offset.length() == 6) {
      local = local + "+00:00";
    }
    String read = sql.replace(c.varchar(0), Duck.text(c.argument(0), local).sql());
    return c.result(Type.timestampTz(3, zone), Duck.zoned(Duck.local(read, "UTC"), zone));
  }

  private static boolean endsWithOffset(String pattern) {
    List<JodaFormats.Piece> pieces = JodaFormats.pieces(pattern);
    return pieces.get(pieces.size() - 1).letter() == 'Z';
  }

  private static boolean isTime(Type t) {
    return t.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
  }

  static void define() {
    Functions.def(
        "date_trunc",
        c -> {
          c.arity(2);
          Type t = c.type(1);
          if (!isTime(t)) {
            throw c.noMatch();
          }
          String unit = unit(c, t.kind() == Kind.DATE, true);
          if (t.kind() == Kind.TIMESTAMP_TZ && TIME_UNITS.contains(unit)) {
            // Within the hour it is the clock that counts, not what it shows after a change.
            return c.result(
                t,
                Duck.let(
                    c.sql(1),
                    x -> {
                      String local = Duck.local(x, t.zone());
                      return "("
                          + x
                          + " - ("
                          + local
                          + " - date_trunc("
                          + Duck.quote(unit)
                          + ", "
                          + local
                          + ")))";
                    }));
          }
          if (t.kind() == Kind.TIMESTAMP_TZ) {
            return c.result(
                t,
                Duck.moved(
                    c.sql(1),
                    t.zone(),
                    local -> "date_trunc(" + Duck.quote(unit) + ", " + local + ")"));
          }
          String sql = "date_trunc(" + Duck.quote(unit) + ", " + c.time(1) + ")";
          return c.result(t, t.kind() == Kind.DATE ? Duck.cast(sql, t) : sql);
        });
    Functions.def(
        "date_add",
        c -> {
          c.arity(3);
          Type t = c.type(2);
          if (!isTime(t)) {
            throw c.noMatch();
          }
          String unit = unit(c, t.kind() == Kind.DATE, true);
          boolean near = c.args.get(1).constant() instanceof Long steps && Math.abs(steps) <= NEAR;
          String n = near ? c.bigint(1) : within(c, unit, t);
          String amount =
              switch (unit) {
                case "millisecond" -> "to_microseconds(" + n + " * 1000)";
                case "second" -> "to_microseconds(" + n + " * 1000000)";
                case "minute" -> "to_microseconds(" + n + " * 60000000)";
                case "hour" -> "to_microseconds(" + n + " * 3600000000)";
                case "day" -> "to_days(CAST(" + n + " AS INTEGER))";
                case "week" -> "to_days(CAST(" + n + " * 7 AS INTEGER))";
                case "month" -> "to_months(CAST(" + n + " AS INTEGER))";
                case "quarter" -> "to_months(CAST(" + n + " * 3 AS INTEGER))";
                default -> "to_months(CAST(" + n + " * 12 AS INTEGER))";
              };
          if (t.kind() == Kind.DATE) {
            return c.result(t, Duck.cast("(" + c.time(2) + " + " + amount + ")", t));
          }
          int precision = unit.equals("millisecond") ? Math.max(3, t.precision()) : t.precision();
          if (t.kind() == Kind.TIMESTAMP) {
            return c.result(Type.timestamp(precision), "(" + c.time(2) + " + " + amount + ")");
          }
          // Hours are elapsed time; days and more are those of the zone's calendar.
          String in = TIME_UNITS.contains(unit) ? "UTC" : t.zone();
          return c.result(
              Type.timestampTz(precision, t.zone()),
              near
                  ? Duck.moved(c.sql(2), in, local -> "(" + local + " + " + amount + ")")
                  : Duck.movedFar(c.sql(2), in, local -> "(" + local + " + " + amount + ")"));
        });
    Functions.def(
        "date_diff",
        c -> {
          c.arity(3);
          if (!isTime(c.type(1)) || !isTime(c.type(2))) {
            throw c.noMatch();
          }
          Type t = Types.common(c.type(1), c.type(2)).orElseThrow(c::noMatch);
          String unit = unit(c, t.kind() == Kind.DATE, true);
          Type plain = t.kind() == Kind.TIMESTAMP_TZ ? Type.timestamp(6) : t;
          String a = c.as(1, t);
          String b = c.as(2, t);
          if (t.kind() == Kind.TIMESTAMP_TZ) {
            // What has elapsed is the same in every zone; days and more are those of the calendar
            // of the first time's zone.
            Type first = c.type(1);
            String in =
                TIME_UNITS.contains(unit)
                    ? "UTC"
                    : first.kind() == Kind.TIMESTAMP_TZ ? first.zone() : Zones.session();
            a = Duck.local(a, in);
            b = Duck.local(b, in);
          }
          String sql =
              plain.kind() == Kind.DATE && unit.equals("day")
                  ? "CAST(" + b + " - " + a + " AS BIGINT)"
                  : "lk_date_diff("
                      + Duck.quote(unit)
                      + ", CAST("
                      + a
                      + " AS TIMESTAMP), CAST("
                      + b
                      + " AS TIMESTAMP))";
          return c.result(Type.BIGINT, sql);
        });
    Map<String, String> parts =
        Map.ofEntries(
            Map.entry("year", "year"),
            Map.entry("quarter", "quarter"),
            Map.entry("month", "month"),
            Map.entry("week", "week"),
            Map.entry("week_of_year", "week"),
            Map.entry("day", "day"),
            Map.entry("day_of_month", "day"),
            Map.entry("day_of_week", "isodow"),
            Map.entry("dow", "isodow"),
            Map.entry("day_of_year", "doy"),
            Map.entry("doy", "doy"),
            Map.entry("year_of_week", "isoyear"),
            Map.entry("yow", "isoyear"),
            Map.entry("hour", "hour"),
            Map.entry("minute", "minute"),
            Map.entry("second", "second"));
    parts.forEach((f, part) -> Functions.def(f, c -> part(c, part)));
    Functions.def(
        "millisecond",
        c -> {
          c.arity(1);
          if (c.type(0).kind() == Kind.TIME) {
            return c.result(Type.BIGINT, "(" + c.sql(0) + " // 1000 % 1000)");
          }
          if (!c.type(0).is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
            throw c.noMatch();
          }
          return c.result(
              Type.BIGINT, "CAST(date_part('millisecond', " + c.time(0) + ") % 1000 AS BIGINT)");
        });
    Functions.def("date", c -> Casts.cast(c.node, c.arity(1).args.get(0), Type.DATE));
    Functions.def(
        "last_day_of_month",
        c -> {
          c.arity(1);
          if (!isTime(c.type(0))) {
            throw c.noMatch();
          }
          return c.result(Type.DATE, "last_day(" + c.time(0) + ")");
        });
    Functions.def(
        "from_unixtime",
        c -> {
          c.arity(1, 2, 3);
          String zone = c.session.zone();
          if (c.count() == 2) {
            zone = TimeLiterals.zone(c.argument(1), c.literal(1));
          } else if (c.count() == 3) {
            if (!(c.args.get(1).constant() instanceof Long h)
                || !(c.args.get(2).constant() instanceof Long m)
                || h * m < 0
                || Math.abs(h) > 14
                || Math.abs(m) > 59) {
              throw Refusal.unsupported(c.node, "from_unixtime with a computed offset");
            }
            String offset =
                String.format("%s%02d:%02d", h < 0 || m < 0 ? "-" : "+", Math.abs(h), Math.abs(m));
            zone = TimeLiterals.zone(c.argument(1), offset);
          }
          return c.result(
              Type.timestampTz(3, zone),
              c.type(0).isInteger()
                  ? "to_timestamp(CAST(" + c.bigint(0) + " AS DOUBLE))"
                  : "lk_from_unixtime(" + c.dbl(0) + ")");
        });
    Functions.def(
        "with_timezone",
        c -> {
          c.arity(2);
          if (c.type(0).kind() != Kind.TIMESTAMP) {
            throw c.noMatch();
          }
          String zone = TimeLiterals.zone(c.argument(1), c.literal(1));
          return c.result(
              Type.timestampTz(c.type(0).precision(), zone), Duck.zoned(c.sql(0), zone));
        });
    Functions.def(
        "at_timezone",
        c -> {
          c.arity(2);
          if (c.type(0).kind() != Kind.TIMESTAMP_TZ) {
            throw c.noMatch();
          }
          String zone = TimeLiterals.zone(c.argument(1), c.literal(1));
          return c.result(Type.timestampTz(c.type(0).precision(), zone), c.sql(0));
        });
    Functions.def(
        "timezone",
        c -> {
          requireZoned(c.arity(1));
          String zone = "CAST(" + Duck.quote(c.type(0).zone()) + " AS VARCHAR)";
          return c.result(Type.VARCHAR, Duck.unlessNull(List.of(c.sql(0)), zone, Type.VARCHAR));
        });
    Functions.def("timezone_hour", c -> offset(c, "// 60"));
    Functions.def("timezone_minute", c -> offset(c, "% 60"));
    Functions.def(
        "format_datetime",
        c -> {
          c.arity(2);
          if (!c.type(0).is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
            throw c.type(0).kind() == Kind.DATE
                ? Refusal.unsupported(c.node, "format_datetime of a date")
                : c.noMatch();
          }
          JodaFormats.requireFormat(c.argument(1), c.literal(1));
          boolean zoned = c.type(0).kind() == Kind.TIMESTAMP_TZ;
          if (zoned) {
            requireZoned(c);
          } else if (JodaFormats.pieces(c.literal(1)).stream()
              .anyMatch(p -> p.letter() == 'Z' || p.letter() == 'z')) {
            throw Refusal.unsupported(c.node, "the zone of a time that has none");
          }
          return c.result(
              Type.VARCHAR,
              "lk_format_datetime(epoch_us("
                  + c.sql(0)
                  + "), "
                  + Duck.quote(zoned ? c.type(0).zone() : "UTC")
                  + ", "
                  + c.varchar(1)
                  + ")");
        });
    Functions.def(
        "parse_datetime",
        c -> {
          c.arity(2);
          JodaFormats.requireParse(c.argument(1), c.literal(1));
          return zoned(
              c,
              "lk_parse_datetime(" + c.varchar(0) + ", " + c.varchar(1) + ")",
              c.args.get(0).constant() instanceof String s && endsWithOffset(c.literal(1))
                  ? s.replaceFirst("^.*?([+-]\\d{2}:?\\d{2})$", "$1")
                  : "");
        });
    Functions.def(
        "from_iso8601_timestamp",
        c -> {
          c.arity(1);
          return zoned(
              c,
              "lk_from_iso_timestamp(" + c.varchar(0) + ")",
              c.args.get(0).constant() instanceof String s && s.indexOf('T') > 0
                  ? s.replaceFirst("^.*?([+-]\\d{2}(:?\\d{2})?)$", "$1")
                  : "");
        });
    Functions.def(
        "from_iso8601_date",
        c -> c.arity(1).result(Type.DATE, "lk_from_iso_date(" + c.varchar(0) + ")"));
    Functions.def(
        "parse_duration",
        c ->
            c.arity(1).result(Type.INTERVAL_DAY_SECOND, "lk_parse_duration(" + c.varchar(0) + ")"));
    Functions.def(
        "human_readable_seconds",
        c -> c.arity(1).result(Type.VARCHAR, "lk_human_seconds(" + c.dbl(0) + ")"));
    Functions.def(
        "to_unixtime",
        c -> {
          c.arity(1);
          if (c.type(0).kind() == Kind.DATE || !isTime(c.type(0))) {
            throw c.noMatch();
          }
          Typed tz = Casts.coerce(c.node, c.args.get(0), Type.timestampTz(6, "UTC"));
          return c.result(
              Type.DOUBLE,
              "(CAST(epoch_us(" + tz.sql() + ") AS DOUBLE) / CAST('1000000' AS DOUBLE))");
        });
    Functions.def("version", c -> Duck.text(c.arity(0).node, SqlBoundary.TRINO).as(Type.VARCHAR));
    Functions.def("now", c -> c.arity(0).session.now(3));
    Functions.def(
        "current_timezone", c -> Duck.text(c.node, c.arity(0).session.zone()).as(Type.VARCHAR));
    Functions.def(
        "to_milliseconds",
        c -> {
          c.arity(1);
          if (c.type(0).kind() != Kind.INTERVAL_DAY_SECOND) {
            throw c.noMatch();
          }
          return c.result(Type.BIGINT, c.args.get(0).sql());
        });
    Functions.def(
        "date_format",
        c -> {
          c.arity(2);
          if (!isTime(c.type(0))) {
            throw c.noMatch();
          }
          DateFormats.requireFormat(c.argument(1), c.literal(1));
          return c.result(
              Type.VARCHAR,
              "lk_date_format(CAST(" + c.time(0) + " AS TIMESTAMP), " + c.varchar(1) + ")");
        });
    Functions.def(
        "date_parse",
        c -> {
          c.arity(2);
          DateFormats.requireParse(c.argument(1), c.literal(1));
          return c.result(
              Type.timestamp(3), "lk_date_parse(" + c.varchar(0) + ", " + c.varchar(1) + ")");
        });
    Functions.def(
        "to_iso8601",
        c -> {
          c.arity(1);
          Type t = c.type(0);
          if (t.kind() == Kind.DATE) {
            return c.result(Type.varchar(16), "CAST(" + c.time(0) + " AS VARCHAR)");
          }
          if (!t.is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
            throw Refusal.unsupported(c.node, "to_iso8601 of " + t);
          }
          String text = "replace(" + Casts.timestampText(c.time(0), t.precision()) + ", ' ', 'T')";
          // Trino's bound: sign, year of up to 6 digits, and the rest.
          int length = 22 + (t.precision() == 0 ? 0 : t.precision() + 1);
          return t.kind() == Kind.TIMESTAMP
              ? c.result(Type.varchar(length), text)
              : c.result(
                  Type.varchar(length + 6),
                  "("
                      + text
                      + " || replace(lk_format_datetime(epoch_us("
                      + c.sql(0)
                      + "), "
                      + Duck.quote(t.zone())
                      + ", 'ZZ'), '+00:00', 'Z'))");
        });
  }

  private static Typed part(Call c, String part) {
    c.arity(1);
    Type t = c.type(0);
    boolean clock = Set.of("hour", "minute", "second").contains(part);
    if (t.kind() == Kind.INTERVAL_DAY_SECOND) {
      String ms = c.args.get(0).sql();
      String sql =
          switch (part) {
            case "day" -> "(" + ms + " // 86400000)";
            case "hour" -> "((" + ms + " % 86400000) // 3600000)";
            case "minute" -> "((" + ms + " % 3600000) // 60000)";
            case "second" -> "((" + ms + " % 60000) // 1000)";
            default -> throw c.noMatch();
          };
      return c.result(Type.BIGINT, sql);
    }
    if (t.kind() == Kind.INTERVAL_YEAR_MONTH) {
      String m = "CAST(" + c.args.get(0).sql() + " AS BIGINT)";
      return switch (part) {
        case "year" -> c.result(Type.BIGINT, "(" + m + " // 12)");
        case "month" -> c.result(Type.BIGINT, "(" + m + " % 12)");
        default -> throw c.noMatch();
      };
    }
    if (t.kind() == Kind.TIME) {
      String us = c.sql(0);
      String sql =
          switch (part) {
            case "hour" -> "(" + us + " // 3600000000)";
            case "minute" -> "(" + us + " // 60000000 % 60)";
            case "second" -> "(" + us + " // 1000000 % 60)";
            default -> throw c.noMatch();
          };
      return c.result(Type.BIGINT, sql);
    }
    if (!isTime(t) || (clock && t.kind() == Kind.DATE)) {
      throw c.noMatch();
    }
    return c.result(Type.BIGINT, "date_part('" + part + "', " + c.time(0) + ")");
  }

  /** EXTRACT(field FROM x). */
  static Typed extract(io.trino.sql.tree.Extract node, Typed value, Session session) {
    String field = node.getField().name().toLowerCase(Locale.ROOT);
    if (!Functions.SCALARS.containsKey(field)) {
      throw Refusal.unsupported(node, "EXTRACT of " + field);
    }
    FunctionCall call =
        new FunctionCall(
            node.getLocation(),
            io.trino.sql.tree.QualifiedName.of(field),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            false,
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            List.of(node.getExpression()));
    return Functions.call(call, field, List.of(value), session);
  }
}
