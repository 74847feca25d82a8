package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** What a run did. Filled in as the run goes; used by one thread. */
public final class RunResult {
  /** Instant of the commit; null when there was none. */
  public String instant;

  /** What the table has consumed; null when nothing. */
  public JsonNode checkpoint;

  /** Bronze records, or rows of the metric's result, that were read. */
  public long rowsRead;

  /** Rows inserted or changed. */
  public long rowsUpserted;

  /** Rows removed. */
  public long rowsDeleted;

  /**
   * Changed rows that are not stored, because one of their values is known nowhere; more than 0
   * means that rows are missing from the table until they change again or are copied.
   */
  public long rowsLeftOut;

  /** Rows in the table's quarantine, after the run. */
  public long rowsQuarantined;

  /** Base files written by the commit. */
  public long filesWritten;

  /** Their size. */
  public long bytesWritten;

  /** Gold only: how the rows were computed; null before that was decided. */
  public Computation computation;

  /** Gold only: what the columns are made of; null when that is not known. */
  public JsonNode lineage;

  /** Rows in the table; null when unknown. */
  public Long rowsTotal;

  /** Path of the published snapshot, relative to the storage root. */
  public String snapshot;

  /** Watermark of that snapshot. */
  public Instant watermark;

  private final long startNanos = System.nanoTime();

  /** The result of a run that did what it should. */
  public ObjectNode succeeded(String runId, String dataset) {
    ObjectNode node = common(runId, dataset, "succeeded");
    node.putNull("error");
    return node;
  }

  /** The result of a run that failed. */
  public ObjectNode failed(
      String runId, String dataset, String code, String message, boolean retryable) {
    ObjectNode node = common(runId, dataset, "failed");
    node.putObject("error").put("code", code).put("message", message).put("retryable", retryable);
    return node;
  }

  /** How much of a metric was computed. Immutable. */
  public static final class Computation {
    private final String mode;
    private final String reason;
    private final Long changedRows;
    private final Long keys;

    private Computation(String mode, String reason, Long changedRows, Long keys) {
      this.mode = mode;
      this.reason = reason;
      this.changedRows = changedRows;
      this.keys = keys;
    }

    /**
     * All of it.
     *
     * @param reason as a sentence
     */
    public static Computation full(String reason) {
      return new Computation("full", reason, null, null);
    }

    /** Only the rows of some keys, which changed rows of the inputs touch. */
    public static Computation incremental(long changedRows, long keys) {
      return new Computation(
          "incremental",
          changedRows + " changed rows of its inputs touch " + keys + " keys.",
          changedRows,
          keys);
    }

    private ObjectNode toJson() {
      return Json.object()
          .put("mode", mode)
          .put("reason", reason)
          .put("changedRows", changedRows)
          .put("keys", keys);
    }
  }

  private ObjectNode common(String runId, String dataset, String status) {
    ObjectNode node = Json.object();
    node.put("version", 1);
    node.put("runId", runId);
    node.put("dataset", dataset);
    node.put("status", status);
    node.put("instant", instant);
    if (checkpoint == null) {
      node.putNull("checkpoint");
    } else {
      node.set("checkpoint", checkpoint);
    }
    node.put("rowsRead", rowsRead);
    node.put("rowsUpserted", rowsUpserted);
    node.put("rowsDeleted", rowsDeleted);
    node.put("rowsLeftOut", rowsLeftOut);
    if (computation == null) {
      node.putNull("computation");
    } else {
      node.set("computation", computation.toJson());
    }
    node.put("rowsQuarantined", rowsQuarantined);
    node.put("filesWritten", filesWritten);
    node.put("bytesWritten", bytesWritten);
    node.put("rowsTotal", rowsTotal);
    node.put("durationMillis", (System.nanoTime() - startNanos) / 1_000_000);
    node.put("snapshot", snapshot);
    node.put("watermark", watermark == null ? null : Times.micros(watermark));
    if (lineage == null) {
      node.putNull("lineage");
    } else {
      node.set("lineage", lineage);
    }
    return node;
  }
}
