package dev.lakegate.e2e.history;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.job.RunRequest;
import dev.lakegate.model.job.RunResult;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Carries a chain of manifests into Silver tables by the rules that docs/INTERFACES.md binds every
 * reader to, cut into runs where the services would never cut it. Used by one thread.
 */
final class SilverRuns implements Reader {
  private final Path lake;
  private final List<SourceTable> tables;
  private final SparkJobs jobs;
  private final SilverFiles files;
  private final OperationLog log;
  private final Random random;
  private final List<Manifest> chain = new ArrayList<>();
  private final Map<String, Checkpoint.OfManifests> consumed = new HashMap<>();
  private int runs;

  SilverRuns(
      Path lake,
      List<SourceTable> tables,
      SparkJobs jobs,
      DuckFiles duckdb,
      OperationLog log,
      Random random) {
    this.lake = lake;
    this.tables = tables;
    this.jobs = jobs;
    this.files = new SilverFiles(lake, duckdb);
    this.log = log;
    this.random = random;
  }

  /** What is made of a source table: its rows, and their versions where it has a history. */
  private record Target(SourceTable table, JobSpecification specification) {
    String dataset() {
      return specification.dataset();
    }
  }

  private static List<Target> targets(SourceTable table) {
    List<Target> targets = new ArrayList<>();
    targets.add(new Target(table, JobSpecificationCompiler.compile(table)));
    HistoryTable.of(table)
        .ifPresent(
            history -> targets.add(new Target(table, JobSpecificationCompiler.compile(history))));
    return targets;
  }

  @Override
  public List<Manifest> chain() {
    chain.addAll(new ManifestReader(lake).chain(chain.size() + 1L, Integer.MAX_VALUE));
    return chain;
  }

  /** Runs some of what is pending; at times the process is killed within. */
  @Override
  public void some(boolean kill) throws Exception {
    chain();
    List<Target> targets = targets(tables.get(random.nextInt(tables.size())));
    Target target = targets.get(random.nextInt(targets.size()));
    long from = after(target);
    if (from < chain.size()) {
      long through = from + 1 + random.nextInt((int) (chain.size() - from));
      run(target, through, kill ? 100 + random.nextInt(1500) : -1);
    }
  }

  @Override
  public void all() throws Exception {
    chain();
    for (SourceTable table : tables) {
      for (Target target : targets(table)) {
        long from = -1;
        while (pending(target) && from < after(target)) {
          from = after(target);
          run(target, chain.size(), -1);
        }
      }
    }
  }

  @Override
  public List<String> differences(SourceTable table, Connection source) throws SQLException {
    List<String> differences = new ArrayList<>(files.differences(table, source, false));
    if (differences.isEmpty()) {
      Optional<HistoryTable> history = HistoryTable.of(table);
      if (history.isPresent()) {
        differences.addAll(files.versionDifferences(history.get()));
      }
    }
    return differences;
  }

  private boolean pending(Target target) {
    SourceTable table = target.table();
    return chain.stream()
        .filter(m -> m.number() > after(target))
        .anyMatch(
            m ->
                m.files().stream().anyMatch(f -> f.table().equals(table.sourceTable()))
                    || m.copiesCompleted().stream()
                        .anyMatch(c -> c.table().equals(table.sourceTable())));
  }

  private long after(Target target) {
    Checkpoint.OfManifests checkpoint = consumed.get(target.dataset());
    return checkpoint == null ? 0 : checkpoint.manifest();
  }

  /** One run of a table up to a manifest, or less where the rules end it before. */
  private void run(Target target, long wanted, long killAfterMillis) throws Exception {
    SourceTable table = target.table();
    List<RunRequest.Copy> copies = new ArrayList<>();
    long from = after(target);
    long through = Math.min(wanted, chain.size());
    List<RunRequest.InputFile> files = new ArrayList<>();
    String epoch = null;
    String sweepBefore = null;
    for (Manifest manifest : chain.subList((int) from, (int) through)) {
      if (epoch != null && !manifest.epoch().equals(epoch)) {
        // Runs never cross an epoch.
        through = manifest.number() - 1;
        break;
      }
      for (BronzeFile file : manifest.files()) {
        if (file.table().equals(table.sourceTable())) {
          epoch = manifest.epoch();
          files.add(RunRequest.InputFile.of(manifest.number(), file));
        }
      }
      for (CopyCompleted copy : manifest.copiesCompleted()) {
        if (copy.table().equals(table.sourceTable())) {
          epoch = manifest.epoch();
          sweepBefore = copy.sequence() == null ? manifest.epoch() : copy.sequence();
          copies.add(new RunRequest.Copy(sweepBefore, manifest.createdAt()));
        }
      }
    }
    if (from == 0 && sweepBefore == null) {
      // A first run waits for the whole copy.
      return;
    }
    RunRequest request =
        new RunRequest(
            RunRequest.VERSION,
            "history-" + ++runs,
            RunRequest.Mode.INCREMENTAL,
            lake.toString(),
            target.specification(),
            consumed.get(target.dataset()),
            new Checkpoint.OfManifests(chain.get((int) through - 1).epoch(), through),
            files,
            null,
            null,
            sweepBefore,
            target.specification().history() == null ? null : copies,
            null);
    log.add(
        "-- %s from %d through %d of %d, %d files, sweep before %s%s"
            .formatted(
                target.dataset(),
                from,
                through,
                chain.size(),
                files.size(),
                sweepBefore,
                killAfterMillis < 0 ? "" : ", killed after " + killAfterMillis + " ms"));
    Optional<RunResult> result = jobs.run(request, killAfterMillis);
    if (result.isEmpty() || killAfterMillis < 0 && random.nextInt(8) == 0) {
      // After a crash, or because an answer was lost, the same is asked for again.
      result = jobs.run(request, -1);
    }
    if (result.isEmpty()) {
      throw new AssertionError("the jobs ended: " + String.join("\n", jobs.logTail()));
    }
    RunResult.Failure error = result.get().error();
    if (error != null) {
      throw new AssertionError(
          "a run of " + target.dataset() + " failed: " + error.code() + ": " + error.message());
    }
    log.add("-- done in " + result.get().durationMillis() + " ms");
    consumed.put(target.dataset(), (Checkpoint.OfManifests) result.get().checkpoint());
  }
}
