package dev.lakegate.ingest.source;

import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.postgresql.PGConnection;

/**
 * Ends a statement at the source that may wait for as long as others please, such as the creation
 * of a slot for transactions that are open, as soon as capture is to stop. The server is asked to
 * cancel it: merely closing the connection would leave a half-made slot in use.
 */
final class Interruption implements AutoCloseable {
  private static final long LOOK_MILLIS = 50;

  private final PGConnection connection;
  private final BooleanSupplier stop;
  private final Thread thread;
  private boolean over;

  /** Watches from here on until it is closed. */
  Interruption(PGConnection connection, BooleanSupplier stop) {
    this.connection = connection;
    this.stop = stop;
    this.thread = new Thread(this::watch, "capture-interruption");
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void watch() {
    try {
      while (!over) {
        if (stop.getAsBoolean()) {
          // Again and again: a request that comes before the statement has no effect.
          connection.cancelQuery();
        }
        wait(LOOK_MILLIS);
      }
    } catch (SQLException e) {
      // It cannot be reached; the statement fails by itself then.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** When this returns nothing more is cancelled. */
  @Override
  public void close() {
    synchronized (this) {
      over = true;
      notifyAll();
    }
  }
}
