package dev.lakegate.model.policy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/**
 * Which rows may be read, as a typed tree that both SQL and Lake Formation's filter language can
 * express. Never text.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RowPredicate.All.class, name = "all"),
  @JsonSubTypes.Type(value = RowPredicate.None.class, name = "none"),
  @JsonSubTypes.Type(value = RowPredicate.In.class, name = "in"),
  @JsonSubTypes.Type(value = RowPredicate.Comparison.class, name = "comparison"),
  @JsonSubTypes.Type(value = RowPredicate.And.class, name = "and"),
  @JsonSubTypes.Type(value = RowPredicate.Or.class, name = "or")
})
public sealed interface RowPredicate {
  /**
   * Whether every row that the other lets through is surely let through by this one. False when
   * that cannot be told.
   */
  default boolean covers(RowPredicate other) {
    if (this instanceof All || other instanceof None || equals(other)) {
      return true;
    }
    return this instanceof In mine
        && other instanceof In theirs
        && mine.column().equals(theirs.column())
        && mine.values().containsAll(theirs.values());
  }

  /** Every row. */
  record All() implements RowPredicate {}

  /** No row. */
  record None() implements RowPredicate {}

  /**
   * Rows whose column equals one of the values; NULL is not let through.
   *
   * @param column compared
   * @param values text values, at least one
   */
  record In(String column, List<String> values) implements RowPredicate {
    public In {
      values = List.copyOf(values);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("values is empty: use None");
      }
    }
  }

  /**
   * Rows whose column compares so to a text value; NULL is not let through.
   *
   * @param column compared
   * @param operator one of {@code = <> < <= > >=}
   * @param value text value
   */
  record Comparison(String column, String operator, String value) implements RowPredicate {}

  /**
   * Rows that every operand lets through.
   *
   * @param operands at least two
   */
  record And(List<RowPredicate> operands) implements RowPredicate {}

  /**
   * Rows that any operand lets through.
   *
   * @param operands at least two
   */
  record Or(List<RowPredicate> operands) implements RowPredicate {}
}
