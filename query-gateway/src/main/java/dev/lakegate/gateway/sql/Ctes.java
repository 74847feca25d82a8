package dev.lakegate.gateway.sql;

import java.util.List;

/**
 * Common table expressions in scope, innermost first. Immutable; null is the empty chain.
 *
 * @param name lower case
 * @param sql generated name; null while the expression itself is being translated
 * @param columns of its result
 * @param outer those declared before or around it
 */
record Ctes(String name, String sql, List<SecuredQuery.OutputColumn> columns, Ctes outer) {
  static Ctes find(Ctes from, String name) {
    for (Ctes c = from; c != null; c = c.outer) {
      if (c.name.equals(name)) {
        return c;
      }
    }
    return null;
  }
}
