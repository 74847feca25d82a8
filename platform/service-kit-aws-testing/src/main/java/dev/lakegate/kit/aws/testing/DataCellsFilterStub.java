package dev.lakegate.kit.aws.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lake Formation's data-cells filters, which moto lacks, over the real wire protocol: with paging,
 * versions, and what AWS refuses: expressions that are too long, filters without columns, and a
 * grant on a filter that does not exist. Grants themselves are moto's. Thread-safe.
 */
public final class DataCellsFilterStub implements EmulatedAws.Stub {
  private static final int LONGEST_EXPRESSION = 2048;
  private static final int PAGE = 2;

  private final TreeMap<String, ObjectNode> filters = new TreeMap<>();
  private long versions;

  @Override
  public synchronized void reset() {
    filters.clear();
  }

  /** The filters that exist, as AWS would describe them. */
  public synchronized List<JsonNode> filters() {
    return filters.values().stream().<JsonNode>map(ObjectNode::deepCopy).toList();
  }

  @Override
  public synchronized Optional<Answer> answer(Call call) {
    if (!call.service().equals("lakeformation")) {
      return Optional.empty();
    }
    return switch (call.operation()) {
      case "CreateDataCellsFilter" -> Optional.of(create(call, call.json().path("TableData")));
      case "UpdateDataCellsFilter" -> Optional.of(update(call, call.json().path("TableData")));
      case "GetDataCellsFilter" -> Optional.of(get(call));
      case "DeleteDataCellsFilter" ->
          Optional.of(filters.remove(key(call.json())) == null ? missing(call) : Answer.json("{}"));
      case "ListDataCellsFilter" -> Optional.of(list(call));
      case "GrantPermissions" ->
          exists(call.json().path("Resource")) ? Optional.empty() : Optional.of(missing(call));
      case "BatchGrantPermissions" -> batch(call);
      default -> Optional.empty();
    };
  }

  private Answer create(Call call, JsonNode data) {
    if (filters.containsKey(key(data))) {
      return Answer.error(call, 400, "AlreadyExistsException", "it exists");
    }
    return put(call, data);
  }

  private Answer update(Call call, JsonNode data) {
    ObjectNode present = filters.get(key(data));
    if (present == null) {
      return missing(call);
    }
    if (data.hasNonNull("VersionId") && !data.path("VersionId").equals(present.path("VersionId"))) {
      return Answer.error(call, 400, "ConcurrentModificationException", "another version");
    }
    return put(call, data);
  }

  private Answer put(Call call, JsonNode data) {
    for (String required : List.of("TableCatalogId", "DatabaseName", "TableName", "Name")) {
      if (data.path(required).asText().isEmpty()) {
        return invalid(call, required + " is missing");
      }
    }
    JsonNode rows = data.path("RowFilter");
    if (rows.has("FilterExpression") == rows.has("AllRowsWildcard")) {
      return invalid(call, "RowFilter needs FilterExpression or AllRowsWildcard");
    }
    if (rows.path("FilterExpression").asText().length() > LONGEST_EXPRESSION) {
      return invalid(call, "FilterExpression is longer than " + LONGEST_EXPRESSION);
    }
    if (data.has("ColumnNames") == data.has("ColumnWildcard")) {
      return invalid(call, "either ColumnNames or ColumnWildcard is needed");
    }
    ObjectNode stored = ((ObjectNode) data).deepCopy();
    stored.put("VersionId", String.valueOf(++versions));
    filters.put(key(data), stored);
    return Answer.json("{}");
  }

  private Answer get(Call call) {
    ObjectNode found = filters.get(key(call.json()));
    return found == null
        ? missing(call)
        : Answer.json(
            JsonNodeFactory.instance.objectNode().set("DataCellsFilter", found).toString());
  }

  private Answer list(Call call) {
    JsonNode table = call.json().path("Table");
    String prefix =
        table.isMissingNode()
            ? ""
            : table.path("CatalogId").asText()
                + "/"
                + table.path("DatabaseName").asText()
                + "/"
                + (table.hasNonNull("Name") ? table.path("Name").asText() + "/" : "");
    List<ObjectNode> found = new ArrayList<>();
    filters.forEach(
        (key, filter) -> {
          if (key.startsWith(prefix)) {
            found.add(filter);
          }
        });
    int from = call.json().path("NextToken").asInt(0);
    // Small whatever is asked for, so that every reader has to turn pages.
    int to = Math.min(found.size(), from + PAGE);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode page = answer.putArray("DataCellsFilters");
    found.subList(Math.min(from, to), to).forEach(page::add);
    if (to < found.size()) {
      answer.put("NextToken", String.valueOf(to));
    }
    return Answer.json(answer.toString());
  }

  private Optional<Answer> batch(Call call) {
    for (JsonNode entry : call.json().path("Entries")) {
      if (!exists(entry.path("Resource"))) {
        return Optional.of(missing(call));
      }
    }
    return Optional.empty();
  }

  private boolean exists(JsonNode resource) {
    return !resource.has("DataCellsFilter")
        || filters.containsKey(key(resource.path("DataCellsFilter")));
  }

  private static Answer missing(Call call) {
    return Answer.error(call, 400, "EntityNotFoundException", "no such filter");
  }

  private static Answer invalid(Call call, String message) {
    return Answer.error(call, 400, "InvalidInputException", message);
  }

  private static String key(JsonNode names) {
    return names.path("TableCatalogId").asText()
        + "/"
        + names.path("DatabaseName").asText()
        + "/"
        + names.path("TableName").asText()
        + "/"
        + names.path("Name").asText();
  }
}
