package dev.lakegate.model.snapshot;

import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads published snapshots below a local storage root. Stateless and thread-safe. */
public final class SnapshotReader {
  /** A larger snapshot is refused unread. */
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
  private static final Pattern INSTANT = Pattern.compile("\\d{14,17}");

  private final Path catalog;

  /**
   * @param storageRoot the folder that holds {@code _catalog/}
   */
  public SnapshotReader(Path storageRoot) {
    this.catalog = Objects.requireNonNull(storageRoot).resolve("_catalog");
  }

  /**
   * The table's state now; empty when nothing was published yet.
   *
   * @throws ContractException when the file is not a complete snapshot of this table, or of another
   *     version
   */
  public Optional<Snapshot> current(String database, String table) {
    return read(database, table, "current");
  }

  /**
   * The table's state at one instant; empty when there is no such snapshot (any more).
   *
   * @param instant as in {@link Snapshot#instant()}
   * @throws ContractException as for {@link #current}
   * @throws IllegalArgumentException when the instant or a name is not well formed
   */
  public Optional<Snapshot> at(String database, String table, String instant) {
    if (!INSTANT.matcher(instant).matches()) {
      throw new IllegalArgumentException("'" + instant + "' is not an instant yyyyMMddHHmmssSSS");
    }
    return read(database, table, instant)
        .map(
            snapshot -> {
              if (!snapshot.instant().equals(instant)) {
                throw new ContractException(
                    path(database, table, instant).toString(),
                    "holds the snapshot of instant " + snapshot.instant(),
                    "Snapshots are immutable; restore the file from a copy.",
                    null);
              }
              return snapshot;
            });
  }

  private Optional<Snapshot> read(String database, String table, String name) {
    Path file = path(database, table, name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    // What was published before definitions were recorded has none.
    Snapshot snapshot =
        Json.readFile(
            file,
            Snapshot.class,
            Snapshot.VERSION,
            MAX_BYTES,
            tree -> {
              if (!tree.has("definition")) {
                tree.putNull("definition");
              }
            });
    if (!snapshot.database().equals(database) || !snapshot.table().equals(table)) {
      throw new ContractException(
          file.toString(),
          "holds a snapshot of " + snapshot.database() + "." + snapshot.table(),
          "Run the table's job again: it publishes anew.",
          null);
    }
    return Optional.of(snapshot);
  }

  private Path path(String database, String table, String name) {
    // Names come from queries; they must not lead out of the catalog.
    if (!NAME.matcher(database).matches() || !NAME.matcher(table).matches()) {
      throw new IllegalArgumentException(
          "'" + database + "." + table + "' is not the name of a table");
    }
    return catalog.resolve(database).resolve(table).resolve(name + ".json");
  }
}
