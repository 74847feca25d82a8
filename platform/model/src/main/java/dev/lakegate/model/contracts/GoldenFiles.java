package dev.lakegate.model.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The contracts' schemas and golden files, from the class path, for the tests of both sides of a
 * contract. The folder's README says what an include is.
 */
public final class GoldenFiles {
  private static final String INCLUDE = "$golden";

  private GoldenFiles() {}

  /**
   * A golden file with its includes resolved.
   *
   * @param name such as {@code run-request.silver.json}
   * @throws IllegalArgumentException when there is no such file, or it includes itself
   */
  public static String read(String name) {
    return tree(name).toString();
  }

  /**
   * The golden file of an earlier version that readers still accept.
   *
   * @param name such as {@code manifest.1.json}
   */
  public static String earlier(String name) {
    return resource("earlier/" + name);
  }

  /** A golden file as a tree, with its includes resolved; see {@link #read}. */
  public static JsonNode tree(String name) {
    return load(name, List.of());
  }

  /**
   * The JSON Schema of a contract.
   *
   * @param contract such as {@code run-request}
   */
  public static String schema(String contract) {
    return resource(contract + ".schema.json");
  }

  private static JsonNode load(String name, List<String> within) {
    if (within.contains(name)) {
      throw new IllegalArgumentException("golden file " + name + " includes itself");
    }
    List<String> deeper = new ArrayList<>(within);
    deeper.add(name);
    try {
      return resolve(Json.MAPPER.readTree(resource("golden/" + name)), deeper);
    } catch (IOException e) {
      throw new IllegalArgumentException("golden file " + name + " is not JSON", e);
    }
  }

  private static JsonNode resolve(JsonNode node, List<String> within) {
    if (node.isObject() && node.size() == 1 && node.path(INCLUDE).isTextual()) {
      return load(node.get(INCLUDE).textValue(), within);
    }
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        field.setValue(resolve(field.getValue(), within));
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, resolve(array.get(i), within));
      }
    }
    return node;
  }

  private static String resource(String name) {
    try (InputStream in = GoldenFiles.class.getResourceAsStream("/contracts/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no contracts/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
