package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a table of versions keeps of the changes of its source table. Immutable. */
public final class VersionRules {
  private static final String TENANT_ID = "tenant_id";

  private final JsonNode node;
  private final List<String> key;
  private final List<String> columns;
  private final String tenant;
  private final String began;
  private final String transitionColumn;
  private final Map<String, List<String>> transitions;

  private VersionRules(JsonNode node) {
    this.node = node;
    this.key = Json.texts(node, "key");
    this.columns = Json.texts(node, "columns");
    this.tenant = Json.textOrNull(node, "tenant");
    this.began = Json.textOrNull(node, "began");
    JsonNode machine = node.path("transitions");
    this.transitionColumn = machine.isObject() ? Json.text(machine, "column") : null;
    Map<String, List<String>> allowed = new LinkedHashMap<>();
    Iterator<String> states = machine.path("allowed").fieldNames();
    while (states.hasNext()) {
      String state = states.next();
      allowed.put(state, Json.texts(machine.path("allowed"), state));
    }
    this.transitions = Collections.unmodifiableMap(allowed);
  }

  static VersionRules ofNullable(JsonNode node, String dataset) {
    if (node == null || node.isNull()) {
      return null;
    }
    VersionRules rules = new VersionRules(node);
    if (rules.key.isEmpty() || rules.columns.isEmpty()) {
      throw JobException.permanent(
          "SPECIFICATION_INVALID", "the history of " + dataset + " names no key or no columns");
    }
    return rules;
  }

  /**
   * What is read of the source: its key, its tenant, what is tracked and when a row began, with the
   * types of the versions.
   */
  Specification source(JsonNode versions) {
    Map<String, String> types = new LinkedHashMap<>();
    for (JsonNode column : versions.path("columns")) {
      types.put(Json.text(column, "name"), Json.text(column, "type"));
    }
    Set<String> names = new LinkedHashSet<>(key);
    if (tenant != null) {
      names.add(tenant);
    }
    names.addAll(columns);
    if (began != null) {
      names.add(began);
    }
    ObjectNode source = ((ObjectNode) versions).deepCopy();
    source.remove("history");
    source.remove("tenantColumn");
    source.putArray("partitionBy");
    source.putArray("derivations");
    key.forEach(source.putArray("key")::add);
    ArrayNode list = source.putArray("columns");
    for (String name : names) {
      String type = types.get(name);
      if (type == null) {
        type =
            name.equals(tenant)
                ? types.get(TENANT_ID)
                : name.equals(began) ? "timestamp(6) with time zone" : null;
      }
      if (type == null) {
        throw JobException.permanent(
            "SPECIFICATION_INVALID",
            "column " + name + " of " + versions.path("dataset").asText() + " has no type");
      }
      list.addObject().put("name", name).put("type", type).put("nullable", true);
    }
    return Specification.of(source);
  }

  /** As a commit carries it. */
  public JsonNode json() {
    return node;
  }

  /** Key columns of the source. */
  public List<String> key() {
    return key;
  }

  /** Columns of the source that are tracked. */
  public List<String> columns() {
    return columns;
  }

  /** The source's column that names the tenant; null when there is none. */
  public String tenant() {
    return tenant;
  }

  /** The source's column that says when a row began; null when there is none. */
  public String began() {
    return began;
  }

  /** The column whose values follow each other as declared; null when nothing is declared. */
  public String transitionColumn() {
    return transitionColumn;
  }

  /** Values that may follow, by value. */
  public Map<String, List<String>> transitions() {
    return transitions;
  }
}
