package dev.lakegate.gateway.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * What rows of results may take of the heap. The driver makes Java values of a whole chunk of 2,048
 * rows at once. Chunks of an ordinary size every query may hold; larger ones, up to a quarter of
 * the heap, are of a pool that all queries share: who finds it taken waits, and fails when it stays
 * so. Thread-safe.
 */
final class OutputBudget {
  /** That of the process. */
  static final OutputBudget SHARED =
      new OutputBudget(
          ChunkBudget.CHUNK,
          Math.max(ChunkBudget.CHUNK, Runtime.getRuntime().maxMemory() / 4),
          TimeUnit.SECONDS.toMillis(20));

  private final long freely;
  private final long pool;
  private final long patienceMillis;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, Share> shares = new ConcurrentHashMap<>();
  private long taken;

  /**
   * @param freely bytes of a chunk that needs no permit
   * @param pool bytes of all larger chunks together
   * @param patienceMillis how long to wait for room
   */
  OutputBudget(long freely, long pool, long patienceMillis) {
    this.freely = freely;
    this.pool = pool;
    this.patienceMillis = patienceMillis;
  }

  /**
   * A query begins.
   *
   * @param stopped whether it was asked to stop
   */
  Share open(BooleanSupplier stopped) {
    Share share = new Share(numbers.incrementAndGet(), stopped);
    shares.put(share.number, share);
    return share;
  }

  /**
   * A chunk of a query's result is about to become Java values.
   *
   * @throws TrinoError when it is too large, or there was no room for it in time
   */
  void require(long number, long chunkBytes) {
    if (chunkBytes <= freely) {
      return;
    }
    Share share = shares.get(number);
    if (share == null || chunkBytes > pool) {
      throw new TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT");
    }
    share.grow(chunkBytes);
  }

  /** The part of one query, from its first large chunk to its end. */
  final class Share implements AutoCloseable {
    private final long number;
    private final BooleanSupplier stopped;
    private long bytes;
    private boolean closed;

    private Share(long number, BooleanSupplier stopped) {
      this.number = number;
      this.stopped = stopped;
    }

    /** Names the query to the engine. */
    long number() {
      return number;
    }

    private void grow(long chunkBytes) {
      synchronized (OutputBudget.this) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!closed && chunkBytes > bytes && taken - bytes + chunkBytes > pool) {
          if (System.nanoTime() - end >= 0 || stopped.getAsBoolean()) {
            throw new TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT");
          }
          try {
            OutputBudget.this.wait(100);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT");
          }
        }
        if (!closed && chunkBytes > bytes) {
          taken += chunkBytes - bytes;
          bytes = chunkBytes;
        }
      }
    }

    @Override
    public void close() {
      synchronized (OutputBudget.this) {
        closed = true;
        taken -= bytes;
        bytes = 0;
        shares.remove(number);
        OutputBudget.this.notifyAll();
      }
    }
  }
}
