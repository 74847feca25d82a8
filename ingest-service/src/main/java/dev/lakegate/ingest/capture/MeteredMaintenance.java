package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.maintenance.MaintenanceMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Counts of Bronze's maintenance as meters. */
final class MeteredMaintenance implements MaintenanceMetrics {
  private final MeterRegistry meters;
  private final AtomicLong manifests;
  private final AtomicLong rollUps;
  private final AtomicLong files;

  MeteredMaintenance(MeterRegistry meters) {
    this.meters = meters;
    this.manifests = gauge("lakegate.bronze.manifests");
    this.rollUps = gauge("lakegate.bronze.roll.ups");
    this.files = gauge("lakegate.bronze.files");
  }

  private AtomicLong gauge(String name) {
    AtomicLong value = new AtomicLong();
    Gauge.builder(name, value, AtomicLong::doubleValue).register(meters);
    return value;
  }

  @Override
  public void chain(long manifestsNow, long rollUpsNow) {
    manifests.set(manifestsNow);
    rollUps.set(rollUpsNow);
  }

  @Override
  public void files(long filesNow) {
    files.set(filesNow);
  }

  @Override
  public void merged(long filesBefore, long into) {
    meters.counter("lakegate.bronze.files.merged").increment(filesBefore);
    meters.counter("lakegate.bronze.files.merged.into").increment(into);
  }

  @Override
  public void removed(Reason reason, long filesRemoved) {
    meters
        .counter("lakegate.bronze.files.removed", "reason", reason.name().toLowerCase(Locale.ROOT))
        .increment(filesRemoved);
  }
}
