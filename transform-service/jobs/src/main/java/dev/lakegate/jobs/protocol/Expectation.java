package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/** What rows are expected to meet. Immutable. */
public final class Expectation {
  private final String name;
  private final String expression;
  private final boolean blocking;

  private Expectation(JsonNode node) {
    this.name = Json.text(node, "name");
    this.expression = Json.text(node, "expression");
    this.blocking = node.path("blocking").asBoolean();
  }

  static Expectation of(JsonNode node) {
    return new Expectation(node);
  }

  /** Identifier within the dataset. */
  public String name() {
    return name;
  }

  /** Spark SQL over the source's columns and derivations; a row meets it unless it is false. */
  public String expression() {
    return expression;
  }

  /** Whether rows that do not meet it go into quarantine. */
  public boolean blocking() {
    return blocking;
  }
}
