package dev.lakegate.model.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What came of a run. Immutable.
 *
 * @param version contract version, {@value #VERSION}
 * @param runId of the request
 * @param dataset {@code <schema>.<name>}
 * @param status succeeded or failed
 * @param instant Hudi instant of the commit; null when nothing was committed
 * @param checkpoint of the table after the run; null when it has none
 * @param rowsRead records read from the inputs
 * @param rowsUpserted rows inserted or updated
 * @param rowsDeleted rows deleted
 * @param rowsLeftOut changed rows that are not stored because one of their values is known nowhere:
 *     more than 0 means that the table lacks rows; null when the jobs did not say
 * @param computation how the rows of a metric were computed; null for a Silver table, and when that
 *     was not decided
 * @param rowsQuarantined rows in the table's quarantine after the run; null when the jobs did not
 *     say
 * @param filesWritten files of the commit
 * @param bytesWritten bytes of the commit
 * @param rowsTotal rows of the table after the run; null when unknown
 * @param durationMillis wall clock
 * @param snapshot path of the published snapshot, relative to the storage root; null when none
 * @param watermark newest source commit that the table fully reflects; null when unknown
 * @param lineage what the columns of a metric are made of; null for a Silver table, and when that
 *     is not known
 * @param error null unless failed
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record RunResult(
    int version,
    String runId,
    String dataset,
    Status status,
    String instant,
    Checkpoint checkpoint,
    long rowsRead,
    long rowsUpserted,
    long rowsDeleted,
    Long rowsLeftOut,
    Computation computation,
    Long rowsQuarantined,
    long filesWritten,
    long bytesWritten,
    Long rowsTotal,
    long durationMillis,
    String snapshot,
    Instant watermark,
    Lineage lineage,
    Failure error) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  public RunResult {
    Objects.requireNonNull(runId, "runId is null");
    Objects.requireNonNull(dataset, "dataset is null");
    Objects.requireNonNull(status, "status is null");
    if ((status == Status.FAILED) != (error != null)) {
      throw new IllegalArgumentException("a failed run has an error, a succeeded one has none");
    }
  }

  /**
   * How much of a metric was computed.
   *
   * @param mode incremental: the rows of the keys that changes of its inputs touch; full: all rows
   * @param reason in a sentence
   * @param changedRows of its inputs: those that came, or those that went or had other values,
   *     whichever are more; null when all rows were computed
   * @param keys that these touch; null when all rows were computed
   */
  public record Computation(Mode mode, String reason, Long changedRows, Long keys) {
    /** All rows, or some. */
    public enum Mode {
      @JsonProperty("incremental")
      INCREMENTAL,
      @JsonProperty("full")
      FULL
    }
  }

  /**
   * What the columns of a result are made of, as Spark's analysis of the query tells it.
   *
   * @param columns each with what its values are made of
   * @param rows what decides which rows there are
   */
  public record Lineage(List<OfColumn> columns, List<Source> rows) {
    public Lineage {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }

    /**
     * A column of the result.
     *
     * @param column its name
     * @param inputs what it is made of
     */
    public record OfColumn(String column, List<Source> inputs) {
      public OfColumn {
        inputs = List.copyOf(inputs);
      }
    }

    /**
     * A column of an input.
     *
     * @param dataset {@code <schema>.<name>}
     * @param column its name
     * @param kind how it goes in
     */
    public record Source(String dataset, String column, Kind kind) {}

    /** How a column goes into a result. */
    public enum Kind {
      /** As it is. */
      @JsonProperty("identity")
      IDENTITY,
      /** By a function of values of the same row. */
      @JsonProperty("transformation")
      TRANSFORMATION,
      /** By a function of values of many rows. */
      @JsonProperty("aggregation")
      AGGREGATION,
      /** It decides which of other values is taken. */
      @JsonProperty("conditional")
      CONDITIONAL,
      /** It decides which rows stay. */
      @JsonProperty("filter")
      FILTER,
      /** It decides which rows belong together. */
      @JsonProperty("join")
      JOIN,
      /** It decides which rows become one. */
      @JsonProperty("group_by")
      GROUP_BY,
      /** It decides about the order. */
      @JsonProperty("sort")
      SORT,
      /** It decides which rows a window function sees. */
      @JsonProperty("window")
      WINDOW;

      /** Whether values go in, not only decisions. */
      public boolean direct() {
        return ordinal() <= AGGREGATION.ordinal();
      }
    }
  }

  /** How a run ended. */
  public enum Status {
    @JsonProperty("succeeded")
    SUCCEEDED,
    @JsonProperty("failed")
    FAILED
  }

  /**
   * Why a run failed.
   *
   * @param code machine-readable, upper case
   * @param message for people
   * @param retryable whether the same request may succeed later
   */
  public record Failure(String code, String message, boolean retryable) {}
}
