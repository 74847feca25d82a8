package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.reconcile.CaptureView.Captured;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Whether Silver reflects everything that committed before a position, and which Bronze files hold
 * what it reflects beyond. Decides by manifests alone. Not thread-safe.
 */
final class SilverCoverage {
  private final String epoch;
  private final Lsn position;
  private final LongFunction<Optional<Manifest>> manifests;
  private final Map<String, Long> lookedAt = new HashMap<>();

  /**
   * @param epoch in which the snapshot was taken
   * @param position of the snapshot
   * @param manifests by number
   */
  SilverCoverage(String epoch, Lsn position, LongFunction<Optional<Manifest>> manifests) {
    this.epoch = epoch;
    this.position = position;
    this.manifests = manifests;
  }

  /**
   * Whether a Silver table covers the position: all transactions that committed before it are in
   * the manifests up to its checkpoint, or nothing of this table lies between.
   *
   * @param captured as it was before the checkpoint was read
   * @throws MovedException when positions ceased to be comparable
   */
  boolean covered(String table, long checkpoint, Optional<Captured> captured)
      throws MovedException {
    Optional<Manifest> last = checkpoint == 0 ? Optional.empty() : manifests.apply(checkpoint);
    if (last.isPresent() && reaches(last.get())) {
      return true;
    }
    // Asked again and again: what was looked at once need not be read again.
    long from = Math.max(checkpoint, lookedAt.getOrDefault(table, 0L)) + 1;
    for (long number = from; ; number++) {
      Optional<Manifest> next = manifests.apply(number);
      if (next.isEmpty()) {
        return captured.isPresent()
            && captured.get().epoch().equals(epoch)
            && compare(captured.get().position(), position) >= 0;
      }
      if (concerns(next.get(), table)) {
        return false;
      }
      if (reaches(next.get())) {
        return true;
      }
      lookedAt.put(table, number);
    }
  }

  /**
   * Files that hold this table's changes after the position, up to the checkpoint.
   *
   * @throws MovedException when the table was copied in between, so that not every change is there
   */
  List<BronzeFile> filesBeyond(String table, long checkpoint) throws MovedException {
    String first = firstSequenceBeyond();
    List<BronzeFile> files = new ArrayList<>();
    for (long number = checkpoint; number > 0; number--) {
      Manifest manifest = manifests.apply(number).orElseThrow();
      if (manifest.epoch().compareTo(epoch) > 0) {
        throw new MovedException("epoch " + manifest.epoch() + " began");
      }
      if (!manifest.epoch().equals(epoch)
          || compare(Lsn.parse(manifest.position()), position) < 0) {
        break;
      }
      if (manifest.copiesBegun().stream().anyMatch(c -> c.table().equals(table))
          || manifest.copiesCompleted().stream().anyMatch(c -> c.table().equals(table))) {
        throw new MovedException(table + " was copied anew");
      }
      for (BronzeFile file : manifest.files()) {
        if (file.table().equals(table) && file.lastSequence().compareTo(first) >= 0) {
          if (file.kind() == BronzeFile.Kind.COPY) {
            throw new MovedException(table + " was copied anew");
          }
          files.add(file);
        }
      }
    }
    return files;
  }

  /** Lowest sequence of a change that the source's snapshot does not see. */
  String firstSequenceBeyond() {
    return ChangeSequence.ofStream(ChangeSequence.parseEpoch(epoch), position, 0).format();
  }

  private boolean reaches(Manifest manifest) throws MovedException {
    if (manifest.epoch().compareTo(epoch) > 0) {
      throw new MovedException("epoch " + manifest.epoch() + " began");
    }
    return manifest.epoch().equals(epoch) && compare(Lsn.parse(manifest.position()), position) >= 0;
  }

  private static boolean concerns(Manifest manifest, String table) {
    return manifest.files().stream().anyMatch(f -> f.table().equals(table))
        || manifest.copiesBegun().stream().anyMatch(c -> c.table().equals(table))
        || manifest.copiesCompleted().stream().anyMatch(c -> c.table().equals(table));
  }

  private static int compare(Lsn one, Lsn other) {
    return Long.compareUnsigned(one.value(), other.value());
  }
}
