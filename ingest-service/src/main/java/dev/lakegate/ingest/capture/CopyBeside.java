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
import dev.lakegate.ingest.source.SlotOpening;
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
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Copies tables while the stream of the others goes on. The stream drops changes of these tables; a
 * temporary slot has a snapshot, under which they are copied, and everything that followed it. When
 * their rows are in manifests, the temporary slot's stream is read up to where the other stream is,
 * and that one goes on with these tables. So their copied rows stand before all that followed, and
 * nothing is read twice or left out. Whatever ends this early leaves tables that are copied anew.
 *
 * <p>Slot, snapshot and their connections are of these tables alone: what goes wrong with them
 * fails the tables, which are tried again after a pause, and not the stream of the others.
 *
 * <p>Does its work in pieces that do not wait for the source. Not thread-safe, and of the thread
 * that follows the stream.
 */
final class CopyBeside implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CopyBeside.class);

  /** More than are read of the other stream at once, so that this one comes nearer. */
  private static final int MESSAGES_AT_ONCE = 1024;

  /**
   * Parts that are copied before what is complete catches up, in front of the tables that are left:
   * the source's log does not have to be kept for the length of all copies, nor all of them be made
   * again when the last one goes wrong.
   */
  private static final int PARTS_AT_ONCE = 128;

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
  private final BooleanSupplier stop;
  private final Stream main;
  private final Deque<CatalogTable> waiting;
  private final List<String> complete = new ArrayList<>();
  private final SlotOpening opening;
  private Phase phase = Phase.SNAPSHOT;
  private SlotBeside slot;
  private TableCopier.Looks looks;
  private TableCopier.Reading reading;
  private TableCopier.Reading ahead;
  private TableSchema schema;
  private long rows;
  private long copiedBytes;
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
    this.stop = stop;
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
    this.opening = new SlotOpening(settings.source(), stop);
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
      steps.done(Step.SNAPSHOT_TAKEN);
      looks = copier.looks(List.copyOf(waiting), slot.snapshot());
    } catch (SQLException | SourceProblemException e) {
      fail(e);
      return true;
    }
    waiting.forEach(
        table -> board.table(table.name(), TableState.WAITING, "Other tables are copied first."));
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
    Stage stage;
    try {
      if (reading == null) {
        beginTable(table);
      }
      stage = reading.copy().poll();
    } catch (SQLException e) {
      failed(table, e);
      return true;
    }
    if (stage != null) {
      try {
        write(stage, table);
      } catch (SQLException e) {
        if (!TableCopier.concernsTheTableAlone(e)) {
          throw e;
        }
        failed(table, e);
      }
      return true;
    }
    if (!reading.copy().ended()) {
      return false;
    }
    complete(table);
    if (copiedBytes >= PARTS_AT_ONCE * settings.copyBytes()) {
      leaveTheRest();
    }
    return true;
  }

  private void failed(CatalogTable table, SQLException e) throws SQLException {
    copier.failed(table.name(), e);
    waiting.remove();
    // Its transaction is aborted, and the snapshot with it.
    leaveTheRest();
  }

  /** Those that are left are copied under another snapshot, when these have caught up. */
  private void leaveTheRest() throws SQLException {
    closeReadings();
    waiting.forEach(
        table ->
            board.table(
                table.name(),
                TableState.WAITING,
                "Other tables catch up first; then it is copied under another snapshot."));
    waiting.clear();
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
        copiedBytes += writing.bytes();
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
    slot.endSnapshot();
    try {
      stream = slot.stream();
    } catch (SQLException e) {
      lost(e);
      return;
    }
    reader =
        new ChangeReader(
            progress.epoch(),
            slot.snapshot().lsn().value(),
            new RelationRoutes(settings, source, progress, main::draft, progress::catchesUp));
    phase = Phase.CATCHING_UP;
    steps.done(Step.COPY_STREAM_BEGUN);
  }

  // ---- catching up

  private boolean catchUp() throws SQLException, IOException {
    ByteBuffer message = null;
    for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
      try {
        message = stream.poll();
      } catch (SQLException e) {
        lost(e);
        return true;
      }
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
        failures.remove(table);
      }
    }
    progress.caughtUp();
    main.takeOver();
    end();
  }

  // ---- going wrong

  /**
   * A sign of life, and a look at the slot: to be called every few seconds, also while the other
   * stream is within a transaction and nothing else is done here.
   */
  void housekeeping() throws SQLException {
    if (slot == null || isOver()) {
      return;
    }
    try {
      slot.alive(reader == null ? 0 : reader.position());
    } catch (SQLException e) {
      lost(e);
      return;
    }
    Optional<SourceProblemException> loss = slot.loss(source);
    if (loss.isPresent()) {
      lost(loss.get());
    }
  }

  /** The slot is gone, or its connection. */
  private void lost(Exception seen) throws SQLException {
    Optional<SourceProblemException> loss = slot.loss(source);
    Exception why = loss.isPresent() ? loss.get() : seen;
    boolean half = inTransaction();
    fail(why);
    if (half) {
      // What was read of it waits for its flush among the others' changes, and must not have one.
      throw new SQLException(
          "the stream of a copy's temporary slot ended within a transaction", why);
    }
  }

  /** Fails the tables that are not done; the others need neither slot nor snapshot. */
  private void fail(Exception why) throws SQLException {
    if (!stop.getAsBoolean()) {
      waiting.forEach(table -> copier.failed(table.name(), why));
      complete.stream().filter(progress::catchesUp).forEach(name -> copier.failed(name, why));
    }
    waiting.clear();
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
    try {
      closeReadings();
    } finally {
      if (slot != null) {
        slot.close();
      } else {
        opening.abandon();
      }
    }
  }
}
