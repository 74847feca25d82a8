package dev.lakegate.gateway.sql;

/** DuckDB text that measures values. */
public final class Sizes {
  private Sizes() {}

  /** Bytes of a value, roughly; counted so that many small values are not free. */
  public static String of(String sql, Type type) {
    return size(sql, type, 0);
  }

  private static String size(String sql, Type type, int depth) {
    return switch (type.kind()) {
      case VARCHAR, JSON, CHAR, UUID -> "(16 + coalesce(strlen(" + sql + "), 0))";
      case VARBINARY -> "(16 + coalesce(octet_length(" + sql + "), 0))";
      case ARRAY -> {
        String name = "s" + depth;
        yield isFixed(type.element())
            ? "(16 + 16 * coalesce(len(" + sql + "), 0))"
            : "(16 + coalesce(CAST(list_sum(list_transform("
                + sql
                + ", lambda "
                + name
                + ": "
                + size(name, type.element(), depth + 1)
                + ")) AS BIGINT), 0))";
      }
      case ROW -> {
        StringBuilder b = new StringBuilder("(16");
        for (int i = 0; i < type.arguments().size(); i++) {
          String field = "struct_extract(" + sql + ", 'f" + (i + 1) + "')";
          b.append(" + ").append(size(field, type.arguments().get(i), depth));
        }
        yield b.append(')').toString();
      }
      case MAP ->
          "("
              + size("map_keys(" + sql + ")", Type.array(type.arguments().get(0)), depth)
              + " + "
              + size("map_values(" + sql + ")", Type.array(type.arguments().get(1)), depth)
              + ")";
      default -> "16";
    };
  }

  private static boolean isFixed(Type type) {
    return !type.isNested()
        && !type.is(
            Type.Kind.VARCHAR, Type.Kind.VARBINARY, Type.Kind.JSON, Type.Kind.CHAR, Type.Kind.UUID);
  }

  /** Whether values have no bound that their type gives. */
  public static boolean isUnbounded(Type type) {
    return !isFixed(type);
  }
}
