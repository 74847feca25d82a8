package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reading and writing JSON, with errors that name the field. Safe for use by many threads. */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** An empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** The tree of a text; fails with {@code REQUEST_INVALID} when it is not JSON. */
  public static JsonNode parse(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw JobException.permanent("REQUEST_INVALID", "the JSON text is empty");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw JobException.permanent("REQUEST_INVALID", "not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The tree of a file. */
  public static JsonNode read(Path file) throws IOException {
    return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
  }

  /** One line of text. */
  public static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A text field that must be there. */
  public static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull() || !value.isTextual()) {
      throw JobException.permanent("REQUEST_INVALID", "field " + field + " must be a text");
    }
    return value.asText();
  }

  /** A text field, or null when it is absent or null. */
  public static String textOrNull(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value == null || value.isNull() ? null : value.asText();
  }

  /** A list of texts; empty when absent. */
  public static List<String> texts(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return Collections.emptyList();
    }
    List<String> result = new ArrayList<>();
    for (JsonNode item : value) {
      result.add(item.asText());
    }
    return Collections.unmodifiableList(result);
  }

  /** Fails unless field {@code version} has the value this code reads. */
  public static void requireVersion(JsonNode node, int version, String what) {
    int found = node.path("version").asInt(-1);
    if (found != version) {
      throw JobException.permanent(
          "VERSION_UNSUPPORTED",
          what + " has version " + found + "; this program reads version " + version);
    }
  }
}
