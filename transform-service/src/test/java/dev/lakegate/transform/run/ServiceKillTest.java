package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.transform.testing.ControlDatabase;
import dev.lakegate.transform.testing.Eventually;
import dev.lakegate.transform.testing.FakeJobsFiles;
import dev.lakegate.transform.testing.ServiceProcess;
import dev.lakegate.transform.testing.ServiceResource;
import dev.lakegate.transform.testing.TestLake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two services on one control database, killed without warning at random moments: in the middle of
 * runs, of index updates, of taking over. Every file is applied once, in order, all the same.
 */
class ServiceKillTest {
  private static final List<String> TABLES = List.of("core_order", "core_customer", "core_invoice");

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();
  private ControlDatabase control;
  private TestLake lake;
  private Path lakehouse;
  private int started;

  @BeforeEach
  void prepare() throws IOException {
    control = new ControlDatabase();
    lake = new TestLake(directory.resolve("lake"));
    lakehouse = directory.resolve("lakehouse");
    ServiceResource.copy(
        Path.of(System.getProperty("lakegate.basedir", "..")).resolve("lakehouse"), lakehouse);
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    control.close();
  }

  private record Service(Process process, Path work) {
    String view() {
      try {
        Path file = work.resolve("view.txt");
        return Files.exists(file) ? Files.readString(file) : "";
      } catch (IOException e) {
        return "";
      }
    }

    boolean leads() {
      return view().startsWith("leads ");
    }
  }

  private Service start(String... script) throws IOException {
    String name = "service-" + ++started;
    Path work = directory.resolve(name);
    FakeJobsFiles.script(work, script);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceProcess.class.getName(),
                lake.root().toString(),
                work.toString(),
                lakehouse.toString(),
                control.jdbcUrl(),
                name)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("service.log").toFile())
            .start();
    processes.add(process);
    return new Service(process, work);
  }

  @Test
  void theSecondShouldStandByAndTakeOverWithinSeconds() throws Exception {
    lake.copied(Map.of("core_order", 1));
    Service first = start("silver.order slow 60000");
    Eventually.until(first::leads, first::view);
    Service second = start();
    Eventually.until(
        () ->
            second
                .view()
                .startsWith(
                    "Stands by: another transform-service works on this control database (lakegate"
                        + " transform-service service-1, there since "),
        second::view);
    assertThat(second.view()).as("it knows the chain").contains("manifest=1");
    assertThat(Files.exists(second.work().resolve("pid.txt"))).as("no job process").isFalse();
    Eventually.until(() -> first.view().contains("Run "), first::view);
    long killed = System.nanoTime();
    first.process().destroyForcibly();
    Eventually.until(second::leads, second::view);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - killed)).isLessThan(30);
    Eventually.until(
        () -> lake.consumed("silver.order").equals(lake.paths("core_order")), second::view);
  }

  @Test
  void everyFileShouldBeAppliedOnceHoweverOftenServicesAreKilled() throws Exception {
    killed(3);
  }

  @Test
  @Tag("long")
  void everyFileShouldBeAppliedOnceOverManyKills() throws Exception {
    killed(60);
  }

  private void killed(int rounds) throws Exception {
    long seed = Long.getLong("lakegate.test.seed", System.nanoTime());
    Random random = new Random(seed);
    lake.copied(Map.of("core_order", 1, "core_customer", 1, "core_invoice", 1));
    Service leader = start();
    Service other = start();
    for (int round = 0; round < rounds; round++) {
      for (int i = random.nextInt(6); i >= 0; i--) {
        change(random, round);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
      }
      // Wherever it is now: that is the point.
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
      boolean both = random.nextInt(5) == 0;
      leader.process().destroyForcibly().waitFor();
      if (both) {
        other.process().destroyForcibly().waitFor();
        other = start();
      }
      leader = other;
      other = start("* slow " + (1 + random.nextInt(300)));
    }
    for (String table : TABLES) {
      lake.approve(table);
    }
    Service last = leader;
    Service standby = other;
    for (String table : TABLES) {
      Eventually.until(
          () -> lake.consumed("silver." + table.substring(5)).equals(lake.paths(table)),
          () -> "seed %d: %s %s".formatted(seed, table, last.view() + "\n" + standby.view()));
    }
    // The files may all have been applied before the last kill: then nobody leads for a moment.
    Eventually.until(
        () -> last.leads() != standby.leads(),
        () -> "seed %d: %s".formatted(seed, last.view() + "\n" + standby.view()));
  }

  private void change(Random random, int round) {
    String table = TABLES.get(random.nextInt(TABLES.size()));
    switch (random.nextInt(6)) {
      case 0 -> lake.schema(version(table, lake.schemaOf(table) + 1, random.nextInt(3) == 0));
      case 1 -> lake.stream(Map.of(table, 0));
      default -> lake.stream(Map.of(table, 1 + random.nextInt(3)));
    }
  }

  private static SchemaVersion version(String table, int number, boolean destructive) {
    return new SchemaVersion(
        table,
        number,
        List.of("id"),
        List.of(
            new SchemaVersion.SourceColumn("id", "bigint", "bigint", false),
            new SchemaVersion.SourceColumn("extra_" + number, "text", "varchar", true)),
        destructive ? SchemaVersion.Effect.DESTRUCTIVE : SchemaVersion.Effect.ADDITIVE,
        destructive ? "Something is gone." : null,
        null);
  }
}
