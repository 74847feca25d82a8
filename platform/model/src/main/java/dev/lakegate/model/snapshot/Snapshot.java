package dev.lakegate.model.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The state of a Hudi table at one instant, as engines other than Spark read it: its columns and
 * the base files that hold exactly its rows.
 *
 * @param version contract version, {@value #VERSION}
 * @param database logical schema, {@code silver} or {@code gold}
 * @param table table name
 * @param scope {@code tenant}, {@code shared} or {@code internal}
 * @param instant Hudi instant, UTC, {@code yyyyMMddHHmmssSSS}
 * @param publishedAt when this was published, UTC
 * @param description of the table
 * @param tenantColumn column that holds the tenant; null unless scope is tenant
 * @param columns in order; Hudi's own columns are left out
 * @param partitionColumns outermost first; they are also columns inside the files
 * @param files the latest base files, none with log files beside it
 * @param checkpoint what the table has consumed
 * @param watermark newest source commit that the table fully reflects; null when unknown
 * @param definition what the rows were made by, as the commit carries it; equal texts mean equal
 *     rows of equal inputs; null when unknown
 */
public record Snapshot(
    int version,
    String database,
    String table,
    String scope,
    String instant,
    Instant publishedAt,
    String description,
    String tenantColumn,
    List<Column> columns,
    List<String> partitionColumns,
    List<File> files,
    JsonNode checkpoint,
    Instant watermark,
    String definition) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  /** Of which it is not known what its rows were made by. */
  public Snapshot(
      int version,
      String database,
      String table,
      String scope,
      String instant,
      Instant publishedAt,
      String description,
      String tenantColumn,
      List<Column> columns,
      List<String> partitionColumns,
      List<File> files,
      JsonNode checkpoint,
      Instant watermark) {
    this(
        version,
        database,
        table,
        scope,
        instant,
        publishedAt,
        description,
        tenantColumn,
        columns,
        partitionColumns,
        files,
        checkpoint,
        watermark,
        null);
  }

  public Snapshot {
    columns = List.copyOf(columns);
    partitionColumns = List.copyOf(partitionColumns);
    files = List.copyOf(files);
  }

  /**
   * A column.
   *
   * @param name column name
   * @param type Trino's notation
   * @param nullable whether NULL may occur
   * @param description for people
   */
  public record Column(String name, String type, boolean nullable, String description) {}

  /**
   * A Parquet file.
   *
   * @param path relative to the storage root
   * @param partition unescaped value of each partition column
   * @param rows rows in it
   * @param bytes its size
   * @param min smallest value per column in text form, where known
   * @param max largest value per column in text form, where known
   * @param unmet how many of its rows do not meet which expectation; empty when all meet all
   */
  public record File(
      String path,
      Map<String, String> partition,
      long rows,
      long bytes,
      Map<String, String> min,
      Map<String, String> max,
      List<Unmet> unmet) {
    public File {
      unmet = List.copyOf(unmet);
    }

    /** A file whose rows meet what is expected of them. */
    public File(
        String path,
        Map<String, String> partition,
        long rows,
        long bytes,
        Map<String, String> min,
        Map<String, String> max) {
      this(path, partition, rows, bytes, min, max, List.of());
    }
  }

  /**
   * Rows of a file that do not meet an expectation.
   *
   * @param expectation name of it, within the table
   * @param tenant whose rows they are; null of a table without tenants
   * @param rows how many
   */
  public record Unmet(String expectation, String tenant, long rows) {}
}
