package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators and casts in DuckDB's dialect with Trino's meaning. Everything here takes operands that
 * are already DuckDB text of exactly their type and returns the same.
 *
 * <p>Functions named {@code lk_...} are ours; the engine registers them.
 */
final class Duck {
  private Duck() {}

  static String quote(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Text of a literal; typed, so that no position can take it for an ordinal or a name. */
  static Typed text(Node node, String value) {
    if (value.indexOf('\0') >= 0) {
      throw Refusal.unsupported(node, "the character U+0000 in a string");
    }
    return Typed.literal(
        Type.varchar(value.codePointCount(0, value.length())),
        "CAST(" + quote(value) + " AS VARCHAR)",
        value);
  }

  static Typed bigint(long value) {
    return Typed.literal(Type.BIGINT, number(value, Type.BIGINT), value);
  }

  static String number(long value, Type type) {
    return "CAST('" + value + "' AS " + type.duck() + ")";
  }

  /** An expression that fails with the code as soon as it is evaluated. */
  static String fail(Type type, String code) {
    return "CAST(lk_fail(" + quote(code) + ") AS " + type.duck() + ")";
  }

  /** Stands for a number that is known when the whole statement is; nobody can write it. */
  private static final String STEPS = new java.math.BigInteger(200, new SecureRandom()).toString();

  /**
   * The same value, unless those of one chunk are together larger than the engine is given room
   * for. To be put around whatever makes a value larger than what it is made of.
   */
  static String bounded(String sql, Type type) {
    return "list_extract(list_transform(["
        + sql
        + "], lambda b: CASE WHEN b IS NULL OR lk_budget("
        + Sizes.of("b", type)
        + ", "
        + STEPS
        + ") THEN b END), 1)";
  }

  /** Whether a value may be as long as it likes, so that each holds memory of its own. */
  static boolean isLong(Type type) {
    return type.is(Kind.VARCHAR, Kind.VARBINARY)
        ? type.precision() < 0 || type.precision() > 64
        : type.isNested();
  }

  /** Puts the number of steps that make long values where it was left open. */
  static String withSteps(String sql, int steps) {
    return sql.replace(STEPS, String.valueOf(Math.max(1, steps)));
  }

  static String cast(String sql, Type to) {
    return "CAST(" + sql + " AS " + to.duck() + ")";
  }

  static String local(Typed v) {
    return "(" + v.sql() + " AT TIME ZONE " + quote(v.type().zone()) + ")";
  }

  static String zoned(String timestamp, String zone) {
    return "(" + timestamp + " AT TIME ZONE " + quote(zone) + ")";
  }

  /** Implicit coercion; the caller has made sure that it exists. */
  static Typed coerce(Node node, Typed v, Type to) {
    if (v.type().equals(to)) {
      return v;
    }
    if (v.type().kind() == Kind.VARCHAR && to.kind() == Kind.VARCHAR) {
      return v.as(to);
    }
    return cast(node, v, to);
  }

  /** CAST as Trino does it, or a refusal. */
  static Typed cast(Node node, Typed v, Type to) {
    return v.as(to, castSql(node, v, to));
  }

  private static String castSql(Node node, Typed v, Type to) {
    Type from = v.type();
    String x = v.sql();
    if (from.kind() == Kind.UNKNOWN) {
      return "CAST(NULL AS " + to.duck() + ")";
    }
    if (from.equals(to)) {
      return x;
    }
    switch (to.kind()) {
      case VARCHAR:
        if (from.kind() == Kind.VARCHAR) {
          boolean fits =
              to.precision() < 0 || (from.precision() >= 0 && from.precision() <= to.precision());
          return fits ? x : "left(" + x + ", " + to.precision() + ")";
        }
        String text =
            switch (from.kind()) {
              case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DATE, DECIMAL ->
                  "CAST(" + x + " AS VARCHAR)";
              case REAL, DOUBLE -> "lk_scientific(CAST(" + x + " AS VARCHAR))";
              case TIMESTAMP -> timestampText(x, from.precision());
              case TIMESTAMP_TZ ->
                  "("
                      + timestampText(local(v), from.precision())
                      + " || "
                      + quote(" " + from.zone())
                      + ")";
              default -> throw cannotCast(node, from, to);
            };
        return to.precision() < 0 ? text : "lk_fit(" + text + ", " + to.precision() + ")";
      case BOOLEAN:
        if (from.kind() == Kind.VARCHAR) {
          return "lk_to_boolean(" + x + ")";
        }
        if (from.isInteger() || from.kind() == Kind.DECIMAL) {
          return "(" + x + " <> 0)";
        }
        break;
      case TINYINT, SMALLINT, INTEGER, BIGINT:
        if (from.isInteger() || from.kind() == Kind.BOOLEAN || from.kind() == Kind.DECIMAL) {
          return cast(x, to);
        }
        if (from.isFloating()) {
          return cast("round(" + x + ")", to);
        }
        if (from.kind() == Kind.VARCHAR) {
          int bits =
              switch (to.kind()) {
                case TINYINT -> 8;
                case SMALLINT -> 16;
                case INTEGER -> 32;
                default -> 64;
              };
          return cast("lk_to_integer(" + x + ", " + bits + ")", to);
        }
        break;
      case REAL, DOUBLE:
        if (from.isNumeric() || from.kind() == Kind.BOOLEAN) {
          return cast(x, to);
        }
        if (from.kind() == Kind.VARCHAR) {
          return to.kind() == Kind.DOUBLE ? "lk_to_double(" + x + ")" : "lk_to_real(" + x + ")";
        }
        break;
      case DECIMAL:
        if (from.isInteger() || from.kind() == Kind.DECIMAL || from.kind() == Kind.BOOLEAN) {
          return cast(x, to);
        }
        if (from.isFloating() || from.kind() == Kind.VARCHAR) {
          String source = from.isFloating() ? "CAST(" + x + " AS VARCHAR)" : x;
          return cast(
              "lk_to_decimal(" + source + ", " + to.precision() + ", " + to.scale() + ")", to);
        }
        break;
      case DATE:
        if (from.kind() == Kind.VARCHAR) {
          return "lk_to_date(" + x + ")";
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return cast(x, to);
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return cast(local(v), to);
        }
        break;
      case TIMESTAMP:
        if (from.kind() == Kind.DATE) {
          return cast(x, to);
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return rounded(x, from.precision(), to.precision());
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return rounded(local(v), from.precision(), to.precision());
        }
        if (from.kind() == Kind.VARCHAR) {
          return rounded("lk_to_timestamp(" + x + ")", 6, to.precision());
        }
        break;
      case TIMESTAMP_TZ:
        if (from.kind() == Kind.DATE) {
          return zoned(cast(x, Type.timestamp(0)), to.zone());
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return zoned(rounded(x, from.precision(), to.precision()), to.zone());
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return from.precision() <= to.precision()
              ? x
              : zoned(rounded(zoned(x, "UTC"), from.precision(), to.precision()), "UTC");
        }
        if (from.kind() == Kind.VARCHAR) {
          throw Refusal.unsupported(node, "cast from varchar to timestamp with time zone");
        }
        break;
      case ARRAY:
        if (from.kind() == Kind.ARRAY) {
          Typed element = Typed.of(from.element(), "e");
          String body = castSql(node, element, to.element());
          return body.equals("e") ? x : "list_transform(" + x + ", lambda e: " + body + ")";
        }
        break;
      case ROW:
        if (from.kind() == Kind.ROW && from.arguments().size() == to.arguments().size()) {
          List<String> fields = new ArrayList<>();
          for (int i = 0; i < to.arguments().size(); i++) {
            Typed f =
                Typed.of(from.arguments().get(i), "struct_extract(" + x + ", 'f" + (i + 1) + "')");
            fields.add("f" + (i + 1) + " := " + castSql(node, f, to.arguments().get(i)));
          }
          return "CASE WHEN "
              + x
              + " IS NULL THEN NULL ELSE struct_pack("
              + String.join(", ", fields)
              + ") END";
        }
        break;
      case MAP:
        if (from.kind() == Kind.MAP) {
          Typed k = Typed.of(from.arguments().get(0), "k");
          Typed v2 = Typed.of(from.arguments().get(1), "v");
          String kb = castSql(node, k, to.arguments().get(0));
          String vb = castSql(node, v2, to.arguments().get(1));
          if (kb.equals("k") && vb.equals("v")) {
            return x;
          }
          throw Refusal.unsupported(node, "cast from " + from + " to " + to);
        }
        break;
      default:
        break;
    }
    throw cannotCast(node, from, to);
  }

  private static SqlFailure cannotCast(Node node, Type from, Type to) {
    if (from.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH)) {
      return Refusal.unsupported(node, "cast from " + from + " to " + to);
    }
    return Refusal.mismatch(node, "Cannot cast " + from + " to " + to);
  }

  static String timestampText(String timestamp, int precision) {
    String seconds = "strftime(" + timestamp + ", '%Y-%m-%d %H:%M:%S')";
    return switch (precision) {
      case 0 -> seconds;
      case 6 -> "strftime(" + timestamp + ", '%Y-%m-%d %H:%M:%S.%f')";
      default ->
          "left(strftime(" + timestamp + ", '%Y-%m-%d %H:%M:%S.%f'), " + (20 + precision) + ")";
    };
  }

  /** Rounds half up to fewer digits of a second, as Trino does. */
  static String rounded(String timestamp, int from, int to) {
    if (from <= to) {
      return timestamp;
    }
    long unit = 1;
    for (int i = to; i < 6; i++) {
      unit *= 10;
    }
    return "lk_round_timestamp(" + timestamp + ", " + unit + ")";
  }

  // ---------------------------------------------------------------- comparison

  static Typed compare(Node node, String operator, Typed l, Typed r) {
    if (l.isNull() && r.isNull()) {
      return Typed.of(Type.BOOLEAN, "CAST(NULL AS BOOLEAN)", l, r);
    }
    Type common =
        Types.common(l.type(), r.type())
            .orElseThrow(
                () ->
                    Refusal.mismatch(
                        node,
                        "Cannot apply operator: " + l.type() + " " + operator + " " + r.type()));
    if (common.isNested()) {
      throw Refusal.unsupported(node, "comparing values of type " + common);
    }
    String a = coerce(node, l, common).sql();
    String b = coerce(node, r, common).sql();
    boolean distinct = operator.contains("DISTINCT");
    String sql = "(" + a + " " + operator + " " + b + ")";
    if (common.isFloating() && !distinct && !isNumber(l) && !isNumber(r)) {
      // DuckDB holds NaN equal to itself and above all numbers; for Trino every comparison with it
      // is false, except <>.
      sql =
          "(CASE WHEN isnan("
              + a
              + ") OR isnan("
              + b
              + ") THEN CASE WHEN "
              + a
              + " IS NULL OR "
              + b
              + " IS NULL THEN NULL ELSE "
              + (operator.equals("<>") ? "true" : "false")
              + " END ELSE "
              + sql
              + " END)";
    } else if (common.isFloating() && !distinct) {
      Typed other = isNumber(l) ? r : l;
      String o = isNumber(l) ? b : a;
      if (!isNumber(other)) {
        sql =
            "(CASE WHEN isnan("
                + o
                + ") THEN "
                + (operator.equals("<>") ? "true" : "false")
                + " ELSE "
                + sql
                + " END)";
      }
    }
    return Typed.of(Type.BOOLEAN, sql, l, r);
  }

  private static boolean isNumber(Typed t) {
    return t.constant() instanceof Number;
  }

  // ---------------------------------------------------------------- arithmetic

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
      String a = coerce(node, l, common).sql();
      String b = coerce(node, r, common).sql();
      // DuckDB computes REAL with doubles in places: the cast rounds back.
      return Typed.of(common, cast("(" + a + " " + operator + " " + b + ")", common), l, r);
    }
    return decimalArithmetic(node, operator, lt.asDecimal(), rt.asDecimal(), l, r);
  }

  private static Typed integerArithmetic(Node node, char operator, Type type, Typed l, Typed r) {
    String a = coerce(node, l, type).sql();
    String b = coerce(node, r, type).sql();
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
                  + fail(type, "DIVISION_BY_ZERO")
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
    return Typed.of(type, cast(sql, type), l, r);
  }

  private static Typed decimalArithmetic(
      Node node, char operator, Type lt, Type rt, Typed l, Typed r) {
    int p1 = lt.precision();
    int s1 = lt.scale();
    int p2 = rt.precision();
    int s2 = rt.scale();
    String a = coerce(node, l, lt).sql();
    String b = coerce(node, r, rt).sql();
    switch (operator) {
      case '+', '-':
        {
          int scale = Math.max(s1, s2);
          int precision = Math.min(38, Math.max(p1 - s1, p2 - s2) + scale + 1);
          Type t = Type.decimal(precision, scale);
          String sql = "(" + cast(a, t) + " " + operator + " " + cast(b, t) + ")";
          return Typed.of(t, inRange(cast(sql, t), t), l, r);
        }
      case '*':
        {
          int scale = s1 + s2;
          if (scale > 38) {
            throw Refusal.at(
                node, "INVALID_FUNCTION_ARGUMENT", "DECIMAL scale must be in range [0, 38]");
          }
          Type t = Type.decimal(Math.min(38, p1 + p2), scale);
          return Typed.of(t, inRange(cast("(" + a + " * " + b + ")", t), t), l, r);
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

  private static String unit(int scale) {
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
        ? cast(hugeint, t)
        : cast("(CAST(" + hugeint + " AS DECIMAL(38,0)) * " + unit(t.scale()) + ")", t);
  }

  private static Typed timeArithmetic(Node node, char operator, Typed l, Typed r) {
    Type a = l.type();
    Type b = r.type();
    boolean timeA = a.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    boolean timeB = b.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    boolean intervalA = a.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH);
    boolean intervalB = b.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH);
    if (!timeA && !timeB && !intervalA && !intervalB) {
      return null;
    }
    if (timeA && intervalB && (operator == '+' || operator == '-')) {
      return shift(node, l, r, operator == '-');
    }
    if (intervalA && timeB && operator == '+') {
      return shift(node, r, l, false);
    }
    if (timeA && timeB && operator == '-') {
      Type common = Types.common(a, b).orElseThrow();
      String x = coerce(node, l, common).sql();
      String y = coerce(node, r, common).sql();
      String sql =
          common.kind() == Kind.DATE
              ? "(CAST(" + x + " - " + y + " AS BIGINT) * 86400000)"
              : "((epoch_us(" + x + ") - epoch_us(" + y + ")) // 1000)";
      return Typed.of(Type.INTERVAL_DAY_SECOND, sql, l, r);
    }
    if (intervalA && a.equals(b) && (operator == '+' || operator == '-')) {
      return Typed.of(a, cast("(" + l.sql() + " " + operator + " " + r.sql() + ")", a), l, r);
    }
    if (operator == '*' && intervalA && b.isInteger()) {
      return Typed.of(a, cast("(" + l.sql() + " * " + r.sql() + ")", a), l, r);
    }
    if (operator == '*' && a.isInteger() && intervalB) {
      return Typed.of(b, cast("(" + l.sql() + " * " + r.sql() + ")", b), l, r);
    }
    if (l.isNull() || r.isNull()) {
      throw Refusal.unsupported(node, "an operation on NULL and a time");
    }
    throw Refusal.mismatch(node, "Cannot apply operator: " + a + " " + operator + " " + b);
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
          return Typed.of(t, cast("(" + time.sql() + sign + amount + ")", t), time, interval);
        }
        if (interval.constant() instanceof Long millis && millis % 86_400_000 == 0) {
          return Typed.of(
              t,
              "(" + time.sql() + sign + number(millis / 86_400_000, Type.INTEGER) + ")",
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
                ? zoned("(" + local(time) + sign + amount + ")", t.zone())
                : zoned("(" + zoned(time.sql(), "UTC") + sign + amount + ")", "UTC");
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
      return Typed.literal(v.type(), number(-n, v.type()), -n);
    }
    return v.as(v.type(), cast("(- " + v.sql() + ")", v.type()));
  }
}
