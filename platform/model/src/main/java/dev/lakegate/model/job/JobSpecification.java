package dev.lakegate.model.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * All that a Spark job knows about one Silver table or Gold metric. Compiled from the lakehouse
 * description. Fields that do not belong to a kind are null and absent from the JSON.
 *
 * @param version contract version, {@value #VERSION}
 * @param kind Silver table or Gold metric
 * @param dataset {@code <schema>.<name>}
 * @param name table name without schema
 * @param scope {@code tenant}, {@code shared} or {@code internal}
 * @param description shown in the catalog
 * @param path of the Hudi table, relative to the storage root
 * @param bronzeTable Silver only: source table
 * @param key Silver only: record key
 * @param sql Gold only: Spark SQL over {@code silver.*} and {@code gold.*}; the token {@code
 *     ${as_of_date}} stands for the run's as-of date as a DATE literal
 * @param inputs Gold only: datasets the SQL reads
 * @param grain Gold only: record key
 * @param timeColumns Gold only: columns a range restate may name
 * @param clock Gold only: {@code none} or {@code utc_day} (stale when the UTC day changes)
 * @param incremental Gold only: how changed rows lead to the rows that they touch; absent when each
 *     run computes the whole table
 * @param tenantColumn column that holds the tenant; null unless scope is tenant
 * @param partitionBy Hive-style partition columns, outermost first
 * @param columns Silver: the source's columns, as Bronze has them; Gold: the result's columns
 * @param derivations Silver only: columns computed before storing, in order
 * @param expectations what rows are expected to meet; of Gold those that block keep a run from
 *     being published
 * @param history set for a table that holds versions of rows, whose {@code columns} are then those
 *     of the versions, and {@code key} that of a version; null for others
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobSpecification(
    int version,
    Kind kind,
    String dataset,
    String name,
    String scope,
    String description,
    String path,
    String bronzeTable,
    List<String> key,
    String sql,
    List<String> inputs,
    List<String> grain,
    List<String> timeColumns,
    String clock,
    Incremental incremental,
    String tenantColumn,
    List<String> partitionBy,
    List<SpecColumn> columns,
    List<Derivation> derivations,
    List<Expectation> expectations,
    History history) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  /** Of anything but versions of rows. */
  public JobSpecification(
      int version,
      Kind kind,
      String dataset,
      String name,
      String scope,
      String description,
      String path,
      String bronzeTable,
      List<String> key,
      String sql,
      List<String> inputs,
      List<String> grain,
      List<String> timeColumns,
      String clock,
      Incremental incremental,
      String tenantColumn,
      List<String> partitionBy,
      List<SpecColumn> columns,
      List<Derivation> derivations,
      List<Expectation> expectations) {
    this(
        version,
        kind,
        dataset,
        name,
        scope,
        description,
        path,
        bronzeTable,
        key,
        sql,
        inputs,
        grain,
        timeColumns,
        clock,
        incremental,
        tenantColumn,
        partitionBy,
        columns,
        derivations,
        expectations,
        null);
  }

  /** What a job builds. */
  public enum Kind {
    /** A Silver table. */
    @JsonProperty("silver")
    SILVER,
    /** What a query computes from other datasets: a Gold metric, or a derived table of Silver. */
    @JsonProperty("gold")
    GOLD
  }

  /**
   * A column.
   *
   * @param name column name
   * @param type Trino's notation
   * @param nullable whether NULL is allowed
   * @param description shown in the catalog
   * @param undescribed true when the source has it and the lakehouse description does not name it;
   *     null, and absent from the JSON, otherwise
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SpecColumn(
      String name, String type, boolean nullable, String description, Boolean undescribed) {

    /** A described column. */
    public SpecColumn(String name, String type, boolean nullable, String description) {
      this(name, type, nullable, description, null);
    }
  }

  /**
   * A column computed before a row is stored; it replaces a source column of the same name.
   *
   * @param column name of the result
   * @param type Trino's notation
   * @param expression Spark SQL over the source's columns and earlier derivations
   * @param description shown in the catalog
   */
  public record Derivation(String column, String type, String expression, String description) {}

  /**
   * How changed rows of the inputs lead to the rows of the result that they touch.
   *
   * @param by columns of the grain that a key consists of
   * @param inputs by dataset
   */
  public record Incremental(List<String> by, Map<String, IncrementalInput> inputs) {}

  /**
   * What an input tells of keys.
   *
   * @param columns Spark expression over a row of the input, by column of the key
   * @param keys Spark SQL over {@code changed} and other inputs; null, and absent from the JSON,
   *     when {@code columns} gives the keys of a row
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record IncrementalInput(Map<String, String> columns, String keys) {}

  /**
   * A rule that rows must meet.
   *
   * @param name identifier within the dataset
   * @param expression Spark SQL over the source's columns and derivations; a row meets it unless it
   *     is false
   * @param blocking whether a bad row is quarantined; one that is flagged instead says so in a
   *     derivation
   */
  public record Expectation(String name, String expression, boolean blocking) {}

  /**
   * What a table of versions keeps of the changes of its source table.
   *
   * @param key the source's key columns
   * @param columns of the source that are tracked
   * @param tenant the source's column that names the tenant; null, and absent from the JSON, when
   *     there is none
   * @param began the source's column that says when a row began; null, and absent, when there is
   *     none
   * @param transitions how values may follow each other; null, and absent, when nothing is said
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record History(
      List<String> key,
      List<String> columns,
      String tenant,
      String began,
      Transitions transitions) {}

  /**
   * How the values of a column may follow each other.
   *
   * @param column that it is about
   * @param allowed values that may follow, by value
   */
  public record Transitions(String column, Map<String, List<String>> allowed) {}
}
