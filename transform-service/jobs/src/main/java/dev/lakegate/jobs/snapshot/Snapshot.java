package dev.lakegate.jobs.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** A published snapshot as a reader sees it. Immutable. */
public final class Snapshot {
  static final int VERSION = 1;

  private final JsonNode node;

  private Snapshot(JsonNode node) {
    Json.requireVersion(node, VERSION, "the snapshot");
    this.node = node;
  }

  /** Reads a snapshot's JSON. */
  public static Snapshot of(JsonNode node) {
    return new Snapshot(node);
  }

  /** Hudi instant whose rows it lists. */
  public String instant() {
    return Json.text(node, "instant");
  }

  /** What the table had consumed. */
  public JsonNode checkpoint() {
    return node.get("checkpoint");
  }

  /** Newest source commit that it fully reflects; null when unknown. */
  public Instant watermark() {
    String text = Json.textOrNull(node, "watermark");
    return text == null ? null : Instant.parse(text);
  }

  /**
   * What its rows were made by, as the commit carries it; null when that is not known. Two equal
   * texts mean that the same rows would be made of the same inputs.
   */
  public String definition() {
    return Json.textOrNull(node, "definition");
  }

  /** Columns in order. */
  public List<Column> columns() {
    List<Column> result = new ArrayList<>();
    for (JsonNode column : node.path("columns")) {
      result.add(
          new Column(
              Json.text(column, "name"),
              Json.text(column, "type"),
              column.path("nullable").asBoolean(true),
              Json.textOrNull(column, "description")));
    }
    return Collections.unmodifiableList(result);
  }

  /** Its files as absolute paths. */
  public List<String> files(Path storageRoot) {
    List<String> result = new ArrayList<>();
    for (JsonNode file : node.path("files")) {
      result.add(storageRoot.resolve(Json.text(file, "path")).toString());
    }
    return Collections.unmodifiableList(result);
  }

  /** Rows in all files. */
  public long rows() {
    long rows = 0;
    for (JsonNode file : node.path("files")) {
      rows += file.path("rows").asLong();
    }
    return rows;
  }

  /** The same snapshot with those of its files alone that a condition holds for. */
  public Snapshot only(Predicate<JsonNode> condition) {
    ObjectNode copy = ((ObjectNode) node).deepCopy();
    ArrayNode files = copy.putArray("files");
    for (JsonNode file : node.path("files")) {
      if (condition.test(file)) {
        files.add(file);
      }
    }
    return new Snapshot(copy);
  }

  /** As it is stored. */
  public JsonNode json() {
    return node;
  }
}
