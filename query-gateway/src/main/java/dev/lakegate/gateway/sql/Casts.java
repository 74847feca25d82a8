package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;

/** CAST and implicit coercion in DuckDB's dialect with Trino's meaning. */
final class Casts {
  private Casts() {}

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
    if (v.constant() instanceof Parameters.Slot parameter) {
      parameter.usedAs(to);
    }
    if (to.kind() == Kind.TIMESTAMP_TZ) {
      if (v.type().kind() == Kind.TIMESTAMP_TZ && !to.zone().equals(Type.MIXED)) {
        // The zone is the value's, whatever it is cast to.
        Type kept = Type.timestampTz(to.precision(), v.type().zone());
        return v.as(kept, castSql(node, v, kept));
      }
      if (v.type().kind() == Kind.VARCHAR && v.constant() instanceof String s) {
        return TimeLiterals.zoned(node, s, to.precision());
      }
    }
    return v.as(to, castSql(node, v, to));
  }

  static String castSql(Node node, Typed v, Type to) {
    Type from = v.type();
    String x = v.sql();
    if (from.kind() == Kind.UNKNOWN) {
      return "CAST(NULL AS " + to.duck() + ")";
    }
    if (from.equals(to)) {
      return x;
    }
    if (from.kind() == Kind.JSON) {
      return JsonCasts.from(node, x, to);
    }
    switch (to.kind()) {
      case JSON:
        return JsonCasts.to(node, v);
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
              case CHAR -> "rpad(" + x + ", " + from.precision() + ", ' ')";
              case UUID -> x;
              case TIME -> "lk_time_text(" + x + ", " + from.precision() + ")";
              case TIMESTAMP -> timestampText(x, from.precision());
              case TIMESTAMP_TZ ->
                  "("
                      + timestampText(Duck.local(v), from.precision())
                      + " || "
                      + Duck.quote(" " + from.zone())
                      + ")";
              default -> throw cannotCast(node, from, to);
            };
        return to.precision() < 0 ? text : "lk_fit(" + text + ", " + to.precision() + ")";
      case VARBINARY:
        if (from.kind() == Kind.VARCHAR) {
          return "encode(" + x + ")";
        }
        break;
      case CHAR:
        if (from.is(Kind.VARCHAR, Kind.CHAR)) {
          return "rtrim(left(" + x + ", " + to.precision() + "), ' ')";
        }
        break;
      case UUID:
        if (from.kind() == Kind.VARCHAR) {
          return "lk_to_uuid(" + x + ")";
        }
        break;
      case TIME:
        if (from.kind() == Kind.VARCHAR) {
          return "lk_round_time(lk_to_time(" + x + "), " + to.precision() + ")";
        }
        if (from.kind() == Kind.TIME) {
          return from.precision() <= to.precision()
              ? x
              : "lk_round_time(" + x + ", " + to.precision() + ")";
        }
        if (from.is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
          String local = from.kind() == Kind.TIMESTAMP ? x : Duck.local(v);
          String micros = "(epoch_us(" + local + ") - epoch_us(date_trunc('day', " + local + ")))";
          return from.precision() <= to.precision()
              ? micros
              : "lk_round_time(" + micros + ", " + to.precision() + ")";
        }
        break;
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
          return Duck.cast(x, to);
        }
        if (from.isFloating()) {
          return Duck.cast("round(" + x + ")", to);
        }
        if (from.kind() == Kind.VARCHAR) {
          int bits =
              switch (to.kind()) {
                case TINYINT -> 8;
                case SMALLINT -> 16;
                case INTEGER -> 32;
                default -> 64;
              };
          return Duck.cast("lk_to_integer(" + x + ", " + bits + ")", to);
        }
        break;
      case REAL, DOUBLE:
        if (from.isNumeric() || from.kind() == Kind.BOOLEAN) {
          return Duck.cast(x, to);
        }
        if (from.kind() == Kind.VARCHAR) {
          return to.kind() == Kind.DOUBLE ? "lk_to_double(" + x + ")" : "lk_to_real(" + x + ")";
        }
        break;
      case DECIMAL:
        if (from.isInteger() || from.kind() == Kind.DECIMAL || from.kind() == Kind.BOOLEAN) {
          return Duck.cast(x, to);
        }
        if (from.isFloating() || from.kind() == Kind.VARCHAR) {
          String source = from.isFloating() ? "CAST(" + x + " AS VARCHAR)" : x;
          return Duck.cast(
              "lk_to_decimal(" + source + ", " + to.precision() + ", " + to.scale() + ")", to);
        }
        break;
      case DATE:
        if (from.kind() == Kind.VARCHAR) {
          return "lk_to_date(" + x + ")";
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return Duck.cast(x, to);
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return Duck.cast(Duck.local(v), to);
        }
        break;
      case TIMESTAMP:
        if (from.kind() == Kind.DATE) {
          return Duck.cast(x, to);
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return rounded(x, from.precision(), to.precision());
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return rounded(Duck.local(v), from.precision(), to.precision());
        }
        if (from.kind() == Kind.VARCHAR) {
          return rounded("lk_to_timestamp(" + x + ")", 6, to.precision());
        }
        break;
      case TIMESTAMP_TZ:
        if (from.kind() == Kind.DATE) {
          return Duck.zoned(Duck.cast(x, Type.timestamp(0)), Zones.session());
        }
        if (from.kind() == Kind.TIMESTAMP) {
          return Duck.zoned(rounded(x, from.precision(), to.precision()), Zones.session());
        }
        if (from.kind() == Kind.TIMESTAMP_TZ) {
          return from.precision() <= to.precision()
              ? x
              : Duck.zoned(rounded(Duck.zoned(x, "UTC"), from.precision(), to.precision()), "UTC");
        }
        if (from.kind() == Kind.VARCHAR) {
          if (!Zones.session().equals("UTC")) {
            throw Refusal.unsupported(
                node, "cast from a computed varchar to timestamp with time zone in this session");
          }
          return "lk_to_instant(" + x + ", " + to.precision() + ")";
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
          return Duck.let(
              x,
              m ->
                  "CASE WHEN "
                      + m
                      + " IS NULL THEN NULL ELSE "
                      + MapFunctions.checked(
                          "list_transform(map_keys(" + m + "), lambda k: " + kb + ")",
                          "list_transform(map_values(" + m + "), lambda v: " + vb + ")",
                          to,
                          "INVALID_CAST_ARGUMENT")
                      + " END");
        }
        break;
      default:
        break;
    }
    throw cannotCast(node, from, to);
  }

  private static SqlFailure cannotCast(Node node, Type from, Type to) {
    if (from.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH, Kind.CHAR, Kind.TIME)
        || to.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH, Kind.CHAR, Kind.TIME)
        || from.kind() == Kind.UUID
        || to.kind() == Kind.UUID) {
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
}
