package dev.lakegate.gateway.sql;

import dev.lakegate.model.policy.AccessDecision;
import java.time.Instant;
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
   * Finds a table by name or alias, as it was.
   *
   * @param schema lower case
   * @param name lower case
   * @throws SqlFailure when that state is not kept
   */
  Optional<TableView> table(String schema, String name, AsOf asOf);

  /** Tables that the principal may read, with the columns that it may read, for listings. */
  List<ListedTable> listing();

  /**
   * A table in a listing.
   *
   * @param schema its schema
   * @param name its own name
   * @param comment for people; may be empty
   * @param columns readable columns in order
   */
  record ListedTable(String schema, String name, String comment, List<ListedColumn> columns) {
    public ListedTable {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column in a listing.
   *
   * @param name of the column
   * @param type of its values
   * @param comment for people; may be empty
   * @param nullable whether NULL may occur
   */
  record ListedColumn(String name, Type type, String comment, boolean nullable) {}

  /** A former state of a table. */
  sealed interface AsOf {}

  /**
   * The newest state that could be read at a moment.
   *
   * @param moment it was readable then
   */
  record AtTime(Instant moment) implements AsOf {}

  /**
   * One state by its name.
   *
   * @param instant of the state
   */
  record AtVersion(String instant) implements AsOf {}

  /**
   * A table as one principal sees it.
   *
   * @param schema its schema
   * @param name its own name, never an alias
   * @param columns readable columns in order; empty when refused
   * @param decision that applies
   * @param instant of the former state that this is; null for the present
   */
  record TableView(
      String schema,
      String name,
      List<ColumnView> columns,
      AccessDecision decision,
      String instant) {
    public TableView {
      columns = List.copyOf(columns);
    }

    /** {@code schema.name}. */
    public String qualifiedName() {
      return schema + "." + name;
    }

    /** Names the table and its state. */
    public String key() {
      return instant == null ? qualifiedName() : qualifiedName() + "@" + instant;
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
