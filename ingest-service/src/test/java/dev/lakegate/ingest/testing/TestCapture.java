package dev.lakegate.ingest.testing;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.ingest.capture.FlushPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Capture with settings that suit tests; its lake is in {@code lake/} of a directory. */
public final class TestCapture {
  private TestCapture() {}

  public static CaptureEngine engine(Path directory, TestSource source, CaptureMetrics metrics) {
    return engine(directory, source, TestSource.tables(), metrics);
  }

  public static CaptureEngine engine(
      Path directory, TestSource source, List<CapturedTable> tables, CaptureMetrics metrics) {
    return new CaptureEngine(settings(directory, source, tables), metrics);
  }

  public static CaptureSettings settings(
      Path directory, TestSource source, List<CapturedTable> tables) {
    return new CaptureSettings(
        directory.resolve("lake"),
        directory.resolve("work"),
        source.settings(),
        tables,
        new FlushPolicy(Duration.ofMillis(100), Duration.ofMillis(200), 32, 10_000, 64L << 20),
        32L << 20,
        "128MB");
  }
}
