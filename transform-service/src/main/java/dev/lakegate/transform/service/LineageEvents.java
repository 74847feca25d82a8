package dev.lakegate.transform.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.transform.lineage.LineageEmitter;
import dev.lakegate.transform.run.RunEnd;
import dev.lakegate.transform.run.RunObserver;
import dev.lakegate.transform.run.RunStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;

/** Tells lineage's listeners, and monitoring, of runs. */
@ApplicationScoped
class LineageEvents implements RunObserver {
  @Inject LineageConfig config;
  @Inject MeterRegistry registry;
  @Inject RunMetrics metrics;

  private LineageEmitter emitter;

  void open() {
    emitter =
        LineageEmitter.of(
            new LineageEmitter.Settings(
                config.file().orElse(null),
                config.fileBytes(),
                config.filesKept(),
                config.url().orElse(null),
                config.apiKey().orElse(null),
                config.timeout(),
                config.namespace(),
                config.producer(),
                config.waiting(),
                config.tries(),
                config.firstRetry()));
    FunctionCounter.builder("lakegate.lineage.events.sent", emitter, LineageEmitter::sent)
        .description("Events of lineage that were delivered")
        .register(registry);
    FunctionCounter.builder("lakegate.lineage.events.dropped", emitter, LineageEmitter::dropped)
        .description("Events of lineage that were not delivered, and will not be")
        .register(registry);
  }

  void close() {
    if (emitter != null) {
      emitter.close();
    }
  }

  @Override
  public void ended(String dataset, RunStatus status, Duration duration) {
    metrics.ended(dataset, status, duration);
  }

  @Override
  public void did(String dataset, RunResult result) {
    metrics.did(dataset, result);
  }

  @Override
  public void begins(String run, String dataset, Instant at, JsonNode request) {
    emitter.begins(run, dataset, at, request);
  }

  @Override
  public void ended(RunEnd end) {
    switch (end.status()) {
      case SUCCEEDED -> emitter.completed(end.runId(), end.at(), end.result());
      case FAILED -> emitter.failed(end.runId(), end.at(), message(end));
      default -> emitter.aborted(end.runId(), end.at(), message(end));
    }
  }

  private static String message(RunEnd end) {
    return end.errorCode() + ": " + end.errorMessage();
  }

  @Override
  public void lost(String run, String dataset, Mode mode, Instant at) {
    emitter.lost(run, dataset, mode, at);
  }
}
