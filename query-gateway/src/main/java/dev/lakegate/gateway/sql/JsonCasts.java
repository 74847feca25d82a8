package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;

/** Casts to and from json, which is carried as text. */
final class JsonCasts {
  private JsonCasts() {}

  /** DuckDB text of a value as json. */
  static String to(Node node, Typed v) {
    String json = json(node, v.sql(), v.type());
    return v.type().isNested() ? Duck.bounded(json, Type.JSON) : json;
  }

  private static String json(Node node, String x, Type t) {
    return switch (t.kind()) {
      case UNKNOWN -> "CAST(NULL AS VARCHAR)";
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL -> "CAST(" + x + " AS VARCHAR)";
      case REAL -> "lk_json_real(" + x + ")";
      case DOUBLE -> "lk_json_double(" + x + ")";
      case VARCHAR -> "lk_json_quote(" + x + ")";
      case JSON -> x;
      case DATE, TIMESTAMP, TIMESTAMP_TZ ->
          "lk_json_quote(" + Casts.castSql(node, Typed.of(t, x), Type.VARCHAR) + ")";
      case ARRAY ->
          Duck.let(
              x, a -> whole(a, "'['", Duck.map(a, e -> orNull(json(node, e, t.element()))), "']'"));
      case MAP -> {
        Type key = t.arguments().get(0);
        Type value = t.arguments().get(1);
        yield Duck.let(
            x,
            m ->
                whole(
                    m,
                    "'{'",
                    // Trino writes the keys in their order.
                    Duck.map(
                        "list_sort("
                            + Duck.map(
                                "map_entries(" + m + ")",
                                e -> {
                                  String k = key(node, "struct_extract(" + e + ", 'key')", key);
                                  String v = "struct_extract(" + e + ", 'value')";
                                  return "struct_pack(k := "
                                      + k
                                      + ", t := (lk_json_quote("
                                      + k
                                      + ") || ':' || "
                                      + orNull(json(node, v, value))
                                      + "))";
                                })
                            + ", 'ASC', 'NULLS LAST')",
                        e -> "struct_extract(" + e + ", 't')"),
                    "'}'"));
      }
      case ROW ->
          Duck.let(
              x,
              r -> {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < t.arguments().size(); i++) {
                  String name = t.names().get(i) == null ? "" : t.names().get(i);
                  String field = "struct_extract(" + r + ", 'f" + (i + 1) + "')";
                  fields.add(
                      "(lk_json_quote(CAST("
                          + Duck.quote(name)
                          + " AS VARCHAR)) || ':' || "
                          + orNull(json(node, field, t.arguments().get(i)))
                          + ")");
                }
                return whole(r, "'{'", "[" + String.join(", ", fields) + "]", "'}'");
              });
      default -> throw Refusal.mismatch(node, "Cannot cast " + t + " to json");
    };
  }

  private static String whole(String value, String open, String list, String close) {
    return "(CASE WHEN "
        + value
        + " IS NULL THEN NULL ELSE ("
        + open
        + " || coalesce(array_to_string("
        + list
        + ", ','), '') || "
        + close
        + ") END)";
  }

  private static String orNull(String json) {
    return "coalesce(" + json + ", 'null')";
  }

  private static String key(Node node, String x, Type t) {
    return switch (t.kind()) {
      case VARCHAR -> x;
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL -> "CAST(" + x + " AS VARCHAR)";
      default -> throw Refusal.unsupported(node, "a map with keys of type " + t + " as json");
    };
  }

  /** DuckDB text of a json value as another type. */
  static String from(Node node, String x, Type to) {
    return switch (to.kind()) {
      case JSON -> x;
      case BOOLEAN -> "lk_json_to_boolean(" + x + ")";
      case TINYINT -> Duck.cast("lk_json_to_integer(" + x + ", 8)", to);
      case SMALLINT -> Duck.cast("lk_json_to_integer(" + x + ", 16)", to);
      case INTEGER -> Duck.cast("lk_json_to_integer(" + x + ", 32)", to);
      case BIGINT -> "lk_json_to_integer(" + x + ", 64)";
      case DOUBLE -> "lk_json_to_double(" + x + ")";
      case REAL -> Duck.cast("lk_json_to_double(" + x + ")", to);
      case DECIMAL ->
          Duck.cast(
              "lk_json_to_decimal(" + x + ", " + to.precision() + ", " + to.scale() + ")", to);
      case VARCHAR -> {
        if (to.precision() >= 0) {
          throw Refusal.unsupported(node, "cast from json to " + to);
        }
        yield "lk_json_to_varchar(" + x + ")";
      }
      case ARRAY ->
          Duck.let(
              x,
              j ->
                  unlessNull(
                      j,
                      Duck.map(
                          Duck.parts("lk_json_elements(" + j + ")"),
                          e -> from(node, e, to.element())),
                      to));
      case MAP -> {
        Type key = to.arguments().get(0);
        if (key.kind() != Kind.VARCHAR) {
          throw Refusal.unsupported(node, "cast from json to " + to);
        }
        yield Duck.let(
            x,
            j ->
                unlessNull(
                    j,
                    "map("
                        + Duck.texts("lk_json_keys(" + j + ")")
                        + ", "
                        + Duck.map(
                            Duck.parts("lk_json_values(" + j + ")"),
                            e -> from(node, e, to.arguments().get(1)))
                        + ")",
                    to));
      }
      case ROW ->
          Duck.let(
              x,
              j -> {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < to.arguments().size(); i++) {
                  String name = to.names().get(i) == null ? "" : to.names().get(i);
                  String field =
                      "lk_json_field("
                          + j
                          + ", "
                          + i
                          + ", "
                          + to.arguments().size()
                          + ", CAST("
                          + Duck.quote(name)
                          + " AS VARCHAR))";
                  fields.add("f" + (i + 1) + " := " + from(node, field, to.arguments().get(i)));
                }
                return unlessNull(j, "struct_pack(" + String.join(", ", fields) + ")", to);
              });
      case UNKNOWN, CHAR, UUID, DATE, TIME, TIMESTAMP, TIMESTAMP_TZ ->
          throw Refusal.unsupported(node, "cast from json to " + to);
      default -> throw Refusal.mismatch(node, "Cannot cast json to " + to);
    };
  }

  private static String unlessNull(String json, String body, Type to) {
    return "(CASE WHEN "
        + json
        + " IS NULL OR "
        + json
        + " = 'null' THEN CAST(NULL AS "
        + to.duck()
        + ") ELSE "
        + body
        + " END)";
  }
}
