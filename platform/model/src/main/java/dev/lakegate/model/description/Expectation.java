package dev.lakegate.model.description;

import java.util.List;

/**
 * What the rows of a table are expected to meet. Immutable.
 *
 * @param name within the table; it stands where a row is said not to meet it
 * @param kind how it was declared
 * @param condition Spark SQL over the columns of a row; a row meets the expectation unless this is
 *     false, so NULL meets it. Null of kinds that other rows decide: see {@link FlagTable}
 * @param severity what happens to a row that does not meet it
 * @param description for people
 * @param columns that it names, in order; empty of {@link Kind#SQL}
 * @param references what the columns lead to; null but of {@link Kind#RELATIONSHIP}
 * @param pii whether it says something personal of a row that the row does not meet it; unless
 *     declared, it does when it names a column that holds personal data
 */
public record Expectation(
    String name,
    Kind kind,
    String condition,
    Severity severity,
    String description,
    List<String> columns,
    Reference references,
    boolean pii) {
  /** Column that names the flagging expectations which a row does not meet. */
  public static final String FLAGS = "quality_flags";

  public Expectation {
    columns = List.copyOf(columns);
  }

  /** One of SQL about nothing personal. */
  public Expectation(
      String name, Kind kind, String condition, Severity severity, String description) {
    this(name, kind, condition, severity, description, List.of(), null, false);
  }

  /** The same, saying something of personal data. */
  Expectation asPersonal() {
    return new Expectation(name, kind, condition, severity, description, columns, references, true);
  }

  /** How an expectation is declared. */
  public enum Kind {
    /** All of the columns have a value. */
    NOT_NULL,
    /** The column has one of the values, or none. */
    ACCEPTED_VALUES,
    /** The column's value is within limits, or there is none. */
    RANGE,
    /** An expression of Spark SQL. */
    SQL,
    /** No other row of the tenant has the same values; one without a value has none in common. */
    UNIQUE,
    /** The tenant has a row of another table with these values, or one of them is missing here. */
    RELATIONSHIP;

    /** Whether other rows than the judged one decide. */
    public boolean needsOtherRows() {
      return this == UNIQUE || this == RELATIONSHIP;
    }
  }

  /** What happens to a row that does not meet an expectation. */
  public enum Severity {
    /** The row goes into the table's quarantine. */
    BLOCK,
    /** The row stays, and {@value #FLAGS} names the expectation, or {@link FlagTable} does. */
    FLAG
  }

  /**
   * Rows of another table.
   *
   * @param dataset {@code silver.<name>}
   * @param columns of it, in the order of the expectation's; empty for its key
   */
  public record Reference(String dataset, List<String> columns) {
    public Reference {
      columns = List.copyOf(columns);
    }
  }
}
