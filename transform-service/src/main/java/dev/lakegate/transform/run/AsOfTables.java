package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Tables that were made of former states, as the lake has them. The lake is the truth about them:
 * each says itself what it is and when it ends. Thread-safe.
 */
public final class AsOfTables {
  private static final Logger LOG = Logger.getLogger(AsOfTables.class);

  private final Path catalog;
  private final SnapshotReader snapshots;

  /**
   * @param storageRoot the folder that holds {@code _catalog/}
   */
  public AsOfTables(Path storageRoot) {
    this.catalog = storageRoot.resolve("_catalog");
    this.snapshots = new SnapshotReader(storageRoot);
  }

  /**
   * A table made of a former state.
   *
   * @param name of it
   * @param statePublishedAt since when that state could be read
   * @param expiresAt when it is removed
   * @param ready whether it can be queried; otherwise it is being made or removed
   * @param rows in it; null unless ready
   * @param bytes of its files, which it may share with its origin; null unless ready
   */
  public record Made(
      AsOfTable name,
      Instant statePublishedAt,
      Instant expiresAt,
      boolean ready,
      Long rows,
      Long bytes) {}

  /** All, in order of names. */
  public List<Made> list() {
    List<Made> found = new ArrayList<>();
    for (String schema : List.of("silver", "gold")) {
      try (DirectoryStream<Path> tables =
          Files.newDirectoryStream(catalog.resolve(schema), "*" + AsOfTable.MARK + "*")) {
        for (Path table : tables) {
          AsOfTable.of(schema, table.getFileName().toString())
              .flatMap(this::find)
              .ifPresent(found::add);
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        // Nothing was published in this schema yet.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    found.sort(Comparator.comparing(made -> made.name().dataset()));
    return found;
  }

  /** The table of that name; empty when there is none. */
  public Optional<Made> find(AsOfTable name) {
    Path about = catalog.resolve(name.schema()).resolve(name.name()).resolve("asof.json");
    try {
      JsonNode said = Json.read(Files.readString(about), JsonNode.class);
      Optional<Snapshot> snapshot = snapshots.current(name.schema(), name.name());
      return Optional.of(
          new Made(
              name,
              Instant.parse(said.path("statePublishedAt").asText()),
              Instant.parse(said.path("expiresAt").asText()),
              snapshot.isPresent(),
              snapshot
                  .map(s -> s.files().stream().mapToLong(Snapshot.File::rows).sum())
                  .orElse(null),
              snapshot
                  .map(s -> s.files().stream().mapToLong(Snapshot.File::bytes).sum())
                  .orElse(null)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      LOG.errorf("%s cannot be read: %s", about, e.getMessage());
      return Optional.empty();
    }
  }
}
