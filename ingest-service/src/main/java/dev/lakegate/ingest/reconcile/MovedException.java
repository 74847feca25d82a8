package dev.lakegate.ingest.reconcile;

/** The ground moved under a comparison: a new snapshot, and it can be made. */
final class MovedException extends Exception {
  private static final long serialVersionUID = 1L;

  MovedException(String message) {
    super(message);
  }
}
