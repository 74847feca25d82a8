package dev.lakegate.ingest.source;

/**
 * A replication slot as the source reports it. LSNs are unsigned.
 *
 * @param plugin output plugin; null for a physical slot
 * @param database that it decodes
 * @param activePid of the process that uses it; null when none does
 * @param confirmedLsn up to which it was acknowledged
 * @param restartLsn oldest log that it retains; null when it lost it
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
 */
public record SlotState(
    String plugin,
    String database,
    Integer activePid,
    long confirmedLsn,
    Long restartLsn,
    String walStatus) {}
