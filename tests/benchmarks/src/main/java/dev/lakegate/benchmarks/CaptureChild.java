package dev.lakegate.benchmarks;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureMetrics;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.ingest.capture.TableState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The capture engine in a process of its own, so that its memory and CPU can be told from those of
 * the benchmark. It prints a line {@code name=value ...} for each thing that it was told to do, and
 * ends with its standard input.
 */
final class CaptureChild {
  /** The heap that the laptop gives ingest-service. */
  private static final List<String> OPTIONS = List.of("-Xmx128m", "-XX:+UseSerialGC");

  private static final Logger QUIET = Logger.getLogger("dev.lakegate");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private CaptureChild() {}

  /**
   * Arguments: {@code copy URL SLOT FOLDER ROWS}, {@code drain URL SLOT FOLDER CHANGES} or {@code
   * follow URL SLOT FOLDER}.
   */
  public static void main(String[] arguments) throws Exception {
    QUIET.setLevel(Level.WARNING);
    Path folder = Path.of(arguments[3]);
    switch (arguments[0]) {
      case "copy" -> copy(arguments[1], arguments[2], folder, Long.parseLong(arguments[4]));
      case "drain" -> drain(arguments[1], arguments[2], folder, Long.parseLong(arguments[4]));
      default -> follow(arguments[1], arguments[2], folder);
    }
  }

  private static void copy(String url, String slot, Path folder, long rows) throws Exception {
    CaptureEngine engine =
        new CaptureEngine(BenchSource.capture(url, slot, folder), CaptureMetrics.NONE);
    double cpu = BenchSource.ownCpu();
    long started = System.nanoTime();
    engine.start();
    awaitStreaming(engine);
    double seconds = (System.nanoTime() - started) / 1e9;
    long copied = engine.state().tables().stream().mapToLong(CaptureState.Table::rowsCopied).sum();
    if (copied != rows) {
      throw new IllegalStateException(copied + " of " + rows + " rows were copied");
    }
    System.out.printf(
        "seconds=%.3f cpu=%.2f rss=%d changes=%d%n",
        seconds, BenchSource.ownCpu() - cpu, peakRss(), copied);
    engine.stop(Duration.ofSeconds(20));
  }

  private static void drain(String url, String slot, Path folder, long changes) throws Exception {
    AtomicLong flushing = new AtomicLong();
    CaptureMetrics metrics = onFlush(duration -> flushing.addAndGet(duration.toNanos()));
    CaptureEngine engine = new CaptureEngine(BenchSource.capture(url, slot, folder), metrics);
    long before = changes(engine.state());
    double cpu = BenchSource.ownCpu();
    long started = System.nanoTime();
    engine.start();
    long seen = 0;
    while (seen < changes) {
      if (System.nanoTime() - started > LIMIT.toNanos()) {
        throw new IllegalStateException(
            seen + " of " + changes + " changes: " + engine.state().source().message());
      }
      Thread.sleep(5);
      seen = changes(engine.state()) - before;
    }
    System.out.printf(
        "seconds=%.3f flushing=%.3f cpu=%.2f rss=%d changes=%d%n",
        (System.nanoTime() - started) / 1e9,
        flushing.get() / 1e9,
        BenchSource.ownCpu() - cpu,
        peakRss(),
        seen);
    engine.stop(Duration.ofSeconds(20));
  }

  /** Prints when each flush had become durable, in order: microseconds since 1970. */
  private static void follow(String url, String slot, Path folder) throws Exception {
    List<Long> flushes = new ArrayList<>();
    CaptureMetrics metrics =
        onFlush(duration -> flushes.add(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
    CaptureEngine engine = new CaptureEngine(BenchSource.capture(url, slot, folder), metrics);
    engine.start();
    awaitStreaming(engine);
    System.out.println("streaming=1");
    double cpu = BenchSource.ownCpu();
    while (System.in.read() >= 0) {
      // Until the benchmark has seen enough.
    }
    engine.stop(Duration.ofSeconds(20));
    StringBuilder line = new StringBuilder();
    for (long flush : flushes) {
      line.append(line.length() == 0 ? "" : ",").append(flush);
    }
    System.out.printf("flushes=%s cpu=%.2f rss=%d%n", line, BenchSource.ownCpu() - cpu, peakRss());
  }

  private static CaptureMetrics onFlush(Consumer<Duration> action) {
    return new CaptureMetrics() {
      @Override
      public void captured(String table, String operation, long rows) {}

      @Override
      public synchronized void flushed(Duration duration, int files, long bytes) {
        action.accept(duration);
      }

      @Override
      public void lossy(String table, String column, long values) {}
    };
  }

  static void awaitStreaming(CaptureEngine engine) throws InterruptedException {
    long started = System.nanoTime();
    CaptureState state = engine.state();
    while (!state.tables().stream().allMatch(t -> t.state() == TableState.STREAMING)) {
      if (System.nanoTime() - started > LIMIT.toNanos()) {
        throw new IllegalStateException("the copy did not end: " + state.source().message());
      }
      Thread.sleep(5);
      state = engine.state();
    }
  }

  private static long changes(CaptureState state) {
    return state.tables().stream().mapToLong(t -> t.inserts() + t.updates() + t.deletes()).sum();
  }

  /** Peak resident set of this process in MB; -1 where unknown. */
  static long peakRss() throws IOException {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (NoSuchFileException e) {
      // Not Linux.
    }
    return -1;
  }

  /** A process that is under way. */
  static final class Running implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Running(Process process) {
      this.process = process;
      this.output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next line's values by name. */
    Map<String, String> next() throws IOException, InterruptedException {
      String line = output.readLine();
      if (line == null) {
        throw new IllegalStateException("the process ended with " + process.waitFor());
      }
      Map<String, String> values = new TreeMap<>();
      for (String part : line.split(" ")) {
        int equals = part.indexOf('=');
        values.put(part.substring(0, equals), part.substring(equals + 1));
      }
      return values;
    }

    /** Tells it to end. */
    void end() throws IOException {
      process.getOutputStream().close();
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }
  }

  /** Starts a main class of this program in a process of its own. */
  static Running start(Class<?> main, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-Dlakegate.basedir=" + System.getProperty("lakegate.basedir"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new Running(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  static Running start(String... arguments) throws IOException {
    return start(CaptureChild.class, OPTIONS, List.of(arguments));
  }
}
