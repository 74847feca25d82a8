package dev.lakegate.gateway.sql;

/** Evaluates what a statement needs to know before it can be checked. */
@FunctionalInterface
public interface Constants {
  /**
   * The value of a query of one row and one column that reads no table.
   *
   * @param query checked; of bounded cost
   * @return as the engine's rows have it; null for NULL
   * @throws SqlFailure when it fails
   */
  Object value(SecuredQuery query);
}
