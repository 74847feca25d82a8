package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of each Bronze table, read from the chain of manifests. Manifests are immutable, so
 * each is read once. Thread-safe.
 */
final class BronzeIndex {
  private static final int BATCH = 500;

  private final ManifestReader reader;
  private final Map<String, List<DataFile>> files = new HashMap<>();
  private long last;
  private Instant lastAt;

  BronzeIndex(Path storageRoot) {
    this.reader = new ManifestReader(storageRoot);
  }

  /**
   * Files of one source table.
   *
   * @param files of the table
   * @param lastManifest number of the last manifest read; 0 when there is none
   * @param at when that was written; null when there is none
   */
  record State(List<DataFile> files, long lastManifest, Instant at) {}

  synchronized State state(String sourceTable) {
    refresh();
    return new State(List.copyOf(files.getOrDefault(sourceTable, List.of())), last, lastAt);
  }

  private void refresh() {
    List<Manifest> more;
    do {
      more = reader.chain(last + 1, BATCH);
      for (Manifest m : more) {
        for (BronzeFile f : m.files()) {
          Map<String, String> partition = new HashMap<>();
          partition.put("tenant_id", f.tenant());
          partition.put("load_date", f.loadDate().toString());
          files
              .computeIfAbsent(f.table(), k -> new ArrayList<>())
              .add(new DataFile(f.path(), partition, f.rows(), f.bytes()));
        }
        last = m.number();
        lastAt = m.createdAt();
      }
    } while (more.size() == BATCH);
  }
}
