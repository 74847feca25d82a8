package dev.lakegate.transform.testing;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestFollower;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Planner;
import dev.lakegate.transform.plan.Rules;
import dev.lakegate.transform.run.AdvisoryLock;
import dev.lakegate.transform.run.BackfillStore;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.ConductorSettings;
import dev.lakegate.transform.run.Events;
import dev.lakegate.transform.run.HoldStore;
import dev.lakegate.transform.run.RunStore;
import dev.lakegate.transform.run.View;
import dev.lakegate.transform.runner.LocalRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The service without HTTP in a process of its own, so that a test can kill it. What it sees, it
 * writes to {@code view.txt} in its working directory.
 */
public final class ServiceProcess {
  private ServiceProcess() {}

  /** Lake, working directory, lakehouse description, control database, name. */
  public static void main(String[] arguments) throws Exception {
    Path lake = Path.of(arguments[0]);
    Path work = Path.of(arguments[1]);
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(arguments[3]);
    Clock clock = Clock.systemUTC();
    ManifestIndex index = new ManifestIndex(database);
    Conductor conductor =
        new Conductor(
            clock,
            new DescriptionFollower<>(Path.of(arguments[2]), Description::of),
            new ManifestFollower(new ManifestReader(lake), index),
            index,
            lake,
            new Batch.Limits(20, 1_000),
            new RunStore(database),
            new HoldStore(database),
            new BackfillStore(database),
            new LocalRunner(FakeJobsFiles.settings(work), clock),
            new Planner(
                new Rules(
                    Duration.ofMillis(300),
                    100,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(40),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofMillis(500))),
            (dataset, status, duration) -> {},
            new Events(clock, 100, 5),
            new AdvisoryLock(database, arguments[4]),
            new ConductorSettings(
                Duration.ofMillis(30), Duration.ofMinutes(1), Duration.ofDays(1), 10_000, 10));
    conductor.open();
    // Ends with its owner.
    while (System.in.available() >= 0) {
      tell(work, conductor.view().map(ServiceProcess::line).orElse("nothing"));
      Thread.sleep(50);
    }
  }

  private static String line(View view) {
    return (view.standby() == null ? "leads " : view.standby() + " ")
        + view.head()
        + " "
        + view.plan().statuses();
  }

  private static void tell(Path work, String text) throws IOException {
    Path file = work.resolve(".view.txt");
    Files.writeString(file, text);
    Files.move(file, work.resolve("view.txt"), StandardCopyOption.ATOMIC_MOVE);
  }
}
