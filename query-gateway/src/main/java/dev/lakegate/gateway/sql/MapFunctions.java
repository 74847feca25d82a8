package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.ArrayList;
import java.util.List;

/** Functions of maps. */
final class MapFunctions {
  private MapFunctions() {}

  static void define() {
    Functions.def(
        "map",
        c -> {
          c.arity(0, 2);
          if (c.count() == 0) {
            return c.result(
                Type.map(Type.UNKNOWN, Type.UNKNOWN),
                "map(CAST([] AS INTEGER[]), CAST([] AS INTEGER[]))");
          }
          if (c.type(0).kind() != Kind.ARRAY || c.type(1).kind() != Kind.ARRAY) {
            throw c.noMatch();
          }
          Type t = Type.map(c.type(0).element(), c.type(1).element());
          requireKey(c, t.arguments().get(0));
          return c.result(
              t,
              Duck.let(
                  List.of(c.sql(0), c.sql(1)),
                  v -> checked(v.get(0), v.get(1), t, "INVALID_FUNCTION_ARGUMENT")));
        });
    Functions.def(
        "map_keys",
        c -> c.arity(1).result(Type.array(map(c, 0).arguments().get(0)), keys(c.sql(0))));
    Functions.def(
        "map_values",
        c ->
            c.arity(1)
                .result(Type.array(map(c, 0).arguments().get(1)), "map_values(" + c.sql(0) + ")"));
    Functions.def(
        "map_entries",
        c -> {
          List<String> names = new ArrayList<>();
          names.add(null);
          names.add(null);
          return c.arity(1)
              .result(
                  Type.array(Type.row(map(c, 0).arguments(), names)),
                  Duck.map(
                      "map_entries(" + c.sql(0) + ")",
                      e ->
                          "struct_pack(f1 := struct_extract("
                              + e
                              + ", 'key'), f2 := struct_extract("
                              + e
                              + ", 'value'))"));
        });
    Functions.def(
        "map_concat",
        c -> {
          if (c.count() < 2) {
            throw c.noMatch();
          }
          Type t = map(c, 0);
          for (int i = 1; i < c.count(); i++) {
            t = Types.common(t, map(c, i)).orElseThrow(c::noMatch);
          }
          List<String> maps = new ArrayList<>();
          for (int i = 0; i < c.count(); i++) {
            maps.add(c.as(i, t));
          }
          Type all = t;
          return c.result(
              t,
              Duck.let(
                  maps, v -> Duck.unlessNull(v, "map_concat(" + String.join(", ", v) + ")", all)));
        });
    Functions.def(
        "map_from_entries",
        c -> {
          Type row = entries(c);
          Type t = Type.map(row.arguments().get(0), row.arguments().get(1));
          requireKey(c, row.arguments().get(0));
          return c.result(
              t,
              Duck.let(
                  c.sql(0),
                  a ->
                      checkedEntries(
                          a,
                          checked(field(a, 1), field(a, 2), t, "INVALID_FUNCTION_ARGUMENT"),
                          t)));
        });
    Functions.def(
        "multimap_from_entries",
        c -> {
          Type row = entries(c);
          Type key = row.arguments().get(0);
          Type t = Type.map(key, Type.array(row.arguments().get(1)));
          requireKey(c, key);
          return c.result(
              t,
              Duck.let(
                  c.sql(0),
                  a ->
                      checkedEntries(
                          a,
                          shortEnough(
                              a,
                              Duck.let(
                                  "list_distinct(" + field(a, 1) + ")",
                                  keys ->
                                      "map("
                                          + keys
                                          + ", "
                                          + Duck.map(
                                              keys,
                                              k ->
                                                  field(
                                                      Duck.filter(
                                                          a,
                                                          e ->
                                                              "(struct_extract("
                                                                  + e
                                                                  + ", 'f1') = "
                                                                  + k
                                                                  + ")"),
                                                      2))
                                          + ")"),
                              t),
                          t)));
        });
  }

  private static Type map(Call c, int i) {
    if (c.type(i).kind() != Kind.MAP) {
      throw c.args.get(i).isNull() ? Refusal.unsupported(c.node, c.name + " of NULL") : c.noMatch();
    }
    return c.type(i);
  }

  private static Type entries(Call c) {
    c.arity(1);
    if (c.type(0).kind() != Kind.ARRAY
        || c.type(0).element().kind() != Kind.ROW
        || c.type(0).element().arguments().size() != 2) {
      throw c.noMatch();
    }
    return c.type(0).element();
  }

  static void requireKey(Call c, Type key) {
    if (key.holdsFloating() || key.isNested()) {
      throw Refusal.unsupported(c.node, "a map with keys of type " + key);
    }
  }

  private static String keys(String map) {
    return "map_keys(" + map + ")";
  }

  private static String field(String list, int n) {
    return Duck.map(list, e -> "struct_extract(" + e + ", 'f" + n + "')");
  }

  /** Longest list of which each element is compared with each; nothing stops it. */
  static final int MAX_COMPARED = 500;

  static String shortEnough(String list, String body, Type t) {
    return "(CASE WHEN len("
        + list
        + ") > "
        + MAX_COMPARED
        + " THEN "
        + Duck.fail(t, "NOT_SUPPORTED")
        + " ELSE "
        + body
        + " END)";
  }

  private static String checkedEntries(String list, String map, Type t) {
    return "(CASE WHEN len("
        + list
        + ") > list_count("
        + list
        + ") OR len("
        + list
        + ") > list_count("
        + field(list, 1)
        + ") THEN "
        + Duck.fail(t, "INVALID_FUNCTION_ARGUMENT")
        + " ELSE "
        + map
        + " END)";
  }

  /** A map of keys that may repeat or be missing, which is an error of that code. */
  static String checked(String keys, String values, Type t, String code) {
    return Duck.let(
        List.of(keys, values),
        v -> {
          String k = v.get(0);
          return Duck.unlessNull(
              v,
              "CASE WHEN len("
                  + k
                  + ") <> len("
                  + v.get(1)
                  + ") OR len(list_distinct("
                  + k
                  + ")) < len("
                  + k
                  + ") THEN "
                  + Duck.fail(t, code)
                  + " ELSE map("
                  + k
                  + ", "
                  + v.get(1)
                  + ") END",
              t);
        });
  }

  /** The value of a key: NULL when there is none, or a failure. */
  static Typed valueOf(Call c, boolean strict) {
    Type t = map(c, 0);
    Type key = t.arguments().get(0);
    Type value = t.arguments().get(1);
    requireKey(c, key);
    if (!Types.coerces(c.type(1), key)) {
      throw c.noMatch();
    }
    return c.result(
        value,
        Duck.let(
            List.of(c.sql(0), c.as(1, key)),
            v -> {
              String found = "map_extract_value(" + v.get(0) + ", " + v.get(1) + ")";
              return Duck.unlessNull(
                  v,
                  strict
                      ? "CASE WHEN list_contains(map_keys("
                          + v.get(0)
                          + "), "
                          + v.get(1)
                          + ") THEN "
                          + found
                          + " ELSE "
                          + Duck.fail(value, "INVALID_FUNCTION_ARGUMENT")
                          + " END"
                      : found,
                  value);
            }));
  }
}
