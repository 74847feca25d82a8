package dev.lakegate.ingest.capture;

import java.time.Instant;
import java.util.Map;

/**
 * Where capture of one table stands, in full. Immutable.
 *
 * @param table in the source
 * @param dataset that it feeds
 * @param reason why it is in this state, a sentence; null when it streams
 * @param nextAction what somebody has to do, or what happens next; null when nothing is to be done
 * @param progressPercent of the copy, 0 to 100; null when its size is unknown
 * @param generation of its newest copy; 0 before the first
 * @param schemaVersion newest one; null before the first
 * @param pendingApproval schema version at which readers wait; null when they wait at none
 * @param copiedAt when a copy last became complete; null before the first
 * @param rowsCopied by the newest copy
 * @param inserts streamed since this storage root's first capture, less what a crash forgot
 * @param updates likewise
 * @param deletes likewise
 * @param lastChangeAt commit time of the newest change; null before the first
 * @param quarantinedRows that are kept aside
 * @param lossyValues that became NULL since this storage root's first capture, less what a crash
 *     forgot, because their type in Bronze cannot hold them
 * @param lossyColumns the same by column
 */
public record TableStatus(
    String table,
    String dataset,
    TableState state,
    String reason,
    String nextAction,
    Integer progressPercent,
    int generation,
    Integer schemaVersion,
    PendingApproval pendingApproval,
    Instant copiedAt,
    long rowsCopied,
    long inserts,
    long updates,
    long deletes,
    Instant lastChangeAt,
    long quarantinedRows,
    long lossyValues,
    Map<String, Long> lossyColumns) {
  /**
   * A schema version that takes something away.
   *
   * @param explanation what, a sentence
   */
  public record PendingApproval(int schemaVersion, String explanation) {}
}
