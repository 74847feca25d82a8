package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.ArrayList;
import java.util.List;

/** Functions of arrays, maps and rows. */
final class NestedFunctions {
  private NestedFunctions() {}

  static void define() {
    Functions.def(
        "typeof",
        c ->
            c.arity(1)
                .result(Type.VARCHAR, "CAST(" + Duck.quote(c.type(0).display()) + " AS VARCHAR)"));
    Functions.def(
        "cardinality",
        c -> {
          c.arity(1);
          if (!c.type(0).is(Kind.ARRAY, Kind.MAP)) {
            throw c.noMatch();
          }
          String f = c.type(0).kind() == Kind.ARRAY ? "len(" : "cardinality(";
          return c.result(Type.BIGINT, "CAST(" + f + c.args.get(0).sql() + ") AS BIGINT)");
        });
    Functions.def(
        "contains",
        c -> {
          c.arity(2);
          if (c.type(0).kind() != Kind.ARRAY) {
            throw c.noMatch();
          }
          Type e = Types.common(c.type(0).element(), c.type(1)).orElseThrow(c::noMatch);
          if (e.holdsFloating() || e.isNested() || e.kind() == Kind.UNKNOWN) {
            throw Refusal.unsupported(c.node, "contains on array of " + e);
          }
          String a = c.as(0, Type.array(e));
          String x = c.as(1, e);
          return c.result(
              Type.BOOLEAN,
              "(CASE WHEN "
                  + a
                  + " IS NULL OR "
                  + x
                  + " IS NULL THEN NULL WHEN list_contains("
                  + a
                  + ", "
                  + x
                  + ") THEN true WHEN len("
                  + a
                  + ") > list_count("
                  + a
                  + ") THEN NULL ELSE false END)");
        });
    Functions.def(
        "element_at",
        c -> {
          c.arity(2);
          if (c.type(0).kind() == Kind.MAP) {
            return MapFunctions.valueOf(c, false);
          }
          if (c.type(0).kind() != Kind.ARRAY) {
            throw Refusal.unsupported(c.node, "element_at of " + c.type(0));
          }
          String i = c.bigint(1);
          Type e = c.type(0).element();
          return c.result(
              e,
              "(CASE WHEN "
                  + i
                  + " = 0 THEN "
                  + Duck.fail(e, "INVALID_FUNCTION_ARGUMENT")
                  + " ELSE list_extract("
                  + c.args.get(0).sql()
                  + ", "
                  + i
                  + ") END)");
        });
    Functions.def("sequence", NestedFunctions::sequence);
  }

  /** Trino takes no longer ones either. */
  private static final int MAX_SEQUENCE = 10_000;

  private static Typed sequence(Call c) {
    c.arity(2, 3);
    if (c.type(0).isInteger() && c.type(1).isInteger()) {
      String step = c.count() == 3 ? c.bigint(2) : null;
      List<String> values = new ArrayList<>(List.of(c.bigint(0), c.bigint(1)));
      if (step != null) {
        values.add(step);
      }
      return steps(
          c, values, Type.BIGINT, (from, by, i) -> "(" + from + " + " + i + " * " + by + ")");
    }
    if (c.type(0).kind() == Kind.DATE && c.type(1).kind() == Kind.DATE) {
      Type days = Type.INTERVAL_DAY_SECOND;
      boolean months = c.count() == 3 && c.type(2).kind() == Kind.INTERVAL_YEAR_MONTH;
      if (c.count() == 3
          && !months
          && (c.type(2).kind() != Kind.INTERVAL_DAY_SECOND
              || !(c.args.get(2).constant() instanceof Long n)
              || n % 86_400_000 != 0)) {
        throw Refusal.unsupported(c.node, "sequence of dates by anything but days or months");
      }
      if (months) {
        return monthly(c);
      }
      List<String> values = new ArrayList<>();
      values.add("CAST(" + c.sql(0) + " - CAST('1970-01-01' AS DATE) AS BIGINT)");
      values.add("CAST(" + c.sql(1) + " - CAST('1970-01-01' AS DATE) AS BIGINT)");
      if (c.count() == 3) {
        values.add("(" + c.as(2, days) + " // 86400000)");
      }
      return steps(
          c,
          values,
          Type.DATE,
          (from, by, i) ->
              "(CAST('1970-01-01' AS DATE) + CAST(("
                  + from
                  + " + "
                  + i
                  + " * "
                  + by
                  + ") AS INTEGER))");
    }
    throw Refusal.unsupported(c.node, "sequence of anything but integers and dates");
  }

  private static Typed monthly(Call c) {
    if (!(c.args.get(2).constant() instanceof Long months) || months == 0) {
      throw Refusal.unsupported(c.node, "sequence of dates by a computed number of months");
    }
    Type t = Type.array(Type.DATE);
    return c.result(
        t,
        Duck.let(
            List.of(c.sql(0), c.sql(1)),
            v -> {
              String day =
                  "CAST(("
                      + v.get(0)
                      + " + to_months(CAST(%s * "
                      + months
                      + " AS INTEGER))) AS DATE)";
              // More than it can be: whole months between, and one.
              String count =
                  "(((date_part('year', "
                      + v.get(1)
                      + ") - date_part('year', "
                      + v.get(0)
                      + ")) * 12 + date_part('month', "
                      + v.get(1)
                      + ") - date_part('month', "
                      + v.get(0)
                      + ")) // "
                      + months
                      + ")";
              String beyond = months > 0 ? " <= " : " >= ";
              return Duck.unlessNull(
                  v,
                  "CASE WHEN "
                      + v.get(1)
                      + (months > 0 ? " < " : " > ")
                      + v.get(0)
                      + " OR "
                      + count
                      + " >= "
                      + MAX_SEQUENCE
                      + " THEN "
                      + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                      + " ELSE "
                      + Duck.filter(
                          Duck.map("range(0, " + count + " + 1)", i -> String.format(day, i)),
                          d -> "(" + d + beyond + v.get(1) + ")")
                      + " END",
                  t);
            }));
  }

  /** What stands at a place of a sequence. */
  @FunctionalInterface
  private interface Place {
    String at(String from, String by, String i);
  }

  private static Typed steps(Call c, List<String> values, Type element, Place place) {
    Type t = Type.array(element);
    return c.result(
        t,
        Duck.let(
            values,
            v -> {
              String from = v.get(0);
              String to = v.get(1);
              String by =
                  v.size() == 3
                      ? v.get(2)
                      : "(CASE WHEN " + from + " <= " + to + " THEN 1 ELSE -1 END)";
              String count = "((CAST(" + to + " AS HUGEINT) - " + from + ") // " + by + " + 1)";
              return Duck.unlessNull(
                  v,
                  "CASE WHEN "
                      + by
                      + " = 0 OR ("
                      + by
                      + " > 0 AND "
                      + to
                      + " < "
                      + from
                      + ") OR ("
                      + by
                      + " < 0 AND "
                      + to
                      + " > "
                      + from
                      + ") THEN "
                      + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                      + " WHEN "
                      + count
                      + " > "
                      + MAX_SEQUENCE
                      + " THEN "
                      + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                      + " ELSE "
                      + Duck.within(
                          "CAST(" + count + " * 16 AS BIGINT)",
                          Duck.map(
                              "range(0, CAST(" + count + " AS BIGINT))",
                              i -> place.at(from, by, i)))
                      + " END",
                  t);
            }));
  }
}
