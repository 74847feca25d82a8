package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.RowCheck;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.quarantine.Quarantine;
import dev.lakegate.ingest.quarantine.QuarantinedRow;
import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceDatabase.Look;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.ingest.source.SourceSnapshot;
import dev.lakegate.ingest.source.TableCopy;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Copies tables under a new slot's snapshot into manifests, one table after the other, before there
 * is a stream; and what {@link CopyBeside} does likewise. A table whose copy fails for a reason of
 * its own does not keep the others from theirs. Not thread-safe.
 */
final class TableCopier {
  private static final Logger LOG = Logger.getLogger(TableCopier.class);

  /** A state of SQL of our own: the table has a problem, not the connection. */
  private static final String TOO_MANY_REJECTED = "LG001";

  /** Small tables follow each other faster than one that is being written can take. */
  private static final int TABLES_AHEAD = 3;

  private final CaptureSettings settings;
  private final CaptureProgress progress;
  private final BronzeWriter writer;
  private final CopyFailures failures;
  private final FlushReport report;
  private final StatusBoard board;
  private final CaptureSteps steps;
  private final BooleanSupplier stop;

  TableCopier(
      CaptureSettings settings,
      CaptureProgress progress,
      BronzeWriter writer,
      CopyFailures failures,
      FlushReport report,
      StatusBoard board,
      CaptureSteps steps,
      BooleanSupplier stop) {
    this.settings = settings;
    this.progress = progress;
    this.writer = writer;
    this.failures = failures;
    this.report = report;
    this.board = board;
    this.steps = steps;
    this.stop = stop;
  }

  /**
   * Copies tables of which the epoch has no streamed change. After a failure that concerns a table
   * alone, those behind it are left for another snapshot, beside the stream.
   *
   * @param snapshot of a slot that was just made; closed in any case
   */
  void copy(List<CatalogTable> tables, SourceSnapshot snapshot)
      throws SQLException, IOException, InterruptedException {
    try (snapshot) {
      Looks looks = looks(tables, snapshot);
      begin(tables);
      copyInTurn(tables, looks, snapshot);
    }
  }

  private void copyInTurn(List<CatalogTable> tables, Looks looks, SourceSnapshot snapshot)
      throws SQLException, IOException, InterruptedException {
    Deque<Reading> ahead = new ArrayDeque<>();
    try {
      for (int i = 0; i < tables.size() && !stop.getAsBoolean(); i++) {
        CatalogTable table = tables.get(i);
        try (Reading reading =
            ahead.isEmpty() ? read(table, looks, snapshot, null) : ahead.remove()) {
          readAhead(tables.subList(i + 1, tables.size()), looks, snapshot, reading, ahead);
          copy(reading, snapshot);
          failures.remove(table.name());
        } catch (SQLException e) {
          if (!concernsTheTableAlone(e)) {
            throw e;
          }
          // Its transaction is aborted, and the snapshot with it.
          failed(table.name(), e);
          return;
        }
      }
    } finally {
      for (Reading reading : ahead) {
        reading.close();
      }
    }
  }

  /**
   * What a snapshot sees.
   *
   * @param horizon see {@code Partitions}
   */
  record Looks(Map<String, Look> tables, String horizon) {}

  /** A table that is being read, maybe before its turn. */
  record Reading(
      Look look,
      String horizon,
      CapturedTable described,
      List<SourceColumn> columns,
      TableCopy copy)
      implements AutoCloseable {
    CatalogTable table() {
      return look.table();
    }

    @Override
    public void close() throws SQLException {
      copy.close();
    }
  }

  static void close(Reading reading) throws SQLException {
    if (reading != null) {
      reading.close();
    }
  }

  /**
   * Reads the next tables, one after the other, while this one is being written: the source and we
   * seldom wait for each other. Each holds at most one part besides the one that is being read.
   */
  private void readAhead(
      List<CatalogTable> tables,
      Looks looks,
      SourceSnapshot snapshot,
      Reading current,
      Deque<Reading> ahead) {
    Reading last = ahead.isEmpty() ? current : ahead.getLast();
    while (last != null && ahead.size() < Math.min(TABLES_AHEAD, tables.size())) {
      last = readAhead(tables.get(ahead.size()), looks, snapshot, last);
      if (last != null) {
        ahead.add(last);
      }
    }
  }

  /** Null when it cannot begin; its own turn will then show why. */
  Reading readAhead(CatalogTable table, Looks looks, SourceSnapshot snapshot, Reading after) {
    try {
      return read(table, looks, snapshot, after.copy());
    } catch (SQLException e) {
      LOG.debugf("Reading %s ahead failed: %s", table.name(), e.getMessage());
      return null;
    }
  }

  /**
   * The tables as the snapshot sees them, all before the first is copied: what the catalog says by
   * the time of a table's turn may be newer than changes of it that are still to be read.
   */
  Looks looks(List<CatalogTable> tables, SourceSnapshot snapshot) throws SQLException {
    SourceDatabase then = SourceDatabase.under(settings.source(), snapshot);
    Map<String, Look> looks = new HashMap<>();
    for (CatalogTable table : tables) {
      then.look(table.schema(), table.name()).ifPresent(look -> looks.put(table.name(), look));
    }
    return new Looks(looks, then.partitions().horizon());
  }

  Reading read(CatalogTable surveyed, Looks looks, SourceSnapshot snapshot, TableCopy after)
      throws SQLException {
    Look look = looks.tables().get(surveyed.name());
    if (look == null || look.table().oid() != surveyed.oid() || look.table().key().isEmpty()) {
      throw new SQLException(
          "table " + surveyed.name() + " changed while its snapshot was taken; it is copied anew",
          SourceSnapshot.TABLE_CHANGED);
    }
    CatalogTable table = look.table();
    CapturedTable described =
        settings.tables().stream()
            .filter(t -> t.table().equals(table.name()))
            .findFirst()
            .orElseThrow();
    List<SourceColumn> columns =
        SchemaBook.stored(look.columns().stream().map(CatalogColumn::column).toList());
    // Its version is known when its turn comes; the columns are these in any case.
    TableSchema shape =
        new TableSchema(
            new SchemaVersion(table.name(), 1, TableSurvey.key(described, table), columns),
            described.tenantColumn());
    int generation = progress.table(table.name()).generation();
    String sequence = ChangeSequence.ofCopy(progress.epoch(), snapshot.lsn()).format();
    TableCopy copy =
        new TableCopy(
            snapshot,
            table,
            shape,
            order ->
                Stage.ofCopy(
                        writer.newStageFile(table.name()),
                        shape,
                        generation,
                        order,
                        sequence,
                        snapshot.micros(),
                        BronzeWriter.utcDate(snapshot.micros()))
                    .checked(RowCheck.WRITABLE),
            settings.copyBytes(),
            after);
    return new Reading(look, looks.horizon(), described, columns, copy);
  }

  /** Durable before the first file: a copy that dies half-way is known to have begun. */
  void begin(List<CatalogTable> tables) throws IOException {
    Map<String, String> reasons = new TreeMap<>();
    for (CatalogTable table : tables) {
      board.table(table.name(), TableState.WAITING, "Other tables are copied first.");
      CaptureLedger.Table known = progress.table(table.name());
      if (!known.begun()) {
        reasons.put(
            table.name(),
            known.generation() == 0
                ? "First copy."
                : "The copy before it did not come to its end.");
      }
    }
    if (!reasons.isEmpty()) {
      progress.begin(reasons);
    }
  }

  /** Whether other tables can be copied all the same: the server answered, and said no. */
  static boolean concernsTheTableAlone(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && !state.startsWith("08")
        && !state.startsWith("57")
        && !state.startsWith("53")
        && !state.startsWith("XX")
        && !state.startsWith("58");
  }

  /** Says so on the board; the table is tried again after a while. */
  void failed(String table, Exception e) {
    Duration pause = failures.add(table);
    String message = Redaction.of(e, settings.source());
    LOG.warnf("Copying %s failed: %s", table, message);
    board.failed(
        table,
        "Copying it failed: " + message,
        "it is tried again after "
            + pause.toSeconds()
            + " s, or with ./lakegate resync "
            + table
            + remedy(e));
  }

  private static String remedy(Exception e) {
    if (e instanceof SourceProblemException problem) {
      return "; " + problem.remedy();
    } else if (e instanceof SQLException sql && concernsTheTableAlone(sql)) {
      return SourceSnapshot.TABLE_CHANGED.equals(sql.getSQLState())
          ? ""
          : "; look at the table at the source";
    }
    return "; look at the source's log";
  }

  private void copy(Reading reading, SourceSnapshot snapshot)
      throws SQLException, IOException, InterruptedException {
    CatalogTable table = reading.table();
    CaptureLedger.Table known = progress.table(table.name());
    int generation = known.generation();
    board.message("Copying " + table.name() + ".");
    board.table(
        table.name(), TableState.COPYING, "Its rows are being copied: " + known.begunReason());
    ManifestDraft draft = progress.draft();
    progress.schemas().copies(table.name(), reading.look(), reading.horizon());
    TableSchema schema =
        progress
            .schemas()
            .version(
                reading.described(),
                TableSurvey.key(reading.described(), table),
                reading.columns(),
                table.storage(),
                draft);
    String sequence = ChangeSequence.ofCopy(progress.epoch(), snapshot.lsn()).format();
    TableCopy copy = reading.copy();
    long rows = 0;
    Stage stage = next(copy, draft);
    while (stage != null) {
      long started = System.nanoTime();
      rows += write(stage, schema, sequence, snapshot, draft);
      stage = next(copy, draft);
      if (stage != null) {
        if (stop.getAsBoolean()) {
          stage.close();
          progress.discard(draft);
          return;
        }
        // Nothing is discarded when this fails: the manifest may be there all the same.
        progress.append(draft);
        steps.done(Step.COPY_PART_APPENDED);
        report.flushed(started, draft);
        draft = progress.draft();
      }
      board.progress(table.name(), rows, percent(rows, table.estimatedRows()));
    }
    draft.complete(new CopyCompleted(table.name(), generation, rows, sequence));
    long started = System.nanoTime();
    progress.append(draft);
    steps.done(Step.COPY_COMPLETED);
    report.flushed(started, draft);
    board.table(table.name(), TableState.STREAMING, null);
    LOG.infof("Copied %d rows of %s, generation %d", rows, table.name(), generation);
  }

  private Stage next(TableCopy copy, ManifestDraft draft)
      throws SQLException, IOException, InterruptedException {
    try {
      return copy.next(stop);
    } catch (SQLException | IOException e) {
      progress.discard(draft);
      throw e;
    }
  }

  /** Returns how many rows were written. */
  private long write(
      Stage stage,
      TableSchema schema,
      String sequence,
      SourceSnapshot snapshot,
      ManifestDraft draft)
      throws SQLException, IOException {
    try (Stage writing = stage) {
      writing.adopt(schema);
      keepAside(writing, sequence, snapshot.micros());
      BronzeWriter.Written written = writer.write(writing, draft);
      steps.done(Step.COPY_FILES_WRITTEN);
      report.copied(schema.table(), written);
      return written.rows();
    } catch (SQLException | IOException e) {
      progress.discard(draft);
      throw e;
    }
  }

  void keepAside(Stage stage, String sequence, long micros) throws IOException, SQLException {
    for (Stage.Rejected rejected : stage.rejected()) {
      QuarantinedRow row =
          RejectedRows.of(stage.schema(), stage.columnOrder(), rejected, sequence, micros);
      if (!progress.quarantine().hold(row)) {
        throw new SQLException(
            "more than "
                + Quarantine.MOST
                + " of its rows would go into quarantine. "
                + row.reason()
                + " Such as "
                + row.key(),
            TOO_MANY_REJECTED);
      }
    }
  }

  static Integer percent(long rows, long estimate) {
    return estimate <= 0 ? null : (int) Math.min(99, rows * 100 / estimate);
  }
}
