package dev.lakegate.gateway.sql;

import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.Node;
import java.util.Locale;

/** Literals. */
final class Literals {
  private Literals() {}

  static Typed integer(long value) {
    Type t = value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE ? Type.INTEGER : Type.BIGINT;
    return Typed.literal(t, Duck.number(value, t), value);
  }

  static Typed decimal(Node node, String text) {
    String digits = text.replace("_", "").trim();
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int point = digits.indexOf('.');
    String whole = (point < 0 ? digits : digits.substring(0, point)).replaceFirst("^0+", "");
    String fraction = point < 0 ? "" : digits.substring(point + 1);
    if (!(whole + fraction).matches("[0-9]*") || digits.replace(".", "").isEmpty()) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid DECIMAL literal");
    }
    int precision = Math.max(1, whole.length() + fraction.length());
    if (precision > 38) {
      throw Refusal.at(node, "INVALID_LITERAL", "Invalid DECIMAL literal: too many digits");
    }
    Type t = Type.decimal(precision, fraction.length());
    String plain =
        (negative ? "-" : "")
            + (whole.isEmpty() ? "0" : whole)
            + (fraction.isEmpty() ? "" : "." + fraction);
    return Typed.of(t, "CAST('" + plain + "' AS " + t.duck() + ")");
  }

  /** CHAR: text without the spaces at its end, which its length stands for. */
  static Typed character(Node node, String text) {
    int length = text.codePointCount(0, text.length());
    Typed t = Duck.text(node, text.replaceFirst(" +$", ""));
    return Typed.of(Type.character(Math.max(1, length)), t.sql());
  }

  static Typed genericLiteral(GenericLiteral g) {
    String type = g.getType().toLowerCase(Locale.ROOT);
    String v = g.getValue();
    switch (type) {
      case "date":
        return TimeLiterals.date(g, v);
      case "time":
        return TimeLiterals.time(g, v);
      case "char":
        return character(g, v);
      case "json":
        return Typed.of(Type.JSON, "lk_json_parse(" + Duck.text(g, v).sql() + ")");
      case "uuid":
        return Typed.of(Type.UUID, "lk_to_uuid(" + Duck.text(g, v).sql() + ")");
      case "timestamp":
        return TimeLiterals.timestamp(g, v);
      case "decimal":
        return decimal(g, v);
      case "varchar":
        return Duck.text(g, v).as(Type.VARCHAR);
      case "boolean":
        if (!v.equalsIgnoreCase("true") && !v.equalsIgnoreCase("false")) {
          throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid boolean literal");
        }
        return Typed.of(Type.BOOLEAN, v.toLowerCase(Locale.ROOT));
      case "tinyint", "smallint", "integer", "int", "bigint":
        Type t = Types.parse(type);
        long bound =
            switch (t.kind()) {
              case TINYINT -> Byte.MAX_VALUE;
              case SMALLINT -> Short.MAX_VALUE;
              case INTEGER -> Integer.MAX_VALUE;
              default -> Long.MAX_VALUE;
            };
        try {
          long n = Long.parseLong(v);
          if (n >= -bound - 1 && n <= bound) {
            return Typed.literal(t, Duck.number(n, t), n);
          }
        } catch (NumberFormatException e) {
          // Answered below.
        }
        throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid " + type + " literal");
      case "double", "real":
        try {
          double d = Double.parseDouble(v);
          Type f = type.equals("double") ? Type.DOUBLE : Type.REAL;
          String s =
              type.equals("double") ? Double.toString(d) : Float.toString(Float.parseFloat(v));
          return Typed.literal(f, "CAST('" + s + "' AS " + f.duck() + ")", d);
        } catch (NumberFormatException e) {
          throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid " + type + " literal");
        }
      default:
        throw Refusal.unsupported(g, "literal of type " + type);
    }
  }
}
