package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.maintenance.MaintenanceMetrics;
import java.time.Duration;

/** What capture counts. Implementations are thread-safe and never throw. */
public interface CaptureMetrics {
  /** Counts nothing. */
  CaptureMetrics NONE =
      new CaptureMetrics() {
        @Override
        public void captured(String table, String operation, long rows) {}

        @Override
        public void flushed(Duration duration, int files, long bytes) {}

        @Override
        public void lossy(String table, String column, long values) {}
      };

  /**
   * Rows became durable.
   *
   * @param operation {@code copy}, {@code insert}, {@code update}, {@code delete} or {@code
   *     truncate}
   */
  void captured(String table, String operation, long rows);

  /** A manifest was written. */
  void flushed(Duration duration, int files, long bytes);

  /** What maintenance of Bronze counts. */
  default MaintenanceMetrics maintenance() {
    return MaintenanceMetrics.NONE;
  }

  /** Values became NULL because Bronze's type cannot hold them. */
  void lossy(String table, String column, long values);
}
