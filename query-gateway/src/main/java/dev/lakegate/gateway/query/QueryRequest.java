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
 */
public record QueryRequest(
    Principal principal, String sql, Long maxRows, Delivery delivery, String requestId) {

  /** How rows are handed out. */
  public enum Delivery {
    /** Kept until they expire, to be read in pages again and again. */
    KEPT,
    /** Handed to a writer as they come. */
    STREAMED
  }
}
