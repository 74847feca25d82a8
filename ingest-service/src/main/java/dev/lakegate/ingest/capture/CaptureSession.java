package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.pgoutput.PgOutputDecoder;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.ReplicationStream;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.ingest.source.SourceSnapshot;
import dev.lakegate.ingest.source.TableCopy;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Capture over one connection to the source: finds out where to begin, copies what is not copied,
 * then follows the log. Any failure ends it; what was not in a manifest by then is forgotten and
 * read again by the next session. Runs on one thread.
 */
final class CaptureSession {
  private static final Logger LOG = Logger.getLogger(CaptureSession.class);
  private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long IDLE_ACKNOWLEDGE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long MAX_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int MESSAGES_BETWEEN_MEASURES = 256;

  private enum StreamEnd {
    /** Capture is to stop. */
    STOP,
    /** Tables have appeared that need a copy. */
    COPY,
    /** The beginning has to be decided anew. */
    DECIDE
  }

  private final CaptureSettings settings;
  private final ManifestChain chain;
  private final BronzeWriter writer;
  private final LedgerStore ledgers;
  private final StatusBoard board;
  private final CaptureMetrics metrics;
  private final BooleanSupplier stop;
  private final Map<String, SchemaVersion> draftedSchemas = new HashMap<>();

  private SourceDatabase source;
  private SourceDatabase.Identity identity;
  private CaptureLedger ledger;
  private SortedSet<String> gaps = new TreeSet<>();
  private String epoch;
  private long position;

  CaptureSession(
      CaptureSettings settings,
      ManifestChain chain,
      BronzeWriter writer,
      LedgerStore ledgers,
      StatusBoard board,
      CaptureMetrics metrics,
      BooleanSupplier stop) {
    this.settings = settings;
    this.chain = chain;
    this.writer = writer;
    this.ledgers = ledgers;
    this.board = board;
    this.metrics = metrics;
    this.stop = stop;
  }

  /** Captures until it is told to stop or the beginning has to be decided anew. */
  void run() throws SQLException, IOException, SourceProblemException, InterruptedException {
    chain.reload();
    ledger = ledgers.read(chain);
    chain.last().ifPresent(board::manifest);
    settings.tables().forEach(t -> board.ledger(t.table(), ledger.table(t.table())));
    try (SourceDatabase database = SourceDatabase.connect(settings.source())) {
      source = database;
      identity = database.identify();
      board.connected(identity);
      SourceSnapshot snapshot = begin();
      try {
        StreamEnd end = StreamEnd.COPY;
        while (end == StreamEnd.COPY && !stop.getAsBoolean()) {
          List<CatalogTable> toCopy = uncopied(survey(true));
          if (!toCopy.isEmpty()) {
            if (snapshot == null) {
              board.message(
                  "Taking a snapshot; this waits for transactions that are open at the source.");
              snapshot = SourceSnapshot.withTemporarySlot(settings.source());
            }
            copy(toCopy, snapshot);
          }
          if (snapshot != null) {
            snapshot.close();
            snapshot = null;
          }
          if (!stop.getAsBoolean()) {
            end = stream();
          }
        }
      } finally {
        if (snapshot != null) {
          snapshot.close();
        }
      }
    } finally {
      ledgers.write(ledger, board.counters());
    }
  }

  // ---- beginning

  /** Decides how to begin; returns the new slot's snapshot when an epoch was opened. */
  private SourceSnapshot begin() throws SQLException, IOException, SourceProblemException {
    Optional<CaptureMark> mark = CaptureMark.read(chain.root());
    Optional<SlotState> slot = source.slot();
    Optional<Manifest> last = chain.last();
    if (mark.isPresent() && last.isPresent() && mark.get().epoch().equals(last.get().epoch())) {
      gaps = new TreeSet<>(mark.get().gaps());
    }
    StartDecision decision =
        StartDecision.of(
            new StartDecision.Facts(
                settings.source().slot(),
                identity.sourceId(),
                identity.database(),
                source.logPosition().currentLsn(),
                slot,
                uncovered(),
                gapsMended(),
                last,
                mark));
    if (decision instanceof StartDecision.Refuse refuse) {
      throw new SourceProblemException(refuse.problem(), refuse.remedy());
    }
    if (slot.isPresent() && slot.get().activePid() != null) {
      throw new SourceProblemException(
          "replication slot "
              + settings.source().slot()
              + " is in use by process "
              + slot.get().activePid()
              + " at the source",
          "stop the other Lakegate; after a crash it becomes free by itself within a minute");
    }
    if (decision instanceof StartDecision.Open open) {
      return open(open, slot.isPresent());
    }
    StartDecision.Resume resume = (StartDecision.Resume) decision;
    epoch = resume.epoch();
    position = resume.position();
    board.epoch(epoch);
    board.captured(position);
    return null;
  }

  private SourceSnapshot open(StartDecision.Open open, boolean slotExists)
      throws SQLException, IOException, SourceProblemException {
    LOG.infof("Opening epoch %s: %s", open.epoch(), open.reason());
    board.message(
        "Opening epoch "
            + open.epoch()
            + ": "
            + open.reason()
            + ". Creating the slot waits for transactions that are open at the source.");
    CaptureMark.opening(open.epoch()).write(chain.root());
    if (slotExists) {
      source.dropSlot();
    }
    gaps = new TreeSet<>();
    // Publication before slot: the slot cannot decode what was logged before it was published.
    survey(true);
    SourceSnapshot snapshot = SourceSnapshot.withNewSlot(settings.source());
    try {
      epoch = open.epoch();
      position = snapshot.lsn().value();
      append(chain.draft());
      mark();
      return snapshot;
    } catch (IOException | RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  private List<String> uncovered() throws SQLException {
    Optional<SourceDatabase.Publication> publication = source.publication();
    List<String> uncovered = new ArrayList<>();
    for (CapturedTable table : settings.tables()) {
      if (ledger.table(table.table()).copied()) {
        Optional<CatalogTable> found = source.table(table.schema(), table.table());
        if (found.isPresent()
            && (publication.isEmpty()
                || !publication.get().complete()
                || !publication.get().covers(found.get()))) {
          uncovered.add(table.table());
        }
      }
    }
    return uncovered;
  }

  private boolean gapsMended() throws SQLException {
    for (CapturedTable table : settings.tables()) {
      if (gaps.contains(table.table())) {
        Optional<CatalogTable> found = source.table(table.schema(), table.table());
        if (found.isEmpty() || !found.get().identityIsKey()) {
          return false;
        }
      }
    }
    return !gaps.isEmpty();
  }

  // ---- tables

  /** Looks at every table and returns those that can be captured. */
  private List<CatalogTable> survey(boolean publish) throws SQLException, SourceProblemException {
    Optional<SourceDatabase.Publication> publication = source.publication();
    if (publication.isEmpty()) {
      source.createPublication();
      publication = source.publication();
    } else if (!publication.get().complete()) {
      source.completePublication(publication.get());
    }
    List<CatalogTable> ready = new ArrayList<>();
    for (CapturedTable table : settings.tables()) {
      CatalogTable found = examine(table, publication.orElseThrow(), publish);
      if (found != null) {
        ready.add(found);
      }
    }
    return ready;
  }

  private CatalogTable examine(
      CapturedTable table, SourceDatabase.Publication publication, boolean publish)
      throws SQLException {
    String name = table.table();
    boolean copied = ledger.table(name).copied();
    if (gaps.contains(name)) {
      board.table(name, TableState.HELD, identityProblem(name));
      return null;
    }
    Optional<CatalogTable> found = source.table(table.schema(), name);
    if (found.isEmpty()) {
      board.table(
          name,
          copied ? TableState.HELD : TableState.WAITING,
          copied
              ? "The table was dropped at the source."
              : "The source has no table " + table.schema() + "." + name + " yet.");
      return null;
    }
    CatalogTable at = found.get();
    if (copied && publication.covers(at)) {
      board.table(name, TableState.STREAMING, null);
      return at;
    }
    String problem = problem(table, at);
    if (problem == null && !publication.covers(at)) {
      if (!publish) {
        return at;
      }
      try {
        source.publish(at);
      } catch (SourceProblemException e) {
        problem = sentence(e);
      }
    }
    if (problem != null) {
      board.table(name, TableState.HELD, problem);
      return null;
    }
    if (board.state(name) != TableState.COPYING) {
      board.table(name, TableState.WAITING, "Its copy has not begun.");
    }
    return at;
  }

  private String problem(CapturedTable table, CatalogTable at) throws SQLException {
    if (at.kind() != 'r' && at.kind() != 'p') {
      return at.name() + " is no table at the source, so it has no log.";
    }
    if (!at.readable()) {
      return "The role may not read it. To mend it: " + source.grantRead(at);
    }
    if (at.key().isEmpty()) {
      return "It has no primary key at the source, or one that is DEFERRABLE, so its changes name no"
          + " row. To mend it: ALTER TABLE "
          + at.quoted()
          + " ADD PRIMARY KEY (...);";
    }
    if (!at.identityIsKey()) {
      return identityProblem(at.name());
    }
    List<SourceColumn> columns = source.columns(at);
    String reserved = TableSchema.reservedColumn(columns, table.tenantColumn());
    if (reserved != null) {
      return "Its column " + reserved + " has a name that Bronze needs for itself.";
    }
    if (table.tenantColumn() != null
        && columns.stream().noneMatch(c -> c.name().equals(table.tenantColumn()))) {
      return "The description says that column "
          + table.tenantColumn()
          + " holds the tenant, but the source has no such column.";
    }
    return null;
  }

  private static String identityProblem(String table) {
    return "Its replica identity does not carry the primary key. To mend it: ALTER TABLE "
        + table
        + " REPLICA IDENTITY DEFAULT; everything is then copied anew.";
  }

  private static String sentence(SourceProblemException e) {
    return Character.toUpperCase(e.problem().charAt(0))
        + e.problem().substring(1)
        + ". To mend it: "
        + e.remedy();
  }

  private List<CatalogTable> uncopied(List<CatalogTable> ready) {
    return ready.stream().filter(t -> !ledger.table(t.name()).copied()).toList();
  }

  private CapturedTable captured(String table) {
    return settings.tables().stream()
        .filter(t -> t.table().equals(table))
        .findFirst()
        .orElseThrow();
  }

  /** The schema version of that shape: the newest one when it is the same, a new one otherwise. */
  private TableSchema schemaOf(
      CapturedTable table, List<String> key, List<SourceColumn> columns, ManifestDraft draft) {
    SchemaVersion newest =
        draftedSchemas.getOrDefault(table.table(), ledger.table(table.table()).schema());
    SchemaVersion shape =
        new SchemaVersion(
            table.table(), newest == null ? 1 : newest.schemaVersion() + 1, key, columns);
    if (newest == null || !TableSchema.sameFiles(newest, shape)) {
      draft.change(shape);
      draftedSchemas.put(table.table(), shape);
      newest = shape;
    }
    return new TableSchema(newest, table.tenantColumn());
  }

  private List<SourceColumn> storedTypes(CapturedTable table, List<SourceColumn> columns) {
    return columns.stream()
        .map(
            c ->
                c.name().equals(TableSchema.TENANT_ID)
                    ? new SourceColumn(c.name(), c.sourceType(), "varchar", c.nullable())
                    : c)
        .toList();
  }

  // ---- copy

  private void copy(List<CatalogTable> tables, SourceSnapshot snapshot)
      throws SQLException, IOException, InterruptedException {
    for (CatalogTable table : tables) {
      board.table(table.name(), TableState.WAITING, "Other tables are copied first.");
    }
    for (CatalogTable table : tables) {
      if (stop.getAsBoolean()) {
        return;
      }
      copy(table, snapshot);
    }
  }

  private void copy(CatalogTable table, SourceSnapshot snapshot)
      throws SQLException, IOException, InterruptedException {
    CapturedTable described = captured(table.name());
    int generation = ledger.table(table.name()).generation() + 1;
    String reason =
        generation == 1 ? "Its rows are being copied." : "Its rows are being copied again.";
    board.message("Copying " + table.name() + ".");
    board.table(table.name(), TableState.COPYING, reason);
    ManifestDraft draft = chain.draft();
    TableSchema schema =
        schemaOf(described, table.key(), storedTypes(described, source.columns(table)), draft);
    String sequence =
        ChangeSequence.ofCopy(ChangeSequence.parseEpoch(epoch), snapshot.lsn()).format();
    long rows = 0;
    try (TableCopy copy =
        new TableCopy(
            snapshot,
            table,
            schema,
            order ->
                Stage.ofCopy(
                    writer.newStageFile(table.name()),
                    schema,
                    generation,
                    order,
                    sequence,
                    snapshot.micros(),
                    BronzeWriter.utcDate(snapshot.micros())),
            settings.copyBytes())) {
      Stage stage = copy.next();
      while (stage != null) {
        long started = System.nanoTime();
        try (Stage writing = stage) {
          BronzeWriter.Written written = writer.write(writing, draft);
          rows += written.rows();
          written.lossyValues().forEach((column, n) -> lossy(table.name(), column, n));
          metrics.captured(table.name(), "copy", written.rows());
        }
        stage = copy.next();
        if (stage != null) {
          if (stop.getAsBoolean()) {
            stage.close();
            chain.discard(draft);
            return;
          }
          append(draft);
          flushed(started, draft);
          draft = chain.draft();
        }
        board.progress(table.name(), rows, percent(rows, table.estimatedRows()));
      }
    }
    draft.complete(new CopyCompleted(table.name(), generation, rows, sequence));
    long started = System.nanoTime();
    append(draft);
    flushed(started, draft);
    board.table(table.name(), TableState.STREAMING, null);
    LOG.infof("Copied %d rows of %s, generation %d", rows, table.name(), generation);
  }

  private static Integer percent(long rows, long estimate) {
    return estimate <= 0 ? null : (int) Math.min(99, rows * 100 / estimate);
  }

  // ---- stream

  private StreamEnd stream() throws SQLException, IOException, SourceProblemException {
    board.message("Following the source's log.");
    try (ReplicationStream stream = ReplicationStream.start(settings.source(), position);
        PendingChanges empty = new PendingChanges(chain, writer)) {
      List<PendingChanges> current = new ArrayList<>(List.of(empty));
      ChangeReader reader =
          new ChangeReader(
              ChangeSequence.parseEpoch(epoch),
              position,
              relation -> route(relation, current.get(0).draft()));
      try {
        return follow(stream, reader, current);
      } finally {
        current.get(0).close();
      }
    }
  }

  private StreamEnd follow(
      ReplicationStream stream, ChangeReader reader, List<PendingChanges> current)
      throws SQLException, IOException, SourceProblemException {
    long housekeepingAt = System.nanoTime();
    long surveyAt = housekeepingAt;
    long idleAcknowledgeAt = System.nanoTime() + IDLE_ACKNOWLEDGE_NANOS;
    long park = TimeUnit.MILLISECONDS.toNanos(1);
    int unmeasured = 0;
    board.acknowledged(stream.acknowledged().value());
    while (true) {
      PendingChanges pending = current.get(0);
      ByteBuffer message = stream.poll();
      if (message != null) {
        boolean wasIn = reader.inTransaction();
        reader.accept(PgOutputDecoder.decode(message), pending::add);
        boolean ended = wasIn && !reader.inTransaction();
        park = TimeUnit.MILLISECONDS.toNanos(1);
        if (ended && !pending.isEmpty()) {
          board.lag().pending(reader.commitMicros() / 1000);
        }
        if (!ended && ++unmeasured < MESSAGES_BETWEEN_MEASURES) {
          continue;
        }
      }
      unmeasured = 0;
      FlushPolicy.Verdict verdict =
          settings.flush().decide(pending.measure(), reader.inTransaction());
      boolean stopping = stop.getAsBoolean();
      if (stopping && !reader.inTransaction() && !pending.isEmpty()) {
        verdict = FlushPolicy.Verdict.FLUSH;
      }
      switch (verdict) {
        case SPILL -> pending.writeFiles();
        case FLUSH -> {
          flush(pending, reader, stream);
          current.set(0, new PendingChanges(chain, writer));
          pending = current.get(0);
        }
        case WAIT -> {}
      }
      if (stopping) {
        return StreamEnd.STOP;
      }
      long now = System.nanoTime();
      boolean quiet = !reader.inTransaction() && pending.isEmpty();
      if (message == null) {
        if (quiet) {
          long server = stream.serverPosition();
          board.lag().caughtUp(System.currentTimeMillis());
          board.lag().captured(Long.compareUnsigned(server, position) > 0 ? server : position);
          if (now - idleAcknowledgeAt >= 0) {
            idleAcknowledgeAt = now + IDLE_ACKNOWLEDGE_NANOS;
            acknowledgeStretch(server, stream);
          }
        }
        LockSupport.parkNanos(park);
        park = Math.min(MAX_PARK_NANOS, park * 2);
      }
      if (now - housekeepingAt >= 0) {
        housekeepingAt = now + HOUSEKEEPING_NANOS;
        SourceDatabase.LogPosition log = source.logPosition();
        board.lag().source(log.currentLsn(), log.retainedBytes());
        ledgers.write(ledger, board.counters());
      }
      // Between transactions, busy or not: a source that never rests has tables to look at too.
      if (now - surveyAt >= 0 && !reader.inTransaction()) {
        surveyAt = now + HOUSEKEEPING_NANOS;
        boolean decide = !uncovered().isEmpty() || gapsMended();
        if (decide || !uncopied(survey(false)).isEmpty()) {
          if (!pending.isEmpty()) {
            flush(pending, reader, stream);
            current.set(0, new PendingChanges(chain, writer));
          }
          return decide ? StreamEnd.DECIDE : StreamEnd.COPY;
        }
      }
    }
  }

  /**
   * An idle table must not keep the source from recycling its log: where nothing was committed that
   * concerns us, the slot moves on without a manifest.
   */
  private void acknowledgeStretch(long server, ReplicationStream stream)
      throws IOException, SQLException {
    if (Long.compareUnsigned(server, position) > 0) {
      position = server;
      mark();
      stream.acknowledge(position);
      board.captured(position);
      board.acknowledged(position);
    }
  }

  private void flush(PendingChanges pending, ChangeReader reader, ReplicationStream stream)
      throws SQLException, IOException {
    long started = System.nanoTime();
    pending.writeFiles();
    ManifestDraft draft = pending.draft();
    if (Long.compareUnsigned(reader.position(), position) > 0) {
      position = reader.position();
    }
    append(draft);
    stream.acknowledge(position);
    board.acknowledged(position);
    board.lag().flushed(reader.commitMicros() / 1000);
    flushed(started, draft);
    pending
        .counts()
        .forEach(
            (table, counts) -> {
              board.count(table, counts);
              metrics.captured(table, "insert", counts.inserts);
              metrics.captured(table, "update", counts.updates);
              metrics.captured(table, "delete", counts.deletes);
              metrics.captured(table, "truncate", counts.truncates);
            });
    pending
        .lossy()
        .forEach((table, columns) -> columns.forEach((column, n) -> lossy(table, column, n)));
  }

  private Route route(Relation relation, ManifestDraft draft) throws SQLException, IOException {
    Optional<CapturedTable> described =
        settings.tables().stream()
            .filter(
                t -> t.schema().equals(relation.namespace()) && t.table().equals(relation.name()))
            .findFirst();
    // What is not copied will be: under a snapshot that contains everything read by then.
    if (described.isEmpty()
        || !ledger.table(relation.name()).copied()
        || gaps.contains(relation.name())) {
      return null;
    }
    CapturedTable table = described.get();
    SchemaVersion newest = ledger.table(table.table()).schema();
    List<SourceColumn> columns = new ArrayList<>();
    for (Relation.Column column : relation.columns()) {
      boolean nullable =
          newest == null
              || newest.columns().stream()
                  .filter(c -> c.name().equals(column.name()))
                  .findFirst()
                  .map(SourceColumn::nullable)
                  .orElse(true);
      columns.add(
          source.column(
              column.name(),
              Integer.toUnsignedLong(column.typeOid()),
              column.typeModifier(),
              nullable));
    }
    List<String> key = key(table, relation);
    String reserved = TableSchema.reservedColumn(columns, table.tenantColumn());
    if (key.isEmpty() || reserved != null) {
      letPass(table.table());
      return null;
    }
    return new Route(
        schemaOf(table, key, storedTypes(table, columns), draft),
        ledger.table(table.table()).generation());
  }

  /** The primary key, if the relation's replica identity carries all of it; empty otherwise. */
  private List<String> key(CapturedTable table, Relation relation) throws SQLException {
    List<String> identity =
        relation.columns().stream()
            .filter(Relation.Column::key)
            .map(Relation.Column::name)
            .toList();
    if (relation.replicaIdentity() == 'd') {
      return identity;
    }
    List<String> key =
        source.table(table.schema(), table.table()).map(CatalogTable::key).orElse(List.of());
    return identity.containsAll(key) ? key : List.of();
  }

  /** Remembers durably that the table loses changes from here on, before they are lost. */
  private void letPass(String table) throws IOException {
    LOG.warnf("Changes of %s cannot be captured: its replica identity lacks the key", table);
    gaps.add(table);
    mark();
    board.table(table, TableState.HELD, identityProblem(table));
  }

  // ---- common

  private void append(ManifestDraft draft) throws IOException {
    Manifest manifest =
        chain.append(draft, epoch, identity.sourceId(), Lsn.format(position), Instant.now());
    ledger.add(manifest);
    draftedSchemas.clear();
    board.manifest(manifest);
    manifest.files().forEach(f -> board.ledger(f.table(), ledger.table(f.table())));
  }

  private void mark() throws IOException {
    CaptureMark.at(epoch, Lsn.format(position), gaps).write(chain.root());
  }

  private void flushed(long startedNanos, ManifestDraft draft) {
    metrics.flushed(
        Duration.ofNanos(System.nanoTime() - startedNanos),
        draft.files().size(),
        draft.files().stream().mapToLong(f -> f.bytes()).sum());
  }

  private void lossy(String table, String column, long values) {
    LOG.warnf(
        "%d values of %s.%s became NULL because %s cannot hold them",
        values, table, column, "Bronze");
    metrics.lossy(table, column, values);
  }
}
