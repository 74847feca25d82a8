package dev.lakegate.gateway.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A translated expression.
 *
 * @param type Trino's type
 * @param sql DuckDB text of exactly that type
 * @param columns columns of the current query that it uses outside of aggregates
 * @param aggregate whether an aggregate is in it
 * @param window whether a window function is in it
 * @param subquery whether a subquery is in it
 * @param constant value of a literal (String, Long), otherwise null
 */
record Typed(
    Type type,
    String sql,
    Set<Field> columns,
    boolean aggregate,
    boolean window,
    boolean subquery,
    Object constant) {

  static Typed of(Type type, String sql, List<Typed> parts) {
    Set<Field> columns = Set.of();
    boolean aggregate = false;
    boolean window = false;
    boolean subquery = false;
    for (Typed p : parts) {
      if (!p.columns.isEmpty()) {
        if (columns.isEmpty()) {
          columns = p.columns;
        } else {
          columns = new HashSet<>(columns);
          columns.addAll(p.columns);
        }
      }
      aggregate |= p.aggregate;
      window |= p.window;
      subquery |= p.subquery;
    }
    return new Typed(type, sql, columns, aggregate, window, subquery, null);
  }

  static Typed of(Type type, String sql, Typed... parts) {
    return of(type, sql, List.of(parts));
  }

  static Typed literal(Type type, String sql, Object constant) {
    return new Typed(type, sql, Set.of(), false, false, false, constant);
  }

  Typed as(Type newType, String newSql) {
    return new Typed(newType, newSql, columns, aggregate, window, subquery, null);
  }

  Typed as(Type newType) {
    return new Typed(newType, sql, columns, aggregate, window, subquery, constant);
  }

  /** The same value, whose columns are covered by GROUP BY or an aggregate. */
  Typed covered() {
    return new Typed(type, sql, Set.of(), aggregate, window, subquery, constant);
  }

  boolean isNull() {
    return type.kind() == Type.Kind.UNKNOWN;
  }
}
