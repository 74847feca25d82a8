package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.RowCheck;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.pgoutput.PgOutputDecoder;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.ReplicationStream;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.model.bronze.SchemaVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Follows the source's log: changes into manifests, acknowledgements back, and now and then a look
 * at the tables. Not thread-safe; good for one stream.
 */
final class LogFollower implements AutoCloseable {
  private static final long MAX_HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long IDLE_ACKNOWLEDGE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FIRST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MAX_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int MESSAGES_BETWEEN_MEASURES = 256;

  /** Why it ended. */
  enum End {
    /** Capture is to stop. */
    STOP,
    /** The beginning has to be decided anew. */
    DECIDE
  }

  private final CaptureSettings settings;
  private final SourceDatabase source;
  private final CaptureProgress progress;
  private final TableSurvey survey;
  private final ManifestChain chain;
  private final BronzeWriter writer;
  private final FlushReport report;
  private final StatusBoard board;
  private final TableRequests requests;
  private final CaptureSteps steps;
  private final BooleanSupplier stop;
  private final ReplicationStream stream;
  private final ChangeReader reader;
  private final StreamAdmission admission;
  private final TableCopier copier;
  private final CopyFailures failures;
  private PendingChanges pending;
  private CopyBeside beside;

  LogFollower(
      CaptureSettings settings,
      SourceDatabase source,
      CaptureProgress progress,
      TableSurvey survey,
      ManifestChain chain,
      BronzeWriter writer,
      TableCopier copier,
      CopyFailures failures,
      FlushReport report,
      StatusBoard board,
      TableRequests requests,
      CaptureSteps steps,
      BooleanSupplier stop)
      throws SQLException {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
    this.survey = survey;
    this.chain = chain;
    this.writer = writer;
    this.copier = copier;
    this.failures = failures;
    this.report = report;
    this.board = board;
    this.requests = requests;
    this.steps = steps;
    this.stop = stop;
    this.admission = new StreamAdmission(progress, RowCheck.WRITABLE);
    this.pending = new PendingChanges(chain, writer, admission);
    this.reader =
        new ChangeReader(
            progress.epoch(),
            progress.position(),
            new RelationRoutes(
                settings,
                source,
                progress,
                () -> pending.draft(),
                table -> progress.gap(table).isEmpty()));
    this.stream = ReplicationStream.start(settings.source(), progress.position());
  }

  /** Follows until there is something else to do. */
  End follow() throws SQLException, IOException, SourceProblemException, InterruptedException {
    board.message("Following the source's log.");
    long housekeeping = Math.min(MAX_HOUSEKEEPING_NANOS, settings.surveyInterval().toNanos());
    long housekeepingAt = System.nanoTime();
    long surveyAt = housekeepingAt;
    long idleAcknowledgeAt = System.nanoTime() + IDLE_ACKNOWLEDGE_NANOS;
    long park = FIRST_PARK_NANOS;
    int unmeasured = 0;
    int noticed = progress.gapsMarked() + requests.resyncsAsked();
    board.acknowledged(stream.acknowledged().value());
    while (true) {
      boolean worked = copyBeside();
      // A transaction of the other stream comes to its end first.
      boolean elsewhere = beside != null && beside.inTransaction();
      ByteBuffer message = elsewhere ? null : stream.poll();
      if (message != null) {
        boolean wasIn = reader.inTransaction();
        reader.accept(PgOutputDecoder.decode(message), pending::add);
        boolean ended = wasIn && !reader.inTransaction();
        park = FIRST_PARK_NANOS;
        if (ended && !pending.isEmpty()) {
          board.lag().pending(reader.commitMicros() / 1000);
        }
        if (!ended && ++unmeasured < MESSAGES_BETWEEN_MEASURES) {
          continue;
        }
      }
      unmeasured = 0;
      boolean stopping = stop.getAsBoolean();
      flushWhenDue(stopping);
      if (stopping) {
        return End.STOP;
      }
      if (message == null) {
        if (!inTransaction() && pending.isEmpty()) {
          long server = stream.serverPosition();
          rest(server);
          if (System.nanoTime() - idleAcknowledgeAt >= 0) {
            idleAcknowledgeAt = System.nanoTime() + IDLE_ACKNOWLEDGE_NANOS;
            acknowledgeStretch(server);
          }
        }
        if (worked) {
          park = FIRST_PARK_NANOS;
        } else {
          LockSupport.parkNanos(park);
          park = Math.min(MAX_PARK_NANOS, park * 2);
        }
      }
      long now = System.nanoTime();
      if (now - housekeepingAt >= 0) {
        housekeepingAt = now + housekeeping;
        SourceDatabase.LogPosition log = source.logPosition();
        board.lag().source(log.currentLsn(), log.retainedBytes());
        progress.store();
        stream.alive();
        if (beside != null) {
          beside.housekeeping();
          forgetBesideWhenOver();
        }
      }
      // Between transactions, busy or not: a source that never rests has tables to look at too.
      boolean asked = noticed != progress.gapsMarked() + requests.resyncsAsked();
      if ((asked || now - surveyAt >= 0) && !inTransaction()) {
        surveyAt = System.nanoTime() + settings.surveyInterval().toNanos();
        noticed = progress.gapsMarked() + requests.resyncsAsked();
        int gaps = progress.gapsMarked();
        End end = lookAtTables();
        if (gaps != progress.gapsMarked()) {
          noticed += progress.gapsMarked() - gaps;
          reader.refresh();
          if (beside != null) {
            beside.refresh();
          }
        }
        if (end != null) {
          if (!pending.isEmpty()) {
            flush();
          }
          return end;
        }
      }
    }
  }

  /** Whether a transaction is half read, of whichever stream. */
  private boolean inTransaction() {
    return reader.inTransaction() || beside != null && beside.inTransaction();
  }

  private End lookAtTables()
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    if (survey.publicationBroken()) {
      return End.DECIDE;
    }
    boolean nothing = survey.look(false).nothingToCopy();
    if (!nothing && beside == null) {
      beginCopies();
    }
    return null;
  }

  /** The others go on meanwhile: of the tables to copy nothing is taken from the stream. */
  private void beginCopies()
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    flushAll();
    TableSurvey.Findings findings = survey.look(true);
    if (!findings.reasons().isEmpty()) {
      progress.bump(findings.reasons());
      reader.epoch(progress.epoch());
    }
    List<CatalogTable> tables = new ArrayList<>(findings.copy());
    tables.addAll(findings.recopy());
    if (tables.isEmpty()) {
      return;
    }
    copier.begin(tables);
    admission.copied();
    reader.refresh();
    beside =
        new CopyBeside(
            settings,
            source,
            progress,
            copier,
            writer,
            failures,
            report,
            board,
            steps,
            stop,
            tables,
            new CopyBeside.Stream() {
              @Override
              public void flush() throws SQLException, IOException {
                flushAll();
              }

              @Override
              public long position() {
                return reader.position();
              }

              @Override
              public void add(ChangeReader.Change change) throws IOException {
                pending.add(change);
              }

              @Override
              public ManifestDraft draft() {
                return pending.draft();
              }

              @Override
              public void takeOver() {
                admission.copied();
                reader.refresh();
              }
            });
  }

  /** Does some of what the copies beside the stream need; whether there was anything to do. */
  private boolean copyBeside()
      throws SQLException, IOException, SourceProblemException, InterruptedException {
    if (beside == null || reader.inTransaction()) {
      return false;
    }
    boolean worked = beside.advance();
    forgetBesideWhenOver();
    return worked;
  }

  private void forgetBesideWhenOver() {
    if (beside.isOver()) {
      beside = null;
    }
  }

  /** Another manifest is about to be written: nothing must be left that has its number. */
  private void flushAll() throws SQLException, IOException {
    if (!pending.isEmpty() || !pending.draft().isEmpty()) {
      flush();
    } else {
      pending = new PendingChanges(chain, writer, admission);
    }
  }

  private void flushWhenDue(boolean stopping) throws SQLException, IOException {
    FlushPolicy.Verdict verdict = settings.flush().decide(pending.measure(), inTransaction());
    if (!inTransaction() && (stopping && !pending.isEmpty() || requests.approvalWaits())) {
      verdict = FlushPolicy.Verdict.FLUSH;
    }
    switch (verdict) {
      case SPILL -> {
        pending.writeFiles();
        steps.done(Step.SPILLED);
      }
      case FLUSH -> flush();
      case WAIT -> {}
    }
  }

  /** Everything that the source has sent is in the chain. */
  private void rest(long server) throws SQLException, IOException {
    board.lag().caughtUp(System.currentTimeMillis());
    board
        .lag()
        .captured(
            Long.compareUnsigned(server, progress.position()) > 0 ? server : progress.position());
    for (TableSurvey.Shape shape : survey.unseen()) {
      // The log shows a shape only with a change; readers are to know of it before.
      if (Long.compareUnsigned(server, shape.seenAt()) >= 0) {
        survey.taken(shape);
        SchemaVersion newest = progress.schemas().newest(shape.table().table());
        if (newest.schemaVersion() != shape.after()) {
          continue;
        }
        progress
            .schemas()
            .version(shape.table(), shape.key(), shape.columns(), shape.storage(), pending.draft());
      }
    }
    if (!pending.draft().isEmpty()) {
      progress.reached(server);
      flush();
    }
  }

  /**
   * An idle table must not keep the source from recycling its log: where nothing was committed that
   * concerns us, the slot moves on without a manifest.
   */
  private void acknowledgeStretch(long server) throws IOException, SQLException {
    if (Long.compareUnsigned(server, progress.position()) > 0) {
      progress.reached(server);
      progress.mark();
      stream.acknowledge(server);
      board.captured(server);
      board.acknowledged(server);
    }
  }

  private void flush() throws SQLException, IOException {
    long started = System.nanoTime();
    pending.writeFiles();
    steps.done(Step.FLUSH_FILES_WRITTEN);
    ManifestDraft draft = pending.draft();
    progress.reached(reader.position());
    progress.append(draft);
    steps.done(Step.FLUSH_APPENDED);
    stream.acknowledge(progress.position());
    steps.done(Step.ACKNOWLEDGED);
    board.acknowledged(progress.position());
    board.lag().flushed(reader.commitMicros() / 1000);
    report.flushed(started, draft);
    report.streamed(pending);
    pending = new PendingChanges(chain, writer, admission);
  }

  /** Forgets what is not in a manifest and ends the stream. */
  @Override
  public void close() throws SQLException, IOException {
    try {
      pending.close();
      progress.endBeside();
      if (beside != null) {
        beside.close();
      }
    } finally {
      stream.close();
    }
  }
}
