package dev.lakegate.transform.lineage;

import java.io.IOException;

/** Where events of lineage go. Called by one thread, which may wait. */
interface LineageSink extends AutoCloseable {
  /**
   * Sends one event.
   *
   * @param event as JSON in one line
   * @throws IOException when it may be sent again later
   * @throws RefusedException when that would be in vain
   */
  void send(String event) throws IOException, RefusedException;

  @Override
  default void close() {}

  /** The other side does not want the event, now or later. */
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
