package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Functions of text, binary text and patterns. */
final class TextFunctions {
  private TextFunctions() {}

  /** Declared lengths up to which joining text needs no second look. */
  private static final int MAX_SMALL_TEXT = 10_000;

  private static final int MAX_JOINED = 20;

  static void define() {
    Functions.def(
        "length",
        c -> {
          c.arity(1);
          if (c.type(0).kind() == Kind.CHAR) {
            String length = Duck.number(c.type(0).precision(), Type.BIGINT);
            return c.result(Type.BIGINT, Duck.unlessNull(List.of(c.sql(0)), length, Type.BIGINT));
          }
          return c.type(0).kind() == Kind.VARBINARY
              ? c.result(Type.BIGINT, "CAST(octet_length(" + c.args.get(0).sql() + ") AS BIGINT)")
              : c.result(Type.BIGINT, "CAST(length(" + c.varchar(0) + ") AS BIGINT)");
        });
    for (String f : List.of("upper", "lower")) {
      Functions.def(
          f, c -> c.arity(1).result(text(c.type(0)), "lk_" + f + "(" + c.varchar(0) + ")"));
    }
    Functions.def(
        "reverse",
        c -> {
          c.arity(1);
          return switch (c.type(0).kind()) {
            case ARRAY -> c.result(c.type(0), "list_reverse(" + c.args.get(0).sql() + ")");
            case VARBINARY ->
                c.result(c.type(0), "unhex(lk_reverse_bytes(hex(" + c.args.get(0).sql() + ")))");
            default -> c.result(text(c.type(0)), "lk_reverse(" + c.varchar(0) + ")");
          };
        });
    for (String f : List.of("trim", "ltrim", "rtrim")) {
      Functions.def(
          f,
          c ->
              c.arity(1, 2).count() == 1
                  ? c.result(text(c.type(0)), "lk_" + f + "(" + c.varchar(0) + ")")
                  : c.result(
                      text(c.type(0)),
                      "lk_" + f + "_of(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    }
    Functions.def(
        "substr,substring",
        c -> {
          c.arity(2, 3);
          String x = c.varchar(0);
          String from = c.bigint(1);
          if (c.count() == 2) {
            return c.result(text(c.type(0)), "lk_substr(" + x + ", " + from + ")");
          }
          String n = c.bigint(2);
          boolean plain =
              c.args.get(1).constant() instanceof Long f
                  && f >= 1
                  && f < Integer.MAX_VALUE
                  && c.args.get(2).constant() instanceof Long l
                  && l >= 0
                  && l < Integer.MAX_VALUE;
          return c.result(
              text(c.type(0)),
              (plain ? "substring(" : "lk_substr_of(") + x + ", " + from + ", " + n + ")");
        });
    Functions.def(
        "replace",
        c -> {
          c.arity(2, 3);
          String x = c.varchar(0);
          String search = c.varchar(1);
          String with = c.count() == 3 ? c.varchar(2) : "CAST('' AS VARCHAR)";
          Type t = c.count() == 2 ? text(c.type(0)) : replaceType(c.type(0), c.type(2));
          String rest = x + ", " + search + ", " + with + ")";
          return c.result(
              t, shrinks(c) ? "replace(" + rest : Duck.bounded("lk_replace(" + rest, Type.VARCHAR));
        });
    Functions.def(
        "strpos",
        c ->
            c.arity(2)
                .result(
                    Type.BIGINT,
                    "CAST(strpos(" + c.varchar(0) + ", " + c.varchar(1) + ") AS BIGINT)"));
    Functions.def(
        "starts_with",
        c ->
            c.arity(2)
                .result(Type.BOOLEAN, "starts_with(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    Functions.def(
        "ends_with",
        c -> c.arity(2).result(Type.BOOLEAN, "suffix(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    Functions.def(
        "split_part",
        c ->
            c.arity(3)
                .result(
                    text(c.type(0)),
                    "lk_split_part("
                        + c.varchar(0)
                        + ", "
                        + c.varchar(1)
                        + ", "
                        + c.bigint(2)
                        + ")"));
    Functions.def(
        "split",
        c -> {
          c.arity(2, 3);
          if (c.count() == 3) {
            return c.result(
                Type.array(text(c.type(0))),
                Duck.texts(
                    "lk_split(" + c.varchar(0) + ", " + c.varchar(1) + ", " + c.bigint(2) + ")"));
          }
          String x = c.varchar(0);
          if (!c.isNonEmptyLiteral(1)) {
            throw Refusal.unsupported(c.node, "split by anything but a literal");
          }
          return c.result(
              Type.array(c.args.get(0).isNull() ? Type.varchar(0) : text(c.type(0))),
              "(CASE WHEN "
                  + x
                  + " = '' THEN [CAST('' AS VARCHAR)] ELSE string_split("
                  + x
                  + ", "
                  + c.varchar(1)
                  + ") END)");
        });
    for (String f : List.of("lpad", "rpad")) {
      Functions.def(
          f,
          c ->
              c.arity(3)
                  .result(
                      Type.VARCHAR,
                      Duck.bounded(
                          "lk_"
                              + f
                              + "("
                              + c.varchar(0)
                              + ", "
                              + c.bigint(1)
                              + ", "
                              + c.varchar(2)
                              + ")",
                          Type.VARCHAR)));
    }
    Functions.def("chr", c -> c.arity(1).result(Type.varchar(1), "lk_chr(" + c.bigint(0) + ")"));
    Functions.def(
        "codepoint",
        c -> {
          c.arity(1);
          if (c.type(0).precision() != 1) {
            throw c.noMatch();
          }
          return c.result(Type.INTEGER, "CAST(unicode(" + c.varchar(0) + ") AS INTEGER)");
        });
    Functions.def(
        "translate",
        c ->
            c.arity(3)
                .result(
                    Type.VARCHAR,
                    "lk_translate("
                        + c.varchar(0)
                        + ", "
                        + c.varchar(1)
                        + ", "
                        + c.varchar(2)
                        + ")"));
    Functions.def(
        "concat",
        c -> {
          if (c.count() < 2) {
            throw c.noMatch();
          }
          boolean binary = c.args.stream().anyMatch(a -> a.type().kind() == Kind.VARBINARY);
          if (c.args.stream().anyMatch(a -> a.type().kind() == Kind.ARRAY)) {
            return ArrayFunctions.concat(c);
          }
          Type joined = binary ? Type.VARBINARY : Type.VARCHAR;
          // Text that may grow without end is looked at after each step.
          boolean small =
              !binary
                  && c.args.stream().allMatch(a -> a.isNull() || a.type().precision() >= 0)
                  && c.args.stream().mapToLong(a -> Math.max(0, a.type().precision())).sum()
                      <= MAX_SMALL_TEXT;
          String all = c.as(0, joined);
          for (int i = 1; i < c.count(); i++) {
            all = "(" + all + " || " + c.as(i, joined) + ")";
            all = small ? all : Duck.bounded(all, joined);
          }
          return c.result(joined, all);
        });
    Functions.def(
        "concat_ws",
        c -> {
          if (c.count() < 2) {
            throw c.noMatch();
          }
          if (c.count() == 2
              && c.type(1).kind() == Kind.ARRAY
              && Types.coerces(c.type(1), Type.array(Type.VARCHAR))) {
            String separator = Duck.quote(c.literal(0));
            return c.result(
                Type.VARCHAR,
                Duck.bounded(
                    "coalesce(array_to_string(coalesce("
                        + c.as(1, Type.array(Type.VARCHAR))
                        + ", CAST([] AS VARCHAR[])), "
                        + separator
                        + "), '')",
                    Type.VARCHAR));
          }
          StringBuilder b = new StringBuilder("concat_ws(").append(c.varchar(0));
          for (int i = 1; i < c.count(); i++) {
            if (c.type(i).kind() == Kind.ARRAY) {
              throw Refusal.unsupported(c.node, "concat_ws of an array");
            }
            b.append(", ").append(c.varchar(i));
          }
          if (c.count() > MAX_JOINED) {
            throw Refusal.unsupported(c.node, "concat_ws of more than " + MAX_JOINED + " texts");
          }
          return c.result(Type.VARCHAR, Duck.bounded(b.append(')').toString(), Type.VARCHAR));
        });
    Functions.def(
        "levenshtein_distance",
        c ->
            c.arity(2)
                .result(Type.BIGINT, "lk_levenshtein(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    Functions.def(
        "to_utf8", c -> c.arity(1).result(Type.VARBINARY, "encode(" + c.varchar(0) + ")"));
    Functions.def(
        "from_utf8",
        c -> {
          c.arity(1, 2);
          String hex = "hex(" + c.as(0, Type.VARBINARY) + ")";
          return c.result(
              Type.VARCHAR,
              c.count() == 1
                  ? "lk_from_utf8(" + hex + ")"
                  : "lk_from_utf8_or(" + hex + ", " + c.varchar(1) + ")");
        });
    Functions.def(
        "to_hex", c -> c.arity(1).result(Type.VARCHAR, "hex(" + c.as(0, Type.VARBINARY) + ")"));
    Functions.def(
        "from_hex", c -> c.arity(1).result(Type.VARBINARY, "unhex(lk_hex(" + c.varchar(0) + "))"));
    Functions.def(
        "sha256",
        c -> c.arity(1).result(Type.VARBINARY, "unhex(sha256(" + c.as(0, Type.VARBINARY) + "))"));
    Functions.def(
        "md5",
        c -> c.arity(1).result(Type.VARBINARY, "unhex(md5(" + c.as(0, Type.VARBINARY) + "))"));
    Functions.def("regexp_like", c -> c.arity(2).result(Type.BOOLEAN, regexp(c, "lk_regexp_like")));
    Functions.def(
        "regexp_extract",
        c -> {
          c.arity(2, 3);
          String pattern = pattern(c);
          int groups = Pattern.compile(pattern).matcher("").groupCount();
          long group = 0;
          if (c.count() == 3) {
            if (!(c.args.get(2).constant() instanceof Long g)) {
              throw Refusal.unsupported(c.node, "regexp_extract with a computed group");
            }
            group = g;
          }
          if (group < 0 || group > groups) {
            throw c.invalid("Pattern has " + groups + " groups. Cannot access group " + group);
          }
          return c.result(
              text(c.type(0)),
              "lk_regexp_extract("
                  + c.varchar(0)
                  + ", "
                  + c.varchar(1)
                  + ", "
                  + Duck.number(group, Type.BIGINT)
                  + ")");
        });
    Functions.def(
        "regexp_replace",
        c -> {
          c.arity(2, 3);
          pattern(c);
          if (c.count() == 3) {
            c.literal(2);
          }
          String with = c.count() == 3 ? c.varchar(2) : "CAST('' AS VARCHAR)";
          Type t = text(c.type(0));
          if (c.count() == 3 && t.precision() >= 0) {
            // The bound that Trino declares.
            long x = t.precision();
            long y = Math.max(0, c.type(2).precision());
            long bound = x + Math.max(x * y / 2, y) * (x + 1);
            t = bound > Integer.MAX_VALUE ? Type.VARCHAR : Type.varchar((int) bound);
          }
          return c.result(
              t,
              Duck.bounded(
                  "lk_regexp_replace(" + c.varchar(0) + ", " + c.varchar(1) + ", " + with + ")",
                  Type.VARCHAR));
        });
    Functions.def(
        "regexp_count", c -> c.arity(2).result(Type.BIGINT, regexp(c, "lk_regexp_count")));
    Functions.def(
        "hamming_distance",
        c ->
            c.arity(2)
                .result(Type.BIGINT, "lk_hamming(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    Functions.def(
        "soundex", c -> c.arity(1).result(Type.varchar(4), "lk_soundex(" + c.varchar(0) + ")"));
    Functions.def(
        "luhn_check", c -> c.arity(1).result(Type.BOOLEAN, "lk_luhn(" + c.varchar(0) + ")"));
    Functions.def(
        "normalize",
        c -> {
          c.arity(1, 2);
          String form = c.count() == 1 ? "NFC" : c.literal(1);
          if (!Set.of("NFD", "NFC", "NFKD", "NFKC").contains(form)) {
            throw c.invalid("Normalization form must be one of NFD, NFC, NFKD, NFKC");
          }
          return c.result(
              Type.VARCHAR,
              Duck.bounded(
                  "lk_normalize(" + c.varchar(0) + ", " + Duck.quote(form) + ")", Type.VARCHAR));
        });
    Functions.def(
        "regexp_extract_all",
        c -> {
          c.arity(2, 3);
          int groups = Pattern.compile(pattern(c)).matcher("").groupCount();
          long group = 0;
          if (c.count() == 3) {
            if (!(c.args.get(2).constant() instanceof Long g)) {
              throw Refusal.unsupported(c.node, "regexp_extract_all with a computed group");
            }
            group = g;
          }
          if (group < 0 || group > groups) {
            throw c.invalid("Pattern has " + groups + " groups. Cannot access group " + group);
          }
          return c.result(
              Type.array(text(c.type(0))),
              Duck.texts(
                  "lk_regexp_extract_all("
                      + c.varchar(0)
                      + ", "
                      + c.varchar(1)
                      + ", "
                      + Duck.number(group, Type.BIGINT)
                      + ")"));
        });
    Functions.def(
        "regexp_split",
        c ->
            c.arity(2)
                .result(Type.array(text(c.type(0))), Duck.texts(regexp(c, "lk_regexp_split"))));
    Functions.def(
        "regexp_position",
        c ->
            c.arity(2)
                .result(Type.INTEGER, Duck.cast(regexp(c, "lk_regexp_position"), Type.INTEGER)));
    Functions.def(
        "split_to_map",
        c -> {
          c.arity(3);
          Type t = Type.map(Type.VARCHAR, Type.VARCHAR);
          return c.result(t, "map(" + splitMap(c, "keys") + ", " + splitMap(c, "values") + ")");
        });
    Functions.def(
        "split_to_multimap",
        c -> {
          c.arity(3);
          Type t = Type.map(Type.VARCHAR, Type.array(Type.VARCHAR));
          return c.result(
              t,
              Duck.let(
                  List.of(splitMap(c, "multi_keys"), splitMap(c, "multi_values")),
                  v ->
                      Duck.unlessNull(
                          v,
                          MapFunctions.shortEnough(
                              v.get(0),
                              Duck.let(
                                  "list_distinct(" + v.get(0) + ")",
                                  keys ->
                                      "map("
                                          + keys
                                          + ", "
                                          + Duck.map(
                                              keys,
                                              k ->
                                                  Duck.map(
                                                      Duck.filter(
                                                          "range(1, len(" + v.get(0) + ") + 1)",
                                                          i ->
                                                              "(list_extract("
                                                                  + v.get(0)
                                                                  + ", "
                                                                  + i
                                                                  + ") = "
                                                                  + k
                                                                  + ")"),
                                                      i ->
                                                          "list_extract("
                                                              + v.get(1)
                                                              + ", "
                                                              + i
                                                              + ")"))
                                          + ")"),
                              t),
                          t)));
        });
  }

  private static String splitMap(Call c, String what) {
    return Duck.texts(
        "lk_split_map_"
            + what
            + "("
            + c.varchar(0)
            + ", "
            + c.varchar(1)
            + ", "
            + c.varchar(2)
            + ")");
  }

  /** Whether replacing cannot make a text longer. */
  private static boolean shrinks(Call c) {
    return c.isNonEmptyLiteral(1)
        && (c.count() == 2
            || (c.args.get(2).constant() instanceof String with
                && with.length() <= ((String) c.args.get(1).constant()).length()));
  }

  private static Type replaceType(Type text, Type with) {
    Type t = text(text);
    if (t.precision() < 0 || with.precision() < 0) {
      return t.precision() < 0 ? Type.VARCHAR : t;
    }
    long bound = (long) t.precision() + (long) with.precision() * (t.precision() + 1);
    return bound > Integer.MAX_VALUE ? Type.VARCHAR : Type.varchar((int) bound);
  }

  private static String regexp(Call c, String function) {
    pattern(c);
    return function + "(" + c.varchar(0) + ", " + c.varchar(1) + ")";
  }

  /** Checks that a pattern means the same to Java's engine as to Trino's. */
  static String pattern(Call c) {
    String p = c.literal(1);
    String problem = Regexps.problem(p);
    if (problem != null) {
      throw problem.startsWith("invalid")
          ? c.invalid(problem)
          : Refusal.unsupported(c.argument(1), problem + " in a regular expression");
    }
    return p;
  }

  static Type text(Type t) {
    return t.kind() == Kind.VARCHAR ? t : Type.VARCHAR;
  }
}
