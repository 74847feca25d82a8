package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;

/** Operators on numbers, times and intervals in DuckDB's dialect with Trino's meaning. */
final class Arithmetic {
  private Arithmetic() {}

  static Typed arithmetic(Node node, char operator, Typed l, Typed r) {
    if (l.isNull() && r.isNull()) {
      throw Refusal.unsupported(node, "an operation on nothing but NULL");
    }
    Typed time = timeArithmetic(node, operator, l, r);
    if (time != null) {
      return time;
    }
    Type lt = l.isNull() ? r.type() : l.type();
    Type rt = r.isNull() ? l.type() : r.type();
    if (!lt.isNumeric() || !rt.isNumeric()) {
      throw Refusal.mismatch(
          node, "Cannot apply operator: " + l.type() + " " + operator + " " + r.type());
    }
    Type common = Types.common(lt, rt).orElseThrow();
    if (common.isInteger()) {
      return integerArithmetic(node, operator, common, l, r);
    }
    if (common.isFloating()) {
      String a = Casts.coerce(node, l, common).sql();
      String b = Casts.coerce(node, r, common).sql();
      // DuckDB computes REAL with doubles in places: the cast rounds back.
      return Typed.of(common, Duck.cast("(" + a + " " + operator + " " + b + ")", common), l, r);
    }
    return decimalArithmetic(node, operator, lt.asDecimal(), rt.asDecimal(), l, r);
  }

  private static Typed integerArithmetic(Node node, char operator, Type type, Typed l, Typed r) {
    String a = Casts.coerce(node, l, type).sql();
    String b = Casts.coerce(node, r, type).sql();
    String sql;
    if (operator == '/' || operator == '%') {
      String op = operator == '/' ? "//" : "%";
      boolean safe = r.constant() instanceof Long n && n != 0;
      sql =
          safe
              ? "(" + a + " " + op + " " + b + ")"
              : "(CASE WHEN "
                  + b
                  + " = 0 AND "
                  + a
                  + " IS NOT NULL THEN "
                  + Duck.fail(type, "DIVISION_BY_ZERO")
                  + " ELSE "
                  + a
                  + " "
                  + op
                  + " "
                  + b
                  + " END)";
    } else {
      sql = "(" + a + " " + operator + " " + b + ")";
    }
    return Typed.of(type, Duck.cast(sql, type), l, r);
  }

  private static Typed decimalArithmetic(
      Node node, char operator, Type lt, Type rt, Typed l, Typed r) {
    int p1 = lt.precision();
    int s1 = lt.scale();
    int p2 = rt.precision();
    int s2 = rt.scale();
    String a = Casts.coerce(node, l, lt).sql();
    String b = Casts.coerce(node, r, rt).sql();
    switch (operator) {
      case '+', '-':
        {
          int scale = Math.max(s1, s2);
          int precision = Math.min(38, Math.max(p1 - s1, p2 - s2) + scale + 1);
          Type t = Type.decimal(precision, scale);
          String sql = "(" + Duck.cast(a, t) + " " + operator + " " + Duck.cast(b, t) + ")";
          return Typed.of(t, inRange(Duck.cast(sql, t), t), l, r);
        }
      case '*':
        {
          int scale = s1 + s2;
          if (scale > 38) {
            throw Refusal.at(
                node, "INVALID_FUNCTION_ARGUMENT", "DECIMAL scale must be in range [0, 38]");
          }
          Type t = Type.decimal(Math.min(38, p1 + p2), scale);
          return Typed.of(t, inRange(Duck.cast("(" + a + " * " + b + ")", t), t), l, r);
        }
      case '/':
        {
          int scale = Math.max(s1, s2);
          Type t = Type.decimal(Math.min(38, p1 + s2 + Math.max(s2 - s1, 0)), scale);
          String q =
              "lk_divide("
                  + unscaled(a, lt)
                  + ", "
                  + unscaled(b, rt)
                  + ", "
                  + (scale + s2 - s1)
                  + ")";
          return Typed.of(t, scaled(q, t), l, r);
        }
      default:
        {
          int scale = Math.max(s1, s2);
          Type t = Type.decimal(Math.min(p2 - s2, p1 - s1) + scale, scale);
          String q =
              "lk_remainder("
                  + unscaled(a, lt)
                  + ", "
                  + unscaled(b, rt)
                  + ", "
                  + (scale - s1)
                  + ", "
                  + (scale - s2)
                  + ")";
          return Typed.of(t, scaled(q, t), l, r);
        }
    }
  }

  /** DuckDB lets a DECIMAL(38) run a little over its 38 digits; Trino fails. */
  static String inRange(String sql, Type t) {
    return t.precision() < 38 ? sql : scaled("lk_decimal38(" + unscaled(sql, t) + ")", t);
  }

  static String unit(int scale) {
    return "CAST('0." + "0".repeat(scale - 1) + "1' AS DECIMAL(" + scale + "," + scale + "))";
  }

  /** A decimal's digits as an integer. */
  static String unscaled(String sql, Type t) {
    if (t.scale() == 0) {
      return "CAST(" + sql + " AS HUGEINT)";
    }
    return "lk_unscaled(CAST(" + sql + " AS VARCHAR))";
  }

  /** The decimal that an integer is the digits of. */
  static String scaled(String hugeint, Type t) {
    return t.scale() == 0
        ? Duck.cast(hugeint, t)
        : Duck.cast("(CAST(" + hugeint + " AS DECIMAL(38,0)) * " + unit(t.scale()) + ")", t);
  }

  private static Typed timeArithmetic(Node node, char operator, Typed l, Typed r) {
    Type a = l.type();
    Type b = r.type();
    boolean timeA = a.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    boolean timeB = b.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    boolean intervalA = a.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH);
    boolean intervalB = b.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH);
    if (!timeA
        && !timeB
        && !intervalA
        && !intervalB
        && a.kind() != Kind.TIME
        && b.kind() != Kind.TIME) {
      return null;
    }
    if (a.kind() == Kind.TIME && b.kind() == Kind.INTERVAL_DAY_SECOND && operator != '*') {
      return clock(l, r, operator == '-');
    }
    if (intervalA && b.isNumeric() && !b.isInteger() && (operator == '*' || operator == '/')
        || b.isNumeric() && intervalA && operator == '/'
        || intervalB && a.isNumeric() && !a.isInteger() && operator == '*') {
      throw Refusal.unsupported(
          node, "multiplying or dividing an interval by " + (intervalA ? b : a));
    }
    if (intervalA && b.kind() == Kind.TIME && operator == '+') {
      return clock(r, l, false);
    }
    if (timeA && intervalB && (operator == '+' || operator == '-')) {
      return shift(node, l, r, operator == '-');
    }
    if (intervalA && timeB && operator == '+') {
      return shift(node, r, l, false);
    }
    if (timeA && timeB && operator == '-') {
      Type common = Types.common(a, b).orElseThrow();
      String x = Casts.coerce(node, l, common).sql();
      String y = Casts.coerce(node, r, common).sql();
      String sql =
          common.kind() == Kind.DATE
              ? "(CAST(" + x + " - " + y + " AS BIGINT) * 86400000)"
              : "((epoch_us(" + x + ") - epoch_us(" + y + ")) // 1000)";
      return Typed.of(Type.INTERVAL_DAY_SECOND, sql, l, r);
    }
    if (intervalA && a.equals(b) && (operator == '+' || operator == '-')) {
      return Typed.of(a, Duck.cast("(" + l.sql() + " " + operator + " " + r.sql() + ")", a), l, r);
    }
    if (operator == '*' && intervalA && b.isInteger()) {
      return Typed.of(a, Duck.cast("(" + l.sql() + " * " + r.sql() + ")", a), l, r);
    }
    if (operator == '*' && a.isInteger() && intervalB) {
      return Typed.of(b, Duck.cast("(" + l.sql() + " * " + r.sql() + ")", b), l, r);
    }
    if (l.isNull() || r.isNull()) {
      throw Refusal.unsupported(node, "an operation on NULL and a time");
    }
    if (a.kind() == Kind.TIME || b.kind() == Kind.TIME) {
      throw Refusal.unsupported(node, "the operation " + a + " " + operator + " " + b);
    }
    throw Refusal.mismatch(node, "Cannot apply operator: " + a + " " + operator + " " + b);
  }

  /** A time of day goes round the clock. */
  private static Typed clock(Typed time, Typed interval, boolean minus) {
    Type t = Type.time(Math.max(3, time.type().precision()));
    String moved =
        "("
            + time.sql()
            + (minus ? " - " : " + ")
            + "(("
            + interval.sql()
            + " % 86400000) * 1000) + 86400000000)";
    return Typed.of(t, "(" + moved + " % 86400000000)", time, interval);
  }

  private static Typed shift(Node node, Typed time, Typed interval, boolean minus) {
    String sign = minus ? " - " : " + ";
    Type t = time.type();
    boolean months = interval.type().kind() == Kind.INTERVAL_YEAR_MONTH;
    String amount =
        months
            ? "to_months(" + interval.sql() + ")"
            : "to_microseconds(" + interval.sql() + " * 1000)";
    switch (t.kind()) {
      case DATE:
        if (months) {
          return Typed.of(t, Duck.cast("(" + time.sql() + sign + amount + ")", t), time, interval);
        }
        if (interval.constant() instanceof Long millis && millis % 86_400_000 == 0) {
          return Typed.of(
              t,
              "(" + time.sql() + sign + Duck.number(millis / 86_400_000, Type.INTEGER) + ")",
              time,
              interval);
        }
        if (interval.constant() instanceof Long) {
          throw Refusal.at(
              node, "INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date");
        }
        throw Refusal.unsupported(node, "adding a computed interval to a date");
      case TIMESTAMP:
        Type result = months ? t : Type.timestamp(Math.max(3, t.precision()));
        return Typed.of(result, "(" + time.sql() + sign + amount + ")", time, interval);
      default:
        Type zoned = months ? t : Type.timestampTz(Math.max(3, t.precision()), t.zone());
        String sql =
            months
                ? Duck.moved(time.sql(), t.zone(), local -> "(" + local + sign + amount + ")")
                : Duck.zoned("(" + Duck.zoned(time.sql(), "UTC") + sign + amount + ")", "UTC");
        return Typed.of(zoned, sql, time, interval);
    }
  }

  static Typed negate(Node node, Typed v) {
    if (!v.type().isNumeric() && !v.type().is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH)) {
      throw Refusal.mismatch(node, "Cannot negate " + v.type());
    }
    if (v.constant() instanceof Long n
        && n != Long.MIN_VALUE
        && v.type().is(Kind.INTEGER, Kind.BIGINT, Kind.INTERVAL_DAY_SECOND)) {
      return Typed.literal(v.type(), Duck.number(-n, v.type()), -n);
    }
    return v.as(v.type(), Duck.cast("(- " + v.sql() + ")", v.type()));
  }
}
