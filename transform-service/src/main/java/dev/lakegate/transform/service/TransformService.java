package dev.lakegate.transform.service;

import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StartupChecks;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestFollower;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Planner;
import dev.lakegate.transform.plan.Rules;
import dev.lakegate.transform.run.AdvisoryLock;
import dev.lakegate.transform.run.AsOfTables;
import dev.lakegate.transform.run.BackfillStore;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.ConductorSettings;
import dev.lakegate.transform.run.Events;
import dev.lakegate.transform.run.HoldStore;
import dev.lakegate.transform.run.KeptStates;
import dev.lakegate.transform.run.RunStore;
import dev.lakegate.transform.runner.LocalRunner;
import dev.lakegate.transform.runner.LocalRunnerSettings;
import dev.lakegate.transform.runner.RunLogs;
import io.agroal.api.AgroalDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;

/** Starts and stops the conductor and its runner. */
@ApplicationScoped
class TransformService {
  @Inject StorageConfig storage;
  @Inject LakehouseConfig lakehouse;
  @Inject WorkConfig work;
  @Inject JobsConfig jobs;
  @Inject RunsConfig runs;
  @Inject EventsConfig eventsConfig;
  @Inject AgroalDataSource database;
  @Inject RunMetrics metrics;
  @Inject LineageEvents lineage;

  private LocalRunner runner;
  private Conductor conductor;
  private DescriptionFollower<Description> descriptions;
  private RunStore store;
  private BackfillStore backfills;
  private Events events;
  private KeptStates states;
  private RunLogs runLogs;
  private AsOfTables asOfTables;

  void start(@Observes @Priority(StartupChecks.PRIORITY + 100) StartupEvent event) {
    Clock clock = Clock.systemUTC();
    Path root = Path.of(storage.root().orElseThrow()).toAbsolutePath().normalize();
    ManifestIndex index = new ManifestIndex(database);
    store = new RunStore(database);
    backfills = new BackfillStore(database);
    events = new Events(clock, eventsConfig.kept(), eventsConfig.mostListeners());
    states = new KeptStates(root);
    asOfTables = new AsOfTables(root);
    descriptions = new DescriptionFollower<>(lakehouse.directory().orElseThrow(), Description::of);
    descriptions.poll();
    runLogs =
        new RunLogs(
            work.directory().orElseThrow().toAbsolutePath().resolve("run-logs"),
            runs.logBytes(),
            runs.logsKept(),
            clock);
    lineage.open();
    runner =
        new LocalRunner(
            new LocalRunnerSettings(
                jobs.java().orElseGet(TransformService::ownJava),
                jobs.argsFile().orElseThrow().toAbsolutePath(),
                jobs.heap(),
                jobs.options(),
                work.directory().orElseThrow().toAbsolutePath(),
                jobs.startTimeout(),
                jobs.stopTimeout(),
                jobs.firstRestart(),
                jobs.lastRestart(),
                jobs.logBytes()),
            runLogs,
            clock);
    conductor =
        new Conductor(
            clock,
            descriptions,
            new ManifestFollower(new ManifestReader(root), index),
            index,
            root,
            new Batch.Limits(runs.maxFiles(), runs.maxRows()),
            store,
            new HoldStore(database),
            backfills,
            runner,
            new Planner(
                new Rules(
                    runs.gather(),
                    runs.copyRows(),
                    runs.silverGoal(),
                    runs.goldGoal(),
                    runs.firstRetry(),
                    runs.lastRetry(),
                    runs.afterCancel()),
                clock.instant()),
            lineage,
            events,
            new AdvisoryLock(database, "%s:%d".formatted(host(), ProcessHandle.current().pid())),
            new ConductorSettings(
                runs.poll(), runs.timeout(), runs.keepFor(), runs.keepMost(), runs.queueMost()));
    metrics.watch(conductor);
    conductor.open();
  }

  void stop(@Observes ShutdownEvent event) {
    if (conductor != null) {
      conductor.close();
      lineage.close();
    }
  }

  @Produces
  Conductor conductor() {
    return conductor;
  }

  @Produces
  DescriptionFollower<Description> descriptions() {
    return descriptions;
  }

  @Produces
  RunStore store() {
    return store;
  }

  @Produces
  RunLogs runLogs() {
    return runLogs;
  }

  @Produces
  BackfillStore backfills() {
    return backfills;
  }

  @Produces
  Events events() {
    return events;
  }

  @Produces
  KeptStates states() {
    return states;
  }

  @Produces
  AsOfTables asOfTables() {
    return asOfTables;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }

  private static Path ownJava() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }
}
