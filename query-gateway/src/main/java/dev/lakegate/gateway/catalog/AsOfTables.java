package dev.lakegate.gateway.catalog;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.snapshot.AsOfTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Tables that were made of former states of described ones. They come and go without a change of
 * the description, so the storage is asked each time. One whose origin nobody describes any more is
 * none: nothing would say who may read it.
 */
final class AsOfTables {
  private final Path catalog;

  AsOfTables(Path root) {
    this.catalog = root.resolve("_catalog");
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
        .map(AsOfTable::dataset);
  }
}
