package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.SqlFailure;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Turns DuckDB's errors into codes with general text. DuckDB's own messages quote values and paths,
 * which may come from rows or places that the user must not learn of; they go to the log at most.
 */
final class DuckErrors {
  private static final Logger LOG = Logger.getLogger(DuckErrors.class);
  private static final Pattern OURS =
      Pattern.compile(
          Pattern.quote(TrinoError.class.getName())
              + ": "
              + Pattern.quote(TrinoError.MARK)
              + "([A-Z_0-9]{1,40})");
  private static final Pattern INTEGER_SOURCE =
      Pattern.compile("Type U?INT(8|16|32|64|128) with value .* out of range");

  private DuckErrors() {}

  /** Whether DuckDB says that the whole instance, not only the query, is of no use any more. */
  static boolean isFatal(SQLException e) {
    String m = String.valueOf(e.getMessage());
    return !OURS.matcher(m).find()
        && (m.startsWith("FATAL Error")
            || m.startsWith("INTERNAL Error")
            || m.contains("database has been invalidated"));
  }

  static RuntimeException translate(SQLException e) {
    String m = String.valueOf(e.getMessage());
    Matcher ours = OURS.matcher(m);
    if (ours.find()) {
      return failure(ours.group(1));
    }
    if (m.contains("INTERRUPT Error") || m.contains("Interrupted!")) {
      return new SqlFailure("USER_CANCELED", "The query was cancelled.");
    }
    if (m.contains("Out of Memory Error")) {
      return new SqlFailure(
          "EXCEEDED_LOCAL_MEMORY_LIMIT", "The query needs more memory than the gateway gives it.");
    }
    if (m.contains("IO Error")
        && (m.contains("No such file")
            || m.contains("No files found")
            || m.contains("Cannot open file"))) {
      return new VanishedFileException(e);
    }
    if (m.contains("Binder Error")
        && (m.contains("Referenced column") && m.contains("not found"))) {
      return new MissingColumnException(e);
    }
    if (m.contains("More than one row returned by a subquery")) {
      return failure("SUBQUERY_MULTIPLE_ROWS");
    }
    if (m.contains("Out of Range Error")) {
      return failure("NUMERIC_VALUE_OUT_OF_RANGE");
    }
    if (m.contains("Conversion Error")) {
      return failure(
          INTEGER_SOURCE.matcher(m).find()
              ? "NUMERIC_VALUE_OUT_OF_RANGE"
              : "INVALID_CAST_ARGUMENT");
    }
    if (m.contains("Invalid Input Error") && m.contains("cannot be found in enum")) {
      return failure("INVALID_CAST_ARGUMENT");
    }
    if (isFatal(e)) {
      LOG.errorf("DuckDB failed and is opened anew: %s", m.lines().findFirst().orElse(""));
      return new SqlFailure(
          "GENERIC_INTERNAL_ERROR", "The embedded engine failed on this query and was restarted.");
    }
    if (m.contains(".parquet") || m.contains("magic bytes") || m.startsWith("IO Error")) {
      // Which file it is the operators read in the log.
      LOG.errorf("a data file cannot be read: %s", m.lines().findFirst().orElse(""));
      return new SqlFailure("GENERIC_INTERNAL_ERROR", "A data file of the lake cannot be read.");
    }
    // Our own text was not taken: a gap of the dialect, not a fault of the user.
    LOG.warnf("DuckDB does not take a translated query: %s", m.lines().findFirst().orElse(""));
    return new SqlFailure("NOT_SUPPORTED", "The embedded engine cannot run this query.");
  }

  private static SqlFailure failure(String code) {
    String text =
        switch (code) {
          case "DIVISION_BY_ZERO" -> "Division by zero";
          case "NUMERIC_VALUE_OUT_OF_RANGE" -> "A number is out of range";
          case "INVALID_CAST_ARGUMENT" -> "A value cannot be cast to the wanted type";
          case "INVALID_FUNCTION_ARGUMENT" -> "A function's argument is not valid";
          case "SUBQUERY_MULTIPLE_ROWS" -> "Scalar sub-query has returned multiple rows";
          case "NOT_SUPPORTED" -> "A value is not supported on the embedded engine";
          case "EXCEEDED_LOCAL_MEMORY_LIMIT" ->
              "The query makes values that are too large for the gateway's memory";
          case "REGEXP_TOO_COMPLEX" -> "A regular expression takes too many steps";
          default -> "The query failed";
        };
    return new SqlFailure(code, text);
  }
}
