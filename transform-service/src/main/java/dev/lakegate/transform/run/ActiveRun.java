package dev.lakegate.transform.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.runner.LocalRunner;
import dev.lakegate.transform.runner.RunLostException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;

/** A run in progress, and how its end is to be understood. */
final class ActiveRun {
  final String id;
  final String dataset;
  final Instant startedAt;
  final List<Run.Input> inputs;
  volatile String stage;
  volatile RunStatus ending;
  volatile String endingReason;
  ScheduledFuture<?> timeout;

  ActiveRun(String id, String dataset, Instant startedAt, List<Run.Input> inputs) {
    this.id = id;
    this.dataset = dataset;
    this.startedAt = startedAt;
    this.inputs = List.copyOf(inputs);
  }

  /** The service stops; unless the run is being ended for another reason, that is why it ends. */
  void interrupt() {
    if (ending == null) {
      endingReason = "The transform service was stopped while this was running.";
      ending = RunStatus.INTERRUPTED;
    }
  }

  /**
   * @param raw what the jobs answered; null when they did not
   * @param failure why not; null when they did
   */
  RunEnd end(JsonNode raw, Throwable failure, Instant now) {
    if (failure != null) {
      return lost(failure instanceof CompletionException c ? c.getCause() : failure, now);
    }
    RunResult result;
    try {
      result = Json.MAPPER.treeToValue(raw, RunResult.class);
      if (result.version() != RunResult.VERSION || !result.runId().equals(id)) {
        throw new IllegalArgumentException(
            "it has version %d and run id %s".formatted(result.version(), result.runId()));
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return new RunEnd(
          id,
          dataset,
          RunStatus.FAILED,
          now,
          null,
          inputs,
          raw,
          "RUNNER_PROTOCOL",
          "The jobs' answer is no run result: " + e.getMessage(),
          false);
    }
    if (result.status() == RunResult.Status.SUCCEEDED) {
      return new RunEnd(
          id,
          dataset,
          RunStatus.SUCCEEDED,
          now,
          result,
          RunInputs.read(inputs, result.checkpoint()),
          raw,
          null,
          null,
          false);
    }
    return new RunEnd(
        id,
        dataset,
        RunStatus.FAILED,
        now,
        result,
        inputs,
        raw,
        result.error().code(),
        result.error().message(),
        result.error().retryable());
  }

  private RunEnd lost(Throwable failure, Instant now) {
    if (ending == null
        && failure instanceof RunLostException lost
        && LocalRunner.RUN_ENDED.equals(lost.code())) {
      endingReason = "Its process was ended because of another run.";
      ending = RunStatus.INTERRUPTED;
    }
    RunStatus status = ending == null ? RunStatus.FAILED : ending;
    String code;
    String message = endingReason;
    if (status == RunStatus.CANCELLED) {
      code = "CANCELLED";
    } else if (status == RunStatus.INTERRUPTED) {
      code = "INTERRUPTED";
    } else if (message != null) {
      code = "TIMEOUT";
    } else {
      code = failure instanceof RunLostException lost ? lost.code() : "RUNNER_FAILED";
      message = failure.getMessage();
    }
    return new RunEnd(id, dataset, status, now, null, inputs, null, code, message, true);
  }
}
