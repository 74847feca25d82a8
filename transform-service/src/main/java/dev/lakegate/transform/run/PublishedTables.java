package dev.lakegate.transform.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.transform.plan.Published;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * What the tables' current snapshots say. A snapshot lists every file of its table; here its head
 * is read and its files only counted, so memory does not grow with the table. Thread-safe.
 */
final class PublishedTables {
  private static final Logger LOG = Logger.getLogger(PublishedTables.class);

  private final Path catalog;
  private final JsonFactory json = Json.MAPPER.getFactory();
  // The checkpoint is read from the middle of the snapshot, so more follows it.
  private final ObjectReader tree =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private final Map<String, String> problems = new HashMap<>();
  private final Map<String, Known> known = new HashMap<>();

  /**
   * @param storageRoot the folder that holds {@code _catalog/}
   */
  PublishedTables(Path storageRoot) {
    this.catalog = Objects.requireNonNull(storageRoot, "storageRoot is null").resolve("_catalog");
  }

  private record Known(String appearance, Published published) {}

  /**
   * What a dataset's current snapshot says; empty when it has none. When the snapshot cannot be
   * read, that is a {@linkplain #problems problem}, and what was read before is told: snapshots are
   * replaced atomically, so this is the disk's trouble and not a state of the table.
   */
  synchronized Optional<Published> current(String dataset) {
    Known before = known.get(dataset);
    Path file = catalog.resolve(dataset.replace('.', '/')).resolve("current.json");
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      String appearance =
          attributes.size() + "@" + attributes.lastModifiedTime() + "@" + attributes.fileKey();
      if (before == null || !before.appearance().equals(appearance)) {
        before = new Known(appearance, read(file));
        known.put(dataset, before);
      }
      problems.remove(dataset);
    } catch (NoSuchFileException e) {
      before = null;
      known.remove(dataset);
      problems.remove(dataset);
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      String problem = "%s cannot be read: %s".formatted(file, e.getMessage());
      if (!problem.equals(problems.put(dataset, problem))) {
        LOG.errorf("the snapshot %s", problem);
      }
    }
    return before == null ? Optional.empty() : Optional.of(before.published());
  }

  /** Why the snapshot of each dataset cannot be read; empty when all can. */
  synchronized Map<String, String> problems() {
    return Map.copyOf(problems);
  }

  private Published read(Path file) throws IOException {
    String instant = null;
    Instant publishedAt = null;
    Instant watermark = null;
    JsonNode checkpoint = null;
    Map<String, String> columns = Map.of();
    long rows = 0;
    Map<String, Map<String, Long>> unmet = new TreeMap<>();
    int version = 0;
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = json.createParser(in)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "is not an object");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "version" -> version = parser.getIntValue();
          case "instant" -> instant = parser.getText();
          case "publishedAt" -> publishedAt = Instant.parse(parser.getText());
          case "watermark" ->
              watermark =
                  parser.currentToken() == JsonToken.VALUE_NULL
                      ? null
                      : Instant.parse(parser.getText());
          case "checkpoint" -> checkpoint = tree.readTree(parser);
          case "columns" -> columns = columns(parser);
          case "files" -> rows = rows(parser, unmet);
          default -> parser.skipChildren();
        }
      }
      require(parser.currentToken() == JsonToken.END_OBJECT, "is not complete");
    }
    require(
        version == Snapshot.VERSION,
        "has version %d; this service reads %d".formatted(version, Snapshot.VERSION));
    require(instant != null && publishedAt != null, "has no instant");
    Checkpoint consumed =
        checkpoint == null || checkpoint.isNull()
            ? null
            : Json.MAPPER.treeToValue(checkpoint, Checkpoint.class);
    Checkpoint.OfInputs inputs = consumed instanceof Checkpoint.OfInputs of ? of : null;
    return new Published(
        instant,
        publishedAt,
        rows,
        watermark,
        consumed instanceof Checkpoint.OfManifests of ? of : null,
        inputs == null ? Map.of() : inputs.instants(),
        inputs == null ? null : inputs.asOf(),
        columns,
        unmet);
  }

  private Map<String, String> columns(JsonParser parser) throws IOException {
    Map<String, String> columns = new LinkedHashMap<>();
    JsonNode list = tree.readTree(parser);
    list.forEach(c -> columns.put(c.path("name").asText(), c.path("type").asText()));
    return columns;
  }

  private long rows(JsonParser parser, Map<String, Map<String, Long>> unmet) throws IOException {
    long rows = 0;
    require(parser.currentToken() == JsonToken.START_ARRAY, "lists no files");
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "rows" -> rows += parser.getLongValue();
          case "unmet" -> {
            JsonNode counts = tree.readTree(parser);
            for (JsonNode count : counts) {
              unmet
                  .computeIfAbsent(count.path("expectation").asText(), name -> new TreeMap<>())
                  .merge(count.path("tenant").asText(""), count.path("rows").asLong(), Long::sum);
            }
          }
          default -> parser.skipChildren();
        }
      }
    }
    return rows;
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException("it " + problem);
    }
  }
}
