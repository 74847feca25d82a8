package dev.lakegate.gateway.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.snapshot.AsOfTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Tables that were made of former states of described ones. They come and go without a change of
 * the description, so the storage is asked each time. One whose origin nobody describes any more is
 * none: nothing would say who may read it. Neither is one whose time has ended, though its files
 * are still there, or that does not say when it ends.
 */
final class AsOfTables {
  private static final Logger LOG = Logger.getLogger(AsOfTables.class);

  private final Path catalog;
  private final Clock clock;

  AsOfTables(Path root, Clock clock) {
    this.catalog = root.resolve("_catalog");
    this.clock = clock;
  }

  /** Their datasets, in order of names. */
  List<String> list(Lakehouse description) {
    TreeSet<String> found = new TreeSet<>();
    for (String schema : List.of("silver", "gold")) {
      try (DirectoryStream<Path> tables =
          Files.newDirectoryStream(catalog.resolve(schema), "*" + AsOfTable.MARK + "*")) {
        tables.forEach(
            table ->
                find(description, schema, table.getFileName().toString()).ifPresent(found::add));
      } catch (NoSuchFileException | NotDirectoryException e) {
        // Nothing was published in this schema yet.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(found);
  }

  /**
   * What such a table says of itself.
   *
   * @param expiresAt its end
   * @param facts by which its state was read; empty when nobody knew them any more
   */
  record About(Instant expiresAt, Optional<TableFacts> facts) {}

  /** Of a table whose time has not ended; without its own word there is none. */
  Optional<About> about(AsOfTable table) {
    Path file = catalog.resolve(table.schema()).resolve(table.name()).resolve("asof.json");
    try {
      JsonNode said = Json.read(Files.readString(file), JsonNode.class);
      Instant expiresAt = Instant.parse(said.path("expiresAt").asText());
      return expiresAt.isAfter(clock.instant())
          ? Optional.of(new About(expiresAt, facts(said.path("facts"))))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      LOG.warnf("%s cannot be read, so the table is not there: %s", file, e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<TableFacts> facts(JsonNode said) {
    return said.isObject()
        ? Optional.of(Json.read(said.toString(), TableFacts.class))
        : Optional.empty();
  }

  /** The dataset of that name, when there is one; names of origins, never aliases. */
  Optional<String> find(Lakehouse description, String schema, String name) {
    return AsOfTable.of(schema, name)
        .filter(
            table ->
                description
                    .resolve(schema, table.origin())
                    .filter(table.originDataset()::equals)
                    .isPresent())
        .filter(
            table -> Files.exists(catalog.resolve(schema).resolve(name).resolve("current.json")))
        .filter(table -> about(table).isPresent())
        .map(AsOfTable::dataset);
  }
}
