package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.pgoutput.PgOutputDecoder;
import dev.lakegate.ingest.pgoutput.PgOutputMessage;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.ReplicationStream;
import dev.lakegate.ingest.source.SlotBeside;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyCompleted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Copies tables while the stream of the others goes on. The stream drops changes of these tables; a
 * temporary slot has a snapshot, under which they are copied, and everything that followed it. When
 * their rows are in manifests, the temporary slot's stream is read up to where the other stream is,
 * and that one goes on with these tables. So their copied rows stand before all that followed, and
 * nothing is read twice or left out. Whatever ends this early leaves tables that are copied anew.
 *
 * <p>Does its work in pieces that do not wait for the source. Not thread-safe, and of the thread
 * that follows the stream.
 */
final class CopyBeside implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CopyBeside.class);

  /** More than are read of the other stream at once, so that this one comes nearer. */
  private static final int MESSAGES_AT_ONCE = 1024;

  /** The stream that goes on. */
  interface Stream {
    /** Puts what it has read into a manifest. */
    void flush() throws SQLException, IOException;

    /** Unsigned LSN: everything that committed before it has been read. */
    long position();

    /** Takes a change of a table that catches up. */
    void add(ChangeReader.Change change) throws SQLException, IOException;

    /** The draft of the manifest that these changes will be in. */
    ManifestDraft draft();

    /** The tables that caught up are its own from here on. */
    void takeOver();
  }

  private enum Phase {
    SNAPSHOT,
    COPYING,
    CATCHING_UP,
    OVER
  }

  private final CaptureSettings settings;
  private final SourceDatabase source;
  private final CaptureProgress progress;
  private final TableCopier copier;
  private final BronzeWriter writer;
  private final CopyFailures failures;
  private final FlushReport report;
  private final StatusBoard board;
  private final CaptureSteps steps;
  private final Stream main;
  private final Deque<CatalogTable> waiting;
  private final List<String> complete = new ArrayList<>();
  private final FutureTask<SlotBeside> opening;
  private volatile boolean closed;
  private Phase phase = Phase.SNAPSHOT;
  private SlotBeside slot;
  private TableCopier.Looks looks;
  private TableCopier.Reading reading;
  private TableCopier.Reading ahead;
  private TableSchema schema;
  private long rows;
  private ReplicationStream stream;
  private ChangeReader reader;

  /**
   * Begins; the copies of these tables are begun in a manifest already.
   *
   * @param stop ends the waiting for a snapshot
   */
  CopyBeside(
      CaptureSettings settings,
      SourceDatabase source,
      CaptureProgress progress,
      TableCopier copier,
      BronzeWriter writer,
      CopyFailures failures,
      FlushReport report,
      StatusBoard board,
      CaptureSteps steps,
      BooleanSupplier stop,
      List<CatalogTable> tables,
      Stream main) {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
    this.copier = copier;
    this.writer = writer;
    this.failures = failures;
    this.report = report;
    this.board = board;
    this.steps = steps;
    this.main = main;
    this.waiting = new ArrayDeque<>(tables);
    progress.copiesBeside(tables.stream().map(CatalogTable::name).toList());
    tables.forEach(
        t ->
            board.table(
                t.name(),
                TableState.WAITING,
                "Its copy waits for a snapshot, and that for transactions that are open at the"
                    + " source."));
    board.message(
        "Following the source's log. Taking a snapshot beside it; this waits for transactions that"
            + " are open at the source.");
    Supplier<Boolean> over = () -> closed || stop.getAsBoolean();
    this.opening = new FutureTask<>(() -> SlotBeside.open(settings.source(), over::get));
    Thread thread = new Thread(opening, "copy-snapshot");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether a transaction is half read; the other stream has to wait for its end. */
  boolean inTransaction() {
    return reader != null && phase == Phase.CATCHING_UP && reader.inTransaction();
  }

  boolean isOver() {
    return phase == Phase.OVER;
  }

  /** Asks anew where changes go. */
  void refresh() {
    if (reader != null) {
      reader.refresh();
    }
  }

  /**
   * Does the next piece of work. The other stream is between transactions.
   *
   * @return false when there is nothing to do just now
   */
  boolean advance() throws SQLException, IOException, InterruptedException {
    return switch (phase) {
      case SNAPSHOT -> open();
      case COPYING -> copy();
      case CATCHING_UP -> catchUp();
      case OVER -> false;
    };
  }

  private boolean open() throws SQLException, InterruptedException {
    if (!opening.isDone()) {
      return false;
    }
    try {
      slot = opening.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException sql) {
        throw sql;
      } else if (e.getCause() instanceof SourceProblemException problem) {
        // The others need no slot.
        waiting.forEach(table -> copier.failed(table, problem));
        waiting.clear();
        end();
        return true;
      }
      throw new IllegalStateException(e.getCause());
    }
    steps.done(Step.SNAPSHOT_TAKEN);
    looks = copier.looks(List.copyOf(waiting), slot.snapshot());
    board.message("Following the source's log, and copying tables beside it.");
    phase = Phase.COPYING;
    return true;
  }

  // ---- copying

  private boolean copy() throws SQLException, IOException, InterruptedException {
    CatalogTable table = waiting.peek();
    if (table == null) {
      endCopying();
      return true;
    }
    try {
      if (reading == null) {
        beginTable(table);
      }
      Stage stage = reading.copy().poll();
      if (stage != null) {
        write(stage, table);
        return true;
      }
      if (!reading.copy().ended()) {
        return false;
      }
      complete(table);
    } catch (SQLException e) {
      if (!TableCopier.concernsTheTableAlone(e)) {
        throw e;
      }
      copier.failed(table, e);
      // Its transaction is aborted, and the snapshot with it: those behind it need another one.
      closeReadings();
      waiting.clear();
      endCopying();
    }
    return true;
  }

  private void beginTable(CatalogTable table) throws SQLException {
    reading = ahead != null ? ahead : copier.read(table, looks, slot.snapshot(), null);
    ahead = null;
    schema = null;
    rows = 0;
    board.table(
        table.name(),
        TableState.COPYING,
        "Its rows are being copied: " + progress.table(table.name()).begunReason());
    CatalogTable next = waiting.stream().skip(1).findFirst().orElse(null);
    // Read while this one is being written: the source and we seldom wait for each other.
    ahead = next == null ? null : copier.readAhead(next, looks, slot.snapshot(), reading);
  }

  private void write(Stage stage, CatalogTable table) throws SQLException, IOException {
    long started = System.nanoTime();
    try (Stage writing = stage) {
      main.flush();
      ManifestDraft draft = progress.draft();
      try {
        writing.adopt(schema(draft));
        copier.keepAside(writing, sequence(), slot.snapshot().micros());
        BronzeWriter.Written written = writer.write(writing, draft);
        steps.done(Step.COPY_FILES_WRITTEN);
        rows += written.rows();
        report.copied(table.name(), written);
      } catch (SQLException | IOException e) {
        progress.discard(draft);
        throw e;
      }
      progress.append(draft);
      steps.done(Step.COPY_PART_APPENDED);
      report.flushed(started, draft);
      board.progress(
          table.name(), rows, TableCopier.percent(rows, reading.table().estimatedRows()));
    }
  }

  private TableSchema schema(ManifestDraft draft) throws SQLException, IOException {
    if (schema == null) {
      CatalogTable table = reading.table();
      progress.schemas().copies(table.name(), reading.look(), reading.horizon());
      schema =
          progress
              .schemas()
              .version(
                  reading.described(),
                  TableSurvey.key(reading.described(), table),
                  reading.columns(),
                  table.storage(),
                  draft);
    }
    return schema;
  }

  private String sequence() {
    return ChangeSequence.ofCopy(progress.epoch(), slot.snapshot().lsn()).format();
  }

  private void complete(CatalogTable table) throws SQLException, IOException {
    long started = System.nanoTime();
    main.flush();
    String name = table.name();
    ManifestDraft draft = progress.draft();
    schema(draft);
    int generation = progress.table(name).generation();
    // Before the manifest: there must be no moment at which the copy seems to be all there is.
    progress.mustCatchUp(name);
    draft.complete(new CopyCompleted(name, generation, rows, sequence()));
    progress.append(draft);
    steps.done(Step.COPY_COMPLETED);
    report.flushed(started, draft);
    failures.remove(name);
    complete.add(name);
    board.table(
        name, TableState.COPYING, "Its rows are copied; what followed the snapshot is being read.");
    LOG.infof("Copied %d rows of %s, generation %d", rows, name, generation);
    reading.close();
    reading = null;
    waiting.remove();
  }

  private void endCopying() throws SQLException {
    if (complete.isEmpty()) {
      end();
      return;
    }
    // Migrations need not wait any longer.
    slot.snapshot().close();
    stream = slot.stream();
    reader =
        new ChangeReader(
            progress.epoch(),
            slot.snapshot().lsn().value(),
            new RelationRoutes(settings, source, progress, main::draft, progress::catchesUp));
    phase = Phase.CATCHING_UP;
  }

  // ---- catching up

  private boolean catchUp() throws SQLException, IOException {
    ByteBuffer message = null;
    for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
      message = stream.poll();
      if (message == null) {
        break;
      }
      PgOutputMessage decoded = PgOutputDecoder.decode(message);
      if (decoded instanceof PgOutputMessage.Begin begin
          && Long.compareUnsigned(begin.commitLsn(), main.position()) >= 0) {
        // The other stream has it still before it.
        takeOver();
        return true;
      }
      reader.accept(decoded, main::add);
    }
    boolean readAll =
        Long.compareUnsigned(reader.position(), main.position()) >= 0
            || message == null
                && Long.compareUnsigned(stream.serverPosition(), main.position()) >= 0;
    if (!reader.inTransaction() && readAll) {
      takeOver();
      return true;
    }
    return message != null;
  }

  private void takeOver() throws SQLException, IOException {
    main.flush();
    steps.done(Step.COPY_CAUGHT_UP);
    for (String table : complete) {
      if (progress.catchesUp(table)) {
        board.table(table, TableState.STREAMING, null);
      }
    }
    progress.caughtUp();
    main.takeOver();
    end();
  }

  private void end() throws SQLException {
    phase = Phase.OVER;
    progress.endBeside();
    board.message("Following the source's log.");
    close();
  }

  private void closeReadings() throws SQLException {
    TableCopier.close(ahead);
    ahead = null;
    TableCopier.close(reading);
    reading = null;
  }

  /** Drops the slot. What is not complete by now is copied anew. */
  @Override
  public void close() throws SQLException {
    closed = true;
    try {
      closeReadings();
    } finally {
      if (slot != null) {
        slot.close();
      } else {
        abandonOpening();
      }
    }
  }

  /** Whoever opens the slot closes it, if nobody waits for it any more. */
  private void abandonOpening() {
    Thread thread =
        new Thread(
            () -> {
              try {
                opening.get().close();
              } catch (ExecutionException | SQLException e) {
                LOG.debugf("A snapshot that nobody waits for failed: %s", e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "copy-snapshot-abandoned");
    thread.setDaemon(true);
    thread.start();
  }
}
