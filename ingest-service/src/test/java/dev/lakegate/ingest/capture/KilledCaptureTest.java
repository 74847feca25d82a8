package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.CaptureProcess;
import dev.lakegate.ingest.testing.History;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kill -9 of the engine at random moments under load: afterwards Bronze equals the source. */
class KilledCaptureTest {
  private static final List<CapturedTable> TABLES = TestSource.tables();

  @TempDir Path directory;

  @Test
  void lacksAndDoublesNothingAfterKills() throws Exception {
    rounds(5, new Random().nextLong());
  }

  @Test
  @Tag("long")
  void lacksAndDoublesNothingAfterHundredsOfKills() throws Exception {
    for (int i = 0; i < 10; i++) {
      rounds(20, new Random().nextLong());
    }
  }

  private void rounds(int kills, long seed) throws Exception {
    Path run = Files.createTempDirectory(directory, "run");
    Path log = run.resolve("log");
    Path lake = run.resolve("lake");
    Random random = new Random(seed);
    TestSource source = TestSource.start();
    source.seed(4, 100);
    History.prepare(source);
    AtomicReference<Exception> failure = new AtomicReference<>();
    Thread backend = backend(source, seed, failure);
    backend.start();
    Process process = null;
    try {
      for (int kill = 0; kill <= kills; kill++) {
        long before = lastManifest(lake);
        // Few rows per flush and small parts, so that kills hit every step often.
        process = CaptureProcess.start(run, source, 1000, 256 << 10, log);
        Process running = process;
        if (kill == kills) {
          break;
        }
        // Sometimes at once, sometimes in the copy, sometimes deep in the stream.
        long manifests = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(15);
        TestSource.await(
            manifests + " manifests after " + before,
            Duration.ofSeconds(90),
            () ->
                lastManifest(lake) >= before + manifests
                    || !running.isAlive()
                    || failure.get() != null);
        assertThat(failure.get()).isNull();
        assertThat(running.isAlive()).as(() -> read(log)).isTrue();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(400));
        process.destroyForcibly().waitFor();
      }
      backend.interrupt();
      backend.join();
      assertThat(failure.get()).isNull();
      try {
        TestSource.await(
            "Bronze equals the source",
            Duration.ofSeconds(90),
            () -> BronzeFold.equalsSource(lake, source, TABLES));
      } catch (AssertionError e) {
        BronzeFold.assertEqualsSource(lake, source, TABLES);
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + read(log), e);
    } finally {
      backend.interrupt();
      backend.join();
      if (process != null) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static Thread backend(TestSource source, long seed, AtomicReference<Exception> failure) {
    return new Thread(
        () -> {
          History history = new History(seed, 4);
          try (Connection connection = source.connect()) {
            while (!Thread.currentThread().isInterrupted()) {
              history.transaction(connection);
              TimeUnit.MILLISECONDS.sleep(25);
            }
          } catch (InterruptedException e) {
            // Told to end.
          } catch (Exception e) {
            failure.set(e);
          }
        });
  }

  private static long lastManifest(Path lake) {
    return new ManifestReader(lake).last().map(m -> m.number()).orElse(0L);
  }

  private static String read(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (java.io.IOException e) {
      return "no log";
    }
  }
}
