package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Aggregates.Args;
import dev.lakegate.gateway.sql.Aggregates.Caller;
import dev.lakegate.gateway.sql.Aggregates.Translated;
import dev.lakegate.gateway.sql.Type.Kind;
import java.util.List;

/** Aggregates that collect values: into a text, into maps, or the first of an order. */
final class CollectingAggregates {
  /** Trino's bound of LISTAGG, in bytes. */
  private static final int MAX_TEXT = 1_048_576;

  private static final int MAX_KEPT = 10_000;

  private CollectingAggregates() {}

  private static void requireKey(Args a, Type t) {
    if (t.holdsFloating() || t.isNested() || t.kind() == Kind.UNKNOWN) {
      throw Refusal.unsupported(a.node(), a.name() + " over values of type " + t);
    }
  }

  static Translated listagg(Args a, String distinct, String order, Caller call) {
    List<Typed> args = a.args();
    if (args.size() < 2 || a.type(0).kind() != Kind.VARCHAR) {
      throw a.noMatch();
    }
    if (!(args.get(1).constant() instanceof String)
        || (args.size() > 2 && !Boolean.TRUE.equals(args.get(2).constant()))) {
      throw Refusal.unsupported(a.node(), "LISTAGG with ON OVERFLOW TRUNCATE");
    }
    String separator = Duck.quote((String) args.get(1).constant());
    String joined = call.of("string_agg", distinct + a.any(0) + ", " + separator + order);
    return new Translated(
        Type.VARCHAR,
        Duck.bounded(
            Duck.let(
                joined,
                v ->
                    "(CASE WHEN strlen("
                        + v
                        + ") > "
                        + MAX_TEXT
                        + " THEN "
                        + Duck.fail(Type.VARCHAR, "EXCEEDED_FUNCTION_MEMORY_LIMIT")
                        + " ELSE "
                        + v
                        + " END)"),
            Type.VARCHAR));
  }

  /** The greatest or least values, best first. */
  static Translated most(Args a, Caller call) {
    Type t = a.type(0);
    requireKey(a, t);
    if (t.is(Kind.CHAR, Kind.JSON)) {
      throw Refusal.unsupported(a.node(), a.name() + " of " + t);
    }
    kept(a, 1);
    return new Translated(Type.array(t), call.of(a.name(), a.any(0) + ", " + a.as(1, Type.BIGINT)));
  }

  private static long kept(Args a, int i) {
    if (!(a.args().get(i).constant() instanceof Long n) || n < 1 || n > MAX_KEPT) {
      throw Refusal.unsupported(
          a.node(), a.name() + " with a count that is no literal from 1 to " + MAX_KEPT);
    }
    return n;
  }

  /** Values of the rows whose key is greatest or least, best first; rows without a key are not. */
  static Translated mostBy(Args a, Caller call) {
    a.arity(3);
    Type key = a.type(1);
    requireKey(a, key);
    if (key.is(Kind.CHAR, Kind.JSON)) {
      throw Refusal.unsupported(a.node(), a.name() + " by " + key);
    }
    long n = kept(a, 2);
    String all = call.of("list", "struct_pack(k := " + a.any(1) + ", v := " + a.any(0) + ")");
    String direction = a.name().equals("max_by") ? "DESC" : "ASC";
    String sql =
        Duck.let(
            Duck.filter(all, e -> "(struct_extract(" + e + ", 'k') IS NOT NULL)"),
            l ->
                "(CASE WHEN len("
                    + l
                    + ") = 0 THEN NULL ELSE "
                    + Duck.let(
                        // Equal keys stay in the order in which they came.
                        "list_sort("
                            + numbered(l, direction.equals("DESC"))
                            + ", '"
                            + direction
                            + "', 'NULLS LAST')",
                        s ->
                            Duck.map(
                                "list_slice(" + s + ", 1, " + n + ")",
                                e ->
                                    "struct_extract(list_extract("
                                        + l
                                        + ", abs(struct_extract("
                                        + e
                                        + ", 'i'))), 'v')"))
                    + " END)");
    return new Translated(Type.array(a.type(0)), sql);
  }

  /** Keys with their places, which alone decide between equal keys. */
  private static String numbered(String list, boolean backwards) {
    return Duck.map(
        "range(1, len(" + list + ") + 1)",
        i ->
            "struct_pack(k := struct_extract(list_extract("
                + list
                + ", "
                + i
                + "), 'k'), i := "
                + (backwards ? "(- " + i + ")" : i)
                + ")");
  }

  static Translated histogram(Args a, Caller call) {
    a.arity(1);
    requireKey(a, a.type(0));
    Type t = Type.map(a.type(0), Type.BIGINT);
    return new Translated(t, Duck.cast(call.of("histogram", a.any(0)), t));
  }

  /** Pairs that have a key, in the order of keys and, among equal ones, of rows. */
  private static String sorted(Args a, Caller call, java.util.function.BinaryOperator<String> map) {
    requireKey(a, a.type(0));
    String all = call.of("list", "struct_pack(k := " + a.any(0) + ", v := " + a.any(1) + ")");
    return Duck.let(
        Duck.filter(all, e -> "(struct_extract(" + e + ", 'k') IS NOT NULL)"),
        l ->
            "(CASE WHEN len("
                + l
                + ") > 0 THEN "
                + Duck.let(
                    "list_sort(" + numbered(l, false) + ", 'ASC', 'NULLS LAST')",
                    s -> map.apply(l, s))
                + " END)");
  }

  private static String keyAt(String sorted, String i) {
    return "struct_extract(list_extract(" + sorted + ", " + i + "), 'k')";
  }

  private static String valueAt(String list, String sorted, String i) {
    return "struct_extract(list_extract("
        + list
        + ", struct_extract(list_extract("
        + sorted
        + ", "
        + i
        + "), 'i')), 'v')";
  }

  /** Where a new key begins. */
  private static String firsts(String sorted) {
    return Duck.filter(
        "range(1, len(" + sorted + ") + 1)",
        i -> "(" + i + " = 1 OR " + keyAt(sorted, i) + " <> " + keyAt(sorted, i + " - 1") + ")");
  }

  static Translated mapAgg(Args a, Caller call) {
    a.arity(2);
    String sql =
        sorted(
            a,
            call,
            (l, s) ->
                Duck.let(
                    firsts(s),
                    f ->
                        "map("
                            + Duck.map(f, i -> keyAt(s, i))
                            + ", "
                            + Duck.map(f, i -> valueAt(l, s, i))
                            + ")"));
    return new Translated(Type.map(a.type(0), a.type(1)), sql);
  }

  static Translated multimapAgg(Args a, Caller call) {
    a.arity(2);
    String sql =
        sorted(
            a,
            call,
            (l, s) ->
                Duck.let(
                    firsts(s),
                    f ->
                        "map("
                            + Duck.map(f, i -> keyAt(s, i))
                            + ", "
                            + Duck.map(
                                "range(1, len(" + f + ") + 1)",
                                j ->
                                    Duck.map(
                                        "range(list_extract("
                                            + f
                                            + ", "
                                            + j
                                            + "), coalesce(list_extract("
                                            + f
                                            + ", "
                                            + j
                                            + " + 1), len("
                                            + s
                                            + ") + 1))",
                                        i -> valueAt(l, s, i)))
                            + ")"));
    return new Translated(Type.map(a.type(0), Type.array(a.type(1))), sql);
  }
}
