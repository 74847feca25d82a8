package dev.lakegate.jobs.past;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A state of a table that its catalog still has. Immutable. */
final class KeptState {
  private final ObjectNode node;
  private final Snapshot snapshot;

  private KeptState(ObjectNode node) {
    this.node = node;
    this.snapshot = Snapshot.of(node);
  }

  /**
   * The state of an instant.
   *
   * @throws JobException {@code STATE_NOT_KEPT}
   */
  static KeptState of(Path storageRoot, Specification specification, String instant)
      throws IOException {
    Path catalog =
        SnapshotCatalog.directory(storageRoot, specification.database(), specification.name());
    Path current = catalog.resolve("current.json");
    // One that is written but was never in force is no state of the table.
    if (Files.exists(current)) {
      KeptState now = new KeptState((ObjectNode) Json.read(current));
      if (now.snapshot.instant().equals(instant)) {
        return now;
      }
      Path former = catalog.resolve(instant + ".json");
      if (now.snapshot.instant().compareTo(instant) > 0 && Files.exists(former)) {
        return new KeptState((ObjectNode) Json.read(former));
      }
    }
    throw JobException.permanent(
        "STATE_NOT_KEPT",
        "the state of " + specification.dataset() + " at instant " + instant + " is not kept");
  }

  Snapshot snapshot() {
    return snapshot;
  }

  /** A copy of it as it is stored, which may be changed. */
  ObjectNode json() {
    return node.deepCopy();
  }
}
