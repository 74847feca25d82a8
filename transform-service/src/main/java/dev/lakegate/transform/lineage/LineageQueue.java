package dev.lakegate.transform.lineage;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Takes events without ever waiting, and sends them from a thread of its own. What does not find
 * room, or cannot be delivered in the tries that it has, is dropped and counted. Thread-safe.
 */
final class LineageQueue implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LineageQueue.class);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

  private final LineageSink sink;
  private final int tries;
  private final Duration firstDelay;
  private final BlockingQueue<String> waiting;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean failing;

  /**
   * @param most events that may wait
   * @param tries for one event, at least 1
   * @param firstDelay before the second try; it doubles, up to 30 s
   */
  LineageQueue(LineageSink sink, int most, int tries, Duration firstDelay) {
    this.sink = Objects.requireNonNull(sink, "sink is null");
    this.tries = tries;
    this.firstDelay = firstDelay;
    this.waiting = new ArrayBlockingQueue<>(most);
    this.thread = new Thread(this::work, "lineage");
    this.thread.setDaemon(true);
    this.thread.start();
  }

  void add(String event) {
    if (closing || !waiting.offer(event)) {
      drop("there is no room for more");
    }
  }

  /** Events that were delivered. */
  long sent() {
    return sent.get();
  }

  /** Events that nobody will ever see. */
  long dropped() {
    return dropped.get();
  }

  private void drop(String why) {
    dropped.incrementAndGet();
    if (!failing) {
      failing = true;
      LOG.warnf("an event of lineage was dropped, because %s; more are only counted", why);
    }
  }

  private void work() {
    try {
      while (!closing || !waiting.isEmpty()) {
        String event = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (event != null) {
          deliver(event);
        }
      }
    } catch (InterruptedException e) {
      waiting.forEach(event -> dropped.incrementAndGet());
      waiting.clear();
    }
  }

  private void deliver(String event) throws InterruptedException {
    Duration delay = firstDelay;
    for (int i = 1; ; i++) {
      try {
        sink.send(event);
        sent.incrementAndGet();
        if (failing) {
          failing = false;
          LOG.info("events of lineage are delivered again");
        }
        return;
      } catch (LineageSink.RefusedException e) {
        drop(e.getMessage());
        return;
      } catch (IOException | RuntimeException e) {
        if (i >= tries) {
          drop(String.valueOf(e.getMessage()));
          return;
        }
        Thread.sleep(delay.toMillis());
        delay =
            delay.multipliedBy(2).compareTo(LONGEST_DELAY) < 0
                ? delay.multipliedBy(2)
                : LONGEST_DELAY;
      }
    }
  }

  /** Takes no more, and gives what waits a little time. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(2_000);
      thread.interrupt();
      thread.join(2_000);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    sink.close();
  }
}
