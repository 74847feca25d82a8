package dev.lakegate.gateway.sql;

import java.util.List;

/**
 * A column of a relation in scope. Identity matters: two fields are the same only if they are one
 * object.
 */
final class Field {
  final String name;
  final List<String> qualifier;
  final Type type;
  final String sql;

  /** What must be marked as read when this column is referenced; null for computed columns. */
  final Runnable onUse;

  /** The table whose column it is; null for computed columns. */
  final SecuredQuery.Origin origin;

  /**
   * @param name null when the column has none
   * @param qualifier parts by which the relation may be named, lower case; empty when by none
   * @param type of its values
   * @param sql DuckDB reference, made of generated names alone
   * @param onUse run when the column is referenced; may be null
   */
  Field(String name, List<String> qualifier, Type type, String sql, Runnable onUse) {
    this(name, qualifier, type, sql, onUse, null);
  }

  Field(
      String name,
      List<String> qualifier,
      Type type,
      String sql,
      Runnable onUse,
      SecuredQuery.Origin origin) {
    this.name = name;
    this.qualifier = qualifier;
    this.type = type;
    this.sql = sql;
    this.onUse = onUse;
    this.origin = origin;
  }

  boolean matches(List<String> prefix, String column) {
    if (name == null || !name.equalsIgnoreCase(column)) {
      return false;
    }
    return matchesQualifier(prefix);
  }

  boolean matchesQualifier(List<String> prefix) {
    int from = qualifier.size() - prefix.size();
    return from >= 0 && qualifier.subList(from, qualifier.size()).equals(prefix);
  }

  Field renamed(String newName, List<String> newQualifier) {
    return new Field(newName, newQualifier, type, sql, onUse, origin);
  }
}
