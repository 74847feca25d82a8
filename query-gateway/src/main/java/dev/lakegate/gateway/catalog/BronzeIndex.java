package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.RollUp;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files of each Bronze table, read from the chain of manifests. Manifests are immutable, so
 * each is read once, and once more when a roll-up replaces it. Thread-safe.
 */
final class BronzeIndex {
  private static final int BATCH = 500;

  private final ManifestReader reader;
  private final TreeMap<Long, Map<String, List<DataFile>>> byManifest = new TreeMap<>();
  private final Set<RollUp.Range> applied = new HashSet<>();
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
    List<DataFile> files = new ArrayList<>();
    byManifest.values().forEach(m -> files.addAll(m.getOrDefault(sourceTable, List.of())));
    return new State(files, last, lastAt);
  }

  private void refresh() {
    List<Manifest> more;
    do {
      more = reader.chain(last + 1, BATCH);
      for (Manifest m : more) {
        put(m);
        last = m.number();
        lastAt = m.createdAt();
      }
    } while (more.size() == BATCH);
    // What was read one by one may have been merged since: those files go some time later.
    for (RollUp.Range range : reader.rollUps()) {
      if (range.last() <= last && !applied.contains(range)) {
        reader.readRollUp(range).manifests().forEach(this::put);
        applied.add(range);
      }
    }
  }

  private void put(Manifest m) {
    Map<String, List<DataFile>> files = new HashMap<>();
    for (BronzeFile f : m.files()) {
      Map<String, String> partition = new HashMap<>();
      partition.put("tenant_id", f.tenant());
      partition.put("load_date", f.loadDate().toString());
      files
          .computeIfAbsent(f.table(), k -> new ArrayList<>())
          .add(new DataFile(f.path(), partition, f.rows(), f.bytes()));
    }
    byManifest.put(m.number(), files);
  }
}
