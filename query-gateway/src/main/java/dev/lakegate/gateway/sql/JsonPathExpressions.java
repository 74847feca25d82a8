package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.tree.DataType;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.JsonArray;
import io.trino.sql.tree.JsonArrayElement;
import io.trino.sql.tree.JsonExists;
import io.trino.sql.tree.JsonObject;
import io.trino.sql.tree.JsonObjectMember;
import io.trino.sql.tree.JsonPathInvocation;
import io.trino.sql.tree.JsonPathParameter.JsonFormat;
import io.trino.sql.tree.JsonQuery;
import io.trino.sql.tree.JsonValue;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT and JSON_ARRAY of the SQL standard. */
final class JsonPathExpressions {
  private final Expressions expressions;

  JsonPathExpressions(Expressions expressions) {
    this.expressions = expressions;
  }

  /** A path over text, as the standard's functions take it. */
  private Typed[] invocation(JsonPathInvocation i, Ctx c) {
    if (!i.getPathParameters().isEmpty() || i.getPathName().isPresent()) {
      throw Refusal.unsupported(i, "PASSING and names of JSON paths");
    }
    Typed input = expressions.translate(i.getInputExpression(), c);
    if (i.getInputFormat() != JsonFormat.JSON
        || (input.type().kind() != Kind.VARCHAR && !input.isNull())) {
      throw Refusal.unsupported(i, "a JSON path on type " + input.type());
    }
    String path = i.getJsonPath().getValue();
    try {
      JsonPath.requireStandard(i.getJsonPath(), JsonPath.parse(path));
    } catch (ParsingException e) {
      throw Refusal.at(
          i.getJsonPath(), "SYNTAX_ERROR", "Invalid JSON path: " + e.getErrorMessage());
    }
    return new Typed[] {
      input.isNull() ? input.as(Type.VARCHAR, "CAST(NULL AS VARCHAR)") : input,
      Duck.text(i.getJsonPath(), path)
    };
  }

  Typed call(Expression e, Ctx c) {
    if (e instanceof JsonExists x) {
      if (x.getErrorBehavior() != JsonExists.ErrorBehavior.FALSE) {
        throw Refusal.unsupported(e, "JSON_EXISTS with " + x.getErrorBehavior() + " ON ERROR");
      }
      Typed[] p = invocation(x.getJsonPathInvocation(), c);
      return p[0].as(Type.BOOLEAN, "lk_json_exists(" + p[0].sql() + ", " + p[1].sql() + ")");
    }
    if (e instanceof JsonQuery q) {
      if (q.getReturnedType().isPresent()
          || q.getOutputFormat().isPresent()
          || q.getQuotesBehavior().isPresent()
          || q.getEmptyBehavior() != JsonQuery.EmptyOrErrorBehavior.NULL
          || q.getErrorBehavior() != JsonQuery.EmptyOrErrorBehavior.NULL) {
        throw Refusal.unsupported(e, "JSON_QUERY with RETURNING, QUOTES, ON EMPTY or ON ERROR");
      }
      Typed[] p = invocation(q.getJsonPathInvocation(), c);
      return p[0].as(
          Type.VARCHAR,
          "lk_json_query("
              + p[0].sql()
              + ", "
              + p[1].sql()
              + ", "
              + Duck.quote(q.getWrapperBehavior().name())
              + ")");
    }
    JsonValue v = (JsonValue) e;
    if (v.getEmptyBehavior() != JsonValue.EmptyOrErrorBehavior.NULL
        || v.getErrorBehavior() != JsonValue.EmptyOrErrorBehavior.NULL) {
      throw Refusal.unsupported(e, "JSON_VALUE with ON EMPTY or ON ERROR");
    }
    Typed[] p = invocation(v.getJsonPathInvocation(), c);
    Type to = v.getReturnedType().map(Types::of).orElse(Type.VARCHAR);
    if (!to.is(Kind.VARCHAR, Kind.BIGINT, Kind.INTEGER, Kind.DOUBLE, Kind.BOOLEAN)
        || (to.kind() == Kind.VARCHAR && to.precision() >= 0)) {
      throw Refusal.unsupported(e, "JSON_VALUE returning " + to);
    }
    if (p[0].subquery() || p[0].aggregate() || p[0].window()) {
      throw Refusal.unsupported(e, "JSON_VALUE of an aggregate, a window function or a subquery");
    }
    String kind = Duck.quote(to.kind().name());
    String scalar = "lk_json_value(" + p[0].sql() + ", " + p[1].sql() + ", " + kind + ")";
    return p[0].as(
        to, Duck.let(scalar, j -> "TRY(" + Casts.castSql(e, Typed.of(Type.JSON, j), to) + ")"));
  }

  private String value(
      Node node, Expression e, Optional<JsonFormat> format, Ctx c, List<Typed> all) {
    if (format.isPresent()) {
      throw Refusal.unsupported(node, "FORMAT of a JSON value");
    }
    Typed t = expressions.translate(e, c);
    boolean nested = e instanceof JsonObject || e instanceof JsonArray || e instanceof JsonQuery;
    if (!nested && !t.isNull() && (t.type().isNested() || t.type().is(Kind.JSON, Kind.CHAR))) {
      throw Refusal.unsupported(node, "a JSON value of type " + t.type());
    }
    all.add(t);
    return nested ? t.sql() : JsonCasts.to(node, t);
  }

  private static void requirePlain(
      Node node, Optional<DataType> returned, Optional<JsonFormat> format) {
    if (returned.isPresent() || format.isPresent()) {
      throw Refusal.unsupported(node, "RETURNING of a JSON constructor");
    }
  }

  Typed object(JsonObject o, Ctx c) {
    requirePlain(o, o.getReturnedType(), o.getOutputFormat());
    if (o.isUniqueKeys()) {
      throw Refusal.unsupported(o, "WITH UNIQUE KEYS");
    }
    List<Typed> all = new ArrayList<>();
    // Trino keeps the members in a hash map, and writes them in its order.
    Map<String, String> members = new HashMap<>();
    if (o.getMembers().size() > 12) {
      throw Refusal.unsupported(o, "JSON_OBJECT of more than 12 members");
    }
    for (JsonObjectMember m : o.getMembers()) {
      Typed k = expressions.translate(m.getKey(), c);
      if (!(k.constant() instanceof String key) || k.type().kind() != Kind.VARCHAR) {
        throw Refusal.unsupported(m, "a JSON key that is not a literal");
      }
      String v = value(m, m.getValue(), m.getFormat(), c, all);
      String member =
          "(lk_json_quote("
              + k.sql()
              + ") || ':' || "
              + (o.isNullOnNull() ? "coalesce(" + v + ", 'null')" : v)
              + ")";
      if (members.put(key, member) != null) {
        throw Refusal.unsupported(m, "a JSON key that repeats");
      }
    }
    return joined(all, List.copyOf(members.values()), "'{'", "'}'");
  }

  Typed array(JsonArray a, Ctx c) {
    requirePlain(a, a.getReturnedType(), a.getOutputFormat());
    List<Typed> all = new ArrayList<>();
    List<String> elements = new ArrayList<>();
    for (JsonArrayElement e : a.getElements()) {
      String v = value(e, e.getValue(), e.getFormat(), c, all);
      elements.add(a.isNullOnNull() ? "coalesce(" + v + ", 'null')" : v);
    }
    return joined(all, elements, "'['", "']'");
  }

  private static Typed joined(List<Typed> all, List<String> parts, String open, String close) {
    // What is NULL is left out, as array_to_string does.
    String list = "CAST([" + String.join(", ", parts) + "] AS VARCHAR[])";
    String sql =
        "(" + open + " || coalesce(array_to_string(" + list + ", ','), '') || " + close + ")";
    return Typed.of(Type.VARCHAR, Duck.bounded(sql, Type.VARCHAR), all);
  }
}
