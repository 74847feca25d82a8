package dev.lakegate.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A plan as {@code terraform show -json} tells it. Mutable only by the tests that break it. */
final class Plan {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Plan> PLANS = new HashMap<>();

  private final JsonNode document;

  private Plan(JsonNode document) {
    this.document = document;
  }

  /**
   * A resource that is to exist.
   *
   * @param index of {@code for_each} or {@code count}, empty without
   * @param values what is known before applying
   * @param unknown true where a value is known only afterwards
   */
  record Resource(
      String address,
      String module,
      String type,
      String name,
      String index,
      ObjectNode values,
      JsonNode unknown) {
    String text(String attribute) {
      return values.path(attribute).asText("");
    }

    boolean isUnknown(String attribute) {
      return unknown.path(attribute).asBoolean(false);
    }

    /** Address without what is the same in all environments. */
    String shortAddress() {
      return address.replace("module.lakehouse.", "");
    }
  }

  /** The plan of an environment, with what tests may set; made once. */
  static synchronized Plan of(String environment, String... variables) {
    return PLANS
        .computeIfAbsent(environment + List.of(variables), key -> make(environment, variables))
        .copy();
  }

  private static Plan make(String environment, String... variables) {
    Terraform terraform = Terraform.shared();
    String directory = "environments/" + environment;
    terraform.initialise(directory);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "plan",
                "-input=false",
                "-no-color",
                "-refresh=false",
                "-lock=false",
                "-var-file=../../terraform.tfvars.example",
                "-var=offline=true",
                "-out=tested.tfplan"));
    for (String variable : variables) {
      arguments.add("-var=" + variable);
    }
    Terraform.Outcome outcome = terraform.run(directory, arguments.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    assertThat(outcome.output()).doesNotContain("Warning:");
    Terraform.Outcome shown =
        terraform.run(directory, "show", "-json", "-no-color", "tested.tfplan");
    assertThat(shown.exitCode()).as(shown.output()).isZero();
    try {
      return new Plan(JSON.readTree(shown.output()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Plan copy() {
    return new Plan(document.deepCopy());
  }

  Stream<Resource> resources() {
    List<Resource> resources = new ArrayList<>();
    for (JsonNode change : document.path("resource_changes")) {
      if (change.path("mode").asText().equals("managed")
          && change.path("change").path("after").isObject()) {
        resources.add(
            new Resource(
                change.path("address").asText(),
                change.path("module_address").asText(""),
                change.path("type").asText(),
                change.path("name").asText(),
                change.path("index").asText(""),
                (ObjectNode) change.path("change").path("after"),
                change.path("change").path("after_unknown")));
      }
    }
    return resources.stream();
  }

  Stream<Resource> resources(String type) {
    return resources().filter(resource -> resource.type().equals(type));
  }

  /** The resource of another type of the same module and index, as buckets' settings have them. */
  Optional<Resource> sibling(Resource resource, String type) {
    return resources(type)
        .filter(other -> other.module().equals(resource.module()))
        .filter(other -> other.index().equals(resource.index()))
        .findFirst();
  }

  /** What the environment gives the root as a constant. */
  JsonNode given(String variable) {
    return document
        .path("configuration")
        .path("root_module")
        .path("module_calls")
        .path("lakehouse")
        .path("expressions")
        .path(variable)
        .path("constant_value");
  }

  // ---------------------------------------------------------------- breaking it

  /** Takes away resources; fails when there are none. */
  Plan without(String type, Predicate<Resource> which) {
    List<String> addresses = addresses(type, which);
    ArrayNode changes = (ArrayNode) document.path("resource_changes");
    for (int i = changes.size() - 1; i >= 0; i--) {
      if (addresses.contains(changes.get(i).path("address").asText())) {
        changes.remove(i);
      }
    }
    return this;
  }

  /** Sets an attribute, by JSON pointer, of resources; fails when there are none. */
  Plan with(String type, Predicate<Resource> which, String pointer, Object value) {
    List<String> addresses = addresses(type, which);
    resources(type)
        .filter(resource -> addresses.contains(resource.address()))
        .forEach(resource -> set(resource.values(), pointer, value));
    return this;
  }

  /** Adds a resource. */
  Plan plus(String type, String name, Map<String, ?> values) {
    ObjectNode change = JSON.createObjectNode();
    change.put("address", "module.lakehouse." + type + "." + name);
    change.put("module_address", "module.lakehouse");
    change.put("mode", "managed").put("type", type).put("name", name);
    change.putObject("change").set("after", JSON.valueToTree(values));
    ((ObjectNode) change.path("change")).putObject("after_unknown");
    ((ArrayNode) document.path("resource_changes")).add(change);
    return this;
  }

  /** Edits a policy document within an attribute; fails when there are no such resources. */
  Plan withPolicy(
      String type,
      Predicate<Resource> which,
      String attribute,
      java.util.function.Consumer<ObjectNode> edit) {
    List<String> addresses = addresses(type, which);
    resources(type)
        .filter(resource -> addresses.contains(resource.address()))
        .forEach(
            resource -> {
              try {
                ObjectNode policy = (ObjectNode) JSON.readTree(resource.text(attribute));
                edit.accept(policy);
                resource.values().put(attribute, policy.toString());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return this;
  }

  private List<String> addresses(String type, Predicate<Resource> which) {
    List<String> addresses = resources(type).filter(which).map(Resource::address).toList();
    assertThat(addresses).as("resources of type %s to break", type).isNotEmpty();
    return addresses;
  }

  private static void set(ObjectNode values, String pointer, Object value) {
    int last = pointer.lastIndexOf('/');
    JsonNode parent = values.at(pointer.substring(0, last));
    String name = pointer.substring(last + 1);
    JsonNode node = JSON.valueToTree(value);
    if (parent instanceof ObjectNode object) {
      object.set(name, node);
    } else if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(name), node);
    } else {
      throw new AssertionError("there is no " + pointer + " in " + values);
    }
  }
}
