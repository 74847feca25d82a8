package dev.lakegate.kit.aws.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Athena's workgroups over the real wire protocol: moto knows no update of them, and does not say
 * of one that it is not there. Thread-safe.
 */
public final class WorkgroupStub implements EmulatedAws.Stub {
  private final TreeMap<String, ObjectNode> groups = new TreeMap<>();

  @Override
  public synchronized void reset() {
    groups.clear();
  }

  /** The workgroups that exist, by name, as AWS would describe them. */
  public synchronized Map<String, JsonNode> groups() {
    Map<String, JsonNode> copy = new TreeMap<>();
    groups.forEach((name, group) -> copy.put(name, group.deepCopy()));
    return copy;
  }

  @Override
  public synchronized Optional<Answer> answer(Call call) {
    if (!call.service().equals("athena")) {
      return Optional.empty();
    }
    return switch (call.operation()) {
      case "CreateWorkGroup" -> Optional.of(create(call));
      case "GetWorkGroup" -> Optional.of(get(call));
      case "UpdateWorkGroup" -> Optional.of(update(call));
      case "DeleteWorkGroup" ->
          Optional.of(groups.remove(name(call)) == null ? missing(call) : Answer.json("{}"));
      default -> Optional.empty();
    };
  }

  private Answer create(Call call) {
    String name = call.json().path("Name").asText();
    if (groups.containsKey(name)) {
      return Answer.error(call, 400, "InvalidRequestException", "WorkGroup is already created");
    }
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    group.put("Name", name).put("State", "ENABLED");
    group.set("Configuration", call.json().path("Configuration").deepCopy());
    groups.put(name, group);
    return Answer.json("{}");
  }

  private Answer get(Call call) {
    ObjectNode group = groups.get(name(call));
    return group == null
        ? missing(call)
        : Answer.json(JsonNodeFactory.instance.objectNode().set("WorkGroup", group).toString());
  }

  private Answer update(Call call) {
    ObjectNode group = groups.get(name(call));
    if (group == null) {
      return missing(call);
    }
    ObjectNode configuration = (ObjectNode) group.path("Configuration");
    JsonNode updates = call.json().path("ConfigurationUpdates");
    updates
        .fields()
        .forEachRemaining(
            entry -> {
              if (entry.getKey().equals("ResultConfigurationUpdates")) {
                ObjectNode results = configuration.withObject("ResultConfiguration");
                results.setAll((ObjectNode) entry.getValue().deepCopy());
              } else {
                configuration.set(entry.getKey(), entry.getValue().deepCopy());
              }
            });
    return Answer.json("{}");
  }

  private static String name(Call call) {
    return call.json().path("WorkGroup").asText();
  }

  private static Answer missing(Call call) {
    return Answer.error(
        call, 400, "InvalidRequestException", "WorkGroup " + name(call) + " is not found.");
  }
}
