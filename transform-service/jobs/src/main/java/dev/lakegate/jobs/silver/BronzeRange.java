package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.SilverPosition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a run is to consume of Bronze, behind what its table has consumed. Immutable. */
final class BronzeRange {
  private final RunRequest request;
  private final SilverPosition consumed;

  /**
   * The range of a request.
   *
   * @param consumed by the table; null when it has nothing, or begins anew
   */
  BronzeRange(RunRequest request, SilverPosition consumed) {
    this.request = request;
    this.consumed = consumed;
  }

  private long consumedManifest() {
    return consumed == null ? 0 : consumed.manifest();
  }

  /** Refuses a range that leaves a gap, or that is of another Bronze. */
  void requireContinuation() {
    String dataset = request.specification().dataset();
    long after = request.after() == null ? 0 : request.after().manifest();
    if (after > consumedManifest()) {
      throw JobException.permanent(
          "CHECKPOINT_BEHIND",
          dataset
              + " has consumed manifest "
              + consumedManifest()
              + ", so a run that starts after manifest "
              + after
              + " would leave a gap");
    }
    if (consumed != null
        && request.through().epoch().compareTo(consumed.epoch()) > 0
        && request.through().manifest() < consumedManifest()) {
      throw JobException.permanent(
          "CHECKPOINT_AHEAD",
          dataset
              + " has consumed manifest "
              + consumedManifest()
              + " of epoch "
              + consumed.epoch()
              + ", but a later epoch ends at manifest "
              + request.through().manifest()
              + ": Bronze is not the one it was built from");
    }
  }

  /** Whether nothing is left of it. */
  boolean consumed() {
    return consumed != null && consumed.manifest() >= request.through().manifest();
  }

  /** Its copies that were not consumed, in order. */
  List<RunRequest.Copy> copies() {
    List<RunRequest.Copy> copies = new ArrayList<>();
    for (RunRequest.Copy copy : request.copies()) {
      if (copy.manifest() == null || copy.manifest() > consumedManifest()) {
        copies.add(copy);
      }
    }
    return copies;
  }

  /** Its files that were not consumed, by version of the source's schema. */
  NavigableMap<Integer, List<String>> files() {
    NavigableMap<Integer, List<String>> bronze = new TreeMap<>();
    for (RunRequest.BronzeFile file : request.files()) {
      if (file.manifest() > request.through().manifest()) {
        throw JobException.permanent(
            "REQUEST_INVALID",
            "file "
                + file.path()
                + " is of manifest "
                + file.manifest()
                + ", which lies after the end of the run");
      }
      if (file.manifest() > consumedManifest()) {
        Path path = request.storageRoot().resolve(file.path());
        if (!Files.exists(path)) {
          throw JobException.permanent(
              "BRONZE_FILE_MISSING", "Bronze file " + file.path() + " does not exist");
        }
        bronze
            .computeIfAbsent(file.schemaVersion(), version -> new ArrayList<>())
            .add(path.toString());
      }
    }
    return bronze;
  }
}
