package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type;
import java.util.List;

/** Columns with their types, as Trino's clients read them. */
final class Signatures {
  private Signatures() {}

  /** The array of columns; one without a name is called by its position. */
  static void columns(JsonBytes out, List<OutputColumn> columns, boolean parametric) {
    out.raw('[');
    for (int i = 0; i < columns.size(); i++) {
      OutputColumn c = columns.get(i);
      out.raw(i == 0 ? "" : ",").raw('{');
      out.name("name").string(c.name() == null ? "_col" + i : c.name()).raw(',');
      out.name("type").string(display(c.type(), parametric)).raw(',');
      out.name("typeSignature");
      signature(out, c.type(), parametric);
      out.raw('}');
    }
    out.raw(']');
  }

  /** Clients without PARAMETRIC_DATETIME know times of one precision only, and name none. */
  private static String display(Type type, boolean parametric) {
    if (parametric) {
      return type.display();
    }
    return switch (type.kind()) {
      case TIME -> "time";
      case TIMESTAMP -> "timestamp";
      case TIMESTAMP_TZ -> "timestamp with time zone";
      case ARRAY -> "array(" + display(type.arguments().get(0), false) + ")";
      case MAP ->
          "map("
              + display(type.arguments().get(0), false)
              + ", "
              + display(type.arguments().get(1), false)
              + ")";
      case ROW -> {
        StringBuilder b = new StringBuilder("row(");
        for (int i = 0; i < type.arguments().size(); i++) {
          String name = type.names().get(i);
          b.append(i == 0 ? "" : ", ").append(name == null ? "" : name + " ");
          b.append(display(type.arguments().get(i), false));
        }
        yield b.append(')').toString();
      }
      default -> type.display();
    };
  }

  private static void signature(JsonBytes out, Type type, boolean parametric) {
    String display = type.display();
    int bracket = display.indexOf('(');
    String raw =
        switch (type.kind()) {
          case TIMESTAMP -> "timestamp";
          case TIMESTAMP_TZ -> "timestamp with time zone";
          default -> bracket < 0 ? display : display.substring(0, bracket);
        };
    out.raw('{').name("rawType").string(raw).raw(',').name("arguments").raw('[');
    switch (type.kind()) {
      case DECIMAL -> {
        number(out, type.precision());
        number(out.raw(','), type.scale());
      }
      case VARCHAR -> number(out, type.precision() < 0 ? Integer.MAX_VALUE : type.precision());
      case TIME, TIMESTAMP, TIMESTAMP_TZ -> {
        if (parametric) {
          number(out, type.precision());
        }
      }
      case ARRAY, MAP -> {
        for (int i = 0; i < type.arguments().size(); i++) {
          out.raw(i == 0 ? "" : ",").raw("{\"kind\":\"TYPE\",\"value\":");
          signature(out, type.arguments().get(i), parametric);
          out.raw('}');
        }
      }
      case ROW -> {
        for (int i = 0; i < type.arguments().size(); i++) {
          String name = type.names().get(i);
          out.raw(i == 0 ? "" : ",").raw("{\"kind\":\"NAMED_TYPE\",\"value\":{\"fieldName\":");
          if (name == null) {
            out.raw("null");
          } else {
            out.raw("{\"name\":").string(name).raw('}');
          }
          out.raw(",\"typeSignature\":");
          signature(out, type.arguments().get(i), parametric);
          out.raw("}}");
        }
      }
      case CHAR -> number(out, type.precision());
      default -> {
        // The others have no arguments.
      }
    }
    out.raw("]}");
  }

  private static void number(JsonBytes out, long value) {
    out.raw("{\"kind\":\"LONG\",\"value\":").number(value).raw('}');
  }
}
