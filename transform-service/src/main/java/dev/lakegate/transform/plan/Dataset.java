package dev.lakegate.transform.plan;

import dev.lakegate.model.job.JobSpecification;
import java.util.List;
import java.util.Objects;

/**
 * What planning needs to know of one Silver table or Gold metric. Derived tables of Silver are
 * planned as metrics are.
 *
 * @param name {@code <schema>.<name>}
 * @param layer Silver or Gold
 * @param bronzeTable Silver only: the source table whose Bronze files it consumes; else null
 * @param inputs Gold only: datasets it reads; empty for Silver
 * @param daily whether the result depends on the UTC day and is stale when the day changes
 * @param definition fingerprint of its job specification; another one means that what is stored was
 *     computed differently
 * @param specification Silver only: what the description says; null for Gold and when unknown
 */
public record Dataset(
    String name,
    Layer layer,
    String bronzeTable,
    List<String> inputs,
    boolean daily,
    String definition,
    JobSpecification specification) {

  /** Of which the specification is unknown or does not matter. */
  public Dataset(
      String name,
      Layer layer,
      String bronzeTable,
      List<String> inputs,
      boolean daily,
      String definition) {
    this(name, layer, bronzeTable, inputs, daily, definition, null);
  }

  /** Which half of the way it belongs to; its schema may be Silver in both. */
  public enum Layer {
    /** Fed by Bronze files. */
    SILVER,
    /** Fed by other datasets. */
    GOLD
  }

  /** Whether rows of it may be kept aside, in a table of their own. */
  public boolean hasQuarantine() {
    return specification != null
        && specification.expectations() != null
        && specification.expectations().stream().anyMatch(JobSpecification.Expectation::blocking);
  }

  public Dataset {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(layer, "layer is null");
    Objects.requireNonNull(definition, "definition is null");
    inputs = List.copyOf(inputs);
    if ((layer == Layer.SILVER) != (bronzeTable != null)) {
      throw new IllegalArgumentException(name + ": a Silver table, and it alone, has a source");
    }
  }
}
