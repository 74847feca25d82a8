package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunResult;
import java.time.Instant;
import java.util.List;

/**
 * How a run ended.
 *
 * @param runId its id
 * @param dataset it ran
 * @param status a final one
 * @param at when
 * @param result what the jobs answered; null when they did not
 * @param inputs what it read
 * @param raw the same as it was received
 * @param errorCode machine-readable; null when it succeeded
 * @param errorMessage for people; null when it succeeded
 * @param retryable whether trying again may help
 */
public record RunEnd(
    String runId,
    String dataset,
    RunStatus status,
    Instant at,
    RunResult result,
    List<Run.Input> inputs,
    JsonNode raw,
    String errorCode,
    String errorMessage,
    boolean retryable) {}
