package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.maintenance.MaintenanceMetrics;
import dev.lakegate.ingest.lag.Lag;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/** Capture's counts as meters. */
final class MeteredCapture implements CaptureMetrics {
  private final MeterRegistry meters;
  private final MaintenanceMetrics maintenance;

  MeteredCapture(MeterRegistry meters) {
    this.meters = meters;
    this.maintenance = new MeteredMaintenance(meters);
  }

  /** Registers what is looked at rather than counted. */
  static void gauges(MeterRegistry meters, CaptureEngine engine) {
    lag(meters, engine, "lakegate.capture.lag.seconds", Lag::seconds);
    lag(meters, engine, "lakegate.capture.lag.source.bytes", Lag::sourceBytes);
    lag(meters, engine, "lakegate.capture.retained.wal.bytes", Lag::retainedWalBytes);
    Gauge.builder("lakegate.capture.connected", engine, e -> e.state().source().connected() ? 1 : 0)
        .register(meters);
    tableGauges(meters, engine);
    Gauge.builder("lakegate.capture.manifest", engine, e -> e.state().lastManifest())
        .register(meters);
    for (TableState state : TableState.values()) {
      Gauge.builder(
              "lakegate.capture.tables",
              engine,
              e -> e.tables().stream().filter(t -> t.state() == state).count())
          .tag("state", state.name().toLowerCase(Locale.ROOT))
          .register(meters);
    }
    Gauge.builder(
            "lakegate.capture.approvals.pending",
            engine,
            e -> e.tables().stream().filter(t -> t.pendingApproval() != null).count())
        .register(meters);
  }

  /** Gauges of each table; those that are there already stay. */
  static void tableGauges(MeterRegistry meters, CaptureEngine engine) {
    for (TableStatus table : engine.tables()) {
      String name = table.table();
      Gauge.builder(
              "lakegate.capture.quarantined.rows",
              engine,
              e -> e.quarantine().counts().getOrDefault(name, 0L))
          .tag("table", name)
          .register(meters);
    }
  }

  private static void lag(
      MeterRegistry meters, CaptureEngine engine, String name, Function<Lag, Number> value) {
    Gauge.builder(
            name,
            engine,
            e -> {
              Number number = value.apply(e.state().lag());
              return number == null ? Double.NaN : number.doubleValue();
            })
        .register(meters);
  }

  @Override
  public void captured(String table, String operation, long rows) {
    if (rows > 0) {
      meters
          .counter("lakegate.capture.rows", "table", table, "operation", operation)
          .increment(rows);
    }
  }

  @Override
  public void flushed(Duration duration, int files, long bytes) {
    meters.timer("lakegate.capture.flush").record(duration);
    meters.summary("lakegate.capture.flush.files").record(files);
    meters.summary("lakegate.capture.flush.bytes").record(bytes);
  }

  @Override
  public MaintenanceMetrics maintenance() {
    return maintenance;
  }

  @Override
  public void lossy(String table, String column, long values) {
    meters
        .counter("lakegate.capture.lossy.values", "table", table, "column", column)
        .increment(values);
  }
}
