package dev.lakegate.ingest.source;

import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * A temporary slot in the making, on a thread of its own: it may have to wait for transactions that
 * are open at the source. Not thread-safe.
 */
public final class SlotOpening {
  private static final Logger LOG = Logger.getLogger(SlotOpening.class);

  private final FutureTask<SlotBeside> task;
  private volatile boolean abandoned;

  /**
   * Begins.
   *
   * @param stop ends the waiting; the slot is not made then
   */
  public SlotOpening(SourceSettings settings, BooleanSupplier stop) {
    BooleanSupplier over = () -> abandoned || stop.getAsBoolean();
    this.task = new FutureTask<>(() -> SlotBeside.open(settings, over));
    start(task, "copy-snapshot");
  }

  /** Whether {@link #get} does not wait. */
  public boolean isDone() {
    return task.isDone();
  }

  /**
   * The slot, which the caller closes.
   *
   * @throws SourceProblemException when no slot, WAL sender or connection is free
   * @throws SQLException when the source refused it otherwise, or cannot be reached
   */
  public SlotBeside get() throws SQLException, SourceProblemException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException sql) {
        throw sql;
      } else if (e.getCause() instanceof SourceProblemException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Nobody waits for it any more; should it be made all the same, it is closed. */
  public void abandon() {
    abandoned = true;
    start(this::closeWhenOpen, "copy-snapshot-abandoned");
  }

  private void closeWhenOpen() {
    try {
      task.get().close();
    } catch (ExecutionException e) {
      LOG.debugf("A snapshot that nobody waits for failed: %s", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
