package dev.lakegate.ingest.testing;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureSettings;
import dev.lakegate.ingest.capture.CaptureSteps;
import dev.lakegate.ingest.capture.FlushPolicy;
import dev.lakegate.ingest.source.SourceSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The capture engine in a JVM of its own, to be killed. It also ends with its standard input. */
public final class CaptureProcess {
  /** Exit code of a process that halted at a step. */
  public static final int HALTED = 86;

  private static final String HALT = "halt";

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
                "64MB",
                Duration.ofMillis(200),
                CaptureSettings.DEFAULT_RECOPY_ROWS),
            CaptureMetrics.NONE,
            new HaltAt(directory.resolve(HALT)),
            Clock.systemUTC());
    engine.start();
    while (System.in.read() >= 0) {
      // Until whoever started this is gone.
    }
    engine.stop(Duration.ofSeconds(20));
  }

  /** Halts at the step that a file names, as if killed: nothing is closed or flushed. */
  private static final class HaltAt implements CaptureSteps {
    private final Path file;
    private int passed;

    HaltAt(Path file) {
      this.file = file;
    }

    @Override
    public void done(Step step) {
      try {
        if (!Files.exists(file)) {
          return;
        }
        String[] words = Files.readString(file).split(" ");
        if (words[0].equals(step.name()) && passed++ >= Integer.parseInt(words[1])) {
          Runtime.getRuntime().halt(HALTED);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Makes the process halt when a step is done for the {@code skip + 1}-th time. */
  public static void haltAt(Path directory, CaptureSteps.Step step, int skip) throws IOException {
    Path file = Files.writeString(directory.resolve(HALT + ".new"), step.name() + " " + skip);
    Files.move(file, directory.resolve(HALT), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Lets it live. */
  public static void haltNowhere(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(HALT));
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
