package dev.lakegate.gateway.query;

import dev.lakegate.model.policy.Principal;

/**
 * What somebody asks for.
 *
 * @param principal on whose behalf
 * @param sql one Trino statement
 * @param maxRows most rows wanted; null for all
 * @param delivery how its rows are handed out
 * @param requestId of the request that brought it
 * @param workgroup whose limits hold; null for the principal's own
 */
public record QueryRequest(
    Principal principal,
    String sql,
    Long maxRows,
    Delivery delivery,
    String requestId,
    String workgroup) {

  /** A query in the principal's own workgroup. */
  public QueryRequest(
      Principal principal, String sql, Long maxRows, Delivery delivery, String requestId) {
    this(principal, sql, maxRows, delivery, requestId, null);
  }

  /** How rows are handed out. */
  public enum Delivery {
    /** Kept until they expire, to be read in pages again and again. */
    KEPT,
    /** Handed to a writer as they come. */
    STREAMED
  }
}
