package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.List;

/** Functions of URLs. */
final class UrlFunctions {
  private UrlFunctions() {}

  static void define() {
    for (String part : List.of("protocol", "host", "path", "query", "fragment")) {
      Functions.def(
          "url_extract_" + part,
          c ->
              c.arity(1).result(text(c), "lk_url(" + c.varchar(0) + ", " + Duck.quote(part) + ")"));
    }
    Functions.def(
        "url_extract_port",
        c ->
            c.arity(1)
                .result(
                    Type.BIGINT, Duck.cast("lk_url(" + c.varchar(0) + ", 'port')", Type.BIGINT)));
    Functions.def(
        "url_extract_parameter",
        c ->
            c.arity(2)
                .result(text(c), "lk_url_parameter(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    Functions.def(
        "url_encode",
        c -> {
          Type t = text(c.arity(1));
          // A character takes up to four bytes of three signs each.
          Type longer =
              t.precision() < 0 || t.precision() > Integer.MAX_VALUE / 12
                  ? Type.VARCHAR
                  : Type.varchar(t.precision() * 12);
          return c.result(
              longer, Duck.bounded("lk_url_encode(" + c.varchar(0) + ")", Type.VARCHAR));
        });
    Functions.def(
        "url_decode", c -> c.arity(1).result(text(c), "lk_url_decode(" + c.varchar(0) + ")"));
  }

  private static Type text(Call c) {
    return c.type(0).kind() == Kind.VARCHAR ? c.type(0) : Type.VARCHAR;
  }
}
