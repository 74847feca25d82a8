package dev.lakegate.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Random histories through PostgreSQL, capture and the Silver jobs: in the end Silver equals the
 * source. A failure names its seed; {@code -Dlakegate.histories.seed=} repeats that history alone.
 */
class LightHistoriesTest {
  private static final int MOST_FAILURES = 10;

  private static Path directory;
  private static Cluster cluster;
  private static SparkJobs jobs;
  private static DuckFiles duckdb;
  private static Description description;

  @BeforeContainer
  static void start() throws Exception {
    directory = Files.createTempDirectory("lakegate-histories");
    cluster = new Cluster(directory);
    jobs = new SparkJobs(directory.resolve("jobs"));
    duckdb = new DuckFiles();
    description = new Description();
  }

  @AfterContainer
  static void end() throws Exception {
    jobs.close();
    duckdb.close();
    cluster.close();
    delete(directory);
  }

  @Provide
  Arbitrary<List<Long>> hundreds() {
    return seeds(300);
  }

  private static Arbitrary<List<Long>> seeds(int count) {
    Long one = Long.getLong("lakegate.histories.seed");
    return one == null
        ? Arbitraries.longs()
            .between(1, Integer.MAX_VALUE)
            .withDistribution(RandomDistribution.uniform())
            .list()
            .ofSize(count)
            .uniqueElements()
        : Arbitraries.just(List.of(one));
  }

  // Each history costs seconds, so shrinking would cost hours and find another interleaving anyway.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void bronzeEqualsTheSource(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, null, Duration.ofSeconds(20));
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void silverEqualsTheSource(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, jobs, Duration.ofSeconds(25));
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  @Tag("long")
  void bronzeEqualsTheSourceInHundredsOfHistories(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, null, Duration.ofHours(1));
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  @Tag("long")
  void silverEqualsTheSourceInHundredsOfHistories(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, jobs, Duration.ofHours(1));
  }

  /**
   * Runs as many as the time allows, but one at least; it goes on after a failure, so that one run
   * shows whether failures have one cause.
   */
  private static void run(List<Long> seeds, SparkJobs jobs, Duration within) {
    List<Throwable> failures = new ArrayList<>();
    long end = System.nanoTime() + within.toNanos();
    for (long seed : seeds) {
      long started = System.nanoTime();
      if (started > end) {
        break;
      }
      Path place = directory.resolve((jobs == null ? "bronze-" : "silver-") + seed);
      try {
        new LightHistory(seed, cluster, jobs, duckdb, description, place).run();
        System.out.printf(
            "history %d: %s equals the source; %.1f s%n",
            seed, jobs == null ? "Bronze" : "Silver", (System.nanoTime() - started) / 1e9);
        delete(place);
      } catch (AssertionError | Exception e) {
        System.out.printf("history %d failed%n%s%n", seed, e.getMessage());
        failures.add(e);
        if (failures.size() == MOST_FAILURES) {
          break;
        }
      }
    }
    assertThat(failures).isEmpty();
  }

  static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
