package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Node;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Pieces of DuckDB text. Everything here takes operands that are already DuckDB text of exactly
 * their type and returns the same.
 *
 * <p>Functions named {@code lk_...} are ours; the engine registers them.
 */
final class Duck {
  private Duck() {}

  static String quote(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Text of a literal; typed, so that no position can take it for an ordinal or a name. */
  static Typed text(Node node, String value) {
    if (value.indexOf('\0') >= 0) {
      throw Refusal.unsupported(node, "the character U+0000 in a string");
    }
    return Typed.literal(
        Type.varchar(value.codePointCount(0, value.length())),
        "CAST(" + quote(value) + " AS VARCHAR)",
        value);
  }

  static Typed bigint(long value) {
    return Typed.literal(Type.BIGINT, number(value, Type.BIGINT), value);
  }

  static String number(long value, Type type) {
    return "CAST('" + value + "' AS " + type.duck() + ")";
  }

  /** An expression that fails with the code as soon as it is evaluated. */
  static String fail(Type type, String code) {
    return "CAST(lk_fail(" + quote(code) + ") AS " + type.duck() + ")";
  }

  /** Stands for a number that is known when the whole statement is; nobody can write it. */
  private static final String STEPS = new java.math.BigInteger(200, new SecureRandom()).toString();

  /**
   * The same value, unless those of one chunk are together larger than the engine is given room
   * for. To be put around whatever makes a value larger than what it is made of.
   */
  static String bounded(String sql, Type type) {
    return "list_extract(list_transform(["
        + sql
        + "], lambda b: CASE WHEN b IS NULL OR lk_budget("
        + Sizes.of("b", type)
        + ", "
        + STEPS
        + ") THEN b END), 1)";
  }

  /** A value of so many bytes, unless those of one chunk are together too large to be made. */
  static String within(String bytes, String sql) {
    return "(CASE WHEN lk_budget(" + bytes + ", " + STEPS + ") THEN " + sql + " END)";
  }

  /** Whether a value may be as long as it likes, so that each holds memory of its own. */
  static boolean isLong(Type type) {
    return type.is(Kind.VARCHAR, Kind.VARBINARY, Kind.JSON)
        ? type.precision() < 0 || type.precision() > 64
        : type.isNested();
  }

  /** Puts the number of steps that make long values where it was left open. */
  static String withSteps(String sql, int steps) {
    return sql.replace(STEPS, String.valueOf(Math.max(1, steps)));
  }

  static String cast(String sql, Type to) {
    return "CAST(" + sql + " AS " + to.duck() + ")";
  }

  /** The local time that a timestamp with time zone shows. */
  static String local(Typed v) {
    return local(v.sql(), v.type().zone());
  }

  static String local(String instant, String zone) {
    requireOneZone(zone);
    return isOffset(zone)
        ? "((" + instant + " AT TIME ZONE 'UTC') + " + offset(zone) + ")"
        : "(" + instant + " AT TIME ZONE " + quote(zone) + ")";
  }

  /** The instant at which clocks of the zone show a local time. */
  static String zoned(String timestamp, String zone) {
    requireOneZone(zone);
    return isOffset(zone)
        ? "((" + timestamp + " - " + offset(zone) + ") AT TIME ZONE 'UTC')"
        : "(" + timestamp + " AT TIME ZONE " + quote(zone) + ")";
  }

  /**
   * An instant moved by what happens to the local time that clocks of the zone show. Where they
   * show the new one twice it is that of the instant's own offset, and where they skip it the later
   * one by as much as they skip.
   */
  static String moved(String instant, String zone, UnaryOperator<String> change) {
    requireOneZone(zone);
    return zone.equals("UTC") || isOffset(zone)
        ? zoned(change.apply(local(instant, zone)), zone)
        : movedFar(instant, zone, change);
  }

  /** As {@link #moved}, also out of the times that Trino has, which is refused as it does. */
  static String movedFar(String instant, String zone, UnaryOperator<String> change) {
    return let(
        instant,
        x ->
            "lk_moved(epoch_us("
                + change.apply(local(x, zone))
                + "), epoch_us("
                + x
                + "), "
                + quote(zone)
                + ")");
  }

  static boolean isOffset(String zone) {
    return zone.startsWith("+") || zone.startsWith("-");
  }

  private static String offset(String zone) {
    long seconds = java.time.ZoneOffset.of(zone).getTotalSeconds();
    return "to_microseconds(" + number(seconds * 1_000_000, Type.BIGINT) + ")";
  }

  private static void requireOneZone(String zone) {
    if (zone.equals(Type.MIXED)) {
      throw new SqlFailure(
          "NOT_SUPPORTED",
          "Not supported on the embedded engine: local time of values in different time zones");
    }
  }

  private static final ThreadLocal<int[]> NESTED = ThreadLocal.withInitial(() -> new int[1]);

  /**
   * A lambda's body under a name that no lambda around it has. Names depend on nothing but the
   * nesting, so that a repeated expression has the same text again.
   */
  private static String lambda(UnaryOperator<String> body) {
    int[] nested = NESTED.get();
    String name = "v" + ++nested[0];
    try {
      return "lambda " + name + ": " + body.apply(name);
    } finally {
      nested[0]--;
    }
  }

  /** A body over a value that is computed once. */
  static String let(String value, UnaryOperator<String> body) {
    return "list_extract(list_transform([" + value + "], " + lambda(body) + "), 1)";
  }

  /** A body over values that are computed once. */
  static String let(List<String> values, Function<List<String>, String> body) {
    StringBuilder all = new StringBuilder("struct_pack(");
    for (int i = 0; i < values.size(); i++) {
      all.append(i == 0 ? "" : ", ").append("a").append(i + 1).append(" := ").append(values.get(i));
    }
    return let(
        all.append(')').toString(),
        v -> {
          List<String> names = new java.util.ArrayList<>();
          for (int i = 0; i < values.size(); i++) {
            names.add("struct_extract(" + v + ", 'a" + (i + 1) + "')");
          }
          return body.apply(names);
        });
  }

  /** A list's elements, each through a body. */
  static String map(String list, UnaryOperator<String> body) {
    return "list_transform(" + list + ", " + lambda(body) + ")";
  }

  /** The elements of a list for which a body is true. */
  static String filter(String list, UnaryOperator<String> body) {
    return "list_filter(" + list + ", " + lambda(body) + ")";
  }

  /** Parts what a function of ours joined: texts in JSON's notation, which hold no such sign. */
  static String parts(String joined) {
    return filter(
        "string_split(" + joined + ", " + quote("\u001f") + ")", v -> "(" + v + " <> '')");
  }

  /** A list of texts that a function of ours joined. */
  static String texts(String joined) {
    return map(parts(joined), v -> "lk_json_text(" + v + ")");
  }

  /** NULL when one of the values is, otherwise the body. */
  static String unlessNull(List<String> values, String body, Type type) {
    return "(CASE WHEN "
        + String.join(" OR ", values.stream().map(v -> v + " IS NULL").toList())
        + " THEN CAST(NULL AS "
        + type.duck()
        + ") ELSE "
        + body
        + " END)";
  }
}
