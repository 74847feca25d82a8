package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.maintenance.MaintenanceSettings;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StartupChecks;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** Starts and stops capture with the service, and tells it of tables that are described later. */
@ApplicationScoped
public class CaptureService {
  private static final Logger LOG = Logger.getLogger(CaptureService.class);
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  @Inject CaptureConfig config;
  @Inject StorageConfig storage;
  @Inject WorkConfig work;
  @Inject LakehouseConfig lakehouse;
  @Inject MeterRegistry meters;

  private volatile CaptureEngine engine;
  private DescriptionFollower<List<CapturedTable>> follower;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 100) StartupEvent event) {
    Path directory = lakehouse.directory().orElseThrow();
    follower = new DescriptionFollower<>(directory, CaptureService::tables);
    follower.poll();
    CaptureEngine started =
        new CaptureEngine(
            settings(follower.current().orElseGet(() -> tables(LakehouseLoader.load(directory)))),
            new MeteredCapture(meters));
    MeteredCapture.gauges(meters, started);
    started.start();
    engine = started;
  }

  @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void follow() {
    CaptureEngine started = engine;
    if (started != null && follower.poll()) {
      started.describe(follower.current().orElseThrow());
      MeteredCapture.tableGauges(meters, started);
    }
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    if (engine != null && !engine.stop(PATIENCE)) {
      LOG.warn("Capture did not end in time; the next start reads the rest again");
    }
  }

  /** The running engine. */
  @Produces
  @Singleton
  CaptureEngine engine() {
    return engine;
  }

  private static List<CapturedTable> tables(Lakehouse described) {
    return described.tables().stream()
        .map(
            t ->
                new CapturedTable(
                    t.sourceSchema(), t.sourceTable(), t.dataset(), t.tenantColumn(), t.key()))
        .toList();
  }

  private CaptureSettings settings(List<CapturedTable> tables) {
    return new CaptureSettings(
        Path.of(storage.root().orElseThrow()),
        work.directory().orElseThrow(),
        new SourceSettings(
            config.source().jdbcUrl().orElseThrow(),
            config.source().username().orElse(null),
            config.source().password().orElse(null),
            config.slot(),
            config.publication()),
        tables,
        flush(config),
        config.copyBytes().asLongValue(),
        config.duckdbMemory(),
        config.surveyInterval(),
        config.recopy().rows(),
        maintenance(config));
  }

  static MaintenanceSettings maintenance(CaptureConfig config) {
    return new MaintenanceSettings(
        config.maintenance().interval(),
        config.maintenance().rollUpAge(),
        config.maintenance().rollUpManifests(),
        config.maintenance().mergedBytes().asLongValue(),
        config.maintenance().grace(),
        config.maintenance().duckdbMemory());
  }

  static FlushPolicy flush(CaptureConfig config) {
    return new FlushPolicy(
        config.flush().interval(),
        config.flush().stretchedInterval(),
        config.flush().files(),
        config.flush().rows(),
        config.flush().bytes().asLongValue());
  }
}
