package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The allow-list of scalar functions: for each the types it takes and gives, and DuckDB text that
 * means the same. A function that is not here does not exist for users, even if DuckDB has it.
 */
final class Functions {
  /** One function. */
  @FunctionalInterface
  private interface Scalar {
    Typed apply(Call call);
  }

  private static final Map<String, Scalar> SCALARS = new HashMap<>();

  /** Trino has these, but their answers could differ here; known, so that the refusal says so. */
  private static final Set<String> KNOWN_UNSUPPORTED =
      Set.of(
          "array_agg",
          "map_agg",
          "json_parse",
          "json_format",
          "json_extract",
          "format",
          "format_datetime",
          "parse_datetime",
          "regexp_extract_all",
          "regexp_split",
          "soundex",
          "normalize",
          "split_to_map",
          "split_to_multimap",
          "histogram",
          "multimap_agg",
          "approx_most_frequent",
          "numeric_histogram",
          "checksum",
          "corr",
          "covar_pop",
          "covar_samp",
          "regr_slope",
          "regr_intercept",
          "skewness",
          "kurtosis",
          "transform",
          "zip",
          "zip_with",
          "map_filter",
          "transform_values",
          "transform_keys",
          "map_zip_with",
          "map",
          "map_concat",
          "map_from_entries",
          "map_entries",
          "multimap_from_entries",
          "combinations",
          "ngrams",
          "shuffle",
          "random",
          "rand",
          "uuid",
          "url_extract_host",
          "url_extract_port",
          "url_extract_protocol",
          "url_extract_path",
          "url_extract_query",
          "url_extract_fragment",
          "url_extract_parameter",
          "url_encode",
          "url_decode",
          "xxhash64",
          "murmur3",
          "spooky_hash_v2_32",
          "spooky_hash_v2_64",
          "crc32",
          "human_readable_seconds",
          "parse_duration",
          "inverse_normal_cdf",
          "normal_cdf",
          "beta_cdf",
          "wilson_interval_lower",
          "wilson_interval_upper",
          "from_iso8601_timestamp",
          "from_iso8601_timestamp_nanos",
          "from_iso8601_date",
          "with_timezone",
          "timezone",
          "timezone_hour",
          "timezone_minute",
          "from_unixtime_nanos",
          "json_query",
          "json_value",
          "luhn_check",
          "hamming_distance",
          "array_sort",
          "array_distinct",
          "array_union",
          "array_intersect",
          "array_except",
          "array_position",
          "array_max",
          "array_min",
          "array_join",
          "flatten",
          "slice",
          "repeat",
          "trim_array",
          "reduce",
          "json_size",
          "json_array_get",
          "is_json_scalar",
          "bitwise_and_agg",
          "bitwise_or_agg",
          "geometric_mean",
          "json_array_contains",
          "sha512",
          "sha1",
          "hmac_sha256",
          "hmac_sha512",
          "hmac_sha1",
          "hmac_md5",
          "to_base64",
          "from_base64",
          "to_base64url",
          "from_base64url",
          "to_base32",
          "from_base32",
          "from_big_endian_64",
          "to_big_endian_32",
          "from_ieee754_32",
          "from_ieee754_64",
          "to_ieee754_32",
          "width_bucket",
          "truncate",
          "degrees",
          "radians",
          "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "atan2",
          "sinh",
          "cosh",
          "tanh",
          "log",
          "cosine_similarity",
          "bitwise_left_shift",
          "bitwise_right_shift",
          "bitwise_right_shift_arithmetic",
          "regexp_position",
          "word_stem",
          "bar",
          "color",
          "rgb",
          "render",
          "map_keys",
          "map_values",
          "map_zip",
          "array_remove",
          "arrays_overlap",
          "array_first",
          "array_last",
          "listagg",
          "approx_set",
          "merge",
          "entropy",
          "reduce_agg",
          "map_union",
          "set_agg",
          "set_union",
          "regr_count",
          "regr_avgx",
          "regr_avgy",
          "regr_r2",
          "regr_sxx",
          "regr_sxy",
          "regr_syy",
          "bitwise_xor_agg",
          "to_char",
          "to_date",
          "to_timestamp",
          "at_timezone",
          "version",
          "to_iso8601",
          "format_number",
          "concat_ws",
          "strrpos",
          "human_readable_bytes",
          "st_point",
          "typeof",
          "is_infinite",
          "classify",
          "tdigest_agg",
          "value_at_quantile",
          "qdigest_agg",
          "fail",
          "from_big_endian_32",
          "to_ieee754_64",
          "to_big_endian_64",
          "bit_count");

  /** Functions of which Trino has more forms than are taken here. */
  private static final Set<String> MORE_OVERLOADS =
      Set.of("split", "from_utf8", "from_unixtime", "sequence", "date", "contains", "now");

  /** Declared lengths up to which joining text needs no second look. */
  private static final int MAX_SMALL_TEXT = 10_000;

  private static final int MAX_JOINED = 20;

  private Functions() {}

  /** A call whose arguments are translated. */
  static final class Call {
    final FunctionCall node;
    final String name;
    final List<Typed> args;
    final Session session;

    Call(FunctionCall node, String name, List<Typed> args, Session session) {
      this.node = node;
      this.name = name;
      this.args = args;
      this.session = session;
    }

    int count() {
      return args.size();
    }

    Type type(int i) {
      return args.get(i).type();
    }

    Expression argument(int i) {
      return node.getArguments().get(i);
    }

    SqlFailure noMatch() {
      String types = args.stream().map(a -> a.type().display()).collect(Collectors.joining(", "));
      return Refusal.at(
          node, "FUNCTION_NOT_FOUND", "Unexpected parameters (" + types + ") for function " + name);
    }

    Call arity(int... counts) {
      for (int c : counts) {
        if (args.size() == c) {
          return this;
        }
      }
      throw MORE_OVERLOADS.contains(name)
          ? Refusal.unsupported(node, name + " with " + args.size() + " arguments")
          : noMatch();
    }

    /** Argument as that type. */
    String as(int i, Type type) {
      if (!Types.coerces(type(i), type)) {
        throw noMatch();
      }
      return Duck.coerce(argument(i), args.get(i), type).sql();
    }

    String varchar(int i) {
      return as(i, Type.VARCHAR);
    }

    String bigint(int i) {
      return as(i, Type.BIGINT);
    }

    String dbl(int i) {
      return as(i, Type.DOUBLE);
    }

    /** Text of a string literal; anything else is refused, because its value decides the plan. */
    String literal(int i) {
      if (args.get(i).constant() instanceof String s) {
        return s;
      }
      throw Refusal.unsupported(
          argument(i), name + " with a computed argument " + (i + 1) + "; write a literal");
    }

    boolean isNonEmptyLiteral(int i) {
      return args.get(i).constant() instanceof String s && !s.isEmpty();
    }

    SqlFailure invalid(String message) {
      return Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", message);
    }

    Typed result(Type type, String sql) {
      return Typed.of(type, sql, args);
    }

    /** The local time of a date, timestamp or timestamp with time zone. */
    String time(int i) {
      Typed a = args.get(i);
      return switch (a.type().kind()) {
        case DATE, TIMESTAMP -> a.sql();
        case TIMESTAMP_TZ -> Duck.local(a);
        default -> throw noMatch();
      };
    }

    boolean anyNull() {
      return args.stream().anyMatch(Typed::isNull);
    }
  }

  /** Translates a call, or refuses it by name. */
  static Typed call(FunctionCall node, String name, List<Typed> args, Session session) {
    Scalar f = SCALARS.get(name);
    if (f == null) {
      throw unknown(node, name);
    }
    return f.apply(new Call(node, name, args, session));
  }

  static SqlFailure unknown(FunctionCall node, String name) {
    return KNOWN_UNSUPPORTED.contains(name)
        ? Refusal.at(
                node,
                "FUNCTION_NOT_SUPPORTED",
                "Not supported on the embedded engine: function " + name)
            .with("function", name)
        : Refusal.at(node, "FUNCTION_NOT_FOUND", "Function '" + name + "' not registered")
            .with("function", name);
  }

  static boolean isKnown(String name) {
    return SCALARS.containsKey(name);
  }

  /** Names of all scalar functions, sorted. */
  static Set<String> names() {
    return new java.util.TreeSet<>(SCALARS.keySet());
  }

  /** Names of everything that can be called, sorted. */
  static java.util.SortedSet<String> callable() {
    java.util.TreeSet<String> names = new java.util.TreeSet<>(SCALARS.keySet());
    names.addAll(Aggregates.AGGREGATES);
    names.addAll(Aggregates.WINDOW_ONLY);
    return names;
  }

  /** Trino's word for the kind of a function. */
  static String kind(String name) {
    return Aggregates.WINDOW_ONLY.contains(name)
        ? "window"
        : Aggregates.AGGREGATES.contains(name) ? "aggregate" : "scalar";
  }

  private static void def(String names, Scalar f) {
    for (String n : names.split(",")) {
      if (SCALARS.put(n, f) != null) {
        throw new IllegalStateException("defined twice: " + n);
      }
    }
  }

  static {
    strings();
    numbers();
    times();
    other();
  }

  private static void strings() {
    def(
        "length",
        c -> {
          c.arity(1);
          return c.type(0).kind() == Kind.VARBINARY
              ? c.result(Type.BIGINT, "CAST(octet_length(" + c.args.get(0).sql() + ") AS BIGINT)")
              : c.result(Type.BIGINT, "CAST(length(" + c.varchar(0) + ") AS BIGINT)");
        });
    for (String f : List.of("upper", "lower")) {
      def(f, c -> c.arity(1).result(text(c.type(0)), "lk_" + f + "(" + c.varchar(0) + ")"));
    }
    def(
        "reverse",
        c -> {
          c.arity(1);
          return switch (c.type(0).kind()) {
            case ARRAY -> c.result(c.type(0), "list_reverse(" + c.args.get(0).sql() + ")");
            default -> c.result(text(c.type(0)), "lk_reverse(" + c.varchar(0) + ")");
          };
        });
    for (String f : List.of("trim", "ltrim", "rtrim")) {
      def(
          f,
          c ->
              c.arity(1, 2).count() == 1
                  ? c.result(text(c.type(0)), "lk_" + f + "(" + c.varchar(0) + ")")
                  : c.result(
                      text(c.type(0)),
                      "lk_" + f + "_of(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    }
    def(
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
    def(
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
    def(
        "strpos",
        c ->
            c.arity(2)
                .result(
                    Type.BIGINT,
                    "CAST(strpos(" + c.varchar(0) + ", " + c.varchar(1) + ") AS BIGINT)"));
    def(
        "starts_with",
        c ->
            c.arity(2)
                .result(Type.BOOLEAN, "starts_with(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    def(
        "ends_with",
        c -> c.arity(2).result(Type.BOOLEAN, "suffix(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    def(
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
    def(
        "split",
        c -> {
          c.arity(2);
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
      def(
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
    def("chr", c -> c.arity(1).result(Type.varchar(1), "lk_chr(" + c.bigint(0) + ")"));
    def(
        "codepoint",
        c -> {
          c.arity(1);
          if (c.type(0).precision() != 1) {
            throw c.noMatch();
          }
          return c.result(Type.INTEGER, "CAST(unicode(" + c.varchar(0) + ") AS INTEGER)");
        });
    def(
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
    def(
        "concat",
        c -> {
          if (c.count() < 2) {
            throw c.noMatch();
          }
          boolean binary = c.args.stream().anyMatch(a -> a.type().kind() == Kind.VARBINARY);
          if (c.args.stream().anyMatch(a -> a.type().kind() == Kind.ARRAY)) {
            throw Refusal.unsupported(c.node, "concat of arrays");
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
    def(
        "concat_ws",
        c -> {
          if (c.count() < 2) {
            throw c.noMatch();
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
    def(
        "levenshtein_distance",
        c ->
            c.arity(2)
                .result(Type.BIGINT, "lk_levenshtein(" + c.varchar(0) + ", " + c.varchar(1) + ")"));
    def("to_utf8", c -> c.arity(1).result(Type.VARBINARY, "encode(" + c.varchar(0) + ")"));
    def(
        "from_utf8",
        c -> c.arity(1).result(Type.VARCHAR, "lk_from_utf8(hex(" + c.as(0, Type.VARBINARY) + "))"));
    def("to_hex", c -> c.arity(1).result(Type.VARCHAR, "hex(" + c.as(0, Type.VARBINARY) + ")"));
    def("from_hex", c -> c.arity(1).result(Type.VARBINARY, "unhex(lk_hex(" + c.varchar(0) + "))"));
    def(
        "sha256",
        c -> c.arity(1).result(Type.VARBINARY, "unhex(sha256(" + c.as(0, Type.VARBINARY) + "))"));
    def(
        "md5",
        c -> c.arity(1).result(Type.VARBINARY, "unhex(md5(" + c.as(0, Type.VARBINARY) + "))"));
    def("regexp_like", c -> c.arity(2).result(Type.BOOLEAN, regexp(c, "lk_regexp_like")));
    def(
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
    def(
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
    def("regexp_count", c -> c.arity(2).result(Type.BIGINT, regexp(c, "lk_regexp_count")));
    def(
        "json_extract_scalar",
        c -> {
          c.arity(2);
          JsonPath.requireSimple(c.argument(1), c.literal(1));
          return c.result(
              text(c.type(0)),
              "lk_json_extract_scalar(" + c.varchar(0) + ", " + c.varchar(1) + ")");
        });
    def(
        "json_array_length",
        c -> c.arity(1).result(Type.BIGINT, "lk_json_array_length(" + c.varchar(0) + ")"));
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
  private static String pattern(Call c) {
    String p = c.literal(1);
    String problem = Regexps.problem(p);
    if (problem != null) {
      throw problem.startsWith("invalid")
          ? c.invalid(problem)
          : Refusal.unsupported(c.argument(1), problem + " in a regular expression");
    }
    return p;
  }

  private static Type text(Type t) {
    return t.kind() == Kind.VARCHAR ? t : Type.VARCHAR;
  }

  private static void numbers() {
    def(
        "abs",
        c -> {
          c.arity(1);
          if (!c.type(0).isNumeric()) {
            throw c.noMatch();
          }
          return c.result(c.type(0), Duck.cast("abs(" + c.args.get(0).sql() + ")", c.type(0)));
        });
    def(
        "sign",
        c -> {
          c.arity(1);
          Type t = c.type(0);
          if (!t.isNumeric()) {
            throw c.noMatch();
          }
          Type result = t.kind() == Kind.DECIMAL ? Type.decimal(1, 0) : t;
          String x = c.args.get(0).sql();
          String sql = Duck.cast("sign(" + x + ")", result);
          return c.result(
              result,
              t.isFloating()
                  ? "(CASE WHEN isnan(" + x + ") THEN " + x + " ELSE " + sql + " END)"
                  : sql);
        });
    def(
        "round",
        c -> {
          c.arity(1, 2);
          Type t = c.type(0);
          String x = c.args.get(0).sql();
          if (!t.isNumeric()) {
            throw c.noMatch();
          }
          if (c.count() == 1) {
            if (t.isInteger()) {
              return c.result(t, x);
            }
            if (t.isFloating()) {
              return c.result(
                  t,
                  "(CASE WHEN isfinite("
                      + x
                      + ") THEN "
                      + Duck.cast("round(" + x + ")", t)
                      + " ELSE "
                      + x
                      + " END)");
            }
            Type result =
                t.scale() == 0 ? t : Type.decimal(Math.min(38, t.precision() - t.scale() + 1), 0);
            return c.result(result, Duck.cast("round(" + x + ", 0)", result));
          }
          if (!(c.args.get(1).constant() instanceof Long d) || Math.abs(d) > 38) {
            throw Refusal.unsupported(c.node, "round to a computed number of digits");
          }
          if (t.isInteger()) {
            if (d >= 0) {
              return c.result(t, x);
            }
            throw Refusal.unsupported(c.node, "round of an integer to tens");
          }
          if (t.kind() == Kind.DECIMAL) {
            if (d < 0) {
              throw Refusal.unsupported(c.node, "round of a decimal to tens");
            }
            // Trino keeps the scale and makes room for a carry.
            Type result = Type.decimal(Math.min(38, t.precision() + 1), t.scale());
            int digits = (int) Math.min(d, t.scale());
            return c.result(result, Duck.cast("round(" + x + ", " + digits + ")", result));
          }
          return c.result(t, Duck.cast("lk_round_double(" + c.dbl(0) + ", " + d + ")", t));
        });
    for (String f : List.of("ceil", "ceiling", "floor")) {
      String duck = f.equals("floor") ? "floor" : "ceil";
      def(
          f,
          c -> {
            c.arity(1);
            Type t = c.type(0);
            if (!t.isNumeric()) {
              throw c.noMatch();
            }
            String x = c.args.get(0).sql();
            if (t.isInteger()) {
              return c.result(t, x);
            }
            Type result =
                t.kind() != Kind.DECIMAL
                    ? t
                    : Type.decimal(t.precision() - t.scale() + Math.min(t.scale(), 1), 0);
            return c.result(result, Duck.cast(duck + "(" + x + ")", result));
          });
    }
    for (String f : List.of("sqrt", "ln", "log2", "log10")) {
      String duck = f;
      def(
          f,
          c -> {
            String x = c.arity(1).dbl(0);
            String sql =
                f.equals("log2") ? "(ln(" + x + ") / ln(CAST(2 AS DOUBLE)))" : duck + "(" + x + ")";
            String bound = f.equals("sqrt") ? " < 0" : " <= 0";
            if (f.equals("sqrt")) {
              return c.result(
                  Type.DOUBLE,
                  "(CASE WHEN " + x + bound + " THEN CAST('NaN' AS DOUBLE) ELSE " + sql + " END)");
            }
            // ln(0) is -Infinity for Trino, an error for DuckDB.
            return c.result(
                Type.DOUBLE,
                "(CASE WHEN "
                    + x
                    + " = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN "
                    + x
                    + " < 0 THEN CAST('NaN' AS DOUBLE) ELSE "
                    + sql
                    + " END)");
          });
    }
    def("exp", c -> c.arity(1).result(Type.DOUBLE, "exp(" + c.dbl(0) + ")"));
    def("cbrt", c -> c.arity(1).result(Type.DOUBLE, "cbrt(" + c.dbl(0) + ")"));
    def(
        "power,pow",
        c -> c.arity(2).result(Type.DOUBLE, "pow(" + c.dbl(0) + ", " + c.dbl(1) + ")"));
    def(
        "mod",
        c -> {
          c.arity(2);
          if (!c.type(0).isNumeric() || !c.type(1).isNumeric()) {
            throw c.noMatch();
          }
          return Duck.arithmetic(c.node, '%', c.args.get(0), c.args.get(1));
        });
    def("pi", c -> c.arity(0).result(Type.DOUBLE, "pi()"));
    def("nan", c -> c.arity(0).result(Type.DOUBLE, "CAST('NaN' AS DOUBLE)"));
    def("infinity", c -> c.arity(0).result(Type.DOUBLE, "CAST('Infinity' AS DOUBLE)"));
    def("is_nan", c -> c.arity(1).result(Type.BOOLEAN, "isnan(" + c.dbl(0) + ")"));
    def("is_finite", c -> c.arity(1).result(Type.BOOLEAN, "isfinite(" + c.dbl(0) + ")"));
    def("is_infinite", c -> c.arity(1).result(Type.BOOLEAN, "isinf(" + c.dbl(0) + ")"));
    for (String f : List.of("greatest", "least")) {
      def(
          f,
          c -> {
            if (c.count() == 0) {
              throw c.noMatch();
            }
            Type t = c.type(0);
            for (Typed a : c.args) {
              t = Types.common(t, a.type()).orElseThrow(c::noMatch);
            }
            if (t.holdsFloating() || t.isNested() || t.kind() == Kind.UNKNOWN) {
              throw Refusal.unsupported(c.node, f + " of " + t);
            }
            StringBuilder anyNull = new StringBuilder();
            StringBuilder list = new StringBuilder();
            for (int i = 0; i < c.count(); i++) {
              String x = c.as(i, t);
              anyNull.append(i == 0 ? "" : " OR ").append(x).append(" IS NULL");
              list.append(i == 0 ? "" : ", ").append(x);
            }
            return c.result(
                t, "(CASE WHEN " + anyNull + " THEN NULL ELSE " + f + "(" + list + ") END)");
          });
    }
    Map<String, String> bits = Map.of("bitwise_and", "&", "bitwise_or", "|");
    bits.forEach(
        (f, op) ->
            def(
                f,
                c ->
                    c.arity(2)
                        .result(
                            Type.BIGINT, "(" + c.bigint(0) + " " + op + " " + c.bigint(1) + ")")));
    def(
        "bitwise_xor",
        c -> c.arity(2).result(Type.BIGINT, "xor(" + c.bigint(0) + ", " + c.bigint(1) + ")"));
    def("bitwise_not", c -> c.arity(1).result(Type.BIGINT, "(~ " + c.bigint(0) + ")"));
    def(
        "to_base",
        c ->
            c.arity(2)
                .result(Type.varchar(64), "lk_to_base(" + c.bigint(0) + ", " + c.bigint(1) + ")"));
    def(
        "from_base",
        c ->
            c.arity(2)
                .result(Type.BIGINT, "lk_from_base(" + c.varchar(0) + ", " + c.bigint(1) + ")"));
    def("e", c -> c.arity(0).result(Type.DOUBLE, "CAST('" + Math.E + "' AS DOUBLE)"));
  }

  private static final Set<String> DATE_UNITS = Set.of("day", "week", "month", "quarter", "year");
  private static final Set<String> TIME_UNITS = Set.of("millisecond", "second", "minute", "hour");

  private static String unit(Call c, boolean dateOnly, boolean withMillis) {
    String unit = c.literal(0).toLowerCase(Locale.ROOT);
    boolean known =
        DATE_UNITS.contains(unit)
            || (TIME_UNITS.contains(unit) && (withMillis || !unit.equals("millisecond")));
    if (!known || (dateOnly && !DATE_UNITS.contains(unit))) {
      throw c.invalid(
          "'" + unit + "' is not a valid " + (dateOnly ? "DATE" : "Timestamp") + " field");
    }
    return unit;
  }

  private static boolean isTime(Type t) {
    return t.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
  }

  private static void times() {
    def(
        "date_trunc",
        c -> {
          c.arity(2);
          Type t = c.type(1);
          if (!isTime(t)) {
            throw c.noMatch();
          }
          String unit = unit(c, t.kind() == Kind.DATE, true);
          String sql = "date_trunc(" + Duck.quote(unit) + ", " + c.time(1) + ")";
          return c.result(
              t,
              switch (t.kind()) {
                case DATE -> Duck.cast(sql, t);
                case TIMESTAMP -> sql;
                default -> Duck.zoned(sql, t.zone());
              });
        });
    def(
        "date_add",
        c -> {
          c.arity(3);
          Type t = c.type(2);
          if (!isTime(t)) {
            throw c.noMatch();
          }
          String unit = unit(c, t.kind() == Kind.DATE, true);
          String n = c.bigint(1);
          String amount =
              switch (unit) {
                case "millisecond" -> "to_microseconds(" + n + " * 1000)";
                case "second" -> "to_microseconds(" + n + " * 1000000)";
                case "minute" -> "to_microseconds(" + n + " * 60000000)";
                case "hour" -> "to_microseconds(" + n + " * 3600000000)";
                case "day" -> "to_days(CAST(" + n + " AS INTEGER))";
                case "week" -> "to_days(CAST(" + n + " * 7 AS INTEGER))";
                case "month" -> "to_months(CAST(" + n + " AS INTEGER))";
                case "quarter" -> "to_months(CAST(" + n + " * 3 AS INTEGER))";
                default -> "to_months(CAST(" + n + " * 12 AS INTEGER))";
              };
          if (t.kind() == Kind.DATE) {
            return c.result(t, Duck.cast("(" + c.time(2) + " + " + amount + ")", t));
          }
          int precision = unit.equals("millisecond") ? Math.max(3, t.precision()) : t.precision();
          if (t.kind() == Kind.TIMESTAMP) {
            return c.result(Type.timestamp(precision), "(" + c.time(2) + " + " + amount + ")");
          }
          if (!t.zone().equals("UTC")) {
            throw Refusal.unsupported(c.node, "date_add on a time in zone " + t.zone());
          }
          return c.result(
              Type.timestampTz(precision, t.zone()),
              Duck.zoned("(" + c.time(2) + " + " + amount + ")", t.zone()));
        });
    def(
        "date_diff",
        c -> {
          c.arity(3);
          if (!isTime(c.type(1)) || !isTime(c.type(2))) {
            throw c.noMatch();
          }
          Type t = Types.common(c.type(1), c.type(2)).orElseThrow(c::noMatch);
          if (t.kind() == Kind.TIMESTAMP_TZ && !t.zone().equals("UTC")) {
            throw Refusal.unsupported(c.node, "date_diff of times in zone " + t.zone());
          }
          String unit = unit(c, t.kind() == Kind.DATE, true);
          Type plain = t.kind() == Kind.TIMESTAMP_TZ ? Type.timestamp(6) : t;
          String a = c.as(1, t);
          String b = c.as(2, t);
          if (t.kind() == Kind.TIMESTAMP_TZ) {
            a = Duck.zoned(a, "UTC");
            b = Duck.zoned(b, "UTC");
          }
          String sql =
              plain.kind() == Kind.DATE && unit.equals("day")
                  ? "CAST(" + b + " - " + a + " AS BIGINT)"
                  : "lk_date_diff("
                      + Duck.quote(unit)
                      + ", CAST("
                      + a
                      + " AS TIMESTAMP), CAST("
                      + b
                      + " AS TIMESTAMP))";
          return c.result(Type.BIGINT, sql);
        });
    Map<String, String> parts =
        Map.ofEntries(
            Map.entry("year", "year"),
            Map.entry("quarter", "quarter"),
            Map.entry("month", "month"),
            Map.entry("week", "week"),
            Map.entry("week_of_year", "week"),
            Map.entry("day", "day"),
            Map.entry("day_of_month", "day"),
            Map.entry("day_of_week", "isodow"),
            Map.entry("dow", "isodow"),
            Map.entry("day_of_year", "doy"),
            Map.entry("doy", "doy"),
            Map.entry("year_of_week", "isoyear"),
            Map.entry("yow", "isoyear"),
            Map.entry("hour", "hour"),
            Map.entry("minute", "minute"),
            Map.entry("second", "second"));
    parts.forEach((f, part) -> def(f, c -> part(c, part)));
    def(
        "millisecond",
        c -> {
          c.arity(1);
          if (!c.type(0).is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
            throw c.noMatch();
          }
          return c.result(
              Type.BIGINT, "CAST(date_part('millisecond', " + c.time(0) + ") % 1000 AS BIGINT)");
        });
    def("date", c -> Duck.cast(c.node, c.arity(1).args.get(0), Type.DATE));
    def(
        "last_day_of_month",
        c -> {
          c.arity(1);
          if (!isTime(c.type(0))) {
            throw c.noMatch();
          }
          return c.result(Type.DATE, "last_day(" + c.time(0) + ")");
        });
    def(
        "from_unixtime",
        c -> {
          c.arity(1);
          return c.result(
              Type.timestampTz(3, "UTC"),
              c.type(0).isInteger()
                  ? "to_timestamp(CAST(" + c.bigint(0) + " AS DOUBLE))"
                  : "lk_from_unixtime(" + c.dbl(0) + ")");
        });
    def(
        "to_unixtime",
        c -> {
          c.arity(1);
          if (c.type(0).kind() == Kind.DATE || !isTime(c.type(0))) {
            throw c.noMatch();
          }
          Typed tz = Duck.coerce(c.node, c.args.get(0), Type.timestampTz(6, "UTC"));
          return c.result(
              Type.DOUBLE,
              "(CAST(epoch_us(" + tz.sql() + ") AS DOUBLE) / CAST('1000000' AS DOUBLE))");
        });
    def("now", c -> c.arity(0).session.now(3));
    def("current_timezone", c -> c.arity(0).result(Type.VARCHAR, "CAST('UTC' AS VARCHAR)"));
    def(
        "to_milliseconds",
        c -> {
          c.arity(1);
          if (c.type(0).kind() != Kind.INTERVAL_DAY_SECOND) {
            throw c.noMatch();
          }
          return c.result(Type.BIGINT, c.args.get(0).sql());
        });
    def(
        "date_format",
        c -> {
          c.arity(2);
          if (!isTime(c.type(0))) {
            throw c.noMatch();
          }
          DateFormats.requireFormat(c.argument(1), c.literal(1));
          return c.result(
              Type.VARCHAR,
              "lk_date_format(CAST(" + c.time(0) + " AS TIMESTAMP), " + c.varchar(1) + ")");
        });
    def(
        "date_parse",
        c -> {
          c.arity(2);
          DateFormats.requireParse(c.argument(1), c.literal(1));
          return c.result(
              Type.timestamp(3), "lk_date_parse(" + c.varchar(0) + ", " + c.varchar(1) + ")");
        });
    def(
        "to_iso8601",
        c -> {
          c.arity(1);
          Type t = c.type(0);
          if (t.kind() == Kind.DATE) {
            return c.result(Type.varchar(16), "CAST(" + c.time(0) + " AS VARCHAR)");
          }
          if (!t.is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)
              || (t.kind() == Kind.TIMESTAMP_TZ && !t.zone().equals("UTC"))) {
            throw Refusal.unsupported(c.node, "to_iso8601 of " + t);
          }
          String text = "replace(" + Duck.timestampText(c.time(0), t.precision()) + ", ' ', 'T')";
          // Trino's bound: sign, year of up to 6 digits, and the rest.
          int length = 22 + (t.precision() == 0 ? 0 : t.precision() + 1);
          return t.kind() == Kind.TIMESTAMP
              ? c.result(Type.varchar(length), text)
              : c.result(Type.varchar(length + 6), "(" + text + " || 'Z')");
        });
  }

  private static Typed part(Call c, String part) {
    c.arity(1);
    Type t = c.type(0);
    boolean clock = Set.of("hour", "minute", "second").contains(part);
    if (t.kind() == Kind.INTERVAL_DAY_SECOND) {
      String ms = c.args.get(0).sql();
      String sql =
          switch (part) {
            case "day" -> "(" + ms + " // 86400000)";
            case "hour" -> "((" + ms + " % 86400000) // 3600000)";
            case "minute" -> "((" + ms + " % 3600000) // 60000)";
            case "second" -> "((" + ms + " % 60000) // 1000)";
            default -> throw c.noMatch();
          };
      return c.result(Type.BIGINT, sql);
    }
    if (t.kind() == Kind.INTERVAL_YEAR_MONTH) {
      String m = "CAST(" + c.args.get(0).sql() + " AS BIGINT)";
      return switch (part) {
        case "year" -> c.result(Type.BIGINT, "(" + m + " // 12)");
        case "month" -> c.result(Type.BIGINT, "(" + m + " % 12)");
        default -> throw c.noMatch();
      };
    }
    if (!isTime(t) || (clock && t.kind() == Kind.DATE)) {
      throw c.noMatch();
    }
    return c.result(Type.BIGINT, "date_part('" + part + "', " + c.time(0) + ")");
  }

  /** EXTRACT(field FROM x). */
  static Typed extract(io.trino.sql.tree.Extract node, Typed value, Session session) {
    String field = node.getField().name().toLowerCase(Locale.ROOT);
    if (!SCALARS.containsKey(field)) {
      throw Refusal.unsupported(node, "EXTRACT of " + field);
    }
    FunctionCall call =
        new FunctionCall(
            node.getLocation(),
            io.trino.sql.tree.QualifiedName.of(field),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            false,
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            List.of(node.getExpression()));
    return call(call, field, List.of(value), session);
  }

  private static void other() {
    def(
        "typeof",
        c ->
            c.arity(1)
                .result(Type.VARCHAR, "CAST(" + Duck.quote(c.type(0).display()) + " AS VARCHAR)"));
    def(
        "cardinality",
        c -> {
          c.arity(1);
          if (!c.type(0).is(Kind.ARRAY, Kind.MAP)) {
            throw c.noMatch();
          }
          String f = c.type(0).kind() == Kind.ARRAY ? "len(" : "cardinality(";
          return c.result(Type.BIGINT, "CAST(" + f + c.args.get(0).sql() + ") AS BIGINT)");
        });
    def(
        "contains",
        c -> {
          c.arity(2);
          if (c.type(0).kind() != Kind.ARRAY) {
            throw c.noMatch();
          }
          Type e = Types.common(c.type(0).element(), c.type(1)).orElseThrow(c::noMatch);
          if (e.holdsFloating() || e.isNested() || e.kind() == Kind.UNKNOWN) {
            throw Refusal.unsupported(c.node, "contains on array of " + e);
          }
          String a = c.as(0, Type.array(e));
          String x = c.as(1, e);
          return c.result(
              Type.BOOLEAN,
              "(CASE WHEN "
                  + a
                  + " IS NULL OR "
                  + x
                  + " IS NULL THEN NULL WHEN list_contains("
                  + a
                  + ", "
                  + x
                  + ") THEN true WHEN len("
                  + a
                  + ") > list_count("
                  + a
                  + ") THEN NULL ELSE false END)");
        });
    def(
        "element_at",
        c -> {
          c.arity(2);
          if (c.type(0).kind() != Kind.ARRAY) {
            throw Refusal.unsupported(c.node, "element_at of " + c.type(0));
          }
          String i = c.bigint(1);
          Type e = c.type(0).element();
          return c.result(
              e,
              "(CASE WHEN "
                  + i
                  + " = 0 THEN "
                  + Duck.fail(e, "INVALID_FUNCTION_ARGUMENT")
                  + " ELSE list_extract("
                  + c.args.get(0).sql()
                  + ", "
                  + i
                  + ") END)");
        });
    def(
        "sequence",
        c -> {
          c.arity(2, 3);
          if (!c.type(0).isInteger() || !c.type(1).isInteger()) {
            throw Refusal.unsupported(c.node, "sequence of anything but integers");
          }
          if (!(c.args.get(0).constant() instanceof Long a)
              || !(c.args.get(1).constant() instanceof Long b)
              || c.count() == 3
              || b < a
              || b - a >= 10_000) {
            throw Refusal.unsupported(
                c.node, "sequence but for two rising literals at most 10,000 apart");
          }
          return c.result(
              Type.array(Type.BIGINT), "generate_series(" + c.bigint(0) + ", " + c.bigint(1) + ")");
        });
  }
}
