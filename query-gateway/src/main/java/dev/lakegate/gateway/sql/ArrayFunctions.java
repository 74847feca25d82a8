package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.ArrayList;
import java.util.List;

/** Functions of arrays. */
final class ArrayFunctions {
  private static final int MAX_REPEATED = 10_000;

  private ArrayFunctions() {}

  static void define() {
    Functions.def(
        "array_position",
        c -> {
          c.arity(2);
          Type e = element(c, 0, c.type(1));
          return c.result(
              Type.BIGINT,
              Duck.let(
                  List.of(c.as(0, Type.array(e)), c.as(1, e)),
                  v ->
                      Duck.unlessNull(
                          v,
                          "CAST(coalesce(list_position("
                              + v.get(0)
                              + ", "
                              + v.get(1)
                              + "), 0) AS BIGINT)",
                          Type.BIGINT)));
        });
    Functions.def(
        "array_sort",
        c -> {
          c.arity(1);
          Type t = array(c, 0);
          if (t.element().isNested()
              || t.element().kind() == Kind.CHAR
              || !t.element().isOrderable()) {
            throw Refusal.unsupported(c.node, "array_sort of " + t);
          }
          return c.result(t, "list_sort(" + c.sql(0) + ", 'ASC', 'NULLS LAST')");
        });
    Functions.def("array_distinct", c -> distinct(c.arity(1), c.sql(0), flat(c, 0)));
    Functions.def(
        "array_union",
        c -> {
          Type t = both(c);
          String sql = "list_concat(" + c.as(0, t) + ", " + c.as(1, t) + ")";
          return distinct(c, eitherNull(c, t, sql), t);
        });
    Functions.def("array_intersect", c -> among(c, true));
    Functions.def("array_except", c -> among(c, false));
    Functions.def(
        "arrays_overlap",
        c -> {
          Type t = both(c);
          return c.result(
              Type.BOOLEAN,
              Duck.let(
                  List.of(c.as(0, t), c.as(1, t)),
                  v ->
                      Duck.unlessNull(
                          v,
                          "CASE WHEN list_has_any("
                              + v.get(0)
                              + ", "
                              + v.get(1)
                              + ") THEN true WHEN len("
                              + v.get(0)
                              + ") > list_count("
                              + v.get(0)
                              + ") OR len("
                              + v.get(1)
                              + ") > list_count("
                              + v.get(1)
                              + ") THEN NULL ELSE false END",
                          Type.BOOLEAN)));
        });
    for (String f : List.of("array_max", "array_min")) {
      Functions.def(
          f,
          c -> {
            c.arity(1);
            Type t = array(c, 0);
            if (t.element().isNested() || t.element().holdsFloating()) {
              throw Refusal.unsupported(c.node, f + " of " + t);
            }
            if (t.element().kind() == Kind.UNKNOWN) {
              return c.result(Type.UNKNOWN, "NULL");
            }
            String duck = f.equals("array_max") ? "list_max(" : "list_min(";
            return c.result(
                t.element(),
                Duck.let(
                    c.sql(0),
                    a ->
                        "(CASE WHEN len("
                            + a
                            + ") > list_count("
                            + a
                            + ") THEN NULL ELSE "
                            + duck
                            + a
                            + ") END)"));
          });
    }
    Functions.def(
        "flatten",
        c -> {
          c.arity(1);
          Type t = array(c, 0);
          if (t.element().kind() != Kind.ARRAY) {
            throw c.noMatch();
          }
          return c.result(t.element(), "flatten(" + c.sql(0) + ")");
        });
    Functions.def("slice", ArrayFunctions::slice);
    Functions.def(
        "trim_array",
        c -> {
          c.arity(2);
          Type t = array(c, 0);
          return c.result(
              t,
              Duck.let(
                  List.of(c.sql(0), c.bigint(1)),
                  v ->
                      Duck.unlessNull(
                          v,
                          "CASE WHEN "
                              + v.get(1)
                              + " < 0 OR "
                              + v.get(1)
                              + " > len("
                              + v.get(0)
                              + ") THEN "
                              + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                              + " ELSE list_slice("
                              + v.get(0)
                              + ", 1, len("
                              + v.get(0)
                              + ") - "
                              + v.get(1)
                              + ") END",
                          t)));
        });
    Functions.def(
        "repeat",
        c -> {
          c.arity(2);
          Type e = c.type(0);
          if (e.isNested() || e.kind() == Kind.UNKNOWN) {
            throw Refusal.unsupported(c.node, "repeat of " + e);
          }
          Type t = Type.array(e);
          return c.result(
              t,
              Duck.let(
                  List.of(c.sql(0), c.bigint(1)),
                  v ->
                      "(CASE WHEN "
                          + v.get(1)
                          + " IS NULL THEN NULL WHEN "
                          + v.get(1)
                          + " < 0 OR "
                          + v.get(1)
                          + " > "
                          + MAX_REPEATED
                          + " THEN "
                          + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                          + " ELSE "
                          + Duck.within(
                              "(" + v.get(1) + " * " + Sizes.of(v.get(0), e) + ")",
                              Duck.map("range(0, " + v.get(1) + ")", i -> v.get(0)))
                          + " END)"));
        });
    Functions.def(
        "ngrams",
        c -> {
          c.arity(2);
          Type e = array(c, 0).element();
          if (e.isNested() || !(c.args.get(1).constant() instanceof Long n) || n < 1 || n > 100) {
            throw Refusal.unsupported(c.node, "ngrams but of a literal size up to 100");
          }
          Type t = Type.array(Type.array(e));
          return c.result(
              t,
              Duck.let(
                  c.sql(0),
                  a ->
                      "(CASE WHEN "
                          + a
                          + " IS NULL THEN NULL ELSE "
                          + Duck.within(
                              "(len(" + a + ") * " + 24 * (n + 1) + ")",
                              Duck.map(
                                  "range(1, greatest(len(" + a + ") - " + n + " + 1, 1) + 1)",
                                  i ->
                                      "list_slice("
                                          + a
                                          + ", "
                                          + i
                                          + ", "
                                          + i
                                          + " + "
                                          + (n - 1)
                                          + ")"))
                          + " END)"));
        });
    Functions.def("array_join", ArrayFunctions::join);
    Functions.def(
        "array_remove",
        c -> {
          c.arity(2);
          Type e = element(c, 0, c.type(1));
          Type t = Type.array(e);
          return c.result(
              t,
              Duck.let(
                  List.of(c.as(0, t), c.as(1, e)),
                  v ->
                      Duck.unlessNull(
                          v,
                          Duck.filter(
                              v.get(0),
                              x -> "(" + x + " IS NULL OR " + x + " <> " + v.get(1) + ")"),
                          t)));
        });
    Functions.def(
        "array_first",
        c -> c.arity(1).result(array(c, 0).element(), "list_extract(" + c.sql(0) + ", 1)"));
    Functions.def(
        "array_last",
        c -> c.arity(1).result(array(c, 0).element(), "list_extract(" + c.sql(0) + ", -1)"));
    Functions.def("zip", ArrayFunctions::zip);
  }

  private static Type array(Call c, int i) {
    if (c.type(i).kind() != Kind.ARRAY) {
      throw c.args.get(i).isNull() ? Refusal.unsupported(c.node, c.name + " of NULL") : c.noMatch();
    }
    return c.type(i);
  }

  /** The type of an array whose elements DuckDB compares as Trino does. */
  private static Type flat(Call c, int i) {
    Type t = array(c, i);
    requireFlat(c, t.element());
    return t;
  }

  private static void requireFlat(Call c, Type e) {
    if (e.holdsFloating() || e.isNested() || e.kind() == Kind.UNKNOWN) {
      throw Refusal.unsupported(c.node, c.name + " on array of " + e);
    }
  }

  private static Type element(Call c, int i, Type other) {
    Type e = Types.common(array(c, i).element(), other).orElseThrow(c::noMatch);
    requireFlat(c, e);
    return e;
  }

  private static Type both(Call c) {
    c.arity(2);
    array(c, 0);
    array(c, 1);
    Type t = Types.common(c.type(0), c.type(1)).orElseThrow(c::noMatch);
    requireFlat(c, t.element());
    return t;
  }

  private static String eitherNull(Call c, Type t, String sql) {
    return Duck.unlessNull(List.of(c.as(0, t), c.as(1, t)), sql, t);
  }

  /** Each element once, where it first stands. */
  private static Typed distinct(Call c, String list, Type t) {
    String none = "CAST([] AS " + t.duck() + ")";
    return c.result(t, Duck.let(list, a -> Duck.unlessNull(List.of(a), firsts(a, none, false), t)));
  }

  private static Typed among(Call c, boolean wanted) {
    Type t = both(c);
    return c.result(
        t,
        Duck.let(
            List.of(c.as(0, t), c.as(1, t)),
            v -> Duck.unlessNull(v, firsts(v.get(0), v.get(1), wanted), t)));
  }

  /**
   * Elements of one list, each once and where it first stands, that are in another list or are not.
   * Both are sorted together, the other's elements before equal ones, so that it takes a look at
   * the neighbour to know; comparing each with each would take too long, and nothing could stop it.
   */
  private static String firsts(String list, String other, boolean wanted) {
    String both = "list_concat(" + placed(other, 0) + ", " + placed(list, 1) + ")";
    return Duck.let(
        "list_sort(" + both + ", 'ASC', 'NULLS LAST')",
        s -> {
          String kept =
              Duck.filter(
                  "range(1, len(" + s + ") + 1)",
                  j -> {
                    String same =
                        "("
                            + at(s, j + " - 1", "x")
                            + " IS NOT DISTINCT FROM "
                            + at(s, j, "x")
                            + ")";
                    String before = "(" + j + " > 1 AND " + same + ")";
                    return "("
                        + at(s, j, "o")
                        + " = 1 AND "
                        + (wanted
                            ? "(" + before + " AND " + at(s, j + " - 1", "o") + " = 0)"
                            : "(NOT " + before + ")")
                        + ")";
                  });
          // Back into the order in which they stood.
          String ordered =
              "list_sort("
                  + Duck.map(
                      kept,
                      j -> "struct_pack(i := " + at(s, j, "i") + ", x := " + at(s, j, "x") + ")")
                  + ", 'ASC', 'NULLS LAST')";
          return Duck.map(ordered, e -> "struct_extract(" + e + ", 'x')");
        });
  }

  private static String placed(String list, int origin) {
    return Duck.map(
        "range(1, len(" + list + ") + 1)",
        i ->
            "struct_pack(x := list_extract("
                + list
                + ", "
                + i
                + "), o := "
                + origin
                + ", i := "
                + i
                + ")");
  }

  private static String at(String sorted, String i, String field) {
    return "struct_extract(list_extract(" + sorted + ", " + i + "), '" + field + "')";
  }

  private static Typed slice(Call c) {
    c.arity(3);
    Type t = array(c, 0);
    return c.result(
        t,
        Duck.let(
            List.of(c.sql(0), c.bigint(1), c.bigint(2)),
            v -> {
              String a = v.get(0);
              String start = v.get(1);
              String from =
                  "(CASE WHEN "
                      + start
                      + " < 0 THEN len("
                      + a
                      + ") + "
                      + start
                      + " + 1 ELSE "
                      + start
                      + " END)";
              return Duck.unlessNull(
                  v,
                  "CASE WHEN "
                      + start
                      + " = 0 OR "
                      + v.get(2)
                      + " < 0 THEN "
                      + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
                      + " WHEN "
                      + from
                      + " < 1 OR "
                      + from
                      + " > len("
                      + a
                      + ") THEN CAST([] AS "
                      + t.duck()
                      + ") ELSE list_slice("
                      + a
                      + ", "
                      + from
                      + ", least("
                      + from
                      + " + least("
                      + v.get(2)
                      + ", len("
                      + a
                      + ")) - 1, len("
                      + a
                      + "))) END",
                  t);
            }));
  }

  private static Typed join(Call c) {
    c.arity(2, 3);
    Type e = array(c, 0).element();
    if (e.isNested() || e.is(Kind.VARBINARY, Kind.UNKNOWN, Kind.JSON)) {
      throw Refusal.unsupported(c.node, "array_join of array of " + e);
    }
    String separator = Duck.quote(c.literal(1));
    List<String> values = new ArrayList<>(List.of(c.sql(0)));
    if (c.count() == 3) {
      values.add(c.varchar(2));
    }
    return c.result(
        Type.VARCHAR,
        Duck.bounded(
            Duck.let(
                values,
                v ->
                    Duck.unlessNull(
                        v,
                        "coalesce(array_to_string("
                            + Duck.map(
                                v.get(0),
                                x -> {
                                  String text = Casts.castSql(c.node, Typed.of(e, x), Type.VARCHAR);
                                  return v.size() == 1
                                      ? text
                                      : "coalesce(" + text + ", " + v.get(1) + ")";
                                })
                            + ", "
                            + separator
                            + "), '')",
                        Type.VARCHAR)),
            Type.VARCHAR));
  }

  private static Typed zip(Call c) {
    if (c.count() < 2 || c.count() > 5) {
      throw c.noMatch();
    }
    List<Type> fields = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<String> arrays = new ArrayList<>();
    for (int i = 0; i < c.count(); i++) {
      fields.add(array(c, i).element());
      names.add(null);
      arrays.add(c.sql(i));
    }
    Type t = Type.array(Type.row(fields, names));
    return c.result(
        t,
        Duck.let(
            arrays,
            v -> {
              List<String> lengths = v.stream().map(a -> "len(" + a + ")").toList();
              return Duck.unlessNull(
                  v,
                  Duck.map(
                      "range(1, greatest(" + String.join(", ", lengths) + ") + 1)",
                      i -> {
                        List<String> items = new ArrayList<>();
                        for (int k = 0; k < v.size(); k++) {
                          items.add(
                              "f" + (k + 1) + " := list_extract(" + v.get(k) + ", " + i + ")");
                        }
                        return "struct_pack(" + String.join(", ", items) + ")";
                      }),
                  t);
            }));
  }

  /** Arrays one after the other; an element counts as an array of it. */
  static Typed concat(Call c) {
    Type t = null;
    for (int i = 0; i < c.count(); i++) {
      if (c.type(i).kind() == Kind.ARRAY) {
        Type other = c.type(i);
        t = t == null ? other : Types.common(t, other).orElseThrow(c::noMatch);
      }
    }
    boolean elements = c.count() == 2;
    for (int i = 0; i < c.count(); i++) {
      if (c.type(i).kind() != Kind.ARRAY) {
        if (c.args.get(i).isNull() || !elements || t.element().kind() == Kind.ARRAY) {
          throw Refusal.unsupported(c.node, "joining " + c.type(0) + " and " + c.type(1));
        }
        t = Type.array(Types.common(t.element(), c.type(i)).orElseThrow(c::noMatch));
      }
    }
    Type joined = t;
    List<String> values = new ArrayList<>();
    for (int i = 0; i < c.count(); i++) {
      values.add(
          c.type(i).kind() == Kind.ARRAY ? c.as(i, joined) : "[" + c.as(i, joined.element()) + "]");
    }
    return c.result(
        joined,
        Duck.bounded(
            Duck.let(
                values,
                v -> {
                  String all = v.get(0);
                  for (String next : v.subList(1, v.size())) {
                    all = "list_concat(" + all + ", " + next + ")";
                  }
                  return Duck.unlessNull(v, all, joined);
                }),
            joined));
  }
}
