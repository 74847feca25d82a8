package dev.lakegate.model.bronze;

/**
 * A table's copy became complete.
 *
 * @param table source table
 * @param generation of the copy
 * @param rows rows copied
 */
public record CopyCompleted(String table, int generation, long rows) {}
