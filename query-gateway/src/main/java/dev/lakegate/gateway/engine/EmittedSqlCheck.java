package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.SecuredQuery;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The second look at emitted SQL, in DuckDB's own parse tree. Only kinds of nodes that the
 * translator writes may appear; every table must be a binding or a common table expression of ours
 * that is in scope; every column must have a generated name, so that none of DuckDB's own ({@code
 * filename}, {@code rowid}) is reached; no function beyond those that the translator writes. A
 * violation is a defect of the translator; the query does not run.
 */
final class EmittedSqlCheck {
  private static final Set<String> QUERIES = Set.of("SELECT_NODE", "SET_OPERATION_NODE");
  private static final Set<String> TABLES =
      Set.of("BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST");
  private static final Set<String> EXPRESSIONS =
      Set.of(
          "BETWEEN",
          "CASE",
          "CAST",
          "COLUMN_REF",
          "COMPARISON",
          "CONJUNCTION",
          "CONSTANT",
          "FUNCTION",
          "LAMBDA",
          "OPERATOR",
          "SUBQUERY",
          "WINDOW");
  private static final Set<String> TABLE_LIKE =
      Set.of("TABLE_FUNCTION", "SHOW_REF", "PIVOT", "COLUMN_DATA", "BOUND_TABLE_REF", "DELIM_GET");
  private static final Pattern CTE = Pattern.compile("q[0-9]+");
  private static final Pattern GENERATED = Pattern.compile("[a-z]{1,2}[0-9]*");

  /** Every DuckDB function and operator that the translator writes, and no other. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "+",
          "-",
          "*",
          "/",
          "//",
          "%",
          "||",
          "&",
          "|",
          "~",
          "~~",
          "!~~",
          "like_escape",
          "not_like_escape",
          "xor",
          "abs",
          "regr_sxy",
          "regr_syy",
          "regr_sxx",
          "regr_avgy",
          "regr_avgx",
          "regr_r2",
          "regr_count",
          "arg_min",
          "arg_max",
          "bit_count",
          "trunc",
          "radians",
          "degrees",
          "tanh",
          "cosh",
          "sinh",
          "atan2",
          "atan",
          "acos",
          "asin",
          "tan",
          "cos",
          "sin",
          "string_agg",
          "rtrim",
          "rpad",
          "range",
          "map_from_entries",
          "map_extract_value",
          "map_entries",
          "map_concat",
          "map",
          "list_slice",
          "list_reduce",
          "list_position",
          "list_min",
          "list_max",
          "list_has_any",
          "list_distinct",
          "list_concat",
          "list_append",
          "skewness",
          "kurtosis",
          "histogram",
          "flatten",
          "regr_intercept",
          "regr_slope",
          "covar_samp",
          "covar_pop",
          "corr",
          "bit_xor",
          "array_to_string",
          "any_value",
          "arg_max_null",
          "arg_min_null",
          "avg",
          "bit_and",
          "bit_or",
          "bool_and",
          "bool_or",
          "cardinality",
          "cbrt",
          "ceil",
          "concat_ws",
          "contains",
          "count",
          "count_star",
          "cume_dist",
          "date_part",
          "date_trunc",
          "dense_rank",
          "encode",
          "epoch_us",
          "exp",
          "first_value",
          "floor",
          "generate_series",
          "generate_subscripts",
          "greatest",
          "hex",
          "isfinite",
          "isinf",
          "isnan",
          "lag",
          "last_day",
          "last_value",
          "lead",
          "least",
          "left",
          "len",
          "length",
          "list",
          "list_contains",
          "list_count",
          "list_extract",
          "list_filter",
          "list_reverse",
          "list_sort",
          "list_sum",
          "list_transform",
          "list_value",
          "ln",
          "map_keys",
          "map_values",
          "log10",
          "max",
          "md5",
          "min",
          "nth_value",
          "ntile",
          "octet_length",
          "percent_rank",
          "pi",
          "pow",
          "quantile_disc",
          "rank",
          "replace",
          "round",
          "row",
          "row_number",
          "sha256",
          "sign",
          "sqrt",
          "starts_with",
          "stddev_pop",
          "stddev_samp",
          "strftime",
          "string_split",
          "strlen",
          "strpos",
          "struct_extract",
          "struct_pack",
          "substring",
          "suffix",
          "sum",
          "timezone",
          "to_days",
          "to_microseconds",
          "to_months",
          "to_timestamp",
          "unhex",
          "unicode",
          "unnest",
          "var_pop",
          "var_samp");

  private EmittedSqlCheck() {}

  static void check(JsonNode tree, SecuredQuery query) {
    if (tree.path("error").asBoolean(true) || tree.path("statements").size() != 1) {
      throw new IllegalStateException(
          "emitted SQL is not one query: " + tree.path("error_message").asText(""));
    }
    Set<String> tables = new HashSet<>();
    query.bindings().forEach(b -> tables.add(b.name()));
    JsonNode node = tree.path("statements").get(0).path("node");
    if (!node.has("modifiers")) {
      throw new IllegalStateException("emitted SQL is no query");
    }
    visit(node, tables);
  }

  private static void visit(JsonNode node, Set<String> tables) {
    if (node.isArray()) {
      node.forEach(n -> visit(n, tables));
      return;
    }
    if (!node.isObject()) {
      return;
    }
    Set<String> inScope = tables;
    String type = node.path("type").isTextual() ? node.path("type").asText() : "";
    if (node.has("modifiers")) {
      require(QUERIES, type);
      inScope = withCtes(node.path("cte_map").path("map"), tables);
    } else if (node.has("class")) {
      require(EXPRESSIONS, node.path("class").asText());
      expression(node);
    } else if (node.has("query_location")) {
      require(TABLES, type);
      table(node, type, tables);
    } else if (TABLE_LIKE.contains(type)) {
      // Whatever the shape of the node: not of ours.
      throw new IllegalStateException("emitted SQL has a " + type);
    }
    if (node.hasNonNull("sample") || node.hasNonNull("at_clause") || node.hasNonNull("qualify")) {
      throw new IllegalStateException("emitted SQL has a sample, a moment or QUALIFY");
    }
    if (node.has("function_name")) {
      function(node);
    }
    for (Map.Entry<String, JsonNode> child : node.properties()) {
      if (child.getKey().equals("select_list")) {
        for (JsonNode item : child.getValue()) {
          if (item.path("class").asText().equals("STAR")) {
            requirePlain(item);
          } else {
            visit(item, inScope);
          }
        }
      } else {
        visit(child.getValue(), inScope);
      }
    }
  }

  private static void require(Set<String> known, String kind) {
    if (!known.contains(kind)) {
      throw new IllegalStateException("emitted SQL has a " + kind);
    }
  }

  /** Names are generated once for a whole statement: one that is hidden is a defect as well. */
  private static Set<String> withCtes(JsonNode map, Set<String> tables) {
    if (map.isEmpty()) {
      return tables;
    }
    Set<String> all = new HashSet<>(tables);
    for (JsonNode cte : map) {
      String name = cte.path("key").asText();
      if (!CTE.matcher(name).matches() || !all.add(name)) {
        throw new IllegalStateException("emitted SQL defines " + name);
      }
    }
    return all;
  }

  private static void table(JsonNode node, String type, Set<String> tables) {
    if (!type.equals("BASE_TABLE")) {
      return;
    }
    String name = node.path("table_name").asText();
    if (!node.path("schema_name").asText().isEmpty()
        || !node.path("catalog_name").asText().isEmpty()
        || !tables.contains(name)) {
      throw new IllegalStateException("emitted SQL names table " + name);
    }
  }

  private static void expression(JsonNode node) {
    if (node.path("class").asText().equals("COLUMN_REF")) {
      for (JsonNode name : node.path("column_names")) {
        if (!GENERATED.matcher(name.asText()).matches()) {
          throw new IllegalStateException("emitted SQL names column " + name.asText());
        }
      }
    }
  }

  /** All columns, and not COLUMNS(..), EXCLUDE, REPLACE or RENAME. */
  private static void requirePlain(JsonNode star) {
    if (star.path("columns").asBoolean() || star.hasNonNull("expr") || hasList(star)) {
      throw new IllegalStateException("emitted SQL chooses columns by a pattern");
    }
  }

  private static boolean hasList(JsonNode star) {
    return !star.path("exclude_list").isEmpty()
        || !star.path("replace_list").isEmpty()
        || !star.path("qualified_exclude_list").isEmpty()
        || !star.path("rename_list").isEmpty();
  }

  private static void function(JsonNode node) {
    String function = node.path("function_name").asText();
    String schema = node.path("schema").asText("");
    if (!(schema.isEmpty() || schema.equals("main"))
        || !node.path("catalog").asText("").isEmpty()
        || !(FUNCTIONS.contains(function) || function.matches("lk_[a-z0-9_]+"))) {
      throw new IllegalStateException("emitted SQL calls " + function);
    }
  }
}
