package dev.lakegate.ingest.reconcile;

import dev.lakegate.model.bronze.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What reconciling needs to know of capture. Implementations are thread-safe. */
public interface CaptureView {
  /**
   * How far capture is.
   *
   * @param epoch 4 hex digits
   * @param position every transaction that committed before it is in the chain of manifests
   */
  record Captured(String epoch, Lsn position) {}

  /** How far capture is; empty before its first epoch. */
  Optional<Captured> captured();

  /** Why Silver does not follow this source table at present, a sentence; empty when it does. */
  Optional<String> notFollowed(String table);

  /** Keys of this source table whose rows are in quarantine: column to PostgreSQL's text. */
  List<Map<String, String>> quarantinedKeys(String table);
}
