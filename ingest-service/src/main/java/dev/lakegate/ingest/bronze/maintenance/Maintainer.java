package dev.lakegate.ingest.bronze.maintenance;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Maintains the Bronze of a storage root on a thread of its own that works at most half of the
 * time. Whoever holds the writer's lock starts it, and closes it before giving the lock up.
 * Thread-safe.
 */
public final class Maintainer implements Closeable {
  private static final Logger LOG = Logger.getLogger(Maintainer.class);
  private static final Duration LONGEST_REST = Duration.ofSeconds(1);

  private final BronzeMaintenance maintenance;
  private final Duration interval;
  private final Thread thread;
  private final CountDownLatch stopped = new CountDownLatch(1);

  private Maintainer(
      Path root, Path scratch, MaintenanceSettings settings, MaintenanceMetrics metrics)
      throws IOException {
    this.interval = settings.interval();
    this.maintenance =
        new BronzeMaintenance(
            root,
            scratch,
            settings,
            metrics,
            MaintenanceSteps.NONE,
            Clock.systemUTC(),
            () -> stopped.getCount() == 0,
            this::rest);
    this.thread = new Thread(this::run, "bronze-maintenance");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /**
   * Starts it.
   *
   * @param scratch directory of this process alone
   */
  public static Maintainer start(
      Path root, Path scratch, MaintenanceSettings settings, MaintenanceMetrics metrics)
      throws IOException {
    Maintainer maintainer = new Maintainer(root, scratch, settings, metrics);
    maintainer.thread.start();
    return maintainer;
  }

  private void run() {
    while (!await(interval)) {
      try {
        maintenance.pass();
      } catch (Exception e) {
        if (stopped.getCount() > 0) {
          // Nothing is lost by it: Bronze stays right, only larger.
          LOG.warnf("Maintenance of Bronze failed and is tried again: %s", e.getMessage());
          LOG.debug("Details", e);
        }
      }
    }
  }

  private void rest(Duration work) {
    await(work.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : work);
  }

  /** Waits, and returns whether it was stopped. */
  private boolean await(Duration duration) {
    try {
      return stopped.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Stops soon; a merge that is under way is given up. */
  @Override
  public void close() throws IOException {
    stopped.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      maintenance.cancel();
      try {
        thread.join(100);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
