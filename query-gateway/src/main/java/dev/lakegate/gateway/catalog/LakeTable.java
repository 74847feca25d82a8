package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.sql.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A table as the lake has it now. Immutable.
 *
 * @param schema {@code bronze}, {@code silver} or {@code gold}
 * @param name its own name
 * @param description for people
 * @param scope {@code tenant}, {@code shared} or {@code internal}
 * @param tenantColumn null unless scope is tenant
 * @param columns in order
 * @param files that hold exactly its rows
 * @param published whether anything was published; a table that was only described has no rows
 * @param publishedAt when; null when nothing was
 * @param version changes whenever the rows may have changed
 */
public record LakeTable(
    String schema,
    String name,
    String description,
    String scope,
    String tenantColumn,
    List<Column> columns,
    List<DataFile> files,
    boolean published,
    Instant publishedAt,
    String version) {
  public LakeTable {
    columns = List.copyOf(columns);
    files = List.copyOf(files);
  }

  /** {@code schema.name}. */
  public String dataset() {
    return schema + "." + name;
  }

  /** Rows in its files. */
  public long rows() {
    return files.stream().mapToLong(DataFile::rows).sum();
  }

  /**
   * A column.
   *
   * @param name of the column
   * @param type of its values
   * @param nullable whether NULL may occur
   * @param description for people
   */
  public record Column(String name, Type type, boolean nullable, String description) {}

  /**
   * A Parquet file.
   *
   * @param path relative to the storage root
   * @param partition value of each partition column, null where it is NULL in every row
   * @param rows in it
   * @param bytes its size
   * @param min smallest value of each column where known, as text; times in UTC
   * @param max largest value of each column where known
   * @param unmet how many of its rows do not meet an expectation, by name
   */
  public record DataFile(
      String path,
      Map<String, String> partition,
      long rows,
      long bytes,
      Map<String, String> min,
      Map<String, String> max,
      Map<String, Long> unmet) {
    /** A file whose rows meet what is expected of them. */
    public DataFile(
        String path,
        Map<String, String> partition,
        long rows,
        long bytes,
        Map<String, String> min,
        Map<String, String> max) {
      this(path, partition, rows, bytes, min, max, Map.of());
    }

    /** A file of whose values nothing but the partition's is known. */
    public DataFile(String path, Map<String, String> partition, long rows, long bytes) {
      this(path, partition, rows, bytes, Map.of(), Map.of());
    }
  }
}
