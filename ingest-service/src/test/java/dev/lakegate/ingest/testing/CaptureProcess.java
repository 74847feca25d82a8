package dev.lakegate.ingest.testing;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.source.SourceSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The capture engine in a JVM of its own, to be killed. It also ends with its standard input. */
public final class CaptureProcess {
  private CaptureProcess() {}

  /** Arguments: directory, JDBC URL, slot, rows per flush, bytes per spill. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    CaptureEngine engine =
        new CaptureEngine(
            new CaptureSettings(
                directory.resolve("lake"),
                directory.resolve("work"),
                new SourceSettings(arguments[1], "postgres", "postgres", arguments[2], "lakegate"),
                TestSource.tables(),
                new FlushPolicy(
                    Duration.ofMillis(100),
                    Duration.ofMillis(200),
                    32,
                    Long.parseLong(arguments[3]),
                    Long.parseLong(arguments[4])),
                Long.parseLong(arguments[4]),
                "64MB"),
            CaptureMetrics.NONE);
    engine.start();
    while (System.in.read() >= 0) {
      // Until whoever started this is gone.
    }
    engine.stop(Duration.ofSeconds(20));
  }

  /** Starts the process; its output goes to {@code log}. */
  public static Process start(
      Path directory, TestSource source, long flushRows, long spillBytes, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlakegate.basedir=" + TestSource.base().toAbsolutePath());
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(CaptureProcess.class.getName());
    command.addAll(
        List.of(
            directory.toString(),
            source.url(),
            source.settings().slot(),
            Long.toString(flushRows),
            Long.toString(spillBytes)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
