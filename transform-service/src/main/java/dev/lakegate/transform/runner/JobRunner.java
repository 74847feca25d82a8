package dev.lakegate.transform.runner;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Executes runs. Implementations are thread-safe; they take runs, one or several at once, as long
 * as they are {@linkplain RunnerState.Phase#READY ready}.
 */
public interface JobRunner extends AutoCloseable {

  /** Makes itself able to take runs, and stays so. To be called once. */
  void open();

  /** How it is doing now. */
  RunnerState state();

  /**
   * Starts a run.
   *
   * @param runId its id
   * @param request the run request, as the contract has it
   * @param onStage called from any thread with what the run is doing
   * @return completes with the run result as the contract has it; exceptionally with {@link
   *     RunLostException} when the run ended without one
   * @throws IllegalStateException when it is not ready
   */
  CompletableFuture<JsonNode> start(String runId, JsonNode request, Consumer<String> onStage);

  /**
   * Ends a run's work, whatever it is doing; its future then completes exceptionally, and so may
   * those of runs beside it. Without effect when the run is not in progress.
   */
  void cancel(String runId);

  /** Ends all work and releases everything. */
  @Override
  void close();
}
