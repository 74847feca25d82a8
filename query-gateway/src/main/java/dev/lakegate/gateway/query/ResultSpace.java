package dev.lakegate.gateway.query;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Disk space of kept results: a bound for all together, and a quarter of it for each person, so
 * that nobody's results take the room of others', nor that of the audit, which is on the same disk.
 * Thread-safe.
 */
final class ResultSpace {
  private static final int PARTS = 4;

  private final long most;

  // Guarded by this.
  private final Map<String, Long> byPerson = new HashMap<>();
  private long all;

  /**
   * @param most bytes of all
   */
  ResultSpace(long most) {
    this.most = most;
  }

  /** Room for one result. Used by one thread at a time. */
  interface Room {
    /** Takes bytes; false when there is no room for them. */
    boolean take(long bytes);

    /** Gives bytes back that were taken. */
    void give(long bytes);
  }

  /**
   * Room for a result of a person's.
   *
   * @param makeWay gives up one of their former results; false when there is none
   */
  Room room(String person, BooleanSupplier makeWay) {
    return new Room() {
      @Override
      public boolean take(long bytes) {
        while (!ResultSpace.this.take(person, bytes)) {
          if (!makeWay.getAsBoolean()) {
            return false;
          }
        }
        return true;
      }

      @Override
      public void give(long bytes) {
        ResultSpace.this.give(person, bytes);
      }
    };
  }

  private synchronized boolean take(String person, long bytes) {
    long own = byPerson.getOrDefault(person, 0L) + bytes;
    if (all + bytes > most || own > most / PARTS) {
      return false;
    }
    byPerson.put(person, own);
    all += bytes;
    return true;
  }

  private synchronized void give(String person, long bytes) {
    byPerson.computeIfPresent(person, (k, own) -> own <= bytes ? null : own - bytes);
    all -= bytes;
  }

  /** Bytes that are taken. */
  synchronized long bytes() {
    return all;
  }
}
