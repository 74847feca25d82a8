package dev.lakegate.gateway.sql;

import dev.lakegate.model.policy.AccessDecision;
import java.util.List;
import java.util.Optional;

/** The tables that exist, with what the principal may read of each. */
public interface CatalogView {
  /** The name of the one catalog, lower case. */
  String catalog();

  /** Schemas, lower case. */
  List<String> schemas();

  /**
   * Finds a table by name or alias.
   *
   * @param schema lower case
   * @param name lower case
   */
  Optional<TableView> table(String schema, String name);

  /**
   * A table as one principal sees it.
   *
   * @param schema its schema
   * @param name its own name, never an alias
   * @param columns readable columns in order; empty when refused
   * @param decision that applies
   */
  record TableView(String schema, String name, List<ColumnView> columns, AccessDecision decision) {
    public TableView {
      columns = List.copyOf(columns);
    }

    /** {@code schema.name}. */
    public String qualifiedName() {
      return schema + "." + name;
    }
  }

  /**
   * A readable column.
   *
   * @param name of the column
   * @param type of its values
   */
  record ColumnView(String name, Type type) {}
}
