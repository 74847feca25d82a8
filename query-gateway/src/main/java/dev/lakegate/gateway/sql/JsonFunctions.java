package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;

/** Functions of JSON with plain paths. */
final class JsonFunctions {
  private JsonFunctions() {}

  static void define() {
    Functions.def(
        "json_parse", c -> c.arity(1).result(Type.JSON, "lk_json_parse(" + c.varchar(0) + ")"));
    Functions.def(
        "json_format",
        c -> {
          c.arity(1);
          if (c.type(0).kind() != Kind.JSON) {
            throw c.noMatch();
          }
          return c.result(Type.VARCHAR, c.sql(0));
        });
    Functions.def(
        "json_extract_scalar",
        c -> {
          c.arity(2);
          JsonPath.requireSimple(c.argument(1), c.literal(1));
          return c.result(
              c.type(0).kind() == Kind.VARCHAR ? c.type(0) : Type.VARCHAR,
              "lk_json_extract_scalar(" + json(c, 0) + ", " + c.varchar(1) + ")");
        });
    Functions.def(
        "json_extract",
        c -> {
          c.arity(2);
          JsonPath.requireSimple(c.argument(1), c.literal(1));
          return c.result(Type.JSON, "lk_json_extract(" + json(c, 0) + ", " + c.varchar(1) + ")");
        });
    Functions.def(
        "json_size",
        c -> {
          c.arity(2);
          JsonPath.requireSimple(c.argument(1), c.literal(1));
          return c.result(Type.BIGINT, "lk_json_size(" + json(c, 0) + ", " + c.varchar(1) + ")");
        });
    Functions.def(
        "json_array_length",
        c -> c.arity(1).result(Type.BIGINT, "lk_json_array_length(" + json(c, 0) + ")"));
    Functions.def(
        "json_array_get",
        c ->
            c.arity(2)
                .result(Type.JSON, "lk_json_array_get(" + json(c, 0) + ", " + c.bigint(1) + ")"));
    Functions.def(
        "json_array_contains",
        c -> {
          c.arity(2);
          String x =
              switch (c.type(1).kind()) {
                case BOOLEAN -> "CAST(" + c.sql(1) + " AS VARCHAR)";
                case TINYINT, SMALLINT, INTEGER, BIGINT -> "CAST(" + c.bigint(1) + " AS VARCHAR)";
                case VARCHAR -> "lk_json_quote(" + c.sql(1) + ")";
                default ->
                    throw Refusal.unsupported(
                        c.node, "json_array_contains of a value of type " + c.type(1));
              };
          return c.result(Type.BOOLEAN, "lk_json_array_contains(" + json(c, 0) + ", " + x + ")");
        });
    Functions.def(
        "is_json_scalar",
        c -> c.arity(1).result(Type.BOOLEAN, "lk_is_json_scalar(" + json(c, 0) + ")"));
  }

  private static String json(Call c, int i) {
    return c.type(i).kind() == Kind.JSON ? c.sql(i) : c.varchar(i);
  }
}
