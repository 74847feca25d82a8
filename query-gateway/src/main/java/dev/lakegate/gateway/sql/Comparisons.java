package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;

/** Comparisons in DuckDB's dialect with Trino's meaning. */
final class Comparisons {
  private Comparisons() {}

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
    boolean orders = !operator.equals("=") && !operator.equals("<>") && !operator.contains("DIST");
    if (orders && !common.isOrderable()) {
      throw Refusal.mismatch(
          node, "Cannot apply operator: " + l.type() + " " + operator + " " + r.type());
    }
    if (common.isNested()) {
      return nested(node, operator, l, r, common);
    }
    if (orders && common.kind() == Kind.CHAR) {
      // Beside a longer one a shorter text counts as filled with spaces.
      if (common.precision() > 1000) {
        throw Refusal.unsupported(node, "an order of " + l.type() + " and " + r.type());
      }
      return compare(
          node,
          operator,
          Casts.cast(node, Casts.coerce(node, l, common), Type.VARCHAR),
          Casts.cast(node, Casts.coerce(node, r, common), Type.VARCHAR));
    }
    String a = Casts.coerce(node, l, common).sql();
    String b = Casts.coerce(node, r, common).sql();
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

  private static Typed nested(Node node, String operator, Typed l, Typed r, Type type) {
    String a = Casts.coerce(node, l, type).sql();
    String b = Casts.coerce(node, r, type).sql();
    String sql =
        switch (operator) {
          case "=" -> Duck.let(List.of(a, b), v -> equal(node, v.get(0), v.get(1), type));
          case "<>" ->
              "(NOT " + Duck.let(List.of(a, b), v -> equal(node, v.get(0), v.get(1), type)) + ")";
          case "IS DISTINCT FROM" -> {
            if (type.holdsFloating()) {
              throw Refusal.unsupported(node, "IS DISTINCT FROM on values of type " + type);
            }
            yield "(" + a + " IS DISTINCT FROM " + b + ")";
          }
          default ->
              "(" + ordered(node, a, type) + " " + operator + " " + ordered(node, b, type) + ")";
        };
    return Typed.of(Type.BOOLEAN, sql, l, r);
  }

  /** Equality of SQL, where what holds a NULL may be neither equal nor different. */
  private static String equal(Node node, String a, String b, Type type) {
    return switch (type.kind()) {
      case ARRAY ->
          decided(
              a,
              b,
              "len(" + a + ") <> len(" + b + ")",
              Duck.map(
                  "range(1, len(" + a + ") + 1)",
                  i ->
                      equal(
                          node,
                          "list_extract(" + a + ", " + i + ")",
                          "list_extract(" + b + ", " + i + ")",
                          type.element())));
      case MAP ->
          MapFunctions.shortEnough(
              "map_keys(" + a + ")",
              decided(
                  a,
                  b,
                  "cardinality(" + a + ") <> cardinality(" + b + ")",
                  Duck.map(
                      "map_keys(" + a + ")",
                      k ->
                          "(CASE WHEN list_contains(map_keys("
                              + b
                              + "), "
                              + k
                              + ") THEN "
                              + equal(
                                  node,
                                  "map_extract_value(" + a + ", " + k + ")",
                                  "map_extract_value(" + b + ", " + k + ")",
                                  type.arguments().get(1))
                              + " ELSE false END)")),
              Type.BOOLEAN);
      case ROW -> {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < type.arguments().size(); i++) {
          String field = ", 'f" + (i + 1) + "')";
          fields.add(
              equal(
                  node,
                  "struct_extract(" + a + field,
                  "struct_extract(" + b + field,
                  type.arguments().get(i)));
        }
        yield Duck.unlessNull(
            List.of(a, b), "(" + String.join(" AND ", fields) + ")", Type.BOOLEAN);
      }
      case UNKNOWN -> "CAST(NULL AS BOOLEAN)";
      default -> compare(node, "=", Typed.of(type, a), Typed.of(type, b)).sql();
    };
  }

  private static String decided(String a, String b, String different, String results) {
    return Duck.unlessNull(
        List.of(a, b),
        "CASE WHEN "
            + different
            + " THEN false ELSE "
            + Duck.let(
                results,
                r ->
                    "(CASE WHEN list_contains("
                        + r
                        + ", false) THEN false WHEN len("
                        + r
                        + ") > list_count("
                        + r
                        + ") THEN NULL ELSE true END)")
            + " END",
        Type.BOOLEAN);
  }

  /** A value that stands in an order; Trino refuses what holds a NULL. */
  static String ordered(Node node, String x, Type type) {
    if (type.holdsFloating()
        || type.arguments().stream().anyMatch(Type::isNested)
        || type.holds(Kind.CHAR)) {
      throw Refusal.unsupported(node, "an order of values of type " + type);
    }
    return Duck.let(
        x,
        v -> {
          String holdsNull;
          if (type.kind() == Kind.ARRAY) {
            holdsNull = "len(" + v + ") > list_count(" + v + ")";
          } else {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < type.arguments().size(); i++) {
              fields.add("struct_extract(" + v + ", 'f" + (i + 1) + "') IS NULL");
            }
            holdsNull = v + " IS NOT NULL AND (" + String.join(" OR ", fields) + ")";
          }
          return "(CASE WHEN "
              + holdsNull
              + " THEN "
              + Duck.fail(type, "NOT_SUPPORTED")
              + " ELSE "
              + v
              + " END)";
        });
  }

  private static boolean isNumber(Typed t) {
    return t.constant() instanceof Number;
  }
}
