package dev.lakegate.ingest.bronze.maintenance;

/** What maintenance counts. Implementations are thread-safe and never throw. */
public interface MaintenanceMetrics {
  /** Counts nothing. */
  MaintenanceMetrics NONE =
      new MaintenanceMetrics() {
        @Override
        public void chain(long manifests, long rollUps) {}

        @Override
        public void files(long files) {}

        @Override
        public void merged(long files, long into) {}

        @Override
        public void removed(Reason reason, long files) {}
      };

  /** Why a file was removed. */
  enum Reason {
    /** A merged file stands for it. */
    REPLACED,
    /** Neither a manifest nor a roll-up names it. */
    ORPHAN
  }

  /** Manifests that stand alone, and roll-ups, as of now. */
  void chain(long manifests, long rollUps);

  /** Data files of Bronze at the last whole look at its folders. */
  void files(long files);

  /** Small files were merged into fewer. */
  void merged(long files, long into);

  /** Files were removed. */
  void removed(Reason reason, long files);
}
