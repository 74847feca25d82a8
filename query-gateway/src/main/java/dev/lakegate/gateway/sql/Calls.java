package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GroupingOperation;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.SortItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Calls of functions and aggregates. */
final class Calls {
  private final Analyzer analyzer;
  private final Expressions expressions;

  Calls(Analyzer analyzer, Expressions expressions) {
    this.analyzer = analyzer;
    this.expressions = expressions;
  }

  Typed function(FunctionCall f, Ctx c) {
    List<String> name =
        f.getName().getParts().stream().map(p -> p.toLowerCase(Locale.ROOT)).toList();
    if (name.size() != 1) {
      throw Refusal.at(
          f, "FUNCTION_NOT_FOUND", "Function '" + String.join(".", name) + "' not registered");
    }
    String n = name.get(0);
    if (f.getProcessingMode().isPresent()) {
      throw Refusal.unsupported(f, "a processing mode");
    }
    boolean aggregate = Aggregates.AGGREGATES.contains(n);
    boolean window = Aggregates.WINDOW_ONLY.contains(n);
    if (aggregate || window) {
      return f.getWindow().isPresent()
          ? expressions.windows.windowed(f, n, aggregate, c)
          : aggregate(f, n, window, c);
    }
    if (f.getWindow().isPresent()
        || f.isDistinct()
        || f.getFilter().isPresent()
        || f.getOrderBy().isPresent()
        || f.getNullTreatment().isPresent()) {
      Functions.call(f, n, List.of(), analyzer.session);
      throw Refusal.at(
          f,
          "FUNCTION_NOT_AGGREGATE",
          "Function " + n + " is neither an aggregate nor a window function");
    }
    if (Lambdas.FUNCTIONS.contains(n) || Lambdas.in(f)) {
      return expressions.lambdas.call(f, n, c);
    }
    List<Typed> args = new ArrayList<>();
    for (Expression a : f.getArguments()) {
      args.add(expressions.translate(a, c));
    }
    Typed t = Functions.call(f, n, args, analyzer.session);
    if (n.equals("typeof") && (args.get(0).aggregate() || args.get(0).window())) {
      // The text alone would no longer be an aggregate.
      return t.as(
          t.type(),
          "(CASE WHEN "
              + args.get(0).sql()
              + " IS NULL THEN "
              + t.sql()
              + " ELSE "
              + t.sql()
              + " END)");
    }
    return t;
  }

  Typed aggregate(FunctionCall f, String n, boolean windowOnly, Ctx c) {
    if (windowOnly) {
      throw Refusal.at(f, "MISSING_OVER", "Window function " + n + " requires an OVER clause");
    }
    if (c.inAggregate()) {
      throw Refusal.at(
          f, "NESTED_AGGREGATION", "Cannot nest aggregations inside aggregation '" + n + "'");
    }
    if (!c.aggregates()) {
      throw Refusal.at(
          f,
          "EXPRESSION_NOT_SCALAR",
          c.clause() + " cannot contain aggregations, window functions or grouping operations");
    }
    if (f.getNullTreatment().isPresent()) {
      throw Refusal.unsupported(f, "null treatment of " + n);
    }
    Ctx inner = c.argumentOfAggregate();
    Aggregates.Translated t = translated(f, n, inner, "");
    return new Typed(t.type(), t.sql(), Set.of(), true, false, false, null);
  }

  Aggregates.Translated translated(FunctionCall f, String n, Ctx inner, String over) {
    List<Typed> args = new ArrayList<>();
    for (Expression a : f.getArguments()) {
      Typed t = expressions.translate(a, inner);
      if (t.subquery()) {
        throw Refusal.unsupported(a, "a subquery inside an aggregate");
      }
      args.add(t);
    }
    if (f.isDistinct() && !Aggregates.allowsDistinct(n)) {
      throw Refusal.unsupported(f, "DISTINCT in " + n);
    }
    String order = "";
    if (f.getOrderBy().isPresent()) {
      if (!Aggregates.allowsOrder(n)) {
        throw Refusal.unsupported(f, "ORDER BY in " + n);
      }
      order = order(f.getOrderBy().get(), inner);
    }
    String filter = "";
    if (f.getFilter().isPresent()) {
      Typed b = expressions.bool(f.getFilter().get(), inner);
      if (b.subquery()) {
        throw Refusal.unsupported(f, "a subquery in FILTER");
      }
      filter = " FILTER (WHERE " + b.sql() + ")";
    }
    String suffix = filter + over;
    return Aggregates.aggregate(
        f,
        n,
        args,
        f.isDistinct(),
        order,
        (function, arguments) -> function + "(" + arguments + ")" + suffix);
  }

  private String order(OrderBy orderBy, Ctx c) {
    List<String> items = new ArrayList<>();
    for (SortItem item : orderBy.getSortItems()) {
      Typed key = expressions.translate(item.getSortKey(), c);
      analyzer.clauses.requireOrderable(item, key.type());
      String sql = Clauses.orderKey(item, key);
      items.add(sql + Clauses.direction(item));
    }
    return " ORDER BY " + String.join(", ", items);
  }

  Typed grouping(GroupingOperation g, Ctx c) {
    if (!c.aggregates()) {
      throw Refusal.at(
          g,
          "EXPRESSION_NOT_SCALAR",
          c.clause() + " cannot contain aggregations, window functions or grouping operations");
    }
    List<String> keys = new ArrayList<>();
    for (Expression e : g.getGroupingColumns()) {
      Typed t = expressions.translate(e, c);
      if (!t.columns().isEmpty()) {
        throw Refusal.at(
            e, "INVALID_ARGUMENTS", "The arguments to GROUPING() must be among GROUP BY");
      }
      keys.add(t.sql());
    }
    return new Typed(
        Type.INTEGER,
        "CAST(grouping(" + String.join(", ", keys) + ") AS INTEGER)",
        Set.of(),
        true,
        false,
        false,
        null);
  }
}
