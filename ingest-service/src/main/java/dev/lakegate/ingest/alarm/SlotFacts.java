package dev.lakegate.ingest.alarm;

/**
 * What the source says of the slot, or of a temporary one.
 *
 * @param temporary whether it is one that copies a table beside the stream
 * @param exists whether there is one
 * @param retainedBytes log that it keeps the source from recycling; 0 when it lost it
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; null
 *     without a slot
 * @param safeBytes log that can still be written before the slot may be lost; null when unlimited
 * @param limitBytes {@code max_slot_wal_keep_size}; null when unlimited
 */
record SlotFacts(
    boolean temporary,
    boolean exists,
    long retainedBytes,
    String walStatus,
    Long safeBytes,
    Long limitBytes) {}
