package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A column computed by a Spark SQL expression before a row is stored; it takes the place of a
 * source column of the same name. Immutable.
 */
public final class Derivation {
  private final String column;
  private final String type;
  private final String expression;
  private final String description;

  private Derivation(JsonNode node) {
    this.column = Json.text(node, "column");
    this.type = Json.text(node, "type");
    this.expression = Json.text(node, "expression");
    this.description = Json.textOrNull(node, "description");
  }

  static Derivation of(JsonNode node) {
    return new Derivation(node);
  }

  /** Name of the result. */
  public String column() {
    return column;
  }

  /** Type of the result in Trino's notation. */
  public String type() {
    return type;
  }

  /** Spark SQL over the source's columns and earlier derivations. */
  public String expression() {
    return expression;
  }

  /** For people; may be null. */
  public String description() {
    return description;
  }
}
