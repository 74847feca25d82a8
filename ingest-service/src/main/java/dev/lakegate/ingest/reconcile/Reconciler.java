package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.reconcile.CaptureView.Captured;
import dev.lakegate.ingest.reconcile.Reconciliation.Table;
import dev.lakegate.ingest.reconcile.Reconciliation.TableState;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.ingest.source.SourceSnapshot;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Compares tables of the source with Silver at one position. Every table is read under one snapshot
 * into hashes on disk, the snapshot is let go, and each is compared when Silver has caught up. Used
 * by one thread; {@link #cancel} may be called from any.
 */
final class Reconciler {
  private static final int ATTEMPTS = 3;
  private static final long POLL_MILLIS = 200;

  private final ReconcileSettings settings;
  private final CaptureView capture;
  private final ReconciliationBoard board;
  private final ManifestReader manifests;
  private final SnapshotReader snapshots;
  private final BooleanSupplier cancelled;
  private volatile ScratchDatabase scratch;

  Reconciler(
      ReconcileSettings settings,
      CaptureView capture,
      ReconciliationBoard board,
      BooleanSupplier cancelled) {
    this.settings = settings;
    this.capture = capture;
    this.board = board;
    this.cancelled = cancelled;
    this.manifests = new ManifestReader(settings.storageRoot());
    this.snapshots = new SnapshotReader(settings.storageRoot());
  }

  /** Ends what runs, as soon as it looks. */
  void cancel() {
    ScratchDatabase running = scratch;
    if (running != null) {
      running.cancel();
    }
  }

  void run(List<SourceTable> tables)
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    List<SourceTable> open = new ArrayList<>(tables);
    for (int attempt = 1; !open.isEmpty(); attempt++) {
      open = attempt(open, attempt == ATTEMPTS);
    }
  }

  /** Returns the tables that need a new snapshot. */
  private List<SourceTable> attempt(List<SourceTable> tables, boolean last)
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    List<SourceTable> again = new ArrayList<>();
    try (ScratchDatabase database =
        new ScratchDatabase(settings.scratch().resolve("reconcile"), settings.duckdbMemory())) {
      scratch = database;
      Optional<Captured> before = capture.captured();
      if (before.isEmpty()) {
        tables.forEach(t -> skip(t, "Nothing has been captured yet."));
        return List.of();
      }
      String epoch = before.get().epoch();
      List<ComparedTable> read = new ArrayList<>();
      SilverCoverage coverage;
      board.message("Taking a snapshot; this waits for transactions that are open at the source.");
      try (SourceDatabase source = SourceDatabase.connect(settings.source());
          SourceSnapshot snapshot =
              SourceSnapshot.withTemporarySlot(settings.source(), cancelled)) {
        coverage = new SilverCoverage(epoch, snapshot.lsn(), manifests::read);
        board.position(
            snapshot.lsn().toString(), Instant.EPOCH.plus(snapshot.micros(), ChronoUnit.MICROS));
        for (SourceTable table : tables) {
          read(source, snapshot, table, read);
        }
      }
      for (ComparedTable table : read) {
        checkCancelled();
        try {
          board.table(compare(table, coverage));
        } catch (MovedException e) {
          if (last) {
            skip(table.described(), "It moved while it was compared: " + e.getMessage() + ".");
          } else {
            again.add(table.described());
          }
        }
      }
      return again;
    } catch (SQLException e) {
      // A statement that was cancelled fails in its own way.
      checkCancelled();
      throw e;
    } finally {
      scratch = null;
    }
  }

  private void read(
      SourceDatabase source,
      SourceSnapshot snapshot,
      SourceTable described,
      List<ComparedTable> read)
      throws SQLException, IOException {
    checkCancelled();
    Optional<String> reason = capture.notFollowed(described.sourceTable());
    Optional<CatalogTable> at = source.table(described.sourceSchema(), described.sourceTable());
    if (reason.isPresent() || at.isEmpty()) {
      skip(described, reason.orElse("The source has no such table."));
      return;
    }
    ComparedTable table =
        ComparedTable.of(read.size(), described, at.get(), source.columns(at.get()));
    if (table.problem().isPresent()) {
      skip(described, table.problem().get());
      return;
    }
    board.message("Reading " + described.sourceTable() + ".");
    Table shown = Table.of(described.sourceTable(), described.dataset(), TableState.READING, null);
    board.table(shown);
    new SourceRows(scratch, table).read(snapshot, cancelled, rows -> board.table(shown.read(rows)));
    read.add(table);
  }

  private Table compare(ComparedTable table, SilverCoverage coverage)
      throws SQLException, MovedException, InterruptedException {
    String name = table.described().sourceTable();
    board.change(name, t -> t.in(TableState.CATCHING_UP));
    board.message("Waiting for " + table.described().dataset() + " to reflect the snapshot.");
    long deadline = System.nanoTime() + settings.silverPatience().toNanos();
    while (true) {
      checkCancelled();
      Optional<String> reason = capture.notFollowed(name);
      if (reason.isPresent()) {
        return skipped(table, reason.get());
      }
      // In this order: what was captured by then is in manifests that are read after it.
      Optional<Captured> captured = capture.captured();
      Optional<Snapshot> silver = snapshots.current("silver", table.described().name());
      if (silver.isPresent()) {
        long checkpoint = checkpoint(silver.get());
        Optional<Snapshot> aside =
            table.described().quarantine().isEmpty()
                ? Optional.empty()
                : snapshots.current("silver", table.described().quarantine().get().name());
        // It is published a moment before the table that it belongs to.
        boolean together = aside.isEmpty() || checkpoint(aside.get()) <= checkpoint;
        if (together && coverage.covered(name, checkpoint, captured)) {
          return compare(table, coverage, silver.get(), aside.orElse(null), checkpoint);
        }
      }
      if (System.nanoTime() - deadline > 0) {
        return skipped(
            table,
            "Silver did not reflect the snapshot within "
                + settings.silverPatience().toSeconds()
                + " s; './lakegate status' says why.");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private Table compare(
      ComparedTable table,
      SilverCoverage coverage,
      Snapshot silver,
      Snapshot aside,
      long checkpoint)
      throws SQLException, MovedException {
    String name = table.described().sourceTable();
    board.change(name, t -> t.in(TableState.COMPARING));
    board.message("Comparing " + name + ".");
    return new Comparison(scratch, table, settings.storageRoot())
        .compare(
            silver,
            aside,
            coverage.filesBeyond(name, checkpoint),
            coverage.firstSequenceBeyond(),
            capture.quarantinedKeys(name));
  }

  private static long checkpoint(Snapshot snapshot) {
    Checkpoint checkpoint = Json.MAPPER.convertValue(snapshot.checkpoint(), Checkpoint.class);
    if (checkpoint instanceof Checkpoint.OfManifests of) {
      return of.manifest();
    }
    throw new IllegalStateException(
        "the snapshot of silver." + snapshot.table() + " has no checkpoint of manifests");
  }

  private void skip(SourceTable table, String reason) {
    board.table(Table.of(table.sourceTable(), table.dataset(), TableState.SKIPPED, reason));
  }

  private static Table skipped(ComparedTable table, String reason) {
    return Table.of(
        table.described().sourceTable(), table.described().dataset(), TableState.SKIPPED, reason);
  }

  private void checkCancelled() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException();
    }
  }
}
