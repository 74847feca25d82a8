package dev.lakegate.model.bronze;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.time.LocalDate;

/**
 * One immutable Parquet file of Bronze.
 *
 * @param path relative to the storage root, with {@code /}
 * @param table source table, such as {@code core_order}
 * @param tenant the only tenant in the file; null when the log did not carry it (a key-only delete)
 * @param loadDate UTC date of commit, or of copying
 * @param rows records in the file, at least 1
 * @param bytes size of the file
 * @param kind how its records were read
 * @param schemaVersion version of the table's schema, see {@link SchemaVersion}
 * @param generation of the table's copy, from 1; a repeated copy has a higher one
 * @param firstSequence lowest change sequence in the file
 * @param lastSequence highest change sequence in the file
 * @param maxCommitTs newest commit time in the file; for a copy the time of its snapshot
 */
public record BronzeFile(
    String path,
    String table,
    String tenant,
    LocalDate loadDate,
    long rows,
    long bytes,
    Kind kind,
    int schemaVersion,
    int generation,
    String firstSequence,
    String lastSequence,
    Instant maxCommitTs) {

  /** How the records of a file were read from the source. */
  public enum Kind {
    /** Read by the initial copy. */
    @JsonProperty("copy")
    COPY,
    /** Read from the log. */
    @JsonProperty("stream")
    STREAM
  }
}
