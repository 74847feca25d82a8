package dev.lakegate.gateway.query;

import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import java.util.Map;
import java.util.Set;

/** From failures of the SQL boundary and the engine to the error envelope. */
public final class Failures {
  private static final Set<String> FORBIDDEN =
      Set.of("TABLE_NOT_READABLE", "COLUMN_NOT_READABLE", "ROWS_NOT_SEPARABLE");

  private static final Set<String> REFUSED =
      Set.of(
          "TABLE_NOT_READABLE",
          "COLUMN_NOT_READABLE",
          "ROWS_NOT_SEPARABLE",
          "STATEMENT_NOT_ALLOWED");

  private Failures() {}

  /** Whether it was a refusal rather than a mistake or an accident. */
  static boolean refused(String code) {
    return REFUSED.contains(code);
  }

  /** The envelope's error for a failure. */
  public static LakegateException of(SqlFailure f) {
    String code = f.code();
    int status =
        switch (code) {
          case "USER_CANCELED" -> 409;
          case "GENERIC_INTERNAL_ERROR" -> 500;
          default -> FORBIDDEN.contains(code) ? 403 : 400;
        };
    LakegateException e = LakegateException.of(status, code, f.getMessage(), remedy(code));
    for (Map.Entry<String, Object> d : f.details().entrySet()) {
      e = e.withDetail(d.getKey(), d.getValue());
    }
    return e;
  }

  private static String remedy(String code) {
    return switch (code) {
      case "SYNTAX_ERROR" -> "Correct the statement at this place; it must be one Trino query.";
      case "STATEMENT_NOT_ALLOWED" ->
          "Send one SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN statement; data is changed"
              + " by jobs only.";
      case "TABLE_NOT_READABLE", "COLUMN_NOT_READABLE" ->
          "Ask an administrator for one of the personas that may, or leave it out.";
      case "ROWS_NOT_SEPARABLE" -> "Query a table of schema gold, or ask an administrator.";
      case "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "COLUMN_NOT_FOUND" ->
          "Compare the name with the catalog at /api/v1/catalog.";
      case "NOT_SUPPORTED", "FUNCTION_NOT_SUPPORTED" ->
          "Write it differently: here only what surely gives Trino's answer is run.";
      case "FUNCTION_NOT_FOUND" -> "Compare the function's name and arguments with Trino's.";
      case "EXCEEDED_TIME_LIMIT" ->
          "Ask for less at once, or let an administrator raise the limit.";
      case "EXCEEDED_LOCAL_MEMORY_LIMIT" -> "Ask for less at once: fewer groups, rows or columns.";
      case "QUERY_TOO_COMPLEX" -> "Split the statement into simpler ones.";
      case "GENERIC_INTERNAL_ERROR" -> "Send it again; if it fails again, tell an operator.";
      case "USER_CANCELED" -> "Submit it again if it was cancelled by mistake.";
      default -> "Correct the statement and send it again.";
    };
  }
}
