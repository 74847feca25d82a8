package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.lag.Lag;
import java.time.Instant;
import java.util.List;

/**
 * Where capture stands, as its REST resource shows it. Immutable.
 *
 * @param source at the other end
 * @param lastManifest number; 0 before the first
 * @param lastFlushAt when it was written; null before the first
 * @param capturedPosition LSN before which every commit is in the chain; null before the first
 * @param acknowledgedPosition LSN up to which the slot was acknowledged; null without a stream
 * @param lag how far capture is behind
 * @param tables in the order of the description
 */
public record CaptureState(
    Source source,
    long lastManifest,
    Instant lastFlushAt,
    String capturedPosition,
    String acknowledgedPosition,
    Lag lag,
    List<Table> tables) {

  /**
   * The source.
   *
   * @param id {@code <system identifier>/<database>}; null until it answered
   * @param epoch 4 hex digits; null before the first
   * @param connected whether it answers now
   * @param message what capture does, or what keeps it from working and what to do
   */
  public record Source(
      String id,
      String host,
      Integer port,
      String database,
      String slot,
      String publication,
      String epoch,
      boolean connected,
      String message) {}

  /**
   * A table.
   *
   * @param table in the source
   * @param dataset that it feeds
   * @param reason why it is in this state, a sentence; null when it streams
   * @param progressPercent of the copy, 0 to 100; null when its size is unknown
   * @param rowsCopied by the newest copy
   * @param inserts streamed since this storage root's first capture, less what a crash forgot
   * @param updates likewise
   * @param deletes likewise
   * @param lastChangeAt commit time of the newest change; null before the first
   */
  public record Table(
      String table,
      String dataset,
      TableState state,
      String reason,
      Integer progressPercent,
      long rowsCopied,
      long inserts,
      long updates,
      long deletes,
      Instant lastChangeAt) {}
}
