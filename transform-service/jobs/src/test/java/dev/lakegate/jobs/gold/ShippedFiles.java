package dev.lakegate.jobs.gold;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The shipped description, whatever is in it, as jobs are told of it. */
final class ShippedFiles {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ShippedFiles() {}

  private static Path lakehouse() {
    return Path.of(System.getProperty("lakegate.basedir"), "lakehouse");
  }

  /** Columns of the Silver tables that the source feeds, by dataset. */
  static Map<String, List<Column>> sourceTables() {
    Map<String, List<Column>> tables = new TreeMap<>();
    Set<String> read =
        computed().stream().flatMap(s -> s.inputs().stream()).collect(Collectors.toSet());
    for (Path file : files("tables", ".yaml")) {
      JsonNode yaml = yaml(read(file));
      Map<String, Column> columns = new LinkedHashMap<>();
      for (JsonNode c : yaml.path("columns")) {
        columns.put(
            c.path("name").asText(),
            new Column(
                c.path("name").asText(),
                c.path("type").asText(),
                c.path("nullable").asBoolean(),
                ""));
      }
      for (JsonNode d : yaml.path("derivations")) {
        String name = d.path("column").asText();
        columns.putIfAbsent(name, new Column(name, d.path("type").asText(), true, ""));
      }
      columns.putIfAbsent("tenant_id", new Column("tenant_id", "varchar", false, ""));
      tables.put("silver." + yaml.path("name").asText(), List.copyOf(columns.values()));
      String history = "silver." + yaml.path("name").asText() + "_history";
      if (read.contains(history)) {
        tables.put(history, versions(yaml, columns));
      }
    }
    return tables;
  }

  /** Columns of a table's history. */
  private static List<Column> versions(JsonNode yaml, Map<String, Column> columns) {
    String time = "timestamp(6) with time zone";
    List<Column> versions = new ArrayList<>();
    yaml.path("key").forEach(key -> versions.add(columns.get(key.asText())));
    versions.add(columns.get("tenant_id"));
    yaml.path("history").path("columns").forEach(c -> versions.add(columns.get(c.asText())));
    versions.add(new Column("valid_from", time, false, ""));
    versions.add(new Column("valid_to", time, true, ""));
    versions.add(new Column("version", "varchar", false, ""));
    versions.add(new Column("began", "varchar", false, ""));
    versions.add(new Column("ended", "varchar", true, ""));
    if (yaml.path("history").has("transitions")) {
      versions.add(new Column("transition_allowed", "boolean", true, ""));
    }
    return List.copyOf(versions);
  }

  /** All that queries compute, each after its inputs. */
  static List<Specification> computed() {
    Map<String, Specification> left = new TreeMap<>();
    for (Path file : files("derived", ".sql")) {
      add(left, "silver", file);
    }
    for (Path file : files("metrics", ".sql")) {
      add(left, "gold", file);
    }
    // No shipped table has expectations that other rows decide: derived tables say more of them.
    Specification flags = Specification.of(TestLake.golden("job-specification.flags.json"));
    left.put(flags.dataset(), flags);
    List<Specification> ordered = new ArrayList<>();
    while (!left.isEmpty()) {
      Specification next =
          left.values().stream()
              .filter(s -> s.inputs().stream().noneMatch(left::containsKey))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("a circle among " + left.keySet()));
      ordered.add(next);
      left.remove(next.dataset());
    }
    return ordered;
  }

  private static void add(Map<String, Specification> all, String schema, Path file) {
    String text = read(file);
    int end = text.indexOf("\n---\n");
    ObjectNode header = (ObjectNode) yaml(text.substring(4, end + 1));
    String name = header.path("name").asText();
    header
        .put("kind", "gold")
        .put("dataset", schema + "." + name)
        .put("path", schema + "/" + name)
        .put("sql", text.substring(end + 5));
    header.set("tenantColumn", header.remove("tenant_column"));
    // Which the loader writes as SQL; they decide nothing about the rows.
    header.remove("expectations");
    JsonNode partitions = header.remove("partition_by");
    ArrayNode partitionBy = header.putArray("partitionBy");
    if (partitions != null) {
      partitions.forEach(partitionBy::add);
    }
    all.put(schema + "." + name, Specification.of(header));
  }

  private static List<Path> files(String folder, String extension) {
    Path directory = lakehouse().resolve(folder);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().endsWith(extension)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode yaml(String text) {
    return MAPPER.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
  }
}
