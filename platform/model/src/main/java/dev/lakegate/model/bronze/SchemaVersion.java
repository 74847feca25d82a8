package dev.lakegate.model.bronze;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A version of a source table's schema, recorded in the first manifest that uses it.
 *
 * @param table source table
 * @param schemaVersion from 1, rising by 1
 * @param key primary key columns in order; empty when the table has none
 * @param columns the source's columns in order
 * @param effect what it does to readers, compared with the version before; null in manifests of
 *     version 1
 * @param explanation the difference as a sentence; null when there is none to tell
 * @param storage {@code <oid>/<file node>} of the table at the source, which tells that its rows
 *     were rewritten or that it is another table of the same name; null when unknown
 */
public record SchemaVersion(
    String table,
    int schemaVersion,
    List<String> key,
    List<SourceColumn> columns,
    Effect effect,
    String explanation,
    String storage) {

  /** A version of which nothing but its shape is known. */
  public SchemaVersion(
      String table, int schemaVersion, List<String> key, List<SourceColumn> columns) {
    this(table, schemaVersion, key, columns, null, null, null);
  }

  /** What a version does to readers, from harmless to not. */
  public enum Effect {
    /** The first version of the table. */
    @JsonProperty("first")
    FIRST,
    /** Columns were added, or nothing that readers notice was changed. */
    @JsonProperty("additive")
    ADDITIVE,
    /** A column's type became one that holds every value of the type before. */
    @JsonProperty("widening")
    WIDENING,
    /** A column is gone or holds something else, or the key changed: readers wait for approval. */
    @JsonProperty("destructive")
    DESTRUCTIVE
  }

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
