package dev.lakegate.model.description;

/**
 * What the rows of a table are expected to meet, judged by the row alone. Immutable.
 *
 * @param name within the table; it stands where a row is said not to meet it
 * @param kind how it was declared
 * @param condition Spark SQL over the source's columns and derivations; a row meets the expectation
 *     unless this is false, so NULL meets it
 * @param severity what happens to a row that does not meet it
 * @param description for people
 */
public record Expectation(
    String name, Kind kind, String condition, Severity severity, String description) {
  /** Column that names the flagging expectations which a row does not meet. */
  public static final String FLAGS = "quality_flags";

  /** How an expectation is declared. */
  public enum Kind {
    /** All of the columns have a value. */
    NOT_NULL,
    /** The column has one of the values, or none. */
    ACCEPTED_VALUES,
    /** The column's value is within limits, or there is none. */
    RANGE,
    /** An expression of Spark SQL. */
    SQL
  }

  /** What happens to a row that does not meet an expectation. */
  public enum Severity {
    /** The row goes into the table's quarantine. */
    BLOCK,
    /** The row stays, and {@value #FLAGS} names the expectation. */
    FLAG
  }
}
