package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.model.policy.RowPredicate;
import io.trino.sql.SqlFormatter;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.DefaultTraversalVisitor;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableFunctionInvocation;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Prints an analyzed query as Trino SQL. Tables become names of a WITH clause of ours, in which the
 * permitted rows and columns of each are read; nothing else in the text names a table of the lake.
 */
final class TrinoEmitter {
  private static final SqlParser PARSER = new SqlParser();

  private TrinoEmitter() {}

  /**
   * Prints a query.
   *
   * @param query analyzed
   * @param facts what its analysis found
   * @param names the name of a table where the text is going to run: catalog, schema, table
   */
  static String print(
      Query query, TrinoFacts facts, Function<TableView, List<String>> names, Session session) {
    String text = SqlFormatter.formatSql(query).toLowerCase(Locale.ROOT);
    Map<Binding, String> generated = new HashMap<>();
    List<WithQuery> secured = new ArrayList<>();
    Map<String, List<String>> expected = new HashMap<>();
    for (Binding b : facts.bindings()) {
      // A name that stands nowhere in the statement cannot be taken by a WITH query of it.
      String name = "lk_" + b.name();
      while (text.contains(name)) {
        name = "lk_" + name;
      }
      generated.put(b, name);
      List<String> parts = List.copyOf(names.apply(b.table()));
      expected.put(name, parts);
      secured.add(secured(name, parts, b.table()));
    }
    Query rewritten = new TrinoRewriter(facts, generated, session).query(query);
    List<WithQuery> items = new ArrayList<>(secured);
    boolean recursive = rewritten.getWith().map(With::isRecursive).orElse(false);
    rewritten.getWith().ifPresent(w -> items.addAll(w.getQueries()));
    Query whole =
        new Query(
            rewritten.getLocation().orElseThrow(),
            List.of(),
            items.isEmpty()
                ? Optional.empty()
                : Optional.of(new With(rewritten.getLocation().orElseThrow(), recursive, items)),
            rewritten.getQueryBody(),
            rewritten.getOrderBy(),
            rewritten.getOffset(),
            rewritten.getLimit());
    if (Parameters.count(whole) > 0) {
      throw Refusal.unsupported(query, "a parameter where it stands, for Trino");
    }
    String sql = SqlFormatter.formatSql(whole).strip();
    verify(sql, expected);
    return sql;
  }

  private static WithQuery secured(String name, List<String> parts, TableView table) {
    String columns =
        table.columns().stream()
            .map(ColumnView::name)
            .map(TrinoEmitter::quote)
            .collect(Collectors.joining(", "));
    String where = predicate(table.decision().rows());
    Query q =
        (Query)
            PARSER.createStatement(
                "SELECT "
                    + columns
                    + " FROM "
                    + parts.stream().map(TrinoEmitter::quote).collect(Collectors.joining("."))
                    + (where == null ? "" : " WHERE " + where));
    return new WithQuery(q.getLocation().orElseThrow(), new Identifier(name), q, Optional.empty());
  }

  private static String quote(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** The predicate as SQL; null when it lets everything through. */
  static String predicate(RowPredicate p) {
    if (p instanceof RowPredicate.All) {
      return null;
    }
    if (p instanceof RowPredicate.None) {
      return "false";
    }
    if (p instanceof RowPredicate.In in) {
      return column(in.column())
          + " IN ("
          + in.values().stream().map(TrinoEmitter::literal).collect(Collectors.joining(", "))
          + ")";
    }
    if (p instanceof RowPredicate.Comparison c) {
      if (!List.of("=", "<>", "<", "<=", ">", ">=").contains(c.operator())) {
        throw new IllegalStateException("unknown operator " + c.operator());
      }
      return column(c.column()) + " " + c.operator() + " " + literal(c.value());
    }
    if (p instanceof RowPredicate.And and) {
      return joined(and.operands(), " AND ");
    }
    if (p instanceof RowPredicate.Or or) {
      return joined(or.operands(), " OR ");
    }
    throw new IllegalStateException("unknown predicate " + p);
  }

  private static String column(String name) {
    return "CAST(" + quote(name) + " AS varchar)";
  }

  private static String joined(Collection<RowPredicate> operands, String glue) {
    return operands.stream()
        .map(o -> Optional.ofNullable(predicate(o)).orElse("true"))
        .collect(Collectors.joining(glue, "(", ")"));
  }

  /**
   * The second look: read again, the text has to be one query in which tables of the lake are named
   * in our part of the WITH clause alone, each as expected.
   */
  static void verify(String sql, Map<String, List<String>> expected) {
    if (!(PARSER.createStatement(sql) instanceof Query q)) {
      throw new IllegalStateException("emitted SQL is not a query");
    }
    Map<Node, List<String>> ours = new IdentityHashMap<>();
    q.getWith()
        .ifPresent(
            w ->
                w.getQueries().stream()
                    .limit(expected.size())
                    .forEach(
                        item ->
                            ours.put(item.getQuery(), expected.get(item.getName().getValue()))));
    new Verifier(ours).process(q, new Place(null, Set.of()));
  }

  /**
   * Where a part of the text stands.
   *
   * @param own the table that a query of ours reads; null elsewhere
   * @param with names of WITH queries that are in scope
   */
  private record Place(List<String> own, Set<String> with) {}

  private static final class Verifier extends DefaultTraversalVisitor<Place> {
    private final Map<Node, List<String>> ours;

    Verifier(Map<Node, List<String>> ours) {
      this.ours = ours;
    }

    @Override
    protected Void visitQuery(Query node, Place place) {
      Set<String> names = new HashSet<>(place.with());
      if (node.getWith().isPresent()) {
        With with = node.getWith().get();
        for (WithQuery item : with.getQueries()) {
          String name = item.getName().getValue().toLowerCase(Locale.ROOT);
          if (with.isRecursive()) {
            names.add(name);
          }
          process(item.getQuery(), new Place(ours.get(item.getQuery()), Set.copyOf(names)));
          names.add(name);
        }
      }
      Place inner = new Place(place.own(), names);
      process(node.getQueryBody(), inner);
      node.getOrderBy().ifPresent(o -> process(o, inner));
      return null;
    }

    @Override
    protected Void visitTable(Table t, Place place) {
      List<String> parts =
          t.getName().getOriginalParts().stream().map(Identifier::getValue).toList();
      boolean known =
          place.own() != null
              ? parts.equals(place.own())
              : parts.size() == 1 && place.with().contains(parts.get(0).toLowerCase(Locale.ROOT));
      if (!known) {
        throw new IllegalStateException("emitted SQL names table " + t.getName());
      }
      return null;
    }

    @Override
    protected Void visitTableFunctionInvocation(TableFunctionInvocation node, Place place) {
      throw new IllegalStateException("emitted SQL has a table function");
    }
  }
}
