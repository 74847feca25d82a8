package dev.lakegate.ingest.source;

import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.util.List;

/**
 * A column as the source's catalog has it.
 *
 * @param column name and type
 * @param number of the column in its table: another column of the same name has another
 * @param unlogged whether rows that existed when it was added may have got values that the log does
 *     not carry: it has a default, had one when it was added, or is NOT NULL
 * @param altered the transaction that last altered the column; with the table's file another, its
 *     values may be others, too
 * @param labels of an enum, each as {@code <oid>=<label>}; empty for other types. A label that is
 *     renamed changes what existing rows read
 */
public record CatalogColumn(
    SourceColumn column, int number, boolean unlogged, String altered, List<String> labels) {
  public CatalogColumn {
    labels = List.copyOf(labels);
  }
}
