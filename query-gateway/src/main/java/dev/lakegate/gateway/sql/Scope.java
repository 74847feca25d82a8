package dev.lakegate.gateway.sql;

import dev.lakegate.model.policy.AccessDecision.HiddenColumn;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The columns that a query block sees, and the block around it.
 *
 * @param fields in order
 * @param hidden columns that exist and may not be read, by relation
 * @param parent the enclosing block, for correlated subqueries; null outermost
 * @param escaped fields of enclosing blocks that this block referred to
 */
record Scope(List<Field> fields, List<Hidden> hidden, Scope parent, Set<Field> escaped) {

  /**
   * A hidden column.
   *
   * @param qualifier of its relation
   * @param table {@code schema.table}
   * @param column why it is hidden and who may read it
   */
  record Hidden(List<String> qualifier, String table, HiddenColumn column) {
    boolean matches(List<String> prefix, String name) {
      int from = qualifier.size() - prefix.size();
      return column.name().equalsIgnoreCase(name)
          && from >= 0
          && qualifier.subList(from, qualifier.size()).equals(prefix);
    }
  }

  static Scope of(List<Field> fields, List<Hidden> hidden, Scope parent) {
    return new Scope(List.copyOf(fields), List.copyOf(hidden), parent, new HashSet<>());
  }
}
