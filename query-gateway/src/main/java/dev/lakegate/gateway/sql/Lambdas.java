package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.LambdaExpression;
import io.trino.sql.tree.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Functions that take a lambda. */
final class Lambdas {
  static final Set<String> FUNCTIONS =
      Set.of(
          "transform",
          "filter",
          "any_match",
          "all_match",
          "none_match",
          "reduce",
          "zip_with",
          "map_filter",
          "transform_values",
          "transform_keys",
          "map_zip_with");

  /** Longest array that an order given as a lambda sorts; it compares each with each. */
  private static final int MAX_COMPARED = 200;

  private final Expressions expressions;

  /** How many lambdas are around the one that is being translated. */
  private int nested;

  Lambdas(Expressions expressions) {
    this.expressions = expressions;
  }

  /** What a lambda makes of its parameters. */
  private record Body(LambdaExpression node, Typed value) {
    /** As DuckDB text of that type. */
    String as(Type type) {
      return type.kind() == Kind.UNKNOWN
          ? "CAST(NULL AS INTEGER)"
          : Casts.coerce(node, value, type).sql();
    }

    String sql() {
      return as(value.type());
    }
  }

  /** Whether a call has a lambda among its arguments. */
  static boolean in(FunctionCall f) {
    return f.getArguments().stream().anyMatch(a -> a instanceof LambdaExpression);
  }

  Typed call(FunctionCall f, String n, Ctx c) {
    nested++;
    try {
      return switch (n) {
        case "transform" -> transform(f, c);
        case "filter" -> filter(f, c);
        case "any_match", "all_match", "none_match" -> match(f, n, c);
        case "reduce" -> reduce(f, c);
        case "zip_with" -> zipWith(f, c);
        case "map_filter" -> mapFilter(f, c);
        case "transform_values" -> transformValues(f, c);
        case "transform_keys" -> transformKeys(f, c);
        case "map_zip_with" -> mapZipWith(f, c);
        case "array_sort" -> sort(f, c);
        case "regexp_replace" -> regexpReplace(f, c);
        default ->
            throw Functions.isKnown(n)
                ? Refusal.unsupported(f, "a lambda in " + n)
                : Functions.unknown(f, n);
      };
    } finally {
      nested--;
    }
  }

  // ------------------------------------------------------------------ parts

  private static SqlFailure noMatch(FunctionCall f) {
    return Refusal.at(f, "FUNCTION_NOT_FOUND", "Unexpected parameters for function " + f.getName());
  }

  private Typed argument(FunctionCall f, int i, Kind kind, Ctx c) {
    if (f.getArguments().size() <= i || f.getArguments().get(i) instanceof LambdaExpression) {
      throw noMatch(f);
    }
    Typed t = expressions.translate(f.getArguments().get(i), c);
    if (kind != null && t.type().kind() != kind) {
      throw t.isNull() ? Refusal.unsupported(f, f.getName() + " of NULL") : noMatch(f);
    }
    return t;
  }

  private static void arity(FunctionCall f, int count) {
    if (f.getArguments().size() != count) {
      throw noMatch(f);
    }
  }

  /** Name of a parameter; lambdas beside each other share it, those within one another do not. */
  private String name(int i) {
    return "p" + (nested * 8 + i);
  }

  private Body body(FunctionCall f, int i, List<Typed> parameters, Ctx c) {
    Expression e = f.getArguments().get(i);
    if (!(e instanceof LambdaExpression lambda)
        || lambda.getArguments().size() != parameters.size()) {
      throw noMatch(f);
    }
    Map<String, Typed> names = new HashMap<>();
    for (int p = 0; p < parameters.size(); p++) {
      names.put(Analyzer.lower(lambda.getArguments().get(p).getName()), parameters.get(p));
    }
    Typed value = expressions.translate(lambda.getBody(), c.withNames(names));
    if (value.aggregate() || value.window() || value.subquery()) {
      throw Refusal.unsupported(lambda, "an aggregate or subquery in a lambda");
    }
    return new Body(lambda, value);
  }

  private static String condition(FunctionCall f, Body b) {
    if (!Types.coerces(b.value().type(), Type.BOOLEAN)) {
      throw Refusal.mismatch(b.node(), "A lambda for " + f.getName() + " must return a boolean");
    }
    return b.as(Type.BOOLEAN);
  }

  /** Lists of lists multiply, and DuckDB does not count them as memory. */
  private static void requireFlat(Node node, Type t) {
    boolean flat =
        t.kind() == Kind.ROW ? t.arguments().stream().noneMatch(Type::isNested) : !t.isNested();
    if (!flat) {
      throw Refusal.unsupported(node, "a lambda that returns " + t);
    }
  }

  private static String list(String function, String list, String name, String body) {
    return function + "(" + list + ", lambda " + name + ": " + body + ")";
  }

  // ------------------------------------------------------------------ arrays

  private Typed transform(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    String p = name(1);
    Body b = body(f, 1, List.of(Typed.of(a.type().element(), p)), c);
    requireFlat(b.node(), b.value().type());
    return Typed.of(
        Type.array(b.value().type()), list("list_transform", a.sql(), p, b.sql()), a, b.value());
  }

  private Typed filter(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    String p = name(1);
    Body b = body(f, 1, List.of(Typed.of(a.type().element(), p)), c);
    return Typed.of(a.type(), list("list_filter", a.sql(), p, condition(f, b)), a, b.value());
  }

  private Typed match(FunctionCall f, String n, Ctx c) {
    arity(f, 2);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    String p = name(1);
    Body b = body(f, 1, List.of(Typed.of(a.type().element(), p)), c);
    String results = list("list_transform", a.sql(), p, condition(f, b));
    String decided = n.equals("all_match") ? "false" : "true";
    String found = n.equals("any_match") ? "true" : "false";
    String none = n.equals("any_match") ? "false" : "true";
    String sql =
        Duck.let(
            results,
            r ->
                "(CASE WHEN list_contains("
                    + r
                    + ", "
                    + decided
                    + ") THEN "
                    + found
                    + " WHEN "
                    + r
                    + " IS NULL OR len("
                    + r
                    + ") > list_count("
                    + r
                    + ") THEN NULL ELSE "
                    + none
                    + " END)");
    return Typed.of(Type.BOOLEAN, sql, a, b.value());
  }

  private Typed reduce(FunctionCall f, Ctx c) {
    arity(f, 4);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    Typed start = argument(f, 1, null, c);
    String p = name(1);
    String e = name(2);
    Type state = start.type();
    Body step = null;
    // What the step returns may be wider than what it begins with.
    for (int round = 0; round < 2; round++) {
      step =
          body(
              f,
              2,
              List.of(
                  Typed.of(state, "struct_extract(" + p + ", 's')"),
                  Typed.of(a.type().element(), "struct_extract(" + e + ", 'x')")),
              c);
      Type wider = Types.common(state, step.value().type()).orElse(null);
      if (wider == null) {
        throw noMatch(f);
      }
      if (wider.equals(state)) {
        break;
      }
      if (round == 1) {
        throw Refusal.unsupported(f, "reduce whose state changes its type");
      }
      state = wider;
    }
    if (state.kind() == Kind.UNKNOWN
        || state.is(Kind.ARRAY, Kind.MAP)
        || (state.kind() == Kind.ROW && state.arguments().stream().anyMatch(Type::isNested))) {
      throw Refusal.unsupported(f, "reduce with a state of type " + state);
    }
    Type carried = state;
    String element = a.type().element().duck();
    String list =
        Duck.map(
            a.sql(), v -> "struct_pack(s := CAST(NULL AS " + carried.duck() + "), x := " + v + ")");
    String reduced =
        "struct_extract(list_reduce("
            + list
            + ", lambda "
            + p
            + ", "
            + e
            + ": struct_pack(s := "
            + Duck.cast(step.as(state), state)
            + ", x := struct_extract("
            + e
            + ", 'x')), struct_pack(s := "
            + Duck.cast(Casts.coerce(f, start, state).sql(), state)
            + ", x := CAST(NULL AS "
            + element
            + "))), 's')";
    String q = name(3);
    Body out = body(f, 3, List.of(Typed.of(state, q)), c);
    requireFlat(out.node(), out.value().type());
    return Typed.of(
        out.value().type(),
        "list_extract(" + list("list_transform", "[" + reduced + "]", q, out.sql()) + ", 1)",
        a,
        start,
        step.value(),
        out.value());
  }

  private Typed zipWith(FunctionCall f, Ctx c) {
    arity(f, 3);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    Typed b = argument(f, 1, Kind.ARRAY, c);
    String p = name(1);
    Body body =
        body(
            f,
            2,
            List.of(
                Typed.of(a.type().element(), "struct_extract(" + p + ", 'x')"),
                Typed.of(b.type().element(), "struct_extract(" + p + ", 'y')")),
            c);
    requireFlat(body.node(), body.value().type());
    String pairs =
        Duck.let(
            List.of(a.sql(), b.sql()),
            v ->
                "(CASE WHEN "
                    + v.get(0)
                    + " IS NOT NULL AND "
                    + v.get(1)
                    + " IS NOT NULL THEN "
                    + Duck.map(
                        "range(1, greatest(len(" + v.get(0) + "), len(" + v.get(1) + ")) + 1)",
                        i ->
                            "struct_pack(x := list_extract("
                                + v.get(0)
                                + ", "
                                + i
                                + "), y := list_extract("
                                + v.get(1)
                                + ", "
                                + i
                                + "))")
                    + " END)");
    return Typed.of(
        Type.array(body.value().type()),
        list("list_transform", pairs, p, body.sql()),
        a,
        b,
        body.value());
  }

  /** Sorts by an order that a lambda gives, by counting which elements come before each. */
  private Typed sort(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed a = argument(f, 0, Kind.ARRAY, c);
    String p = name(1);
    Type e = a.type().element();
    Body body =
        body(
            f,
            1,
            List.of(
                Typed.of(e, "struct_extract(" + p + ", 'x')"),
                Typed.of(e, "struct_extract(" + p + ", 'y')")),
            c);
    if (!body.value().type().isInteger()) {
      throw noMatch(f);
    }
    String order =
        Duck.let(
            body.as(Type.BIGINT),
            r ->
                "(CASE WHEN "
                    + r
                    + " IN (-1, 0, 1) THEN "
                    + r
                    + " ELSE "
                    + Duck.fail(Type.BIGINT, "INVALID_FUNCTION_ARGUMENT")
                    + " END)");
    String sql =
        Duck.let(
            a.sql(),
            v -> {
              String positions = "range(1, len(" + v + ") + 1)";
              String ranks =
                  Duck.map(
                      positions,
                      i ->
                          "len("
                              + Duck.filter(
                                  positions,
                                  j ->
                                      "list_extract(list_transform([struct_pack(x := list_extract("
                                          + v
                                          + ", "
                                          + j
                                          + "), y := list_extract("
                                          + v
                                          + ", "
                                          + i
                                          + "))], lambda "
                                          + p
                                          + ": "
                                          + order
                                          + "), 1) < (CASE WHEN "
                                          + j
                                          + " < "
                                          + i
                                          + " THEN 1 ELSE 0 END)")
                              + ")");
              return "(CASE WHEN len("
                  + v
                  + ") > "
                  + MAX_COMPARED
                  + " THEN "
                  + Duck.fail(a.type(), "NOT_SUPPORTED")
                  + " ELSE "
                  + Duck.let(
                      ranks,
                      r ->
                          Duck.map(
                              "range(0, len(" + v + "))",
                              k -> "list_extract(" + v + ", list_position(" + r + ", " + k + "))"))
                  + " END)";
            });
    return Typed.of(a.type(), sql, a, body.value());
  }

  private Typed regexpReplace(FunctionCall f, Ctx c) {
    arity(f, 3);
    Typed text = argument(f, 0, Kind.VARCHAR, c);
    Typed pattern = argument(f, 1, Kind.VARCHAR, c);
    Call call = new Call(f, "regexp_replace", List.of(text, pattern), null);
    TextFunctions.pattern(call);
    String p = name(1);
    Body body = body(f, 2, List.of(Typed.of(Type.array(Type.VARCHAR), p)), c);
    if (!body.value().type().equals(Type.VARCHAR)) {
      // Trino wants a text of the length that the first argument is declared with.
      throw Refusal.unsupported(body.node(), "a lambda that returns " + body.value().type());
    }
    // Pieces in order: what is between matches as a text, a match as the array of its groups.
    String pieces =
        Duck.map(
            Duck.parts("lk_regexp_pieces(" + text.sql() + ", " + pattern.sql() + ")"),
            v ->
                "(CASE WHEN starts_with("
                    + v
                    + ", '\"') THEN lk_json_text("
                    + v
                    + ") ELSE list_extract(list_transform(["
                    + Duck.texts("lk_json_elements(" + v + ")")
                    + "], lambda "
                    + p
                    + ": "
                    + body.as(Type.VARCHAR)
                    + "), 1) END)");
    return Typed.of(
        Type.VARCHAR,
        Duck.bounded(
            Duck.let(
                pieces,
                v ->
                    "(CASE WHEN "
                        + v
                        + " IS NULL THEN NULL ELSE coalesce(array_to_string("
                        + v
                        + ", ''), '') END)"),
            Type.VARCHAR),
        text,
        pattern,
        body.value());
  }

  // ------------------------------------------------------------------ maps

  private static String key(String entry) {
    return "struct_extract(" + entry + ", 'key')";
  }

  private static String value(String entry) {
    return "struct_extract(" + entry + ", 'value')";
  }

  private Body entryBody(FunctionCall f, Typed m, String p, Ctx c) {
    return body(
        f,
        1,
        List.of(
            Typed.of(m.type().arguments().get(0), key(p)),
            Typed.of(m.type().arguments().get(1), value(p))),
        c);
  }

  private Typed mapFilter(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed m = argument(f, 0, Kind.MAP, c);
    String p = name(1);
    Body b = entryBody(f, m, p, c);
    return Typed.of(
        m.type(),
        "map_from_entries("
            + list("list_filter", "map_entries(" + m.sql() + ")", p, condition(f, b))
            + ")",
        m,
        b.value());
  }

  private Typed transformValues(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed m = argument(f, 0, Kind.MAP, c);
    String p = name(1);
    Body b = entryBody(f, m, p, c);
    requireFlat(b.node(), b.value().type());
    Type t = Type.map(m.type().arguments().get(0), b.value().type());
    return Typed.of(
        t,
        "map(map_keys("
            + m.sql()
            + "), "
            + list("list_transform", "map_entries(" + m.sql() + ")", p, b.sql())
            + ")",
        m,
        b.value());
  }

  private Typed transformKeys(FunctionCall f, Ctx c) {
    arity(f, 2);
    Typed m = argument(f, 0, Kind.MAP, c);
    String p = name(1);
    Body b = entryBody(f, m, p, c);
    Type key = b.value().type();
    if (key.isNested() || key.holdsFloating() || key.kind() == Kind.UNKNOWN) {
      throw Refusal.unsupported(b.node(), "keys of type " + key);
    }
    Type t = Type.map(key, m.type().arguments().get(1));
    return Typed.of(
        t,
        MapFunctions.checked(
            list("list_transform", "map_entries(" + m.sql() + ")", p, b.sql()),
            "map_values(" + m.sql() + ")",
            t,
            "INVALID_FUNCTION_ARGUMENT"),
        m,
        b.value());
  }

  private Typed mapZipWith(FunctionCall f, Ctx c) {
    arity(f, 3);
    Typed a = argument(f, 0, Kind.MAP, c);
    Typed b = argument(f, 1, Kind.MAP, c);
    Type key = a.type().arguments().get(0);
    if (!key.equals(b.type().arguments().get(0)) || key.holdsFloating() || key.isNested()) {
      throw Refusal.unsupported(f, "map_zip_with of keys of different or nested types");
    }
    String p = name(1);
    Body body =
        body(
            f,
            2,
            List.of(
                Typed.of(key, "struct_extract(" + p + ", 'k')"),
                Typed.of(a.type().arguments().get(1), "struct_extract(" + p + ", 'x')"),
                Typed.of(b.type().arguments().get(1), "struct_extract(" + p + ", 'y')")),
            c);
    requireFlat(body.node(), body.value().type());
    Type t = Type.map(key, body.value().type());
    String sql =
        Duck.let(
            List.of(a.sql(), b.sql()),
            v -> {
              String first = "map_keys(" + v.get(0) + ")";
              String others =
                  Duck.filter(
                      "map_keys(" + v.get(1) + ")",
                      k -> "(NOT list_contains(" + first + ", " + k + "))");
              return Duck.unlessNull(
                  v,
                  MapFunctions.shortEnough(
                      first,
                      MapFunctions.shortEnough(
                          "map_keys(" + v.get(1) + ")",
                          Duck.let(
                              "list_concat(" + first + ", " + others + ")",
                              keys ->
                                  "map("
                                      + keys
                                      + ", "
                                      + list(
                                          "list_transform",
                                          Duck.map(
                                              keys,
                                              k ->
                                                  "struct_pack(k := "
                                                      + k
                                                      + ", x := map_extract_value("
                                                      + v.get(0)
                                                      + ", "
                                                      + k
                                                      + "), y := map_extract_value("
                                                      + v.get(1)
                                                      + ", "
                                                      + k
                                                      + "))"),
                                          p,
                                          body.sql())
                                      + ")"),
                          t),
                      t),
                  t);
            });
    return Typed.of(t, sql, a, b, body.value());
  }
}
