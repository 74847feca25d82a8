package dev.lakegate.ingest.bronze.maintenance;

/**
 * Told of each step after which maintenance may die without harm, so that tests can make it die
 * there. Called on the maintaining thread.
 */
@FunctionalInterface
public interface MaintenanceSteps {
  /** Goes on. */
  MaintenanceSteps NONE = step -> {};

  /** What maintenance does, in the order in which it does it. */
  enum Step {
    /** A merged file is complete under another name. */
    MERGED_STAGED,
    /** A merged file has its name, nothing names it. */
    MERGED_PUBLISHED,
    /** The roll-up is durable, its manifests also stand alone. */
    ROLLED_UP,
    /** One of the manifests is deleted, others are not. */
    MANIFEST_DELETED,
    /** All of them are deleted, the files that were merged are not. */
    MANIFESTS_DELETED,
    /** One of the files that were merged is deleted. */
    REPLACED_DELETED,
    /** A file that nothing names is deleted. */
    ORPHAN_DELETED,
    /** How far maintenance came is written down. */
    PROGRESS_WRITTEN
  }

  /** The step is done. */
  void done(Step step);
}
