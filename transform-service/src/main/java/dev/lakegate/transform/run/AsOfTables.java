package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
   * @param facts by which its state was read; null when nobody knows
   */
  public record Made(
      AsOfTable name,
      Instant statePublishedAt,
      Instant expiresAt,
      boolean ready,
      Long rows,
      Long bytes,
      TableFacts facts) {
    /** One that says nothing of itself that can be understood: nobody reads it, its time is up. */
    private static Made damaged(AsOfTable name) {
      return new Made(name, Instant.EPOCH, Instant.EPOCH, false, null, null, null);
    }
  }

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
      Optional<Snapshot> snapshot = snapshot(name);
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
                  .orElse(null),
              facts(said)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.errorf("%s cannot be read: %s", about, e.getMessage());
      return Optional.empty();
    } catch (IllegalArgumentException | DateTimeException e) {
      LOG.errorf("%s is damaged: %s", about, e.getMessage());
      return Optional.of(Made.damaged(name));
    }
  }

  private Optional<Snapshot> snapshot(AsOfTable name) {
    try {
      return snapshots.current(name.schema(), name.name());
    } catch (ContractException e) {
      LOG.errorf("%s is damaged: %s", name.dataset(), e.getMessage());
      return Optional.empty();
    }
  }

  private static TableFacts facts(JsonNode said) {
    return said.path("facts").isObject()
        ? Json.read(said.path("facts").toString(), TableFacts.class)
        : null;
  }

  /**
   * Removes a table whose origin nobody describes any more, so that no run can be about it. Nobody
   * starts to read what is being removed, and what a crash leaves is found again by its {@code
   * asof.json}.
   */
  void remove(AsOfTable name) throws IOException {
    Path about = catalog.resolve(name.schema()).resolve(name.name());
    Files.deleteIfExists(about.resolve("current.json"));
    deleteAll(catalog.resolveSibling(name.schema()).resolve(name.name()));
    try (DirectoryStream<Path> rest =
        Files.newDirectoryStream(about, file -> !file.endsWith("asof.json"))) {
      for (Path file : rest) {
        deleteAll(file);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    deleteAll(about);
  }

  private static void deleteAll(Path path) throws IOException {
    if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = new ArrayList<>(walk.toList());
    }
    Collections.reverse(all);
    for (Path one : all) {
      Files.deleteIfExists(one);
    }
  }
}
