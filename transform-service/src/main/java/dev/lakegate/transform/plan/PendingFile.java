package dev.lakegate.transform.plan;

/**
 * A Bronze file that a Silver table has not consumed yet.
 *
 * @param manifest that names it
 * @param path relative to the storage root
 * @param kind {@code copy} or {@code stream}
 * @param schemaVersion of its source table
 * @param generation of the table's copy
 * @param rows in it
 * @param bytes of it
 */
public record PendingFile(
    long manifest,
    String path,
    String kind,
    int schemaVersion,
    int generation,
    long rows,
    long bytes) {}
