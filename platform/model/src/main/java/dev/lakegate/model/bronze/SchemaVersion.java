package dev.lakegate.model.bronze;

import java.util.List;

/**
 * A version of a source table's schema, recorded in the first manifest that uses it.
 *
 * @param table source table
 * @param schemaVersion from 1, rising by 1
 * @param key primary key columns in order; empty when the table has none
 * @param columns the source's columns in order
 */
public record SchemaVersion(
    String table, int schemaVersion, List<String> key, List<SourceColumn> columns) {

  public SchemaVersion {
    key = List.copyOf(key);
    columns = List.copyOf(columns);
  }

  /**
   * A column as the source declares it and as Bronze stores it.
   *
   * @param name the source's name
   * @param sourceType PostgreSQL's notation, such as {@code numeric(12,2)}
   * @param type Trino's notation of what the Parquet file holds
   * @param nullable whether the source allows NULL
   */
  public record SourceColumn(String name, String sourceType, String type, boolean nullable) {}
}
