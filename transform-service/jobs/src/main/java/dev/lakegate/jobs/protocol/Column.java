package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/** A column of a table: its name, its type in Trino's notation, and what it means. Immutable. */
public final class Column {
  private final String name;
  private final String type;
  private final boolean nullable;
  private final String description;

  /** A column. */
  public Column(String name, String type, boolean nullable, String description) {
    this.name = name;
    this.type = type;
    this.nullable = nullable;
    this.description = description;
  }

  static Column of(JsonNode node) {
    return new Column(
        Json.text(node, "name"),
        Json.text(node, "type"),
        node.path("nullable").asBoolean(true),
        Json.textOrNull(node, "description"));
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its type in Trino's notation. */
  public String type() {
    return type;
  }

  /** Whether NULL is allowed. */
  public boolean nullable() {
    return nullable;
  }

  /** For people; may be null. */
  public String description() {
    return description;
  }
}
