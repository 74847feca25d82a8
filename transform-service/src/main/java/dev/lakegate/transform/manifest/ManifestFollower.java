package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.Published;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  private final ManifestReader reader;
  private final ManifestIndex index;
  private final Map<String, Long> lastManifests = new HashMap<>();
  private final Map<String, Long> copies = new HashMap<>();
  private final Map<String, Sum> sums = new HashMap<>();
  private boolean checked;
  private Bronze.Head head;
  private String problem;

  public ManifestFollower(ManifestReader reader, ManifestIndex index) {
    this.reader = Objects.requireNonNull(reader, "reader is null");
    this.index = Objects.requireNonNull(index, "index is null");
  }

  /**
   * Looks for manifests after the last one indexed.
   *
   * @return how many were added; call again until it is 0 to catch up
   */
  public synchronized int poll() throws SQLException {
    if (!checked) {
      check();
    }
    long last = head == null ? 0 : head.manifest();
    List<Manifest> next = new ArrayList<>();
    int files = 0;
    String found = null;
    while (next.size() < MANIFESTS_AT_ONCE && files < FILES_AT_ONCE) {
      try {
        Optional<Manifest> manifest = reader.read(last + next.size() + 1);
        if (manifest.isEmpty()) {
          break;
        }
        next.add(manifest.get());
        files += manifest.get().files().size();
      } catch (ContractException e) {
        found = "Manifest %d stops the chain: %s".formatted(last + next.size() + 1, e.getMessage());
        break;
      }
    }
    if (found != null && !found.equals(problem)) {
      LOG.error(found);
    }
    problem = found;
    if (next.isEmpty()) {
      return 0;
    }
    index.append(next);
    load();
    return next.size();
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
    copies.clear();
    if (head != null) {
      copies.putAll(index.copiesCompleted(head.epoch()));
    }
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
    Map<String, Bronze.Table> tables = new HashMap<>();
    Map<String, Bronze.Pending> pending = new HashMap<>();
    for (Dataset dataset : datasets) {
      if (dataset.layer() != Dataset.Layer.SILVER) {
        continue;
      }
      String table = dataset.bronzeTable();
      Long last = lastManifests.get(table);
      if (last != null || copies.containsKey(table)) {
        tables.put(table, new Bronze.Table(copies.get(table)));
      }
      Published current = published.get(dataset.name());
      long consumed = current == null || current.bronze() == null ? 0 : current.bronze().manifest();
      if (last != null && last > consumed) {
        pending.put(dataset.name(), sum(table, consumed, last));
      }
    }
    return new Bronze(head, tables, pending);
  }

  private Bronze.Pending sum(String table, long consumed, long last) throws SQLException {
    Sum known = sums.get(table);
    if (known == null || known.consumed() != consumed || known.last() != last) {
      known = new Sum(consumed, last, index.pending(table, consumed).orElseThrow());
      sums.put(table, known);
    }
    return known.pending();
  }

  private record Sum(long consumed, long last, Bronze.Pending pending) {}
}
