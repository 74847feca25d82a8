package dev.lakegate.ingest.lag;

/**
 * Keeps the times and positions of which {@link Lag} is made. LSNs are unsigned. Thread-safe: one
 * thread captures, others look.
 */
public final class LagMeter {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private long caughtUpMillis = UNKNOWN;
  private long oldestPendingMillis = UNKNOWN;
  private long captured;
  private long source;
  private Long retained;
  private boolean connected;

  /** Everything that was committed by now has been read, and nothing is pending. */
  public synchronized void caughtUp(long nowMillis) {
    caughtUpMillis = nowMillis;
    oldestPendingMillis = UNKNOWN;
  }

  /** A change that committed then is read and not in a manifest. */
  public synchronized void pending(long commitMillis) {
    if (oldestPendingMillis == UNKNOWN || commitMillis < oldestPendingMillis) {
      oldestPendingMillis = commitMillis;
    }
  }

  /** Everything read is in a manifest; there may be more to read that committed later. */
  public synchronized void flushed(long newestCommitMillis) {
    oldestPendingMillis = UNKNOWN;
    caughtUpMillis = Math.max(caughtUpMillis, newestCommitMillis);
  }

  /** Captured up to here. */
  public synchronized void captured(long lsn) {
    captured = lsn;
  }

  /** Captured up to here; 0 when nothing is known. */
  public synchronized long captured() {
    return captured;
  }

  /** What the source says of its log. */
  public synchronized void source(long currentLsn, Long retainedBytes) {
    connected = true;
    source = currentLsn;
    retained = retainedBytes;
  }

  /** The source cannot be asked. */
  public synchronized void disconnected() {
    connected = false;
  }

  /** The lag now. */
  public synchronized Lag lag(long nowMillis) {
    long since = oldestPendingMillis != UNKNOWN ? oldestPendingMillis : caughtUpMillis;
    Double seconds = since == UNKNOWN ? null : Math.max(0, nowMillis - since) / 1000.0;
    if (!connected) {
      return new Lag(seconds, null, null);
    }
    return new Lag(seconds, captured == 0 ? null : Math.max(0, source - captured), retained);
  }
}
