package dev.lakegate.ingest.bronze.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.RollUp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Maintenance dies at each of its steps; before, between and after, Bronze says the same. */
class KilledMaintenanceTest {
  private static final int HALTED = 77;
  private static final MaintenanceSettings SETTINGS =
      new MaintenanceSettings(
          Duration.ofMinutes(1), Duration.ofHours(1), 8, 8 << 10, Duration.ofHours(2), "64MB");
  private static final Instant LATER = MaintainedLake.START.plus(Duration.ofDays(1));

  @TempDir Path directory;

  /** Arguments: directory, now, step, how often that step is survived. */
  public static void main(String[] arguments) throws Exception {
    MaintenanceSteps.Step fatal = MaintenanceSteps.Step.valueOf(arguments[2]);
    int[] left = {Integer.parseInt(arguments[3])};
    MaintainedLake lake = new MaintainedLake(Path.of(arguments[0]));
    MaintenanceSteps steps =
        step -> {
          if (step == fatal && left[0]-- == 0) {
            Runtime.getRuntime().halt(HALTED);
          }
        };
    lake.maintenance(SETTINGS, Instant.parse(arguments[1]), steps).pass();
  }

  @ParameterizedTest
  @EnumSource(MaintenanceSteps.Step.class)
  void whatADeadPassLeavesIsRightAndCompletedByTheNext(MaintenanceSteps.Step step)
      throws Exception {
    MaintainedLake lake = new MaintainedLake(directory).grow(1, 26, 21);
    Map<String, Object> before = lake.fold();
    String folder = "bronze/core_order/load_date=2026-03-02/tenant_id=tenant-1/";
    for (int i = 0; i < 3; i++) {
      Path orphan = lake.write(folder + String.format("%020d-%d.parquet", 5 + i, 70 + i));
      Files.setLastModifiedTime(orphan, FileTime.from(MaintainedLake.START));
    }
    // The files that were merged are only removed by a pass after the grace period.
    boolean second = step == MaintenanceSteps.Step.REPLACED_DELETED;
    if (second) {
      assertThat(run(LATER, MaintenanceSteps.Step.REPLACED_DELETED, 0)).isZero();
    }
    Instant now = second ? LATER.plus(Duration.ofHours(3)) : LATER;
    int survived =
        switch (step) {
          case PROGRESS_WRITTEN -> 0;
          // Within the second range, the first one whose files are merged.
          case MANIFEST_DELETED -> 8 + 3;
          default -> 1;
        };
    assertThat(run(now, step, survived)).isEqualTo(HALTED);
    assertThat(lake.fold()).isEqualTo(before);
    assertThat(new ManifestReader(lake.root()).lastNumber()).isEqualTo(26);
    // Capture may start before maintenance does.
    ManifestChain.open(lake.root()).close();
    assertThat(lake.fold()).isEqualTo(before);

    lake.maintenance(SETTINGS, now, MaintenanceSteps.NONE).pass();
    assertThat(lake.fold()).isEqualTo(before);
    assertThat(new ManifestReader(lake.root()).rollUps())
        .isEqualTo(
            List.of(new RollUp.Range(1, 8), new RollUp.Range(9, 16), new RollUp.Range(17, 24)));
    // Once all grace periods are over, nothing is left but what is named.
    Instant end = Instant.now().plus(Duration.ofHours(3));
    lake.maintenance(SETTINGS, end, MaintenanceSteps.NONE).pass();
    assertThat(lake.fold()).isEqualTo(before);
    assertThat(lake.files()).isEqualTo(lake.named());
    try (Stream<Path> files = Files.list(lake.root().resolve("bronze"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .doesNotContain("_merging", "_maintenance.json.new");
    }
  }

  private int run(Instant now, MaintenanceSteps.Step step, int survived) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                KilledMaintenanceTest.class.getName(),
                directory.toString(),
                now.toString(),
                step.name(),
                Integer.toString(survived))
            .inheritIO()
            .start();
    return process.waitFor();
  }
}
