package dev.lakegate.transform.service;

import dev.lakegate.model.job.RunResult;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.History;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.RunObserver;
import dev.lakegate.transform.run.RunStatus;
import dev.lakegate.transform.run.View;
import dev.lakegate.transform.runner.RunnerState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What monitoring sees of runs and datasets. */
@ApplicationScoped
class RunMetrics implements RunObserver {
  @Inject MeterRegistry registry;

  private MultiGauge lag;
  private MultiGauge rows;
  private MultiGauge freshness;
  private MultiGauge rowsLeftOut;
  private MultiGauge rowsQuarantined;
  private MultiGauge columnsLeftOut;
  private Conductor conductor;

  void watch(Conductor watched) {
    conductor = watched;
    lag =
        MultiGauge.builder("lakegate.dataset.lag")
            .description("Age of the oldest captured change that a dataset does not reflect")
            .baseUnit("seconds")
            .register(registry);
    rows =
        MultiGauge.builder("lakegate.dataset.rows")
            .description("Rows of a dataset's current snapshot")
            .register(registry);
    rowsLeftOut =
        MultiGauge.builder("lakegate.dataset.rows.left.out")
            .description(
                "Changed rows that a dataset lacks, because one of their values is known nowhere")
            .register(registry);
    rowsQuarantined =
        MultiGauge.builder("lakegate.dataset.rows.quarantined")
            .description("Rows of a dataset that are in quarantine for what is expected of them")
            .register(registry);
    columnsLeftOut =
        MultiGauge.builder("lakegate.dataset.columns.left.out")
            .description("Columns of the source that a dataset cannot have")
            .register(registry);
    freshness =
        MultiGauge.builder("lakegate.dataset.freshness")
            .description(
                "Time from a change's commit at the source until it could be queried, percentiles"
                    + " over the last hour")
            .baseUnit("seconds")
            .register(registry);
    gauge(
        "lakegate.service.leads",
        "1 while this service works on its control database, 0 while it stands by",
        view -> view.standby() == null ? 1 : 0);
    gauge("lakegate.runs.queued", "Runs asked for and not started", View::queued);
    gauge(
        "lakegate.runner.ready",
        "1 while the job runner takes or executes runs",
        view ->
            view.runner().phase() == RunnerState.Phase.READY
                    || view.runner().phase() == RunnerState.Phase.BUSY
                ? 1
                : 0);
    gauge("lakegate.runner.starts", "Starts of the job process", view -> view.runner().starts());
    gauge(
        "lakegate.manifest.head",
        "Number of the last manifest of the chain",
        view -> view.head() == null ? 0 : view.head().manifest());
  }

  private void gauge(String name, String description, ToDoubleFunction<View> value) {
    Gauge.builder(name, conductor, c -> c.view().map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .register(registry);
  }

  @Override
  public void ended(String dataset, RunStatus status, Duration duration) {
    Timer.builder("lakegate.runs")
        .description("Runs that ended, and how long they took")
        .tags("dataset", dataset, "status", status.wireName())
        .register(registry)
        .record(duration);
  }

  @Override
  public void did(String dataset, RunResult result) {
    count("lakegate.runs.rows.read", "Rows that runs read from their inputs", dataset)
        .increment(result.rowsRead());
    count("lakegate.runs.rows.upserted", "Rows that runs inserted or changed", dataset)
        .increment(result.rowsUpserted());
    count("lakegate.runs.rows.deleted", "Rows that runs removed", dataset)
        .increment(result.rowsDeleted());
    count("lakegate.runs.bytes.written", "Bytes of the files that runs wrote", dataset)
        .increment(result.bytesWritten());
  }

  private Counter count(String name, String description, String dataset) {
    return Counter.builder(name)
        .description(description)
        .tag("dataset", dataset)
        .register(registry);
  }

  /** Datasets come and go with the description, so their gauges are set anew. */
  @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void refresh() {
    View view = conductor == null ? null : conductor.view().orElse(null);
    if (view == null) {
      return;
    }
    List<MultiGauge.Row<?>> lags = new ArrayList<>();
    List<MultiGauge.Row<?>> counts = new ArrayList<>();
    List<MultiGauge.Row<?>> lacking = new ArrayList<>();
    List<MultiGauge.Row<?>> quarantined = new ArrayList<>();
    List<MultiGauge.Row<?>> nameless = new ArrayList<>();
    for (Plan.Status status : view.plan().statuses()) {
      Tags tags = Tags.of("dataset", status.dataset());
      double behind =
          status.behindSince() == null
              ? 0
              : Math.max(0, Duration.between(status.behindSince(), view.at()).toMillis() / 1000.0);
      lags.add(MultiGauge.Row.of(tags, behind));
      if (status.layer() == Dataset.Layer.SILVER) {
        lacking.add(
            MultiGauge.Row.of(
                tags, view.history().getOrDefault(status.dataset(), History.NONE).rowsLeftOut()));
        quarantined.add(
            MultiGauge.Row.of(
                tags,
                view.history().getOrDefault(status.dataset(), History.NONE).rowsQuarantined()));
        nameless.add(
            MultiGauge.Row.of(
                tags, view.columnsLeftOut().getOrDefault(status.dataset(), List.of()).size()));
      }
      if (view.published().containsKey(status.dataset())) {
        counts.add(MultiGauge.Row.of(tags, view.published().get(status.dataset()).rows()));
      }
    }
    List<MultiGauge.Row<?>> delays = new ArrayList<>();
    view.freshness()
        .forEach(
            (dataset, p) -> {
              delays.add(MultiGauge.Row.of(quantile(dataset, "0.5"), p.p50()));
              delays.add(MultiGauge.Row.of(quantile(dataset, "0.95"), p.p95()));
              delays.add(MultiGauge.Row.of(quantile(dataset, "0.99"), p.p99()));
            });
    freshness.register(delays, true);
    lag.register(lags, true);
    rowsLeftOut.register(lacking, true);
    rowsQuarantined.register(quarantined, true);
    columnsLeftOut.register(nameless, true);
    rows.register(counts, true);
  }

  private static Tags quantile(String dataset, String quantile) {
    return Tags.of("dataset", dataset, "quantile", quantile);
  }
}
