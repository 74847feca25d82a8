package dev.lakegate.gateway.limits;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Gives places to run to whoever waits, line by line in turn, so that nobody's many queries keep
 * another's one waiting. Each ticket may also need room in shares that are smaller than the whole,
 * such as its principal's or its tenant's; a share that the next in turn waits for is not given to
 * anybody behind it, so nobody starves. Thread-safe.
 */
public final class FairQueue {
  private final int places;
  private final int mostWaiting;

  // Guarded by this. Lines of those that wait, the next in turn first.
  private final Map<String, Deque<Ticket>> lines = new LinkedHashMap<>();
  private final Map<String, Integer> inLine = new HashMap<>();
  private final Map<String, Integer> used = new HashMap<>();
  private int running;
  private int waiting;

  /**
   * @param places that exist
   * @param mostWaiting that may wait, of all lines together
   */
  public FairQueue(int places, int mostWaiting) {
    if (places < 1 || mostWaiting < 0) {
      throw new IllegalArgumentException("a queue needs a place");
    }
    this.places = places;
    this.mostWaiting = mostWaiting;
  }

  /**
   * A part of the places.
   *
   * @param key of whom it is
   * @param places at most, at least 1
   */
  public record Share(String key, int places) {
    public Share {
      if (places < 1) {
        throw new IllegalArgumentException("share " + key + " has no place");
      }
    }
  }

  /** There is no room for one more. */
  public static final class FullException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean ownLine;

    private FullException(boolean ownLine, String message) {
      super(message);
      this.ownLine = ownLine;
    }

    /** Whether it is this line's own bound, rather than that of all. */
    public boolean ownLine() {
      return ownLine;
    }
  }

  /**
   * Stands in line.
   *
   * @param line whose turn it is to be, such as a principal
   * @param mostInLine that may run and wait in this line together
   * @param shares all of which must have room
   * @throws FullException when the line or the queue is full
   */
  public synchronized Ticket enter(String line, int mostInLine, List<Share> shares)
      throws FullException {
    if (inLine.getOrDefault(line, 0) >= mostInLine) {
      throw new FullException(true, "the line has " + mostInLine + " already");
    }
    // Whoever can begin at once does not wait.
    if (waiting >= mostWaiting && running >= places) {
      throw new FullException(false, waiting + " wait already");
    }
    Ticket t = new Ticket(line, List.copyOf(shares));
    inLine.merge(line, 1, Integer::sum);
    lines.computeIfAbsent(line, k -> new ArrayDeque<>()).add(t);
    waiting++;
    give();
    if (!t.granted && waiting > mostWaiting) {
      t.close();
      throw new FullException(false, mostWaiting + " wait already");
    }
    return t;
  }

  /** Those that have a place. */
  public synchronized int running() {
    return running;
  }

  /** Those that wait. */
  public synchronized int waiting() {
    return waiting;
  }

  private void give() {
    while (running < places && giveOne()) {
      // As long as somebody can begin.
    }
  }

  private boolean giveOne() {
    Set<String> reserved = new HashSet<>();
    Iterator<Map.Entry<String, Deque<Ticket>>> inTurn = lines.entrySet().iterator();
    while (inTurn.hasNext()) {
      Map.Entry<String, Deque<Ticket>> line = inTurn.next();
      Ticket first = line.getValue().peek();
      if (hasRoom(first, reserved)) {
        line.getValue().remove();
        inTurn.remove();
        if (!line.getValue().isEmpty()) {
          lines.put(first.line, line.getValue());
        }
        first.shares.forEach(s -> used.merge(s.key(), 1, Integer::sum));
        first.granted = true;
        waiting--;
        running++;
        notifyAll();
        return true;
      }
      first.shares.forEach(s -> reserved.add(s.key()));
    }
    return false;
  }

  private boolean hasRoom(Ticket t, Set<String> reserved) {
    for (Share s : t.shares) {
      if (reserved.contains(s.key()) || used.getOrDefault(s.key(), 0) >= s.places()) {
        return false;
      }
    }
    return true;
  }

  /** One that waits or has a place. Whoever got it closes it, in any case. */
  public final class Ticket implements AutoCloseable {
    private final String line;
    private final List<Share> shares;

    // Guarded by the queue.
    private boolean granted;
    private boolean closed;

    private Ticket(String line, List<Share> shares) {
      this.line = line;
      this.shares = shares;
    }

    /**
     * Waits for its turn.
     *
     * @return whether it has a place; not when the time is over, or it was closed meanwhile
     */
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
      long end = System.nanoTime() + unit.toNanos(time);
      synchronized (FairQueue.this) {
        while (!granted && !closed) {
          long left = end - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          TimeUnit.NANOSECONDS.timedWait(FairQueue.this, left);
        }
        return !closed;
      }
    }

    /** Whether it has a place. */
    public boolean hasPlace() {
      synchronized (FairQueue.this) {
        return granted && !closed;
      }
    }

    /** Gives the place back, or leaves the line. Further calls do nothing. */
    @Override
    public void close() {
      synchronized (FairQueue.this) {
        if (closed) {
          return;
        }
        closed = true;
        if (granted) {
          running--;
          shares.forEach(s -> used.computeIfPresent(s.key(), (k, n) -> n == 1 ? null : n - 1));
        } else {
          Deque<Ticket> mine = lines.get(line);
          mine.remove(this);
          if (mine.isEmpty()) {
            lines.remove(line);
          }
          waiting--;
        }
        inLine.computeIfPresent(line, (k, n) -> n == 1 ? null : n - 1);
        give();
        FairQueue.this.notifyAll();
      }
    }
  }
}
