package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** An engine over a test source, started and stopped at will, judged by folding its files. */
final class CaptureHarness implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(90);

  final Path root;
  final TestSource source;
  private final Path directory;
  List<CapturedTable> tables = TestSource.tables();
  CaptureSteps steps = CaptureSteps.NONE;
  Clock clock = Clock.systemUTC();
  long recopyRows = CaptureSettings.DEFAULT_RECOPY_ROWS;
  long flushBytes = 64L << 20;
  long copyBytes = 32L << 20;
  CaptureEngine engine;

  CaptureHarness(Path directory, TestSource source) {
    this.directory = directory;
    this.root = directory.resolve("lake");
    this.source = source;
  }

  CaptureSettings settings(SourceSettings from) {
    return new CaptureSettings(
        root,
        directory.resolve("work"),
        from,
        tables,
        new FlushPolicy(Duration.ofMillis(100), Duration.ofMillis(200), 32, 10_000, flushBytes),
        copyBytes,
        "64MB",
        Duration.ofMillis(200),
        recopyRows);
  }

  CaptureHarness start() {
    engine = new CaptureEngine(settings(source.settings()), CaptureMetrics.NONE, steps, clock);
    engine.start();
    return this;
  }

  void stop() throws InterruptedException {
    assertThat(engine.stop(LIMIT)).isTrue();
  }

  TableStatus table(String name) {
    return engine.tables().stream().filter(t -> t.table().equals(name)).findFirst().orElseThrow();
  }

  String epoch() {
    return engine.state().source().epoch();
  }

  void await(String what, BooleanSupplier condition) throws InterruptedException {
    try {
      TestSource.await(what, LIMIT, condition);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "; " + engine.state().source() + " " + engine.tables(), e);
    }
  }

  void awaitStreaming() throws InterruptedException {
    await(
        "all tables stream",
        () -> engine.tables().stream().allMatch(t -> t.state() == TableState.STREAMING));
  }

  void awaitStreaming(String name, int generation) throws InterruptedException {
    await(
        name + " streams, generation " + generation,
        () ->
            table(name).state() == TableState.STREAMING && table(name).generation() == generation);
  }

  void awaitHeld(String name, String because) throws InterruptedException {
    await(
        name + " is held because " + because,
        () ->
            table(name).state() == TableState.HELD
                && String.valueOf(table(name).reason()).contains(because));
  }

  void awaitEqual() throws Exception {
    awaitEqual(tables);
  }

  void awaitEqual(List<CapturedTable> some) throws Exception {
    try {
      TestSource.await(
          "Bronze equals the source", LIMIT, () -> BronzeFold.equalsSource(root, source, some));
    } catch (AssertionError late) {
      BronzeFold.assertEqualsSource(root, source, some);
    }
  }

  List<Manifest> manifests() {
    return new ManifestReader(root).chain(1, Integer.MAX_VALUE);
  }

  /** Generations and reasons of the copies of a table, as {@code generation@epoch}. */
  List<String> copies(String table) {
    return manifests().stream()
        .flatMap(
            m ->
                Stream.concat(
                    m.copiesBegun().stream()
                        .filter(c -> c.table().equals(table))
                        .map(c -> "begun " + c.generation() + "@" + m.epoch()),
                    m.copiesCompleted().stream()
                        .filter(c -> c.table().equals(table))
                        .map(c -> "completed " + c.generation() + "@" + m.epoch())))
        .toList();
  }

  @Override
  public void close() throws Exception {
    if (engine != null) {
      engine.forget();
    }
  }
}
