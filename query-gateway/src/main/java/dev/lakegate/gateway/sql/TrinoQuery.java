package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.util.List;

/**
 * A checked statement as Trino SQL, for Trino or Athena. Every base table in it is read once, in
 * its WITH clause, by the name that the caller gave, only its readable columns and only the
 * permitted rows.
 *
 * @param sql one query
 * @param bindings base tables that it reads
 * @param columns of the result
 */
public record TrinoQuery(String sql, List<Binding> bindings, List<OutputColumn> columns) {
  public TrinoQuery {
    bindings = List.copyOf(bindings);
    columns = List.copyOf(columns);
  }
}
