package dev.lakegate.gateway.query;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The threads that statements are worked on, and the clock of their limits. Thread-safe. */
final class Workers implements AutoCloseable {
  private static final long STACK = 16L * 1024 * 1024;

  private final ExecutorService workers = Executors.newCachedThreadPool(daemon("query"));
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, daemon("query-timer"));

  Workers() {
    // Otherwise each query that has ended, and all that it holds, stays until its time would have
    // been over: minutes, in which tens of thousands may come.
    timer.setRemoveOnCancelPolicy(true);
  }

  private static ThreadFactory daemon(String name) {
    return r -> {
      // Parser and DuckDB recurse with a statement's nesting, DuckDB in native code, where a stack
      // that ends takes the process with it: nothing of a statement runs on any other thread.
      Thread t = new Thread(null, r, name, STACK);
      t.setDaemon(true);
      return t;
    };
  }

  /** Runs something in the background. */
  void execute(Runnable work) {
    workers.execute(work);
  }

  /** Runs something on a thread with a stack for it; the caller waits and gets its failure. */
  <T> T call(Callable<T> work) throws IOException {
    try {
      return workers.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a query was worked on", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Does something short once, later. */
  Future<?> after(Duration delay, Runnable action) {
    return timer.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How much is to be done later, again and again or once. */
  int waiting() {
    return timer.getQueue().size();
  }

  /** Does something short again and again. */
  void every(Duration interval, Runnable action) {
    timer.scheduleWithFixedDelay(
        action, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    workers.shutdown();
    timer.shutdownNow();
    try {
      if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
