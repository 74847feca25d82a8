package dev.lakegate.ingest.lag;

/**
 * How far capture is behind.
 *
 * @param seconds age of the oldest committed change that may not be in a manifest; null while that
 *     is not known
 * @param sourceBytes log at the source that is not captured; null without a connection
 * @param retainedWalBytes log that the slot keeps the source from recycling; null without a slot
 */
public record Lag(Double seconds, Long sourceBytes, Long retainedWalBytes) {
  /** Nothing is known yet. */
  public static final Lag UNKNOWN = new Lag(null, null, null);
}
