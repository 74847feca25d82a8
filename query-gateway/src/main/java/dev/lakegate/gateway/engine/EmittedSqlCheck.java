package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.SecuredQuery;
import java.util.HashSet;
import java.util.Set;

/**
 * The second look at emitted SQL: in DuckDB's own parse tree every table must be a binding or a
 * common table expression of ours, no table function may appear, and no function beyond those that
 * the translator writes. A violation is a defect of the translator; the query does not run.
 */
final class EmittedSqlCheck {
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
    visit(tree.path("statements").get(0).path("node"), tables);
  }

  private static void visit(JsonNode node, Set<String> tables) {
    if (node.isArray()) {
      node.forEach(n -> visit(n, tables));
      return;
    }
    if (!node.isObject()) {
      return;
    }
    String type = node.path("type").isTextual() ? node.path("type").asText() : "";
    switch (type) {
      case "BASE_TABLE":
        String name = node.path("table_name").asText();
        if (!node.path("schema_name").asText().isEmpty()
            || !node.path("catalog_name").asText().isEmpty()
            || !(tables.contains(name) || name.matches("q[0-9]+"))) {
          throw new IllegalStateException("emitted SQL names table " + name);
        }
        break;
      case "TABLE_FUNCTION", "SHOW_REF", "PIVOT", "COLUMN_DATA", "BOUND_TABLE_REF", "DELIM_GET":
        throw new IllegalStateException("emitted SQL has a " + type);
      default:
        break;
    }
    if (node.has("function_name")) {
      String function = node.path("function_name").asText();
      if (!node.path("schema").asText("").isEmpty() && !node.path("schema").asText().equals("main")
          || !(FUNCTIONS.contains(function) || function.matches("lk_[a-z0-9_]+"))) {
        throw new IllegalStateException("emitted SQL calls " + function);
      }
    }
    node.forEach(n -> visit(n, tables));
  }
}
