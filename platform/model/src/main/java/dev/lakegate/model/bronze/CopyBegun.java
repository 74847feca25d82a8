package dev.lakegate.model.bronze;

/**
 * A table's rows are copied from here on, under a snapshot of their own.
 *
 * @param table source table
 * @param generation of the copy, from 1; higher than that of any earlier copy of the table
 * @param reason why, as a sentence
 */
public record CopyBegun(String table, int generation, String reason) {}
