package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.capture.CaptureMark.Gap;
import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.quarantine.Quarantine;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * How far a session has come: the chain with its ledger, the epoch, the position, the tables whose
 * changes are let pass. Everything here is durable before it is told to anybody. Not thread-safe.
 */
final class CaptureProgress {
  private static final Logger LOG = Logger.getLogger(CaptureProgress.class);
  static final String NOT_CAUGHT_UP =
      "Capture ended before it had read what followed the copy's snapshot.";

  private final CaptureSettings settings;
  private final ManifestChain chain;
  private final LedgerStore ledgers;
  private final StatusBoard board;
  private final TableRequests requests;
  private final Clock clock;
  private final CaptureSteps steps;
  private final Quarantine quarantine;
  private final TableLooks looks;
  private final SchemaBook schemas;
  private final Map<String, Gap> gaps = new TreeMap<>();

  /** Tables that are copied while the stream goes on. */
  private final Set<String> beside = new HashSet<>();

  /** Those of them whose copy is complete and that lack what followed its snapshot. */
  private final Set<String> catchingUp = new HashSet<>();

  private CaptureLedger ledger;
  private SourceDatabase.Identity identity;
  private String epoch;
  private long position;
  private int gapsMarked;

  CaptureProgress(
      CaptureSettings settings,
      ManifestChain chain,
      LedgerStore ledgers,
      StatusBoard board,
      TableRequests requests,
      Clock clock,
      CaptureSteps steps,
      Quarantine quarantine) {
    this.settings = settings;
    this.chain = chain;
    this.ledgers = ledgers;
    this.board = board;
    this.requests = requests;
    this.clock = clock;
    this.steps = steps;
    this.quarantine = quarantine;
    this.looks = new TableLooks(chain.root());
    this.schemas = new SchemaBook(this, looks);
  }

  /** Reads the chain and what else the storage root remembers. */
  Optional<CaptureMark> load() throws IOException {
    chain.reload();
    ledger = ledgers.read(chain);
    loadQuarantine();
    requests.load(name -> ledger.table(name).generation());
    chain.last().ifPresent(board::manifest);
    tellBoard();
    Optional<CaptureMark> mark = CaptureMark.read(chain.root());
    looks.load();
    gaps.clear();
    mark.ifPresent(m -> gaps.putAll(m.gaps()));
    return mark;
  }

  void source(SourceDatabase.Identity answering) {
    identity = answering;
  }

  SourceDatabase.Identity source() {
    return identity;
  }

  SchemaBook schemas() {
    return schemas;
  }

  /** How the source looked when Bronze agreed with it. */
  TableLooks looks() {
    return looks;
  }

  ManifestDraft draft() {
    return chain.draft();
  }

  Optional<Manifest> last() {
    return chain.last();
  }

  int epoch() {
    return ChangeSequence.parseEpoch(epoch);
  }

  /** Unsigned LSN: everything that committed before it is in the chain. */
  long position() {
    return position;
  }

  CaptureLedger.Table table(String table) {
    return ledger.table(table);
  }

  /** Why the table's changes are let pass; empty when they are captured. */
  Optional<Gap> gap(String table) {
    return Optional.ofNullable(gaps.get(table))
        .filter(gap -> gap.appliesTo(ledger.table(table).generation()));
  }

  /** Whether the table is copied while the stream goes on, or catches up after that. */
  boolean isBeside(String table) {
    return beside.contains(table);
  }

  /** Whether the table's copy is complete, and what followed its snapshot is being read. */
  boolean catchesUp(String table) {
    return catchingUp.contains(table);
  }

  /** Whether the table's copy, once begun, still has to be made to its end. */
  boolean isUnfinished(String table) {
    return gap(table).filter(Gap::catchesUp).isPresent();
  }

  /** Rises whenever the changes of another table are let pass. */
  int gapsMarked() {
    return gapsMarked;
  }

  // ---- beginning

  /** Goes on in the chain's epoch. */
  void resume(String presentEpoch, long from) throws IOException {
    epoch = presentEpoch;
    position = from;
    board.epoch(epoch);
    board.captured(position);
    for (Map.Entry<String, CaptureLedger.Table> known : ledger.tables().entrySet()) {
      boolean described =
          settings.tables().stream().anyMatch(t -> t.table().equals(known.getKey()));
      if (known.getValue().copied() && !described && gap(known.getKey()).isEmpty()) {
        letPass(known.getKey(), "The description did not name it for a while.");
      }
    }
  }

  /** Announces a new epoch, so that a slot found afterwards is known to be of no use. */
  void announce(String next) throws IOException {
    CaptureMark.opening(next, identity.timeline()).write(chain.root());
    gaps.clear();
    steps.done(Step.OPENING_MARKED);
  }

  /** Opens the announced epoch: nothing of the one before is the source's state any more. */
  void open(String next, long from, List<String> present, String reason) throws IOException {
    epoch = next;
    position = from;
    ManifestDraft draft = chain.draft();
    TreeMap<String, CaptureLedger.Table> all = new TreeMap<>(ledger.tables());
    present.forEach(name -> all.putIfAbsent(name, CaptureLedger.Table.NONE));
    all.forEach(
        (name, table) -> {
          if (table.generation() > 0 || present.contains(name)) {
            draft.begin(new CopyBegun(name, table.generation() + 1, reason));
          }
        });
    append(draft);
    steps.done(Step.EPOCH_OPENED);
    mark();
  }

  /**
   * Begins new copies of some tables in the next epoch, whose sequences sort after all that is
   * known of them; slot, position and the other tables go on.
   *
   * @param reasons table to a sentence
   * @throws SourceProblemException when no epoch is left
   */
  void bump(Map<String, String> reasons) throws IOException, SourceProblemException {
    if (epoch() == 0xFFFF) {
      throw new SourceProblemException(
          "all 65535 epochs are used", "start with an empty storage root");
    }
    steps.done(Step.BUMP_DECIDED);
    LOG.infof("Copying anew: %s", reasons);
    epoch = ChangeSequence.formatEpoch(epoch() + 1);
    begin(reasons);
    steps.done(Step.BUMPED);
    mark();
  }

  /**
   * Begins copies of tables of which this epoch has no streamed change.
   *
   * @param reasons table to a sentence
   */
  void begin(Map<String, String> reasons) throws IOException {
    ManifestDraft draft = chain.draft();
    reasons.forEach(
        (name, reason) ->
            draft.begin(new CopyBegun(name, ledger.table(name).generation() + 1, reason)));
    append(draft);
    for (String table : reasons.keySet()) {
      requests.begun(table);
    }
  }

  // ---- going on

  /** Everything that committed before this unsigned LSN is in the next manifest or before it. */
  void reached(long lsn) {
    if (Long.compareUnsigned(lsn, position) > 0) {
      position = lsn;
    }
  }

  /** Rows that are kept aside. */
  Quarantine quarantine() {
    return quarantine;
  }

  Manifest append(ManifestDraft draft) throws IOException {
    quarantine.write(draft.number());
    List<TableRequests.Approval> approvals = new ArrayList<>(requests.approvals());
    approvals.forEach(a -> draft.approve(a.approval()));
    Manifest manifest =
        chain.append(
            draft,
            epoch,
            identity.sourceId(),
            identity.timeline(),
            Lsn.format(position),
            clock.instant());
    ledger.add(manifest);
    quarantine.written(manifest.number());
    manifest.copiesCompleted().forEach(c -> quarantine.copied(c.table(), c.sequence()));
    schemas.appended();
    board.manifest(manifest);
    tellBoard();
    requests.durable(approvals);
    return manifest;
  }

  void discard(ManifestDraft draft) throws IOException {
    chain.discard(draft);
    loadQuarantine();
    schemas.appended();
  }

  /** Remembers position and gaps durably. */
  void mark() throws IOException {
    gaps.keySet().removeIf(name -> gap(name).isEmpty());
    CaptureMark.at(epoch, Lsn.format(position), identity.timeline(), gaps).write(chain.root());
  }

  /** Remembers durably that the table loses changes from here on, before they are lost. */
  void letPass(String table, String reason) throws IOException {
    LOG.warnf("Changes of %s are let pass: %s", table, reason);
    gaps.put(table, new Gap(ledger.table(table).generation(), reason));
    catchingUp.remove(table);
    beside.remove(table);
    gapsMarked++;
    mark();
    steps.done(Step.GAP_MARKED);
  }

  // ---- beside the stream

  void copiesBeside(Collection<String> tables) {
    beside.addAll(tables);
  }

  /**
   * The table's copy is about to be complete, and what followed its snapshot is not in the chain:
   * should we die before it is, the table is copied anew. Durable when this returns.
   */
  void mustCatchUp(String table) throws IOException {
    gaps.put(table, new Gap(ledger.table(table).generation(), NOT_CAUGHT_UP, true));
    catchingUp.add(table);
    mark();
  }

  /** Everything of these tables up to the position is in the chain. */
  void caughtUp() throws IOException {
    gaps.keySet().removeAll(catchingUp);
    mark();
    endBeside();
  }

  /** Forgets which tables are copied beside the stream; marks stay. */
  void endBeside() {
    catchingUp.clear();
    beside.clear();
  }

  private void loadQuarantine() throws IOException {
    quarantine.load(
        chain.lastNumber(),
        name -> ledger.table(name).copied() ? ledger.table(name).copySequence() : null);
  }

  /** Stores the ledger for the next start. */
  void store() throws IOException {
    ledgers.write(ledger, board.counters());
  }

  private void tellBoard() {
    settings.tables().forEach(t -> board.ledger(t.table(), ledger.table(t.table())));
  }
}
