package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.List;
import java.util.Map;

/** Functions of numbers. */
final class NumberFunctions {
  private NumberFunctions() {}

  static void define() {
    Functions.def(
        "abs",
        c -> {
          c.arity(1);
          if (!c.type(0).isNumeric()) {
            throw c.noMatch();
          }
          return c.result(c.type(0), Duck.cast("abs(" + c.args.get(0).sql() + ")", c.type(0)));
        });
    Functions.def(
        "sign",
        c -> {
          c.arity(1);
          Type t = c.type(0);
          if (!t.isNumeric()) {
            throw c.noMatch();
          }
          Type result = t.kind() == Kind.DECIMAL ? Type.decimal(1, 0) : t;
          String x = c.args.get(0).sql();
          String sql = Duck.cast("sign(" + x + ")", result);
          return c.result(
              result,
              t.isFloating()
                  ? "(CASE WHEN isnan(" + x + ") THEN " + x + " ELSE " + sql + " END)"
                  : sql);
        });
    Functions.def(
        "round",
        c -> {
          c.arity(1, 2);
          Type t = c.type(0);
          String x = c.args.get(0).sql();
          if (!t.isNumeric()) {
            throw c.noMatch();
          }
          if (c.count() == 1) {
            if (t.isInteger()) {
              return c.result(t, x);
            }
            if (t.isFloating()) {
              return c.result(
                  t,
                  "(CASE WHEN isfinite("
                      + x
                      + ") THEN "
                      + Duck.cast("round(" + x + ")", t)
                      + " ELSE "
                      + x
                      + " END)");
            }
            Type result =
                t.scale() == 0 ? t : Type.decimal(Math.min(38, t.precision() - t.scale() + 1), 0);
            return c.result(result, Duck.cast("round(" + x + ", 0)", result));
          }
          if (!(c.args.get(1).constant() instanceof Long d) || Math.abs(d) > 38) {
            throw Refusal.unsupported(c.node, "round to a computed number of digits");
          }
          if (t.isInteger()) {
            if (d >= 0) {
              return c.result(t, x);
            }
            throw Refusal.unsupported(c.node, "round of an integer to tens");
          }
          if (t.kind() == Kind.DECIMAL) {
            if (d < 0) {
              throw Refusal.unsupported(c.node, "round of a decimal to tens");
            }
            // Trino keeps the scale and makes room for a carry.
            Type result = Type.decimal(Math.min(38, t.precision() + 1), t.scale());
            int digits = (int) Math.min(d, t.scale());
            return c.result(result, Duck.cast("round(" + x + ", " + digits + ")", result));
          }
          return c.result(t, Duck.cast("lk_round_double(" + c.dbl(0) + ", " + d + ")", t));
        });
    for (String f : List.of("ceil", "ceiling", "floor")) {
      String duck = f.equals("floor") ? "floor" : "ceil";
      Functions.def(
          f,
          c -> {
            c.arity(1);
            Type t = c.type(0);
            if (!t.isNumeric()) {
              throw c.noMatch();
            }
            String x = c.args.get(0).sql();
            if (t.isInteger()) {
              return c.result(t, x);
            }
            Type result =
                t.kind() != Kind.DECIMAL
                    ? t
                    : Type.decimal(t.precision() - t.scale() + Math.min(t.scale(), 1), 0);
            return c.result(result, Duck.cast(duck + "(" + x + ")", result));
          });
    }
    for (String f : List.of("sqrt", "ln", "log2", "log10")) {
      String duck = f;
      Functions.def(
          f,
          c -> {
            String x = c.arity(1).dbl(0);
            String sql =
                f.equals("log2") ? "(ln(" + x + ") / ln(CAST(2 AS DOUBLE)))" : duck + "(" + x + ")";
            String bound = f.equals("sqrt") ? " < 0" : " <= 0";
            if (f.equals("sqrt")) {
              return c.result(
                  Type.DOUBLE,
                  "(CASE WHEN " + x + bound + " THEN CAST('NaN' AS DOUBLE) ELSE " + sql + " END)");
            }
            // ln(0) is -Infinity for Trino, an error for DuckDB.
            return c.result(
                Type.DOUBLE,
                "(CASE WHEN "
                    + x
                    + " = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN "
                    + x
                    + " < 0 THEN CAST('NaN' AS DOUBLE) ELSE "
                    + sql
                    + " END)");
          });
    }
    Functions.def("exp", c -> c.arity(1).result(Type.DOUBLE, "exp(" + c.dbl(0) + ")"));
    Functions.def("cbrt", c -> c.arity(1).result(Type.DOUBLE, "cbrt(" + c.dbl(0) + ")"));
    Functions.def(
        "power,pow",
        c -> c.arity(2).result(Type.DOUBLE, "pow(" + c.dbl(0) + ", " + c.dbl(1) + ")"));
    Functions.def(
        "mod",
        c -> {
          c.arity(2);
          if (!c.type(0).isNumeric() || !c.type(1).isNumeric()) {
            throw c.noMatch();
          }
          return Arithmetic.arithmetic(c.node, '%', c.args.get(0), c.args.get(1));
        });
    for (String f : List.of("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")) {
      Functions.def(
          f,
          c -> {
            String x = c.arity(1).dbl(0);
            String defined =
                f.equals("asin") || f.equals("acos")
                    ? "abs(" + x + ") <= 1"
                    : f.endsWith("h") || f.equals("atan") ? "true" : "isfinite(" + x + ")";
            // Where a function has no value DuckDB fails.
            return c.result(
                Type.DOUBLE,
                "(CASE WHEN "
                    + x
                    + " IS NULL OR "
                    + defined
                    + " THEN "
                    + f
                    + "("
                    + x
                    + ") ELSE CAST('NaN' AS DOUBLE) END)");
          });
    }
    Functions.def(
        "atan2", c -> c.arity(2).result(Type.DOUBLE, "atan2(" + c.dbl(0) + ", " + c.dbl(1) + ")"));
    for (String f : List.of("degrees", "radians")) {
      Functions.def(f, c -> c.arity(1).result(Type.DOUBLE, f + "(" + c.dbl(0) + ")"));
    }
    Functions.def(
        "truncate",
        c -> {
          c.arity(1, 2);
          Type t = c.type(0);
          if (c.count() == 2 || !t.isNumeric()) {
            throw Refusal.unsupported(c.node, "truncate to digits");
          }
          if (t.isInteger()) {
            return c.result(t.asDecimal(), c.as(0, t.asDecimal()));
          }
          Type result =
              t.kind() == Kind.DECIMAL
                  ? Type.decimal(Math.max(1, t.precision() - t.scale()), 0)
                  : t;
          return c.result(result, Duck.cast("trunc(" + c.sql(0) + ")", result));
        });
    Functions.def(
        "bit_count",
        c -> {
          c.arity(2);
          if (!(c.args.get(1).constant() instanceof Long bits) || bits < 2 || bits > 64) {
            throw Refusal.unsupported(c.node, "bit_count of a computed number of bits");
          }
          return c.result(Type.BIGINT, "lk_bit_count(" + c.bigint(0) + ", " + bits + ")");
        });
    for (String f :
        List.of("bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic")) {
      Functions.def(
          f,
          c -> {
            c.arity(2);
            if (!c.type(0).isInteger()) {
              throw c.noMatch();
            }
            int bits =
                switch (c.type(0).kind()) {
                  case TINYINT -> 8;
                  case SMALLINT -> 16;
                  case INTEGER -> 32;
                  default -> 64;
                };
            String x = Duck.cast(c.sql(0), Type.BIGINT);
            return c.result(
                c.type(0),
                Duck.cast("lk_" + f + "(" + x + ", " + c.bigint(1) + ", " + bits + ")", c.type(0)));
          });
    }
    Functions.def("pi", c -> c.arity(0).result(Type.DOUBLE, "pi()"));
    Functions.def("nan", c -> c.arity(0).result(Type.DOUBLE, "CAST('NaN' AS DOUBLE)"));
    Functions.def("infinity", c -> c.arity(0).result(Type.DOUBLE, "CAST('Infinity' AS DOUBLE)"));
    Functions.def("is_nan", c -> c.arity(1).result(Type.BOOLEAN, "isnan(" + c.dbl(0) + ")"));
    Functions.def("is_finite", c -> c.arity(1).result(Type.BOOLEAN, "isfinite(" + c.dbl(0) + ")"));
    Functions.def("is_infinite", c -> c.arity(1).result(Type.BOOLEAN, "isinf(" + c.dbl(0) + ")"));
    for (String f : List.of("greatest", "least")) {
      Functions.def(
          f,
          c -> {
            if (c.count() == 0) {
              throw c.noMatch();
            }
            Type t = c.type(0);
            for (Typed a : c.args) {
              t = Types.common(t, a.type()).orElseThrow(c::noMatch);
            }
            if (t.holdsFloating() || t.isNested() || t.is(Kind.UNKNOWN, Kind.CHAR)) {
              throw Refusal.unsupported(c.node, f + " of " + t);
            }
            StringBuilder anyNull = new StringBuilder();
            StringBuilder list = new StringBuilder();
            for (int i = 0; i < c.count(); i++) {
              String x = c.as(i, t);
              anyNull.append(i == 0 ? "" : " OR ").append(x).append(" IS NULL");
              list.append(i == 0 ? "" : ", ").append(x);
            }
            return c.result(
                t, "(CASE WHEN " + anyNull + " THEN NULL ELSE " + f + "(" + list + ") END)");
          });
    }
    Map<String, String> bits = Map.of("bitwise_and", "&", "bitwise_or", "|");
    bits.forEach(
        (f, op) ->
            Functions.def(
                f,
                c ->
                    c.arity(2)
                        .result(
                            Type.BIGINT, "(" + c.bigint(0) + " " + op + " " + c.bigint(1) + ")")));
    Functions.def(
        "bitwise_xor",
        c -> c.arity(2).result(Type.BIGINT, "xor(" + c.bigint(0) + ", " + c.bigint(1) + ")"));
    Functions.def("bitwise_not", c -> c.arity(1).result(Type.BIGINT, "(~ " + c.bigint(0) + ")"));
    Functions.def(
        "to_base",
        c ->
            c.arity(2)
                .result(Type.varchar(64), "lk_to_base(" + c.bigint(0) + ", " + c.bigint(1) + ")"));
    Functions.def(
        "from_base",
        c ->
            c.arity(2)
                .result(Type.BIGINT, "lk_from_base(" + c.varchar(0) + ", " + c.bigint(1) + ")"));
    Functions.def("e", c -> c.arity(0).result(Type.DOUBLE, "CAST('" + Math.E + "' AS DOUBLE)"));
  }
}
