package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunRequest.Mode;
import java.time.Instant;
import java.util.List;

/**
 * The record of a run.
 *
 * @param id sorts by the time it was made
 * @param dataset {@code <schema>.<name>}
 * @param mode how much it reads
 * @param reason why it runs, in a sentence
 * @param status where it is in its life
 * @param requestedBy subject of who asked; null when the planner started it
 * @param queuedAt when it was asked for
 * @param startedAt null while queued
 * @param finishedAt null while not final
 * @param instant of its commit; null when it has none
 * @param rowsRead from its inputs; null when unknown, as the next three
 * @param rowsUpserted inserted or changed
 * @param rowsDeleted removed
 * @param bytesWritten of its commit
 * @param rowsRejected changed rows that the run could not store, and rows that the table has in
 *     quarantine after it; null when unknown
 * @param durationMillis from its start to its end; null while that has not come
 * @param inputs what it read; empty when it reads none of its inputs
 * @param errorCode machine-readable; null unless it ended without success
 * @param errorMessage for people
 * @param request as sent to the jobs, its specification by fingerprint; null in lists
 * @param result as the jobs answered; null in lists and when there was none
 */
public record Run(
    String id,
    String dataset,
    Mode mode,
    String reason,
    RunStatus status,
    String requestedBy,
    Instant queuedAt,
    Instant startedAt,
    Instant finishedAt,
    String instant,
    Long rowsRead,
    Long rowsUpserted,
    Long rowsDeleted,
    Long bytesWritten,
    Long rowsRejected,
    Long durationMillis,
    List<Input> inputs,
    String errorCode,
    String errorMessage,
    JsonNode request,
    JsonNode result) {
  public Run {
    inputs = List.copyOf(inputs);
  }

  /**
   * A range of an input: what came after one state, up to and with another.
   *
   * @param dataset {@code bronze.<source table>} or {@code <schema>.<name>}
   * @param from {@code <epoch>:<manifest>} of Bronze, an instant otherwise; null when it is read
   *     from its beginning
   * @param to as above; null when not known
   */
  public record Input(String dataset, String from, String to) {}
}
