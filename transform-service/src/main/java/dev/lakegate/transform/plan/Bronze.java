package dev.lakegate.transform.plan;

import java.time.Instant;
import java.util.Map;

/**
 * The chain of manifests as indexed.
 *
 * @param head last manifest of the contiguous chain; null when there is none
 * @param tables facts by source table
 * @param pending by Silver dataset: what lies after its checkpoint; absent when nothing does
 */
public record Bronze(Head head, Map<String, Table> tables, Map<String, Pending> pending) {
  public Bronze {
    tables = Map.copyOf(tables);
    pending = Map.copyOf(pending);
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
   * One source table's part of the chain.
   *
   * @param copyCompleted manifest with which the table's copy of the current epoch became complete;
   *     null while it is not
   */
  public record Table(Long copyCompleted) {}

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
