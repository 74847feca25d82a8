package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import io.trino.sql.tree.DefaultTraversalVisitor;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.WithQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * WITH RECURSIVE as Trino runs it: the step is written out as often as it may be taken, and what
 * would go further fails.
 */
final class Recursion {
  /** Trino's own bound, as it comes. */
  private static final int MAX_STEPS = 10;

  private final Analyzer analyzer;

  Recursion(Analyzer analyzer) {
    this.analyzer = analyzer;
  }

  /** Whether a WITH query names itself. */
  static boolean isRecursive(WithQuery item) {
    String name = item.getName().getValue().toLowerCase(Locale.ROOT);
    AtomicBoolean found = new AtomicBoolean();
    new DefaultTraversalVisitor<Void>() {
      @Override
      protected Void visitTable(Table t, Void context) {
        List<String> parts = t.getName().getParts();
        if (parts.size() == 1 && parts.get(0).toLowerCase(Locale.ROOT).equals(name)) {
          found.set(true);
        }
        return super.visitTable(t, context);
      }
    }.process(item.getQuery());
    return found.get();
  }

  /** Adds its parts to the WITH clause and gives the scope with its name. */
  Ctes translate(WithQuery item, Ctes ctes, List<String> with) {
    String name = Analyzer.lower(item.getName());
    Query q = item.getQuery();
    if (!(q.getQueryBody() instanceof Union union)
        || union.isDistinct()
        || union.getRelations().size() != 2
        || q.getWith().isPresent()
        || q.getOrderBy().isPresent()
        || q.getLimit().isPresent()
        || q.getOffset().isPresent()
        || !(union.getRelations().get(0) instanceof QueryBody first)
        || !(union.getRelations().get(1) instanceof QueryBody step)) {
      throw Refusal.unsupported(item, "a recursive query other than UNION ALL of two queries");
    }
    Analyzer.Block base = analyzer.body(first, null, ctes);
    List<Identifier> aliases = item.getColumnNames().get();
    Relations.requireAliasCount(item, aliases.size(), base.columns().size());
    List<OutputColumn> columns = new ArrayList<>();
    for (int i = 0; i < aliases.size(); i++) {
      columns.add(new OutputColumn(Analyzer.written(aliases.get(i)), base.columns().get(i).type()));
    }
    List<String> levels = new ArrayList<>();
    String level = analyzer.fresh("q");
    with.add(level + " AS (" + base.text() + ")");
    levels.add("SELECT * FROM " + level);
    for (int n = 0; n <= MAX_STEPS; n++) {
      Analyzer.Block b = analyzer.body(step, null, new Ctes(name, level, columns, ctes));
      level = analyzer.fresh("q");
      with.add(level + " AS (" + coerced(item, b, columns) + ")");
      levels.add(
          "SELECT * FROM "
              + level
              + (n < MAX_STEPS ? "" : " WHERE " + Duck.fail(Type.BOOLEAN, "NOT_SUPPORTED")));
    }
    String all = analyzer.fresh("q");
    with.add(all + " AS (" + String.join(" UNION ALL ", levels) + ")");
    return new Ctes(name, all, columns, ctes);
  }

  private String coerced(Node node, Analyzer.Block b, List<OutputColumn> columns) {
    if (b.columns().size() != columns.size()) {
      throw Refusal.mismatch(
          node, "base and step relations of recursion have different number of fields");
    }
    String alias = analyzer.fresh("r");
    List<String> items = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Type from = b.columns().get(i).type();
      Type to = columns.get(i).type();
      if (!Types.coerces(from, to)) {
        throw Refusal.mismatch(
            node,
            "recursion step relation output type ("
                + from
                + ") is not coercible to recursion base relation output type ("
                + to
                + ") at column "
                + (i + 1));
      }
      items.add(
          Casts.coerce(node, Typed.of(from, alias + ".c" + (i + 1)), to).sql() + " AS c" + (i + 1));
    }
    return "SELECT " + String.join(", ", items) + " FROM (" + b.text() + ") AS " + alias;
  }
}
