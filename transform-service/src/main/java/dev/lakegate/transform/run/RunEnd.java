package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunResult;
import java.time.Instant;

/**
 * How a run ended.
 *
 * @param runId its id
 * @param dataset it ran
 * @param status a final one
 * @param at when
 * @param result what the jobs answered; null when they did not
 * @param raw the same as it was received
 * @param errorCode machine-readable; null when it succeeded
 * @param errorMessage for people; null when it succeeded
 * @param retryable whether trying again may help
 */
record RunEnd(
    String runId,
    String dataset,
    RunStatus status,
    Instant at,
    RunResult result,
    JsonNode raw,
    String errorCode,
    String errorMessage,
    boolean retryable) {}
