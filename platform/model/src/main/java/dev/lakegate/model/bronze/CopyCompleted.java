package dev.lakegate.model.bronze;

/**
 * A table's copy became complete.
 *
 * @param table source table
 * @param generation of the copy
 * @param rows rows copied
 * @param sequence change sequence of every row of the copy: whatever of this table sorts before it,
 *     and does not appear again, no longer existed when the copy's snapshot was taken; null in
 *     manifests of version 1
 */
public record CopyCompleted(String table, int generation, long rows, String sequence) {}
