package dev.lakegate.e2e.history;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.model.description.SourceTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The capture engine in a process of its own, to be killed. It also ends with its input. */
final class CaptureMain {
  private static final long SPILL_BYTES = 256 << 10;

  private CaptureMain() {}

  /** Arguments: directory, JDBC URL, slot, then the captured tables' names. */
  public static void main(String[] arguments) throws Exception {
    List<SourceTable> tables =
        new Description().tables(List.of(arguments).subList(3, arguments.length));
    CaptureEngine engine =
        engine(
            Path.of(arguments[0]),
            new SourceSettings(arguments[1], "postgres", "postgres", arguments[2], "lakegate"),
            tables);
    engine.start();
    while (System.in.read() >= 0) {
      // Until whoever started this is gone.
    }
    engine.stop(Duration.ofSeconds(20));
  }

  /** An engine that flushes often and spills early, so that few rows go through every step. */
  static CaptureEngine engine(Path directory, SourceSettings source, List<SourceTable> tables) {
    return new CaptureEngine(
        new CaptureSettings(
            directory.resolve("lake"),
            directory.resolve("work"),
            source,
            tables.stream()
                .map(
                    t ->
                        new CapturedTable(
                            t.sourceSchema(),
                            t.sourceTable(),
                            t.dataset(),
                            t.tenantColumn(),
                            t.key()))
                .toList(),
            new FlushPolicy(Duration.ofMillis(50), Duration.ofMillis(100), 32, 1000, SPILL_BYTES),
            SPILL_BYTES,
            "64MB",
            Duration.ofMillis(300),
            CaptureSettings.DEFAULT_RECOPY_ROWS),
        CaptureMetrics.NONE);
  }

  static Process start(Path directory, SourceSettings source, List<SourceTable> tables)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlakegate.basedir=" + Description.base());
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(CaptureMain.class.getName());
    command.addAll(List.of(directory.toString(), source.jdbcUrl(), source.slot()));
    tables.forEach(table -> command.add(table.name()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("capture.log").toFile()))
        .start();
  }
}
