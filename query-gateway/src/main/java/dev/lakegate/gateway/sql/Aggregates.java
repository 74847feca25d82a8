package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Array;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.LongLiteral;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The allow-list of aggregate and window functions. */
final class Aggregates {
  static final Set<String> AGGREGATES =
      Set.of(
          "count",
          "count_if",
          "sum",
          "avg",
          "min",
          "max",
          "bool_and",
          "bool_or",
          "every",
          "arbitrary",
          "any_value",
          "array_agg",
          "max_by",
          "min_by",
          "approx_distinct",
          "approx_percentile",
          "stddev",
          "stddev_samp",
          "stddev_pop",
          "variance",
          "var_samp",
          "var_pop",
          "bitwise_and_agg",
          "bitwise_or_agg",
          "bitwise_xor_agg",
          "listagg",
          "map_agg",
          "multimap_agg",
          "histogram",
          "corr",
          "covar_pop",
          "covar_samp",
          "regr_slope",
          "regr_intercept",
          "skewness",
          "kurtosis",
          "geometric_mean");

  static final Set<String> WINDOW_ONLY =
      Set.of(
          "row_number",
          "rank",
          "dense_rank",
          "percent_rank",
          "cume_dist",
          "ntile",
          "lag",
          "lead",
          "first_value",
          "last_value",
          "nth_value");

  private static final Set<String> ORDERED = Set.of("array_agg", "listagg");

  private static final Set<String> DISTINCT_ALLOWED =
      Set.of("count", "sum", "avg", "min", "max", "array_agg", "approx_distinct", "listagg");

  private Aggregates() {}

  /**
   * A translated aggregate before FILTER and OVER are put to it.
   *
   * @param type of its result
   * @param sql DuckDB text; the parts that are aggregate calls go through {@code call}
   */
  record Translated(Type type, String sql) {}

  static boolean allowsOrder(String name) {
    return ORDERED.contains(name);
  }

  static boolean allowsDistinct(String name) {
    return DISTINCT_ALLOWED.contains(name);
  }

  /**
   * Translates an aggregate.
   *
   * @param call puts FILTER and OVER to one DuckDB call, given as {@code name} and {@code
   *     arguments}
   */
  static Translated aggregate(
      FunctionCall node,
      String name,
      List<Typed> args,
      boolean distinct,
      String order,
      Caller call) {
    Args a = new Args(node, name, args);
    String d = distinct ? "DISTINCT " : "";
    switch (name) {
      case "count":
        if (args.isEmpty()) {
          return new Translated(Type.BIGINT, call.of("count", "*"));
        }
        a.arity(1);
        return new Translated(Type.BIGINT, call.of("count", d + a.any(0)));
      case "count_if":
        a.arity(1);
        return new Translated(
            Type.BIGINT,
            "CAST(coalesce("
                + call.of("sum", "CASE WHEN " + a.as(0, Type.BOOLEAN) + " THEN 1 ELSE 0 END")
                + ", 0) AS BIGINT)");
      case "sum":
        {
          a.arity(1);
          Type t = a.type(0);
          String x = a.any(0);
          String sum = call.of("sum", d + x);
          if (t.isInteger()) {
            return new Translated(Type.BIGINT, Duck.cast(sum, Type.BIGINT));
          }
          if (t.isFloating()) {
            return new Translated(t, Duck.cast(sum, t));
          }
          if (t.kind() == Kind.DECIMAL) {
            Type result = Type.decimal(38, t.scale());
            String typed = Duck.cast(sum, result);
            // Fewer than 29 digits cannot run over 38 with less than ten thousand million rows.
            return new Translated(
                result, t.precision() > 28 ? Arithmetic.inRange(typed, result) : typed);
          }
          if (t.is(Kind.INTERVAL_DAY_SECOND, Kind.INTERVAL_YEAR_MONTH)) {
            return new Translated(t, Duck.cast(sum, t));
          }
          throw a.noMatch();
        }
      case "avg":
        {
          a.arity(1);
          Type t = a.type(0);
          String x = a.any(0);
          if (t.isInteger() || t.isFloating()) {
            Type result = t.kind() == Kind.REAL ? t : Type.DOUBLE;
            return new Translated(result, Duck.cast(call.of("avg", d + x), result));
          }
          if (t.kind() == Kind.DECIMAL) {
            Type sum = Type.decimal(38, t.scale());
            String total = Arithmetic.unscaled(Duck.cast(call.of("sum", d + x), sum), sum);
            String n = "CAST(" + call.of("count", d + x) + " AS HUGEINT)";
            return new Translated(
                t, Arithmetic.scaled("lk_divide(" + total + ", " + n + ", 0)", t));
          }
          if (t.kind() == Kind.INTERVAL_DAY_SECOND) {
            return new Translated(t, Duck.cast("floor(" + call.of("avg", d + x) + " + 0.5)", t));
          }
          throw t.kind() == Kind.INTERVAL_YEAR_MONTH
              ? Refusal.unsupported(node, "avg of " + t)
              : a.noMatch();
        }
      case "min", "max":
        {
          if (args.size() == 2 && !distinct) {
            return CollectingAggregates.most(a, call);
          }
          a.arity(1);
          Type t = a.type(0);
          if (t.is(Kind.CHAR, Kind.JSON)) {
            throw Refusal.unsupported(node, name + " of " + t);
          }
          if (t.isNested() || t.kind() == Kind.UNKNOWN) {
            throw Refusal.unsupported(node, name + " of " + t);
          }
          String x = a.any(0);
          if (t.isFloating() && name.equals("max")) {
            // NaN is DuckDB's greatest number; for Trino it is no candidate beside others.
            return new Translated(
                t,
                "coalesce("
                    + call.of("max", "CASE WHEN isnan(" + x + ") THEN NULL ELSE " + x + " END")
                    + ", "
                    + call.of("max", x)
                    + ")");
          }
          return new Translated(t, call.of(name, x));
        }
      case "bool_and", "every":
        a.arity(1);
        return new Translated(Type.BOOLEAN, call.of("bool_and", a.as(0, Type.BOOLEAN)));
      case "bool_or":
        a.arity(1);
        return new Translated(Type.BOOLEAN, call.of("bool_or", a.as(0, Type.BOOLEAN)));
      case "arbitrary", "any_value":
        a.arity(1);
        return new Translated(a.type(0), call.of("any_value", a.any(0)));
      case "array_agg":
        a.arity(1);
        return new Translated(Type.array(a.type(0)), call.of("list", d + a.any(0) + order));
      case "max_by", "min_by":
        {
          if (args.size() == 3) {
            return CollectingAggregates.mostBy(a, call);
          }
          a.arity(2);
          Type key = a.type(1);
          if (key.holdsFloating() || key.isNested() || key.kind() == Kind.UNKNOWN) {
            throw Refusal.unsupported(node, name + " by " + key);
          }
          // arg_max_null keeps a NULL value of the winning row, as Trino does.
          String f = name.equals("max_by") ? "arg_max_null" : "arg_min_null";
          return new Translated(a.type(0), call.of(f, a.any(0) + ", " + a.any(1)));
        }
      case "approx_distinct":
        if (args.size() == 2) {
          throw Refusal.unsupported(node, "approx_distinct with a standard error");
        }
        a.arity(1);
        return new Translated(Type.BIGINT, call.of("count", "DISTINCT " + a.any(0)));
      case "approx_percentile":
        {
          a.arity(2);
          Expression percentage = node.getArguments().get(1);
          if (percentage instanceof Array list) {
            return percentiles(a, list, call);
          }
          // DuckDB counts negative fractions from the other end.
          if (!isNotNegative(node.getArguments().get(1))) {
            throw Refusal.unsupported(
                node, "approx_percentile whose percentage is not a literal from 0 to 1");
          }
          Type t = a.type(0);
          Type result =
              t.isInteger() ? Type.BIGINT : t.kind() == Kind.REAL ? Type.REAL : Type.DOUBLE;
          if (!t.isNumeric()) {
            throw a.noMatch();
          }
          return new Translated(
              result, call.of("quantile_disc", a.as(0, result) + ", " + a.as(1, Type.DOUBLE)));
        }
      case "stddev", "stddev_samp":
        return statistic(a, call, "stddev_samp");
      case "stddev_pop":
        return statistic(a, call, "stddev_pop");
      case "variance", "var_samp":
        return statistic(a, call, "var_samp");
      case "var_pop":
        return statistic(a, call, "var_pop");
      case "bitwise_and_agg":
        a.arity(1);
        return new Translated(Type.BIGINT, call.of("bit_and", a.as(0, Type.BIGINT)));
      case "bitwise_or_agg":
        a.arity(1);
        return new Translated(Type.BIGINT, call.of("bit_or", a.as(0, Type.BIGINT)));
      case "bitwise_xor_agg":
        a.arity(1);
        return new Translated(Type.BIGINT, call.of("bit_xor", a.as(0, Type.BIGINT)));
      case "listagg":
        return CollectingAggregates.listagg(a, d, order, call);
      case "map_agg":
        return CollectingAggregates.mapAgg(a, call);
      case "multimap_agg":
        return CollectingAggregates.multimapAgg(a, call);
      case "histogram":
        return CollectingAggregates.histogram(a, call);
      case "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept":
        return ofPairs(a, call, name);
      case "geometric_mean":
        {
          a.arity(1);
          Type result = a.type(0).kind() == Kind.REAL ? Type.REAL : Type.DOUBLE;
          String x = a.as(0, Type.DOUBLE);
          String ln =
              "(CASE WHEN "
                  + x
                  + " = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN "
                  + x
                  + " < 0 THEN CAST('NaN' AS DOUBLE) ELSE ln("
                  + x
                  + ") END)";
          return new Translated(result, Duck.cast("exp(" + call.of("avg", ln) + ")", result));
        }
      case "skewness":
        {
          a.arity(1);
          String x = a.as(0, Type.DOUBLE);
          String n = "CAST(" + call.of("count", x) + " AS DOUBLE)";
          // DuckDB's is that of a sample.
          return new Translated(
              Type.DOUBLE,
              finite(
                  "("
                      + call.of("skewness", x)
                      + " * ("
                      + n
                      + " - 2) / sqrt("
                      + n
                      + " * abs("
                      + n
                      + " - 1)))"));
        }
      case "kurtosis":
        a.arity(1);
        return new Translated(Type.DOUBLE, finite(call.of("kurtosis", a.as(0, Type.DOUBLE))));
      default:
        throw Functions.unknown(node, name);
    }
  }

  /** Without spread the two engines may answer otherwise. */
  private static String finite(String x) {
    return Duck.let(
        x,
        v ->
            "(CASE WHEN NOT isfinite("
                + v
                + ") THEN "
                + Duck.fail(Type.DOUBLE, "NOT_SUPPORTED")
                + " ELSE "
                + v
                + " END)");
  }

  private static Translated ofPairs(Args a, Caller call, String name) {
    a.arity(2);
    boolean dbl = a.type(0).kind() == Kind.DOUBLE || a.type(1).kind() == Kind.DOUBLE;
    Type t = dbl ? Type.DOUBLE : Type.REAL;
    String y = Duck.cast(a.as(0, t), Type.DOUBLE);
    String x = Duck.cast(a.as(1, t), Type.DOUBLE);
    // What is no number is NULL for Trino.
    return new Translated(
        t,
        Duck.let(
            call.of(name, y + ", " + x),
            v -> "(CASE WHEN isfinite(" + v + ") THEN " + Duck.cast(v, t) + " END)"));
  }

  private static Translated percentiles(Args a, Array list, Caller call) {
    if (list.getValues().isEmpty()
        || !list.getValues().stream().allMatch(Aggregates::isNotNegative)) {
      throw Refusal.unsupported(
          a.node(), "approx_percentile whose percentages are not literals from 0 to 1");
    }
    Type t = a.type(0);
    if (!t.isNumeric()) {
      throw a.noMatch();
    }
    Type result = t.isInteger() ? Type.BIGINT : t.kind() == Kind.REAL ? Type.REAL : Type.DOUBLE;
    return new Translated(
        Type.array(result),
        call.of("quantile_disc", a.as(0, result) + ", " + a.as(1, Type.array(Type.DOUBLE))));
  }

  private static boolean isNotNegative(Expression literal) {
    return literal instanceof DecimalLiteral d && !d.getValue().startsWith("-")
        || literal instanceof DoubleLiteral f && f.getValue() >= 0
        || literal instanceof LongLiteral n && n.getParsedValue() >= 0;
  }

  private static Translated statistic(Args a, Caller call, String f) {
    a.arity(1);
    return new Translated(Type.DOUBLE, call.of(f, a.as(0, Type.DOUBLE)));
  }

  private static final Map<String, String> RANKS =
      Map.of(
          "row_number", "row_number",
          "rank", "rank",
          "dense_rank", "dense_rank",
          "percent_rank", "percent_rank",
          "cume_dist", "cume_dist");

  /** Translates a function that exists only over a window. */
  static Translated window(
      FunctionCall node, String name, List<Typed> args, String nulls, Caller call) {
    Args a = new Args(node, name, args);
    if (RANKS.containsKey(name)) {
      a.arity(0);
      Type t =
          name.endsWith("_rank") && name.startsWith("percent") || name.equals("cume_dist")
              ? Type.DOUBLE
              : Type.BIGINT;
      return new Translated(t, call.of(name, ""));
    }
    switch (name) {
      case "ntile":
        a.arity(1);
        a.literal(0, 1);
        return new Translated(Type.BIGINT, call.of(name, a.as(0, Type.BIGINT)));
      case "first_value", "last_value":
        a.arity(1);
        return new Translated(a.type(0), call.of(name, a.any(0) + nulls));
      case "nth_value":
        a.arity(2);
        a.literal(1, 1);
        return new Translated(
            a.type(0), call.of(name, a.any(0) + ", " + a.as(1, Type.BIGINT) + nulls));
      default:
        {
          // lag and lead
          a.arity(1, 2, 3);
          Type t = a.type(0);
          StringBuilder s = new StringBuilder();
          if (args.size() == 3) {
            t = Types.common(t, a.type(2)).orElseThrow(a::noMatch);
          }
          s.append(args.size() == 3 ? a.as(0, t) : a.any(0));
          if (args.size() > 1) {
            a.literal(1, 0);
            s.append(", ").append(a.as(1, Type.BIGINT));
          }
          if (args.size() == 3) {
            s.append(", ").append(a.as(2, t));
          }
          return new Translated(t, call.of(name, s + nulls));
        }
    }
  }

  /** Puts FILTER and OVER to a DuckDB call. */
  @FunctionalInterface
  interface Caller {
    String of(String function, String arguments);

    static Caller with(UnaryOperator<String> suffix) {
      return (f, args) -> suffix.apply(f + "(" + args + ")");
    }
  }

  /** Arguments of an aggregate. */
  record Args(FunctionCall node, String name, List<Typed> args) {
    void arity(int... counts) {
      for (int c : counts) {
        if (args.size() == c) {
          return;
        }
      }
      throw noMatch();
    }

    Type type(int i) {
      return args.get(i).type();
    }

    String any(int i) {
      Typed t = args.get(i);
      return t.isNull() ? Duck.cast("NULL", Type.UNKNOWN) : t.sql();
    }

    String as(int i, Type type) {
      if (!Types.coerces(type(i), type)) {
        throw noMatch();
      }
      return Casts.coerce(node, args.get(i), type).sql();
    }

    void literal(int i, long least) {
      if (!(args.get(i).constant() instanceof Long n) || n < least) {
        throw Refusal.unsupported(
            node, name + " whose argument " + (i + 1) + " is not a literal of at least " + least);
      }
    }

    SqlFailure noMatch() {
      return Refusal.at(
          node,
          "FUNCTION_NOT_FOUND",
          "Unexpected parameters ("
              + args.stream().map(t -> t.type().display()).collect(Collectors.joining(", "))
              + ") for function "
              + name);
    }
  }
}
