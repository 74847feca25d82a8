package dev.lakegate.transform.lakehouse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.job.DependencyGraph;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.JobSpecificationCompiler;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.transform.plan.Dataset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A valid lakehouse description, compiled. Immutable.
 *
 * @param datasets all, each after its inputs
 * @param specifications by dataset
 * @param facts by dataset: what access to it is decided by
 */
public record Description(
    List<Dataset> datasets,
    Map<String, JobSpecification> specifications,
    Map<String, TableFacts> facts) {
  private static final String DAILY = "utc_day";

  public Description {
    datasets = List.copyOf(datasets);
    specifications = Map.copyOf(specifications);
    facts = Map.copyOf(facts);
  }

  /** Of which nobody knows what access is decided by. */
  public Description(List<Dataset> datasets, Map<String, JobSpecification> specifications) {
    this(datasets, specifications, Map.of());
  }

  /** Compiles a description. */
  public static Description of(Lakehouse lakehouse) {
    Map<String, JobSpecification> specifications = new LinkedHashMap<>();
    for (JobSpecification specification : JobSpecificationCompiler.compile(lakehouse)) {
      specifications.put(specification.dataset(), specification);
    }
    List<Dataset> datasets = new ArrayList<>();
    for (String name : DependencyGraph.of(lakehouse).order()) {
      datasets.add(dataset(specifications.get(name)));
    }
    Map<String, TableFacts> facts = new LinkedHashMap<>();
    PolicyCompiler.compile(lakehouse, 1).tables().forEach(t -> facts.put(t.table(), t));
    return new Description(datasets, specifications, facts);
  }

  private static Dataset dataset(JobSpecification specification) {
    boolean silver = specification.kind() == JobSpecification.Kind.SILVER;
    return new Dataset(
        specification.dataset(),
        silver ? Dataset.Layer.SILVER : Dataset.Layer.GOLD,
        specification.bronzeTable(),
        silver ? List.of() : specification.inputs(),
        DAILY.equals(specification.clock()),
        definition(specification),
        silver ? specification : null);
  }

  /** The dataset of that name. */
  public Optional<Dataset> dataset(String name) {
    return datasets.stream().filter(dataset -> dataset.name().equals(name)).findFirst();
  }

  /** Fingerprint of what decides about the data: everything but the words for people. */
  static String definition(JobSpecification specification) {
    JsonNode tree = Json.MAPPER.valueToTree(specification);
    withoutWords(tree);
    return fingerprint(tree);
  }

  private static void withoutWords(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove("description");
    }
    node.forEach(Description::withoutWords);
  }

  /** Fingerprint of a tree. */
  public static String fingerprint(JsonNode tree) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(Json.write(tree).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
