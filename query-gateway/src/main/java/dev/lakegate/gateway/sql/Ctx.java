package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import io.trino.sql.tree.WindowSpecification;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where an expression stands. Immutable.
 *
 * @param scope columns it sees
 * @param ctes common table expressions that its subqueries see
 * @param grouped DuckDB text of the GROUP BY keys
 * @param aggregates whether aggregates are allowed
 * @param windows whether window functions are allowed
 * @param inAggregate whether it is an argument of an aggregate
 * @param clause for messages
 * @param names lambda parameters and, in ORDER BY, output columns; they win over the scope
 * @param definitions of WINDOW, by name
 */
record Ctx(
    Scope scope,
    Ctes ctes,
    Set<String> grouped,
    boolean aggregates,
    boolean windows,
    boolean inAggregate,
    String clause,
    Map<String, List<Typed>> names,
    Map<String, WindowSpecification> definitions) {

  static Ctx of(Scope scope, Ctes ctes, String clause) {
    return new Ctx(scope, ctes, Set.of(), false, false, false, clause, Map.of(), Map.of());
  }

  Ctx in(String newClause) {
    return new Ctx(
        scope, ctes, grouped, aggregates, windows, inAggregate, newClause, names, definitions);
  }

  Ctx withoutWindows(String newClause) {
    return new Ctx(
        scope, ctes, grouped, aggregates, false, inAggregate, newClause, names, definitions);
  }

  /** Inside an aggregate's arguments: plain columns, no further aggregate, no window. */
  Ctx argumentOfAggregate() {
    return new Ctx(scope, ctes, Set.of(), false, false, true, clause, names, definitions);
  }

  Ctx withNames(Map<String, Typed> more) {
    Map<String, List<Typed>> all = new HashMap<>(names);
    more.forEach((k, v) -> all.put(k, List.of(v)));
    return new Ctx(
        scope, ctes, grouped, aggregates, windows, inAggregate, clause, all, definitions);
  }

  /** ORDER BY sees the output columns before the columns of FROM. */
  Ctx withOutputs(List<OutputColumn> columns, List<Typed> outputs) {
    Map<String, List<Typed>> all = new HashMap<>(names);
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i).name();
      if (name != null) {
        Typed t = outputs.get(i);
        all.merge(
            name.toLowerCase(java.util.Locale.ROOT),
            List.of(t),
            (a, b) ->
                a.get(0).sql().equals(b.get(0).sql())
                    ? a
                    : java.util.stream.Stream.concat(a.stream(), b.stream()).toList());
      }
    }
    return new Ctx(
        scope, ctes, grouped, aggregates, windows, inAggregate, clause, all, definitions);
  }
}
