package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.RollUp;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.plan.SourceLedger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Carries new manifests into the index as they appear, and describes the chain for planning.
 * Thread-safe.
 *
 * <p>Only the contiguous chain is indexed. A manifest that cannot be read stops it there, with a
 * problem that names it, until it can be read: to skip it would lose its changes.
 */
public final class ManifestFollower {
  private static final Logger LOG = Logger.getLogger(ManifestFollower.class);

  /**
   * Files indexed in one transaction, about: bounds memory while a long chain is caught up with.
   */
  private static final int FILES_AT_ONCE = 2_000;

  private static final int MANIFESTS_AT_ONCE = 200;

  private static final int ROLL_UP_ROUNDS = 5;

  private final ManifestReader reader;
  private final ManifestIndex index;
  private final Map<String, Long> lastManifests = new HashMap<>();
  private final Map<String, SourceLedger> ledgers = new HashMap<>();
  private final Map<String, Sums> sums = new HashMap<>();
  private final Set<RollUp.Range> takenUp = new HashSet<>();
  private final CatchingUp catchingUp;
  private Map<String, Integer> lacking = Map.of();
  private boolean checked;
  private Bronze.Head head;
  private String problem;

  public ManifestFollower(ManifestReader reader, ManifestIndex index) {
    this.reader = Objects.requireNonNull(reader, "reader is null");
    this.index = Objects.requireNonNull(index, "index is null");
    this.catchingUp = new CatchingUp(reader.root());
  }

  /** The index may have been written by another process meanwhile: it is looked at again. */
  public synchronized void forget() {
    checked = false;
  }

  /** Reads the index as another process keeps it, and changes nothing. */
  public synchronized void watch() throws SQLException {
    lacking = catchingUp.tables();
    load();
    checked = false;
  }

  /**
   * Looks for manifests after the last one indexed, and for roll-ups of indexed ones.
   *
   * @return how many were added; call again until it is 0 to catch up
   */
  public synchronized int poll() throws SQLException {
    lacking = catchingUp.tables();
    if (!checked) {
      check();
    }
    long last = head == null ? 0 : head.manifest();
    Ahead ahead = null;
    List<RollUp.Range> rolled = reader.rollUps();
    for (int round = 0; ahead == null && round < ROLL_UP_ROUNDS; round++) {
      Ahead found = ahead(last, rolled);
      List<RollUp.Range> now = reader.rollUps();
      // Single manifests and those of a roll-up name the same changes in different files, so what
      // was read while one appeared may be a mixture that misses some.
      ahead = now.equals(rolled) ? found : null;
      rolled = now;
    }
    if (ahead == null) {
      return 0;
    }
    if (ahead.problem() != null && !ahead.problem().equals(problem)) {
      LOG.error(ahead.problem());
    }
    problem = ahead.problem();
    if (!ahead.manifests().isEmpty()) {
      index.append(ahead.manifests());
      load();
    }
    takeUp(rolled);
    return ahead.manifests().size();
  }

  /** What follows the indexed chain, up to a first problem. */
  private record Ahead(List<Manifest> manifests, String problem) {}

  private Ahead ahead(long last, List<RollUp.Range> rolled) {
    List<Manifest> next = new ArrayList<>();
    int files = 0;
    while (next.size() < MANIFESTS_AT_ONCE && files < FILES_AT_ONCE) {
      long number = last + next.size() + 1;
      try {
        Optional<Manifest> manifest = read(number, rolled);
        if (manifest.isEmpty()) {
          break;
        }
        next.add(manifest.get());
        files += manifest.get().files().size();
      } catch (ContractException e) {
        return new Ahead(next, "Manifest %d stops the chain: %s".formatted(number, e.getMessage()));
      }
    }
    return new Ahead(next, null);
  }

  /** From its roll-up, where there is one: the single manifests may be half deleted. */
  private Optional<Manifest> read(long number, List<RollUp.Range> rolled) {
    for (RollUp.Range range : rolled) {
      if (range.contains(number)) {
        return Optional.of(reader.readRollUp(range).manifest(number));
      }
    }
    return reader.read(number);
  }

  private void takeUp(List<RollUp.Range> rolled) throws SQLException {
    for (RollUp.Range range : rolled) {
      if (head == null || range.last() > head.manifest() || takenUp.contains(range)) {
        continue;
      }
      try {
        index.takeUp(reader.readRollUp(range));
      } catch (ContractException e) {
        problem =
            "The roll-up of manifests %d to %d cannot be read: %s"
                .formatted(range.first(), range.last(), e.getMessage());
        LOG.error(problem);
        return;
      }
      takenUp.add(range);
      load();
    }
  }

  /** An index of another lake, or of one that was put back to an earlier state, is of no use. */
  private void check() throws SQLException {
    Optional<Bronze.Head> indexed = index.head();
    if (indexed.isPresent() && !(matches(1) && matches(indexed.get().manifest()))) {
      LOG.warn("the index of manifests does not fit the lake and is built anew");
      index.clear();
    }
    load();
    checked = true;
  }

  private boolean matches(long number) throws SQLException {
    try {
      return reader.read(number).map(Fingerprint::of).equals(index.fingerprint(number));
    } catch (ContractException e) {
      // Damaged, not different: what was read from it while it was whole still holds.
      LOG.errorf("manifest %d was indexed and cannot be read any more: %s", number, e.getMessage());
      return true;
    }
  }

  private void load() throws SQLException {
    head = index.head().orElse(null);
    lastManifests.clear();
    lastManifests.putAll(index.lastManifests());
    ledgers.clear();
    ledgers.putAll(index.ledgers());
    takenUp.clear();
    takenUp.addAll(index.takenUp());
    sums.clear();
  }

  /** What stops the chain, in a sentence; empty when nothing does. */
  public synchronized Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** The end of the chain; empty when there is none. */
  public synchronized Optional<Bronze.Head> head() {
    return Optional.ofNullable(head);
  }

  /** The chain as planning sees it. */
  public synchronized Bronze view(List<Dataset> datasets, Map<String, Published> published)
      throws SQLException {
    Map<String, Bronze.Backlog> backlogs = new HashMap<>();
    for (Dataset dataset : datasets) {
      if (dataset.layer() != Dataset.Layer.SILVER || head == null) {
        continue;
      }
      Published current = published.get(dataset.name());
      Checkpoint.OfManifests consumed = current == null ? null : current.bronze();
      Sums known = sums.get(dataset.name());
      if (known == null || !Objects.equals(known.consumed(), consumed)) {
        known = new Sums(consumed, backlog(dataset.bronzeTable(), consumed));
        sums.put(dataset.name(), known);
      }
      backlogs.put(dataset.name(), known.backlog());
    }
    return new Bronze(head, ledgers, backlogs, lacking());
  }

  /**
   * Asked before and after the chain was read: a copy that became complete in between is among
   * these, and the last change of one that has caught up in between need not be among those.
   */
  private Set<String> lacking() {
    Map<String, Integer> all = new HashMap<>(lacking);
    all.putAll(catchingUp.tables());
    Set<String> tables = new HashSet<>();
    all.forEach(
        (table, generation) -> {
          boolean newest =
              ledgers.getOrDefault(table, SourceLedger.EMPTY).begun().stream()
                  .allMatch(b -> b.generation() == null || b.generation() <= generation);
          if (newest) {
            tables.add(table);
          }
        });
    return tables;
  }

  private Bronze.Backlog backlog(String table, Checkpoint.OfManifests checkpoint)
      throws SQLException {
    long consumed = checkpoint == null ? 0 : checkpoint.manifest();
    String epoch = checkpoint == null ? null : index.epoch(consumed).orElse(null);
    Long last = lastManifests.get(table);
    if (last == null || last <= consumed) {
      return new Bronze.Backlog(epoch, null, null, null);
    }
    SourceLedger ledger = ledgers.getOrDefault(table, SourceLedger.EMPTY);
    long end = head.manifest() + 1;
    long held = ledger.hold(consumed).map(SourceLedger.Hold::before).orElse(end);
    long copying =
        Math.min(
            held,
            ledger
                .copying()
                .map(SourceLedger.Begun::manifest)
                .filter(begun -> begun > consumed)
                .orElse(end));
    return new Bronze.Backlog(
        epoch,
        index.pending(table, consumed, copying - 1).orElse(null),
        index.pending(table, copying - 1, held - 1).orElse(null),
        index.pending(table, held - 1, end).orElse(null));
  }

  private record Sums(Checkpoint.OfManifests consumed, Bronze.Backlog backlog) {}
}
