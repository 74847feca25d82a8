package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FrameBound;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.Window;
import io.trino.sql.tree.WindowFrame;
import io.trino.sql.tree.WindowReference;
import io.trino.sql.tree.WindowSpecification;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Window functions and their windows. */
final class Windows {
  /** Windows that refer to each other, one after the other. */
  private static final int MAX_REFERENCES = 50;

  private final Analyzer analyzer;
  private final Expressions expressions;
  private int depth;

  Windows(Analyzer analyzer, Expressions expressions) {
    this.analyzer = analyzer;
    this.expressions = expressions;
  }

  Typed windowed(FunctionCall f, String n, boolean aggregate, Ctx c) {
    if (!c.windows()) {
      throw c.inAggregate()
          ? Refusal.at(f, "NESTED_WINDOW", "Cannot nest window functions")
          : Refusal.at(
              f,
              "EXPRESSION_NOT_SCALAR",
              c.clause() + " cannot contain aggregations, window functions or grouping operations");
    }
    if (f.isDistinct()) {
      throw Refusal.unsupported(f, "DISTINCT in a window function");
    }
    if (f.getOrderBy().isPresent()) {
      throw Refusal.unsupported(f, "ORDER BY among a window function's arguments");
    }
    WindowSpecification spec = specification(f.getWindow().get(), c);
    // Windows do not nest, but run over the results of aggregation.
    Ctx inner =
        new Ctx(
            c.scope(),
            c.ctes(),
            c.grouped(),
            c.aggregates(),
            false,
            c.inAggregate(),
            c.clause(),
            c.names(),
            c.definitions());
    List<Typed> parts = new ArrayList<>();
    String over = over(f, n, spec, inner, parts);
    Aggregates.Translated t;
    try {
      if (aggregate) {
        if (f.getNullTreatment().isPresent()) {
          throw Refusal.unsupported(f, "null treatment of " + n);
        }
        List<Typed> args = new ArrayList<>();
        for (Expression a : f.getArguments()) {
          args.add(expressions.translate(a, inner));
        }
        parts.addAll(args);
        String filter = "";
        if (f.getFilter().isPresent()) {
          Typed b = expressions.bool(f.getFilter().get(), inner);
          parts.add(b);
          filter = " FILTER (WHERE " + b.sql() + ")";
        }
        String suffix = filter + over;
        t =
            Aggregates.aggregate(
                f, n, args, false, "", (fn, arguments) -> fn + "(" + arguments + ")" + suffix);
      } else {
        if (f.getFilter().isPresent()) {
          throw Refusal.unsupported(f, "FILTER in " + n);
        }
        List<Typed> args = new ArrayList<>();
        for (Expression a : f.getArguments()) {
          args.add(expressions.translate(a, inner));
        }
        parts.addAll(args);
        String nulls =
            f.getNullTreatment().orElse(null) == FunctionCall.NullTreatment.IGNORE
                ? " IGNORE NULLS"
                : "";
        t =
            Aggregates.window(
                f, n, args, nulls, (fn, arguments) -> fn + "(" + arguments + ")" + over);
      }
    } catch (SqlFailure e) {
      throw e.code().equals("EXPRESSION_NOT_SCALAR") ? nested(f) : e;
    }
    for (Typed p : parts) {
      if (p.subquery()) {
        throw Refusal.unsupported(f, "a subquery in a window function");
      }
    }
    Typed all = Typed.of(t.type(), t.sql(), parts);
    return new Typed(t.type(), t.sql(), all.columns(), all.aggregate(), true, all.subquery(), null);
  }

  static SqlFailure nested(Node node) {
    return Refusal.at(node, "NESTED_WINDOW", "Cannot nest window functions");
  }

  private WindowSpecification specification(Window w, Ctx c) {
    if (w instanceof WindowReference r) {
      WindowSpecification s = c.definitions().get(Analyzer.lower(r.getName()));
      if (s == null) {
        throw Refusal.at(
            r.getName(), "INVALID_WINDOW_REFERENCE", "Cannot resolve WINDOW name " + r.getName());
      }
      return specification(s, c);
    }
    WindowSpecification s = (WindowSpecification) w;
    if (s.getExistingWindowName().isEmpty()) {
      return s;
    }
    Identifier name = s.getExistingWindowName().get();
    WindowSpecification base = c.definitions().get(Analyzer.lower(name));
    if (base == null || base == s) {
      throw Refusal.at(name, "INVALID_WINDOW_REFERENCE", "Cannot resolve WINDOW name " + name);
    }
    base = deeperSpecification(base, c, s);
    if (!s.getPartitionBy().isEmpty()
        || base.getFrame().isPresent()
        || (s.getOrderBy().isPresent() && base.getOrderBy().isPresent())) {
      throw Refusal.at(
          name, "INVALID_WINDOW_REFERENCE", "Invalid specification over WINDOW name " + name);
    }
    return new WindowSpecification(
        s.getLocation().orElseThrow(),
        java.util.Optional.empty(),
        base.getPartitionBy(),
        s.getOrderBy().isPresent() ? s.getOrderBy() : base.getOrderBy(),
        s.getFrame());
  }

  private WindowSpecification deeperSpecification(
      WindowSpecification base, Ctx c, WindowSpecification from) {
    if (++depth > MAX_REFERENCES) {
      throw Refusal.at(from, "INVALID_WINDOW_REFERENCE", "WINDOW names refer to each other");
    }
    try {
      return specification(base, c);
    } finally {
      depth--;
    }
  }

  String over(FunctionCall f, String n, WindowSpecification s, Ctx c, List<Typed> parts) {
    StringBuilder sql = new StringBuilder(" OVER (");
    List<String> partition = new ArrayList<>();
    for (Expression e : s.getPartitionBy()) {
      Typed t = expressions.translate(e, c);
      parts.add(t);
      partition.add(t.isNull() ? "CAST(NULL AS INTEGER)" : t.sql());
    }
    if (!partition.isEmpty()) {
      sql.append("PARTITION BY ").append(String.join(", ", partition));
    }
    List<Typed> keys = new ArrayList<>();
    if (s.getOrderBy().isPresent()) {
      List<String> items = new ArrayList<>();
      for (SortItem item : s.getOrderBy().get().getSortItems()) {
        Typed key = expressions.translate(item.getSortKey(), c);
        analyzer.clauses.requireOrderable(item, key.type());
        keys.add(key);
        parts.add(key);
        items.add(Clauses.orderKey(item, key) + Clauses.direction(item));
      }
      sql.append(partition.isEmpty() ? "" : " ").append("ORDER BY ");
      sql.append(String.join(", ", items));
    }
    if (s.getFrame().isPresent()) {
      boolean ranking =
          Aggregates.WINDOW_ONLY.contains(n)
              && !Set.of("first_value", "last_value", "nth_value").contains(n);
      if (ranking) {
        throw Refusal.unsupported(f, "a frame for " + n);
      }
      sql.append(' ').append(frame(s.getFrame().get(), keys, c));
    }
    return sql.append(')').toString();
  }

  private String frame(WindowFrame w, List<Typed> keys, Ctx c) {
    if (!w.getMeasures().isEmpty()
        || w.getPattern().isPresent()
        || w.getAfterMatchSkipTo().isPresent()
        || w.getPatternSearchMode().isPresent()
        || !w.getSubsets().isEmpty()
        || !w.getVariableDefinitions().isEmpty()) {
      throw Refusal.unsupported(w, "row pattern recognition in a window");
    }
    FrameBound start = w.getStart();
    FrameBound end = w.getEnd().orElse(null);
    FrameBound.Type last = end == null ? FrameBound.Type.CURRENT_ROW : end.getType();
    if (start.getType() == FrameBound.Type.UNBOUNDED_FOLLOWING
        || last == FrameBound.Type.UNBOUNDED_PRECEDING
        || (start.getType() == FrameBound.Type.CURRENT_ROW && last == FrameBound.Type.PRECEDING)
        || (start.getType() == FrameBound.Type.FOLLOWING
            && (last == FrameBound.Type.PRECEDING || last == FrameBound.Type.CURRENT_ROW))) {
      throw Refusal.at(w, "INVALID_WINDOW_FRAME", "Window frame cannot start after it ends");
    }
    boolean valued = start.getValue().isPresent() || (end != null && end.getValue().isPresent());
    if (keys.isEmpty()
        && (w.getType() == WindowFrame.Type.GROUPS
            || (w.getType() == WindowFrame.Type.RANGE && valued))) {
      throw Refusal.at(
          w, "MISSING_ORDER_BY", "Window frame of type " + w.getType() + " requires ORDER BY");
    }
    boolean range = w.getType() == WindowFrame.Type.RANGE;
    String from = bound(start, range, keys, c);
    String to = end == null ? "CURRENT ROW" : bound(end, range, keys, c);
    return w.getType().name() + " BETWEEN " + from + " AND " + to;
  }

  String bound(FrameBound b, boolean range, List<Typed> keys, Ctx c) {
    return switch (b.getType()) {
      case UNBOUNDED_PRECEDING -> "UNBOUNDED PRECEDING";
      case UNBOUNDED_FOLLOWING -> "UNBOUNDED FOLLOWING";
      case CURRENT_ROW -> "CURRENT ROW";
      case PRECEDING -> distance(b, range, keys, c) + " PRECEDING";
      case FOLLOWING -> distance(b, range, keys, c) + " FOLLOWING";
    };
  }

  private String distance(FrameBound b, boolean range, List<Typed> keys, Ctx c) {
    Typed v = expressions.translate(b.getValue().orElseThrow(), c);
    if (!(v.constant() instanceof Long n) || n < 0) {
      throw Refusal.unsupported(b, "a frame bound that is not a literal");
    }
    if (!range) {
      if (!v.type().isInteger()) {
        throw Refusal.mismatch(b, "Window frame offset must be an integer");
      }
      return String.valueOf(n);
    }
    if (keys.size() != 1) {
      throw Refusal.at(
          b, "INVALID_ORDER_BY", "Window frame of type RANGE requires a single sort key");
    }
    Type key = keys.get(0).type();
    if (key.isInteger() && v.type().isInteger()) {
      return String.valueOf(n);
    }
    boolean days = v.type().kind() == Kind.INTERVAL_DAY_SECOND;
    if (key.kind() == Kind.DATE && days && n % 86_400_000 == 0) {
      return "INTERVAL '" + n / 86_400_000 + " days'";
    }
    if (key.is(Kind.TIMESTAMP) && days) {
      return "INTERVAL '" + n + " milliseconds'";
    }
    throw Refusal.unsupported(b, "a RANGE frame over type " + key);
  }
}
