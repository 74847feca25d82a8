package dev.lakegate.model.description;

import java.util.List;

/**
 * A query that the console and Athena offer by name. Immutable.
 *
 * @param name identifier
 * @param title for people
 * @param description what it answers
 * @param workgroup that offers it
 * @param inputs tables that it reads, {@code <schema>.<name>}
 * @param sql Trino SQL
 */
public record SavedQuery(
    String name,
    String title,
    String description,
    String workgroup,
    List<String> inputs,
    String sql) {
  public SavedQuery {
    inputs = List.copyOf(inputs);
  }
}
