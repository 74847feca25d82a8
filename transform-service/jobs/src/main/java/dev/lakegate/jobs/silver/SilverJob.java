package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.SilverPosition;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.RunContext.Prepared;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Carries a range of manifests into one Silver table. */
public final class SilverJob {
  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;
  private final Quarantine quarantine;

  /** The job of a request. */
  public SilverJob(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
    this.quarantine = new Quarantine(context, request);
  }

  /** Runs it; the result is filled in as far as the run came. */
  public void run(RunResult result) throws IOException, SQLException {
    // Before the table's own snapshot: whoever sees that finds what is missing there in quarantine.
    if (request.full() || !specification.blocking().isEmpty()) {
      HudiTable.Progress reached = context.reached();
      quarantine.prepare(reached, reached != null && context.table().conflict(reached) == null);
    }
    Prepared prepared = context.prepare(result);
    result.rowsQuarantined = quarantine.rows();
    SilverPosition consumed =
        prepared.progress() == null
            ? null
            : SilverPosition.ofNullable(prepared.progress().checkpoint());
    if (request.full()) {
      rebuild(prepared, result);
      return;
    }
    if (prepared.progress() != null) {
      String conflict = context.table().conflict(prepared.progress());
      if (conflict != null) {
        throw JobException.permanent(
            "TABLE_NEEDS_REBUILD",
            specification.dataset()
                + " cannot go on from the rows it has: "
                + conflict
                + "; build it anew with a full run");
      }
    }
    long consumedManifest = consumed == null ? 0 : consumed.manifest();
    long after = request.after() == null ? 0 : request.after().manifest();
    if (after > consumedManifest) {
      throw JobException.permanent(
          "CHECKPOINT_BEHIND",
          specification.dataset()
              + " has consumed manifest "
              + consumedManifest
              + ", so a run that starts after manifest "
              + after
              + " would leave a gap");
    }
    if (consumed != null
        && request.through().epoch().compareTo(consumed.epoch()) > 0
        && request.through().manifest() < consumedManifest) {
      throw JobException.permanent(
          "CHECKPOINT_AHEAD",
          specification.dataset()
              + " has consumed manifest "
              + consumedManifest
              + " of epoch "
              + consumed.epoch()
              + ", but a later epoch ends at manifest "
              + request.through().manifest()
              + ": Bronze is not the one it was built from");
    }
    if (consumed != null && consumedManifest >= request.through().manifest()) {
      // Another run, or this one before a crash, already came this far.
      context.finish(result, prepared, 0, 0);
      return;
    }
    Batch batch = fold(prepared.files(), consumedManifest, result);
    try (Duck duck = batch.duck) {
      Dataset<Row> rows = rows(batch);
      Instant watermark = later(request.watermark(), prepared.watermark());
      long stored = batch.fold.upsertCount() - quarantine.badCount();
      boolean load = prepared.files().isEmpty() && stored > 0;
      context.progress("committing");
      context.table().name(quarantine.write(duck, batch.fold, watermark, batch.directory));
      context
          .table()
          .commit(
              rows,
              load ? HudiTable.Operation.BULK_INSERT : HudiTable.Operation.UPSERT,
              request.through().toJson(),
              watermark,
              request.runId());
      publish(result, stored, batch.fold.deleteCount() + quarantine.badFormerlyStored());
    }
  }

  /** Puts what the request's files hold in the place of all rows, in one commit. */
  private void rebuild(Prepared prepared, RunResult result) throws IOException, SQLException {
    HudiTable.Progress before = prepared.progress();
    if (before != null && request.runId().equals(before.runId())) {
      // It committed, and ended before it could say so.
      context.finish(result, prepared, 0, 0);
      return;
    }
    Batch batch = fold(Collections.<String>emptyList(), 0, result);
    try (Duck duck = batch.duck) {
      Dataset<Row> rows = rows(batch);
      Instant watermark = request.watermark() == null ? prepared.watermark() : request.watermark();
      long stored = batch.fold.upsertCount() - quarantine.badCount();
      context.progress("committing");
      context.table().name(quarantine.write(duck, batch.fold, watermark, batch.directory));
      if (before == null) {
        context
            .table()
            .commit(
                rows,
                stored > 0 ? HudiTable.Operation.BULK_INSERT : HudiTable.Operation.UPSERT,
                request.through().toJson(),
                watermark,
                request.runId());
      } else {
        context
            .table()
            .replace(
                rows, stored == 0, before, request.through().toJson(), watermark, request.runId());
      }
      publish(result, stored, 0);
    }
  }

  private void publish(RunResult result, long stored, long deleted) throws IOException {
    context.progress("publishing");
    quarantine.publish();
    result.rowsQuarantined = quarantine.rows();
    context.finish(result, null, stored, deleted);
  }

  /** What to commit; what does not meet the expectations is set aside. */
  private Dataset<Row> rows(Batch batch) throws SQLException {
    Placement placement = new Placement(context.spark(), specification);
    if (batch.fold.upsertCount() == 0) {
      return placement.commit(batch.fold, null);
    }
    Dataset<Row> changed = DerivedColumns.add(specification, placement.changed(batch.fold));
    if (!specification.blocking().isEmpty()) {
      context.progress("judging");
      changed = Expectations.judge(specification, changed);
      quarantine.collect(batch.duck, changed, batch.fold.upsertCount(), batch.directory);
    }
    return placement.commit(batch.fold, changed);
  }

  /** A fold with the database that it lives in. */
  private static final class Batch {
    private final Duck duck;
    private final Fold fold;
    private final Path directory;

    Batch(Duck duck, Fold fold, Path directory) {
      this.duck = duck;
      this.fold = fold;
      this.directory = directory;
    }
  }

  private Batch fold(List<String> stored, long consumedManifest, RunResult result)
      throws IOException, SQLException {
    NavigableMap<Integer, List<String>> bronze = new TreeMap<>();
    for (RunRequest.BronzeFile file : request.files()) {
      if (file.manifest() > request.through().manifest()) {
        throw JobException.permanent(
            "REQUEST_INVALID",
            "file "
                + file.path()
                + " is of manifest "
                + file.manifest()
                + ", which lies after the end of the run");
      }
      if (file.manifest() > consumedManifest) {
        Path path = request.storageRoot().resolve(file.path());
        if (!Files.exists(path)) {
          throw JobException.permanent(
              "BRONZE_FILE_MISSING", "Bronze file " + file.path() + " does not exist");
        }
        bronze
            .computeIfAbsent(file.schemaVersion(), version -> new ArrayList<>())
            .add(path.toString());
      }
    }
    context.progress("folding");
    Path directory = context.newDirectory("batch");
    Duck duck = Duck.open(directory, context.duckMegabytes());
    try {
      Fold fold = new Fold(duck, specification, directory);
      Path set = quarantine.former(duck, directory);
      List<String> known = new ArrayList<>(stored);
      if (set != null) {
        known.add(set.toString());
      }
      fold.run(bronze, known, request.sweepBefore());
      result.rowsRead = fold.records();
      result.rowsLeftOut = fold.leftOutCount();
      return new Batch(duck, fold, directory);
    } catch (SQLException | RuntimeException e) {
      duck.close();
      throw e;
    }
  }

  private static Instant later(Instant left, Instant right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.isAfter(right) ? left : right;
  }
}
