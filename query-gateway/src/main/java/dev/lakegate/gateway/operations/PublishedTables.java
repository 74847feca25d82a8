package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.operations.Operations.Dataset;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The tables that queries read, from their published snapshots: what can still be said of Silver
 * and Gold while transform-service does not answer. Blocking, thread-safe; a snapshot that cannot
 * be read is left out.
 */
@ApplicationScoped
class PublishedTables {
  private static final List<String> LAYERS = List.of("silver", "gold");

  private final StorageConfig storage;

  @Inject
  PublishedTables(StorageConfig storage) {
    this.storage = storage;
  }

  List<Dataset> datasets() {
    return storage.root().map(root -> read(Path.of(root))).orElse(List.of());
  }

  static List<Dataset> read(Path root) {
    List<Dataset> datasets = new ArrayList<>();
    for (String layer : LAYERS) {
      Path directory = root.resolve("_catalog").resolve(layer);
      if (!Files.isDirectory(directory)) {
        continue;
      }
      try (Stream<Path> tables = Files.list(directory)) {
        tables.sorted().forEach(table -> add(layer, table, datasets));
      } catch (IOException e) {
        // The layer cannot be listed: nothing is known of it.
      }
    }
    return datasets;
  }

  private static void add(String layer, Path table, List<Dataset> datasets) {
    try {
      JsonNode snapshot = Json.MAPPER.readTree(Files.readAllBytes(table.resolve("current.json")));
      long rows = 0;
      for (JsonNode file : snapshot.path("files")) {
        rows += file.path("rows").asLong();
      }
      Instant at = Instant.parse(snapshot.path("publishedAt").asText());
      datasets.add(
          new Dataset(
              layer + "." + table.getFileName(),
              layer,
              "unknown",
              rows,
              at,
              null,
              "transform-service does not answer; queries read what was published last."));
    } catch (IOException | DateTimeException e) {
      // Not published yet, or being replaced by something that this version does not know.
    }
  }
}
