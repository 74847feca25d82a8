package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestDraft;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Counts what became durable. */
final class FlushReport {
  private static final Logger LOG = Logger.getLogger(FlushReport.class);

  private final StatusBoard board;
  private final CaptureMetrics metrics;

  FlushReport(StatusBoard board, CaptureMetrics metrics) {
    this.board = board;
    this.metrics = metrics;
  }

  /** Rows of a copy were written. */
  void copied(String table, BronzeWriter.Written written) {
    written.lossyValues().forEach((column, n) -> lossy(table, column, n));
    metrics.captured(table, "copy", written.rows());
  }

  /** Changes are in a manifest. */
  void streamed(PendingChanges pending) {
    pending
        .counts()
        .forEach(
            (table, counts) -> {
              board.count(table, counts);
              metrics.captured(table, "insert", counts.inserts);
              metrics.captured(table, "update", counts.updates);
              metrics.captured(table, "delete", counts.deletes);
              metrics.captured(table, "truncate", counts.truncates);
            });
    pending
        .lossy()
        .forEach((table, columns) -> columns.forEach((column, n) -> lossy(table, column, n)));
  }

  /** A manifest was written. */
  void flushed(long startedNanos, ManifestDraft draft) {
    metrics.flushed(
        Duration.ofNanos(System.nanoTime() - startedNanos),
        draft.files().size(),
        draft.files().stream().mapToLong(f -> f.bytes()).sum());
  }

  private void lossy(String table, String column, long values) {
    LOG.warnf("%d values of %s.%s became NULL: Bronze cannot hold them", values, table, column);
    board.lossy(table, column, values);
    metrics.lossy(table, column, values);
  }
}
