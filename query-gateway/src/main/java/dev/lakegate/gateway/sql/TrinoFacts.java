package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Table;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the analysis of a statement found out about its nodes, so that the same tree can be printed
 * for another engine. Nodes count by identity.
 */
final class TrinoFacts {
  private final Map<String, Binding> bindings = new LinkedHashMap<>();
  private final Map<Table, Binding> tables = new IdentityHashMap<>();
  private final Map<Table, String> made = new IdentityHashMap<>();
  private final Map<Node, Integer> qualified = new IdentityHashMap<>();

  /** A table of the lake stands there. */
  void table(Table t, Binding b) {
    tables.put(t, b);
    bindings.put(b.name(), b);
  }

  /** A table stands there that is made of names alone. */
  void made(Table t, String name) {
    made.put(t, name);
  }

  /** A column is named there by a qualifier of so many parts. */
  void column(Node n, int qualifier) {
    qualified.put(n, qualifier);
  }

  Collection<Binding> bindings() {
    return bindings.values();
  }

  Binding binding(Table t) {
    return tables.get(t);
  }

  boolean isMade(Table t) {
    return made.containsKey(t);
  }

  int qualifier(Node n) {
    return qualified.getOrDefault(n, 0);
  }
}
