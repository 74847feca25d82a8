package dev.lakegate.gateway.sql;

import io.trino.sql.tree.FunctionCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The allow-list of scalar functions: for each the types it takes and gives, and DuckDB text that
 * means the same. A function that is not here does not exist for users, even if DuckDB has it.
 */
final class Functions {
  /** One function. */
  @FunctionalInterface
  interface Scalar {
    Typed apply(Call call);
  }

  static final Map<String, Scalar> SCALARS = new HashMap<>();

  /** Trino has these, but their answers could differ here; known, so that the refusal says so. */
  private static final Set<String> KNOWN_UNSUPPORTED =
      Set.of(
          "format",
          "approx_most_frequent",
          "numeric_histogram",
          "checksum",
          "combinations",
          "shuffle",
          "random",
          "rand",
          "uuid",
          "url_extract_host",
          "url_extract_protocol",
          "url_extract_path",
          "url_extract_query",
          "url_extract_fragment",
          "xxhash64",
          "murmur3",
          "spooky_hash_v2_32",
          "spooky_hash_v2_64",
          "inverse_normal_cdf",
          "normal_cdf",
          "beta_cdf",
          "wilson_interval_lower",
          "wilson_interval_upper",
          "from_iso8601_timestamp_nanos",
          "from_unixtime_nanos",
          "json_query",
          "json_value",
          "array_max",
          "array_min",
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
          "from_ieee754_32",
          "to_ieee754_32",
          "width_bucket",
          "degrees",
          "radians",
          "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "sinh",
          "cosh",
          "tanh",
          "log",
          "cosine_similarity",
          "bitwise_left_shift",
          "bitwise_right_shift",
          "bitwise_right_shift_arithmetic",
          "word_stem",
          "bar",
          "color",
          "rgb",
          "render",
          "map_zip",
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
          "to_char",
          "to_date",
          "to_timestamp",
          "format_number",
          "strrpos",
          "human_readable_bytes",
          "st_point",
          "classify",
          "tdigest_agg",
          "value_at_quantile",
          "qdigest_agg",
          "fail",
          "hyperloglog",
          "learn_classifier",
          "cosine_distance",
          "euclidean_distance",
          "dot_product",
          "t_cdf",
          "t_pdf",
          "fnv1a_32",
          "find_first",
          "any_values_match",
          "all_keys_match",
          "any_keys_match",
          "no_keys_match",
          "no_values_match",
          "array_histogram");

  /** Functions of which Trino has more forms than are taken here. */
  static final Set<String> MORE_OVERLOADS =
      Set.of("split", "from_utf8", "from_unixtime", "sequence", "date", "contains", "now");

  Functions() {}

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
    names.addAll(Lambdas.FUNCTIONS);
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

  static void def(String names, Scalar f) {
    for (String n : names.split(",")) {
      if (SCALARS.put(n, f) != null) {
        throw new IllegalStateException("defined twice: " + n);
      }
    }
  }

  static {
    TextFunctions.define();
    NumberFunctions.define();
    TimeFunctions.define();
    NestedFunctions.define();
    ArrayFunctions.define();
    MapFunctions.define();
    JsonFunctions.define();
    BinaryFunctions.define();
    UrlFunctions.define();
    StatisticsFunctions.define();
  }
}
