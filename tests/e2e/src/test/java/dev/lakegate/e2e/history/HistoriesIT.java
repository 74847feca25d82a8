package dev.lakegate.e2e.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.e2e.Stack;
import dev.lakegate.e2e.history.StackHistory.Mishap;
import dev.lakegate.model.description.SourceTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Random histories on one whole Lakegate, one after the other, each with a mishap: every process
 * killed in turn, the source crashed, its slot dropped, tables altered. A failure names its seed;
 * {@code -Dlakegate.histories.seed=} and {@code -Dlakegate.histories.mishap=} repeat that history
 * alone.
 */
class HistoriesIT {
  private static final int MOST_FAILURES = 3;
  private static final FormerStates FORMER = new FormerStates();

  private static Path directory;
  private static Cluster cluster;
  private static String database;
  private static Stack stack;
  private static DuckFiles duckdb;
  private static Description description;

  @BeforeContainer
  static void start() throws Exception {
    directory = Files.createTempDirectory("lakegate-histories");
    cluster = new Cluster(directory);
    database = cluster.newDatabase();
    duckdb = new DuckFiles();
    description = new Description();
    OperationLog log = new OperationLog();
    try (Connection connection = cluster.connect(database)) {
      Backend backend = new Backend(1, keys(), log);
      for (int i = 0; i < 20; i++) {
        backend.transaction(connection);
      }
    }
    stack = new Stack(directory);
    stack.up(source()).succeeds();
  }

  private static String source() {
    return cluster.url(database) + "?user=postgres&password=postgres";
  }

  private static Map<String, List<String>> keys() {
    return description.tables().stream()
        .collect(Collectors.toMap(SourceTable::sourceTable, SourceTable::key));
  }

  @AfterContainer
  static void end() throws Exception {
    if (stack != null) {
      stack.end();
    }
    duckdb.close();
    cluster.close();
    LightHistoriesTest.delete(directory);
  }

  @Provide
  Arbitrary<List<Long>> hundreds() {
    Long one = Long.getLong("lakegate.histories.seed");
    return one == null
        ? Arbitraries.longs()
            .between(1, Integer.MAX_VALUE)
            .withDistribution(RandomDistribution.uniform())
            .list()
            .ofSize(300)
            .uniqueElements()
        : Arbitraries.just(List.of(one));
  }

  @Example
  void secondLakegateOnTheSameDirectoryIsRefused() throws Exception {
    assertThat(stack.up(source()).fails().errors()).contains("already runs on the data directory");
  }

  /** Nothing may outlive the supervisor, and what it leaves behind must not be in the way. */
  @Example
  @Tag("long")
  void everythingEqualsTheSourceAfterTheSupervisorWasKilled() throws Exception {
    Random random = new Random();
    for (int round = 0; round < 3; round++) {
      List<ProcessHandle> all = new ArrayList<>(stack.supervisor().descendants().toList());
      try (Connection connection = cluster.connect(database)) {
        Backend backend = new Backend(random.nextLong(), keys(), new OperationLog());
        for (int i = 0; i < 20; i++) {
          backend.transaction(connection);
        }
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(3000));
      ProcessHandle supervisor = stack.supervisor();
      supervisor.destroyForcibly();
      supervisor.onExit().get(10, TimeUnit.SECONDS);
      all.removeIf(process -> process.info().command().orElse("").contains("postgres"));
      for (ProcessHandle process : all) {
        process.onExit().get(60, TimeUnit.SECONDS);
      }
      stack.up(source()).succeeds();
      run(List.of(random.nextLong()), Duration.ofSeconds(1));
    }
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void everythingEqualsTheSource(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, Duration.ofSeconds(Integer.getInteger("lakegate.histories.seconds", 60)));
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  @Tag("long")
  void everythingEqualsTheSourceInHundredsOfHistories(@ForAll("hundreds") List<Long> seeds) {
    run(seeds, Duration.ofHours(2));
  }

  /** Goes through the mishaps in turn, from a random one on, until the time is over. */
  private static void run(List<Long> seeds, Duration within) {
    String wanted = System.getProperty("lakegate.histories.mishap");
    int first = new Random().nextInt(Mishap.values().length);
    long end = System.nanoTime() + within.toNanos();
    List<Throwable> failures = new ArrayList<>();
    for (int i = 0; i < seeds.size() && System.nanoTime() < end; i++) {
      Mishap mishap =
          wanted == null
              ? Mishap.values()[(first + i) % Mishap.values().length]
              : Mishap.valueOf(wanted);
      long started = System.nanoTime();
      try {
        double settled =
            new StackHistory(
                    seeds.get(i), mishap, cluster, database, stack, duckdb, description, FORMER)
                .run();
        System.out.printf(
            "history %d, %s: all equal the source %.1f s after the last change; %.1f s in all%n",
            seeds.get(i), mishap, settled, (System.nanoTime() - started) / 1e9);
      } catch (AssertionError | Exception e) {
        System.out.printf("history %d failed%n%s%n", seeds.get(i), e.getMessage());
        failures.add(e);
        if (failures.size() == MOST_FAILURES) {
          break;
        }
      }
    }
    assertThat(failures).isEmpty();
  }
}
