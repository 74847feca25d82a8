package dev.lakegate.ingest.api;

import dev.lakegate.ingest.alarm.Alarm;
import dev.lakegate.ingest.alarm.Alarm.Severity;
import dev.lakegate.ingest.alarm.AlarmBoard;
import dev.lakegate.ingest.alarm.AlarmConfig;
import dev.lakegate.ingest.alarm.QuarantineRule;
import dev.lakegate.ingest.alarm.SlotWatch;
import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.TableStatus;
import dev.lakegate.kit.config.StartupChecks;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Watches the slot as long as the service runs, and keeps its alarms. */
@ApplicationScoped
class WatchService {
  @Inject AlarmConfig config;
  @Inject ConfiguredSource source;
  @Inject CaptureEngine engine;
  @Inject MeterRegistry meters;

  private final AlarmBoard board = new AlarmBoard();
  private SlotWatch watch;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 200) StartupEvent event) {
    watch =
        new SlotWatch(
            source.settings(), config.unlimitedWal().asLongValue(), config.interval(), board);
    for (Severity severity : Severity.values()) {
      Gauge.builder("lakegate.capture.alarms", this, w -> count(w.alarms(), severity))
          .tag("severity", severity.name().toLowerCase())
          .register(meters);
    }
    Gauge.builder(
            "lakegate.capture.retained.wal.limit.bytes",
            watch,
            w -> w.retention().map(r -> (double) r.limitBytes()).orElse(Double.NaN))
        .register(meters);
    watch.start();
  }

  void stop(@Observes ShutdownEvent event) {
    if (watch != null) {
      watch.close();
    }
  }

  private static long count(List<Alarm> alarms, Severity severity) {
    return alarms.stream().filter(a -> a.severity() == severity).count();
  }

  /** What is raised now. */
  List<Alarm> alarms() {
    for (TableStatus table : engine.tables()) {
      board.set(
          QuarantineRule.CODE,
          table.table(),
          QuarantineRule.judge(table.table(), table.quarantinedRows(), Instant.now()));
    }
    return board.alarms();
  }

  Optional<SlotWatch.Retention> retention() {
    return watch == null ? Optional.empty() : watch.retention();
  }
}
