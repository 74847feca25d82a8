package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How changed rows of a metric's inputs lead to the rows of its result that they touch. A key is a
 * combination of values of the columns {@link #by}. Immutable.
 */
public final class Incremental {
  private final List<String> by;
  private final Map<String, Input> inputs;

  private Incremental(List<String> by, Map<String, Input> inputs) {
    this.by = by;
    this.inputs = Collections.unmodifiableMap(inputs);
  }

  /**
   * Reads and checks what a specification says; null when it says nothing.
   *
   * @param dataset of the specification
   * @param grain its record key
   * @param names its inputs
   */
  static Incremental ofNullable(
      JsonNode node, String dataset, List<String> grain, List<String> names) {
    if (node == null || node.isNull()) {
      return null;
    }
    List<String> by = Json.texts(node, "by");
    if (by.isEmpty() || !grain.containsAll(by)) {
      throw invalid(dataset + " is incremental by " + by + ", which is no part of its grain");
    }
    Map<String, Input> inputs = new LinkedHashMap<>();
    for (String name : names) {
      JsonNode input = node.path("inputs").get(name);
      if (input == null) {
        throw invalid("incremental of " + dataset + " says nothing of input " + name);
      }
      Map<String, String> columns = new LinkedHashMap<>();
      Iterator<Map.Entry<String, JsonNode>> fields = input.path("columns").fields();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        if (!by.contains(field.getKey())) {
          throw invalid(field.getKey() + " of " + name + " is no key column of " + dataset);
        }
        columns.put(field.getKey(), field.getValue().asText());
      }
      String keys = Json.textOrNull(input, "keys");
      if (keys == null && !columns.keySet().containsAll(by)) {
        throw invalid("nothing tells the keys of " + dataset + " that a row of " + name + " has");
      }
      inputs.put(name, new Input(columns, keys));
    }
    return new Incremental(by, inputs);
  }

  private static JobException invalid(String message) {
    return JobException.permanent("SPECIFICATION_INVALID", message);
  }

  /** Columns of the grain: rows with other values are computed from other rows of the inputs. */
  public List<String> by() {
    return by;
  }

  /** All that is said, in one text that is another one when anything is said otherwise. */
  public String text() {
    ObjectNode node = Json.object();
    by.forEach(node.putArray("by")::add);
    ObjectNode all = node.putObject("inputs");
    for (Map.Entry<String, Input> input : new TreeMap<>(inputs).entrySet()) {
      ObjectNode one = all.putObject(input.getKey());
      ObjectNode expressions = one.putObject("columns");
      new TreeMap<>(input.getValue().columns()).forEach(expressions::put);
      one.put("keys", input.getValue().keys());
    }
    return Json.write(node);
  }

  /** What each input tells, by dataset. */
  public Map<String, Input> inputs() {
    return inputs;
  }

  /** What one input tells of keys. Immutable. */
  public static final class Input {
    private final Map<String, String> columns;
    private final String keys;

    Input(Map<String, String> columns, String keys) {
      this.columns = Collections.unmodifiableMap(columns);
      this.keys = keys;
    }

    /** Spark expression over a row, by column of the key: what the row can contribute to. */
    public Map<String, String> columns() {
      return columns;
    }

    /** Query over {@code changed} and the inputs; null when {@link #columns} gives whole keys. */
    public String keys() {
      return keys;
    }
  }
}
