package dev.lakegate.transform.plan;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * The chain of manifests as indexed.
 *
 * @param head last manifest of the contiguous chain; null when there is none
 * @param ledgers by source table; absent when the chain does not know the table
 * @param backlogs by Silver dataset that was published or whose source the chain knows
 * @param catchingUp source tables whose copy is complete, while what followed its snapshot is not
 *     in the chain yet
 */
public record Bronze(
    Head head,
    Map<String, SourceLedger> ledgers,
    Map<String, Backlog> backlogs,
    Set<String> catchingUp) {
  public Bronze {
    ledgers = Map.copyOf(ledgers);
    backlogs = Map.copyOf(backlogs);
    catchingUp = Set.copyOf(catchingUp);
  }

  /** Without a table that catches up. */
  public Bronze(Head head, Map<String, SourceLedger> ledgers, Map<String, Backlog> backlogs) {
    this(head, ledgers, backlogs, Set.of());
  }

  /** A chain of which nothing is known. */
  public static Bronze unknown() {
    return new Bronze(null, Map.of(), Map.of());
  }

  /** What the chain says of a source table. */
  public SourceLedger ledger(String bronzeTable) {
    return ledgers.getOrDefault(bronzeTable, SourceLedger.EMPTY);
  }

  /** What a Silver dataset has not consumed. */
  public Backlog backlog(String dataset) {
    return backlogs.getOrDefault(dataset, Backlog.NONE);
  }

  /**
   * The end of the chain.
   *
   * @param epoch of the last manifest
   * @param manifest its number
   * @param newestCommitAt newest source commit in the whole chain; null when no file has one
   */
  public record Head(String epoch, long manifest, Instant newestCommitAt) {}

  /**
   * What lies after a Silver table's checkpoint.
   *
   * @param epoch of the manifest that the checkpoint names, as the chain has it; null when it has
   *     none, or nothing was consumed
   * @param open what may be consumed at once; null when there is nothing
   * @param copying what follows the beginning of a copy that is not complete, up to {@code held};
   *     null when there is nothing
   * @param held what may not be consumed before somebody accepts a change of the schema; null when
   *     there is nothing
   */
  public record Backlog(String epoch, Pending open, Pending copying, Pending held) {
    /** Nothing. */
    public static final Backlog NONE = new Backlog(null, null, null, null);

    /** Whether everything in the chain was consumed. */
    public boolean isEmpty() {
      return open == null && copying == null && held == null;
    }

    /** When the first of it was captured; null when there is nothing. */
    public Instant oldestAt() {
      Pending first = open != null ? open : copying != null ? copying : held;
      return first == null ? null : first.oldestAt();
    }
  }

  /**
   * Files that a Silver table has not consumed yet.
   *
   * @param files how many
   * @param rows in them
   * @param bytes in them
   * @param oldestAt when the first of them was captured
   */
  public record Pending(long files, long rows, long bytes, Instant oldestAt) {}
}
