package dev.lakegate.ingest.capture;

import java.time.Duration;

/**
 * When pending changes become files. Pure.
 *
 * @param interval longest time that a change waits
 * @param stretchedInterval the longest that it waits when the flush would write more than {@code
 *     maxFiles} files; up to there the interval grows with the files, since many small ones cost
 *     every reader more than a few seconds cost anyone
 * @param maxFiles files in one interval that are not too many
 * @param maxRows a flush is due at this number of changes
 * @param maxBytes a flush is due at this size; a transaction beyond it is written in parts, which
 *     become visible together
 */
public record FlushPolicy(
    Duration interval, Duration stretchedInterval, int maxFiles, long maxRows, long maxBytes) {
  /** What is pending. */
  public record Pending(long rows, long bytes, int files, Duration age) {}

  /** What to do with it now. */
  public enum Verdict {
    /** Nothing yet. */
    WAIT,
    /** Write part of a transaction that is not at its end. */
    SPILL,
    /** Write all and publish it. */
    FLUSH
  }

  public FlushPolicy {
    if (interval.isNegative() || stretchedInterval.compareTo(interval) < 0) {
      throw new IllegalArgumentException(
          "flush.stretched-interval " + stretchedInterval + " is below flush.interval " + interval);
    }
    if (maxFiles < 1 || maxRows < 1 || maxBytes < 1) {
      throw new IllegalArgumentException("flush.files, flush.rows and flush.bytes start at 1");
    }
  }

  /**
   * @param inTransaction whether a transaction has begun and not ended; only whole ones are
   *     published
   */
  public Verdict decide(Pending pending, boolean inTransaction) {
    if (pending.rows() == 0) {
      return Verdict.WAIT;
    }
    if (inTransaction) {
      return pending.bytes() >= maxBytes ? Verdict.SPILL : Verdict.WAIT;
    }
    if (pending.rows() >= maxRows || pending.bytes() >= maxBytes) {
      return Verdict.FLUSH;
    }
    return pending.age().compareTo(limit(pending.files())) >= 0 ? Verdict.FLUSH : Verdict.WAIT;
  }

  /** In proportion, so that never more files a second come about than an interval may have. */
  private Duration limit(int files) {
    if (files <= maxFiles) {
      return interval;
    }
    Duration stretched = interval.multipliedBy(files).dividedBy(maxFiles);
    return stretched.compareTo(stretchedInterval) > 0 ? stretchedInterval : stretched;
  }
}
