package dev.lakegate.ingest.capture;

/**
 * Told of each step after which capture may die without harm, so that tests can make it die there.
 * Called on the capturing thread.
 */
@FunctionalInterface
public interface CaptureSteps {
  /** Goes on. */
  CaptureSteps NONE = step -> {};

  /** What capture does, in the order in which it does it. */
  enum Step {
    /** The next epoch is announced, the former slot exists. */
    OPENING_MARKED,
    /** The former slot is gone. */
    SLOT_DROPPED,
    /** The new slot exists, no manifest tells of it. */
    SLOT_CREATED,
    /** The manifest that opens the epoch is durable, the announcement still stands. */
    EPOCH_OPENED,
    /** A table must be copied anew; nothing says so yet. */
    BUMP_DECIDED,
    /** The manifest that begins the copy in the next epoch is durable. */
    BUMPED,
    /** A copy's snapshot is taken, no file exists. */
    SNAPSHOT_TAKEN,
    /** Some files of a copy are durable, no manifest names them. */
    COPY_FILES_WRITTEN,
    /** A part of a copy is in a manifest. */
    COPY_PART_APPENDED,
    /** A copy is complete. */
    COPY_COMPLETED,
    /** What followed a copy's snapshot is about to be read. */
    COPY_STREAM_BEGUN,
    /** What followed a copy's snapshot is in manifests; still marked as if it were missing. */
    COPY_CAUGHT_UP,
    /** Part of a transaction is in files that no manifest names. */
    SPILLED,
    /** The files of a flush are durable, no manifest names them. */
    FLUSH_FILES_WRITTEN,
    /** The manifest of a flush is durable, the slot is not acknowledged. */
    FLUSH_APPENDED,
    /** The slot is acknowledged. */
    ACKNOWLEDGED,
    /** It is durable that a table's changes are let pass. */
    GAP_MARKED,
  }

  /** The step is done. */
  void done(Step step);
}
