package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.TableView;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * A checked statement in DuckDB's dialect. Its text refers to tables only by the generated names of
 * its bindings; it cannot run before an engine has put a secured relation behind each.
 *
 * @param withItems common table expressions of the statement, without the keyword
 * @param body the statement after its WITH clause
 * @param bindings base tables that it reads
 * @param columns of the result
 * @param asked what it asks of the rows of each binding, by the binding's name
 */
public record SecuredQuery(
    List<String> withItems,
    String body,
    List<Binding> bindings,
    List<OutputColumn> columns,
    Map<String, Condition> asked) {
  /** A query that may need every row of its tables. */
  public SecuredQuery(
      List<String> withItems, String body, List<Binding> bindings, List<OutputColumn> columns) {
    this(withItems, body, bindings, columns, Map.of());
  }

  public SecuredQuery {
    asked = Map.copyOf(asked);
    withItems = List.copyOf(withItems);
    bindings = List.copyOf(bindings);
    columns = List.copyOf(columns);
  }

  /**
   * A base table behind a generated name. Its columns are named {@code c<position in the table's
   * readable columns, from 1>}.
   *
   * @param name generated
   * @param table what stands behind it
   * @param used positions, from 0, of the readable columns that the statement refers to
   */
  public record Binding(String name, TableView table, SortedSet<Integer> used) {}

  /**
   * A column of the result.
   *
   * @param name as Trino names it
   * @param type of its values
   * @param origin the table whose column it is, unchanged; null when it was computed
   * @param aliased whether the SELECT names it with AS
   */
  public record OutputColumn(String name, Type type, Origin origin, boolean aliased) {
    /** A column of no table. */
    public OutputColumn(String name, Type type) {
      this(name, type, null, false);
    }
  }

  /**
   * A table by its full name.
   *
   * @param catalog of the schema
   * @param schema of the table
   * @param table in the schema
   */
  public record Origin(String catalog, String schema, String table) {}
}
