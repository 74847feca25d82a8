package dev.lakegate.gateway.sql;

import java.util.List;

/**
 * What a statement surely asks of the rows of one table that can matter to it: a row for which this
 * is not true changes nothing about the answer. It serves to leave files unopened, so it is kept
 * where it can be compared with what is known of a file; all else is {@link Any}. Immutable.
 */
public sealed interface Condition {
  /** Nothing is asked: every row may matter. */
  Condition ANY = new Any();

  /** Nothing is asked, or nothing that can be told. */
  record Any() implements Condition {}

  /**
   * Rows whose column compares so to a value; NULL does not.
   *
   * @param column position, from 0, among the table's readable columns
   * @param operator how
   * @param value BigDecimal, String, LocalDate, LocalDateTime or Instant
   */
  record Comparison(int column, Operator operator, Object value) implements Condition {}

  /**
   * Rows whose column is NULL, or is not.
   *
   * @param column position, from 0, among the table's readable columns
   * @param isNull which of the two
   */
  record Nullness(int column, boolean isNull) implements Condition {}

  /**
   * Rows of which every operand is true.
   *
   * @param operands at least one
   */
  record All(List<Condition> operands) implements Condition {
    public All {
      operands = List.copyOf(operands);
    }
  }

  /**
   * Rows of which at least one operand is true.
   *
   * @param operands at least one
   */
  record OneOf(List<Condition> operands) implements Condition {
    public OneOf {
      operands = List.copyOf(operands);
    }
  }

  /** How values are compared. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL
  }

  /** Both; what is not asked is left out. */
  static Condition all(List<Condition> operands) {
    List<Condition> asked = operands.stream().filter(o -> !(o instanceof Any)).toList();
    return asked.isEmpty() ? ANY : asked.size() == 1 ? asked.get(0) : new All(asked);
  }

  /** Either; when one asks nothing, nothing is asked. */
  static Condition oneOf(List<Condition> operands) {
    if (operands.isEmpty() || operands.stream().anyMatch(Any.class::isInstance)) {
      return ANY;
    }
    return operands.size() == 1 ? operands.get(0) : new OneOf(operands);
  }
}
