package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;

/** format(): its arguments cross as one text, each with a sign of its kind. */
final class FormatFunction {
  private FormatFunction() {}

  static Typed call(Node node, List<Typed> args) {
    if (args.size() < 2 || args.size() > 100) {
      throw Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", "format needs arguments");
    }
    if (!(args.get(0).constant() instanceof String)) {
      throw Refusal.unsupported(node, "format with a computed format");
    }
    List<String> parts = new ArrayList<>();
    for (Typed a : args.subList(1, args.size())) {
      parts.add("coalesce(" + part(node, a) + ", 'n')");
    }
    return Typed.of(
        Type.VARCHAR,
        Duck.bounded(
            "lk_format("
                + args.get(0).sql()
                + ", array_to_string(["
                + String.join(", ", parts)
                + "], "
                + Duck.quote("\u001f")
                + "))",
            Type.VARCHAR),
        args);
  }

  private static String part(Node node, Typed a) {
    String x = a.sql();
    return switch (a.type().kind()) {
      case UNKNOWN -> "'n'";
      case BOOLEAN -> "('b' || CAST(" + x + " AS VARCHAR))";
      case TINYINT, SMALLINT, INTEGER, BIGINT -> "('i' || CAST(" + x + " AS VARCHAR))";
      case REAL, DOUBLE -> "('d' || lk_json_double(CAST(" + x + " AS DOUBLE)))";
      case DECIMAL -> "('m' || CAST(" + x + " AS VARCHAR))";
      case DATE -> "('t' || CAST(" + x + " AS VARCHAR))";
      case VARCHAR -> "('s' || lk_json_quote(" + x + "))";
      default -> throw Refusal.unsupported(node, "format of type " + a.type());
    };
  }
}
