package dev.lakegate.gateway.trino;

import dev.lakegate.kit.error.LakegateException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Errors as Trino's clients know them: name, number and kind. */
final class TrinoErrors {
  /**
   * What Trino calls an error.
   *
   * @param name of the error
   * @param code its number
   * @param type whose fault it is
   */
  record Known(String name, int code, String type) {}

  private static final int INTERNAL = 0x1_0000;
  private static final int RESOURCES = 0x2_0000;

  // In the order of their numbers.
  private static final String USER_ERRORS =
      """
      GENERIC_USER_ERROR SYNTAX_ERROR ABANDONED_QUERY USER_CANCELED PERMISSION_DENIED NOT_FOUND
      FUNCTION_NOT_FOUND INVALID_FUNCTION_ARGUMENT DIVISION_BY_ZERO INVALID_CAST_ARGUMENT
      OPERATOR_NOT_FOUND INVALID_VIEW ALREADY_EXISTS NOT_SUPPORTED INVALID_SESSION_PROPERTY
      INVALID_WINDOW_FRAME CONSTRAINT_VIOLATION TRANSACTION_CONFLICT INVALID_TABLE_PROPERTY
      NUMERIC_VALUE_OUT_OF_RANGE UNKNOWN_TRANSACTION NOT_IN_TRANSACTION TRANSACTION_ALREADY_ABORTED
      READ_ONLY_VIOLATION MULTI_CATALOG_WRITE_CONFLICT AUTOCOMMIT_WRITE_CONFLICT
      UNSUPPORTED_ISOLATION_LEVEL INCOMPATIBLE_CLIENT SUBQUERY_MULTIPLE_ROWS PROCEDURE_NOT_FOUND
      INVALID_PROCEDURE_ARGUMENT QUERY_REJECTED AMBIGUOUS_FUNCTION_CALL INVALID_SCHEMA_PROPERTY
      SCHEMA_NOT_EMPTY QUERY_TEXT_TOO_LARGE UNSUPPORTED_SUBQUERY EXCEEDED_FUNCTION_MEMORY_LIMIT
      ADMINISTRATIVELY_KILLED INVALID_COLUMN_PROPERTY QUERY_HAS_TOO_MANY_STAGES
      INVALID_SPATIAL_PARTITIONING INVALID_ANALYZE_PROPERTY TYPE_NOT_FOUND CATALOG_NOT_FOUND
      SCHEMA_NOT_FOUND TABLE_NOT_FOUND COLUMN_NOT_FOUND ROLE_NOT_FOUND SCHEMA_ALREADY_EXISTS
      TABLE_ALREADY_EXISTS COLUMN_ALREADY_EXISTS ROLE_ALREADY_EXISTS DUPLICATE_NAMED_QUERY
      DUPLICATE_COLUMN_NAME MISSING_COLUMN_NAME MISSING_CATALOG_NAME MISSING_SCHEMA_NAME
      TYPE_MISMATCH INVALID_LITERAL COLUMN_TYPE_UNKNOWN MISMATCHED_COLUMN_ALIASES AMBIGUOUS_NAME
      INVALID_COLUMN_REFERENCE MISSING_GROUP_BY MISSING_ORDER_BY MISSING_OVER NESTED_AGGREGATION
      NESTED_WINDOW EXPRESSION_NOT_IN_DISTINCT TOO_MANY_GROUPING_SETS FUNCTION_NOT_WINDOW
      FUNCTION_NOT_AGGREGATE EXPRESSION_NOT_AGGREGATE EXPRESSION_NOT_SCALAR EXPRESSION_NOT_CONSTANT
      INVALID_ARGUMENTS TOO_MANY_ARGUMENTS INVALID_PRIVILEGE DUPLICATE_PROPERTY
      INVALID_PARAMETER_USAGE VIEW_IS_STALE VIEW_IS_RECURSIVE NULL_TREATMENT_NOT_ALLOWED
      INVALID_ROW_FILTER INVALID_COLUMN_MASK MISSING_TABLE INVALID_RECURSIVE_REFERENCE
      MISSING_COLUMN_ALIASES NESTED_RECURSIVE INVALID_LIMIT_CLAUSE INVALID_ORDER_BY
      """;

  private static final Map<String, Known> KNOWN = new HashMap<>();

  static {
    int code = 0;
    for (String name : USER_ERRORS.trim().split("\\s+")) {
      known(name, code++, "USER_ERROR");
    }
    known("GENERIC_INTERNAL_ERROR", INTERNAL, "INTERNAL_ERROR");
    known("SERVER_SHUTTING_DOWN", INTERNAL + 9, "INTERNAL_ERROR");
    known("SERVER_STARTING_UP", INTERNAL + 12, "INTERNAL_ERROR");
    known("GENERIC_INSUFFICIENT_RESOURCES", RESOURCES, "INSUFFICIENT_RESOURCES");
    known("QUERY_QUEUE_FULL", RESOURCES + 2, "INSUFFICIENT_RESOURCES");
    known("EXCEEDED_TIME_LIMIT", RESOURCES + 3, "INSUFFICIENT_RESOURCES");
    known("EXCEEDED_LOCAL_MEMORY_LIMIT", RESOURCES + 7, "INSUFFICIENT_RESOURCES");
  }

  /** Ours by Trino's, where the names differ. */
  private static final Map<String, String> OURS =
      Map.ofEntries(
          Map.entry("STATEMENT_NOT_ALLOWED", "PERMISSION_DENIED"),
          Map.entry("TABLE_NOT_READABLE", "PERMISSION_DENIED"),
          Map.entry("COLUMN_NOT_READABLE", "PERMISSION_DENIED"),
          Map.entry("ROWS_NOT_SEPARABLE", "PERMISSION_DENIED"),
          Map.entry("RESULT_NOT_READABLE", "PERMISSION_DENIED"),
          Map.entry("FORBIDDEN", "PERMISSION_DENIED"),
          Map.entry("FUNCTION_NOT_SUPPORTED", "NOT_SUPPORTED"),
          Map.entry("REGEXP_TOO_COMPLEX", "INVALID_FUNCTION_ARGUMENT"),
          Map.entry("QUERY_TOO_COMPLEX", "QUERY_REJECTED"),
          Map.entry("SQL_MISSING", "SYNTAX_ERROR"),
          Map.entry("SQL_TOO_LONG", "QUERY_TEXT_TOO_LARGE"),
          Map.entry("CLIENT_GONE", "USER_CANCELED"),
          Map.entry("TOO_MANY_QUERIES", "QUERY_QUEUE_FULL"),
          Map.entry("QUEUE_FULL", "QUERY_QUEUE_FULL"),
          Map.entry("POLICY_UNAVAILABLE", "SERVER_STARTING_UP"),
          Map.entry("RESULTS_FULL", "GENERIC_INSUFFICIENT_RESOURCES"),
          Map.entry("AUDIT_UNAVAILABLE", "GENERIC_INSUFFICIENT_RESOURCES"));

  /** Where Trino's own wording already says what to do. */
  private static final Set<String> PLAIN =
      Set.of("SYNTAX_ERROR", "USER_CANCELED", "TYPE_MISMATCH", "DIVISION_BY_ZERO");

  private TrinoErrors() {}

  private static void known(String name, int code, String type) {
    KNOWN.put(name, new Known(name, code, type));
  }

  /** Trino's name for an error of ours. */
  static Known of(LakegateException e) {
    Known known = KNOWN.get(OURS.getOrDefault(e.code(), e.code()));
    if (known != null) {
      return known;
    }
    return KNOWN.get(
        e.status() == 429
            ? "QUERY_QUEUE_FULL"
            : e.status() >= 500 ? "GENERIC_INTERNAL_ERROR" : "GENERIC_USER_ERROR");
  }

  /** The object of an error. */
  static void write(JsonBytes out, LakegateException e) {
    Known known = of(e);
    String message = e.getMessage();
    if (!PLAIN.contains(known.name()) && e.remedy() != null && !e.remedy().isEmpty()) {
      message = message + (message.endsWith(".") ? " " : ". ") + e.remedy();
    }
    if (known.name().equals("PERMISSION_DENIED")) {
      message = "Access Denied: " + message;
    }
    out.raw('{').name("message").string(message).raw(',');
    out.name("errorCode").number(known.code()).raw(',');
    out.name("errorName").string(known.name()).raw(',');
    out.name("errorType").string(known.type());
    JsonBytes location = location(e);
    out.raw(location.copy());
    out.raw(',').name("failureInfo").raw('{');
    out.name("type").string("io.trino.spi.TrinoException").raw(',');
    out.name("message").string(message).raw(",\"suppressed\":[],\"stack\":[]");
    out.raw(location.copy()).raw("}}");
  }

  private static JsonBytes location(LakegateException e) {
    JsonBytes out = new JsonBytes(64);
    if (e.details().get("line") instanceof Integer line
        && e.details().get("column") instanceof Integer column) {
      out.raw(",\"errorLocation\":{\"lineNumber\":").number(line);
      out.raw(",\"columnNumber\":").number(column).raw('}');
    }
    return out;
  }
}
