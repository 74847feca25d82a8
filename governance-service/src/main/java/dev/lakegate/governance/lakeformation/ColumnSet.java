package dev.lakegate.governance.lakeformation;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Columns of a table as Lake Formation names them: these, or all but these. What this service makes
 * always names columns, so that a column that appears later is nobody's until the policy knows it.
 *
 * @param except whether the names are those left out
 * @param names of columns, sorted
 */
record ColumnSet(boolean except, SortedSet<String> names) {
  static final ColumnSet ALL = new ColumnSet(true, new TreeSet<>());

  ColumnSet {
    names = new TreeSet<>(names);
  }

  static ColumnSet of(Collection<String> names) {
    return new ColumnSet(false, new TreeSet<>(names));
  }

  static ColumnSet allBut(Collection<String> names) {
    return new ColumnSet(true, new TreeSet<>(names));
  }

  /** Whether every column of this one surely is one of the other. */
  boolean within(ColumnSet other) {
    if (other.except) {
      return except
          ? names.containsAll(other.names)
          : names.stream().noneMatch(other.names::contains);
    }
    return !except && other.names.containsAll(names);
  }

  /** Those of the known columns that are in it. */
  SortedSet<String> of(SortedSet<String> known) {
    TreeSet<String> resolved = new TreeSet<>(known);
    if (except) {
      resolved.removeAll(names);
    } else {
      resolved.retainAll(names);
    }
    return resolved;
  }

  String text() {
    if (except) {
      return names.isEmpty() ? "all columns" : "all columns but " + String.join(", ", names);
    }
    return "columns " + String.join(", ", names);
  }
}
