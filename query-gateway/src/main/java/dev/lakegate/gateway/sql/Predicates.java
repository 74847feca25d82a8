package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.ComparisonExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.LikePredicate;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QuantifiedComparisonExpression;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.SubqueryExpression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Comparisons, IN, LIKE and whatever takes a subquery. */
final class Predicates {
  private final Analyzer analyzer;
  private final Expressions expressions;

  Predicates(Analyzer analyzer, Expressions expressions) {
    this.analyzer = analyzer;
    this.expressions = expressions;
  }

  /** DuckDB's planning time doubles with each level, and planning cannot be cancelled. */
  private static final int MAX_SUBQUERY_DEPTH = 8;

  private int subqueryDepth;

  static Typed compare(Node node, ComparisonExpression.Operator operator, Typed l, Typed r) {
    return switch (operator) {
      case EQUAL -> Comparisons.compare(node, "=", l, r);
      case NOT_EQUAL -> Comparisons.compare(node, "<>", l, r);
      case LESS_THAN -> Comparisons.compare(node, "<", l, r);
      case LESS_THAN_OR_EQUAL -> Comparisons.compare(node, "<=", l, r);
      case GREATER_THAN -> Comparisons.compare(node, ">", l, r);
      case GREATER_THAN_OR_EQUAL -> Comparisons.compare(node, ">=", l, r);
      case IS_DISTINCT_FROM ->
          l.isNull() && r.isNull()
              ? Typed.of(Type.BOOLEAN, "false", l, r)
              : Comparisons.compare(node, "IS DISTINCT FROM", l, r);
    };
  }

  Typed in(InPredicate in, Ctx c) {
    Typed v = expressions.translate(in.getValue(), c);
    if (in.getValueList() instanceof InListExpression list) {
      List<Typed> all = new ArrayList<>();
      all.add(v);
      for (Expression x : list.getValues()) {
        all.add(expressions.translate(x, c));
      }
      Type t = Expressions.common(in, all, "IN value and list items");
      if (t.kind() == Kind.UNKNOWN) {
        return Typed.of(Type.BOOLEAN, "CAST(NULL AS BOOLEAN)", all);
      }
      if (t.isFloating() || t.isNested()) {
        List<String> ors = new ArrayList<>();
        for (Typed x : all.subList(1, all.size())) {
          ors.add(Comparisons.compare(in, "=", v, x).sql());
        }
        return Typed.of(Type.BOOLEAN, "(" + String.join(" OR ", ors) + ")", all);
      }
      List<String> sql =
          all.subList(1, all.size()).stream().map(x -> Casts.coerce(in, x, t).sql()).toList();
      return Typed.of(
          Type.BOOLEAN,
          "(" + Casts.coerce(in, v, t).sql() + " IN (" + String.join(", ", sql) + "))",
          all);
    }
    if (in.getValueList() instanceof SubqueryExpression s) {
      Sub sub = subquery(s.getQuery(), c);
      return againstSubquery(in, v, sub, "=", "ANY");
    }
    throw Refusal.unsupported(in, "IN of anything but a list or a subquery");
  }

  Typed quantified(QuantifiedComparisonExpression q, Ctx c) {
    if (!(q.getSubquery() instanceof SubqueryExpression s)) {
      throw Refusal.unsupported(q, "a quantified comparison without a subquery");
    }
    if (q.getOperator() == ComparisonExpression.Operator.IS_DISTINCT_FROM) {
      throw Refusal.unsupported(q, "a quantified IS DISTINCT FROM");
    }
    Typed v = expressions.translate(q.getValue(), c);
    Sub sub = subquery(s.getQuery(), c);
    String quantifier =
        q.getQuantifier() == QuantifiedComparisonExpression.Quantifier.ALL ? "ALL" : "ANY";
    return againstSubquery(q, v, sub, q.getOperator().getValue(), quantifier);
  }

  private Typed againstSubquery(Node node, Typed v, Sub sub, String operator, String quantifier) {
    if (sub.block.columns().size() != 1) {
      if (v.type().kind() == Kind.ROW
          && operator.equals("=")
          && quantifier.equals("ANY")
          && v.type().arguments().size() == sub.block.columns().size()) {
        return rowIn(node, v, sub);
      }
      if (v.type().kind() == Kind.ROW) {
        throw Refusal.unsupported(node, "comparing a row with a subquery");
      }
      throw Refusal.mismatch(node, "Multiple columns returned by subquery are not yet supported");
    }
    Type right = sub.block.columns().get(0).type();
    Type t =
        Types.common(v.type(), right)
            .orElseThrow(
                () ->
                    Refusal.mismatch(
                        node,
                        "value and result of subquery must be of the same type: "
                            + v.type()
                            + " vs "
                            + right));
    if (t.holdsFloating() || t.isNested() || t.kind() == Kind.UNKNOWN) {
      throw Refusal.unsupported(node, "comparing type " + t + " with a subquery");
    }
    String alias = analyzer.fresh("r");
    String item = Casts.coerce(node, Typed.of(right, alias + ".c1"), t).sql();
    String query = "SELECT " + item + " FROM (" + sub.block.text() + ") AS " + alias;
    Typed all =
        sub.typed(
            Type.BOOLEAN,
            "("
                + Casts.coerce(node, v, t).sql()
                + " "
                + operator
                + " "
                + quantifier
                + " ("
                + query
                + "))");
    return new Typed(
        Type.BOOLEAN,
        all.sql(),
        Typed.of(Type.BOOLEAN, "", v, all).columns(),
        v.aggregate(),
        v.window(),
        true,
        null);
  }

  /**
   * Whether a row is among the rows of a subquery. Where NULLs decide, Trino does not answer as SQL
   * does; that fails.
   */
  private Typed rowIn(Node node, Typed v, Sub sub) {
    String alias = analyzer.fresh("r");
    List<String> equals = new ArrayList<>();
    for (int i = 0; i < v.type().arguments().size(); i++) {
      Typed field =
          v.as(v.type().arguments().get(i), "struct_extract(" + v.sql() + ", 'f" + (i + 1) + "')");
      Typed column = Typed.of(sub.block.columns().get(i).type(), alias + ".c" + (i + 1));
      equals.add(Comparisons.compare(node, "=", field, column).sql());
    }
    String equal = "(" + String.join(" AND ", equals) + ")";
    String rows = "SELECT 1 FROM (" + sub.block.text() + ") AS " + alias + " WHERE " + equal;
    Typed all =
        sub.typed(
            Type.BOOLEAN,
            "(CASE WHEN EXISTS ("
                + rows
                + ") THEN true WHEN EXISTS ("
                + rows
                + " IS NULL) THEN "
                + Duck.fail(Type.BOOLEAN, "NOT_SUPPORTED")
                + " ELSE false END)");
    return new Typed(
        Type.BOOLEAN,
        all.sql(),
        Typed.of(Type.BOOLEAN, "", v, all).columns(),
        v.aggregate(),
        v.window(),
        true,
        null);
  }

  Typed like(LikePredicate like, Ctx c) {
    Typed v = expressions.translate(like.getValue(), c);
    Typed p = expressions.translate(like.getPattern(), c);
    if (v.type().kind() == Kind.CHAR) {
      throw Refusal.unsupported(like, "LIKE on " + v.type());
    }
    if (!Types.coerces(v.type(), Type.VARCHAR) || !Types.coerces(p.type(), Type.VARCHAR)) {
      throw Refusal.mismatch(
          like, "Left and right side of LIKE expression must evaluate to a varchar");
    }
    String x = Casts.coerce(like, v, Type.VARCHAR).sql();
    String pattern = Casts.coerce(like, p, Type.VARCHAR).sql();
    if (like.getEscape().isEmpty()) {
      String known = p.constant() instanceof String text ? text : null;
      return Typed.of(Type.BOOLEAN, Likes.sql(x, pattern, known, null), v, p);
    }
    Typed escape = expressions.translate(like.getEscape().get(), c);
    if (!(escape.constant() instanceof String s)
        || s.length() != 1
        || !(p.constant() instanceof String text)) {
      throw Refusal.unsupported(like, "LIKE with a computed pattern or escape");
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == s.charAt(0)) {
        i++;
        if (i >= text.length()
            || (text.charAt(i) != s.charAt(0) && text.charAt(i) != '%' && text.charAt(i) != '_')) {
          throw Refusal.at(
              like,
              "INVALID_FUNCTION_ARGUMENT",
              "Escape character must be followed by '%', '_' or the escape character itself");
        }
      }
    }
    return Typed.of(Type.BOOLEAN, Likes.sql(x, pattern, text, s), v, p);
  }

  /** A translated subquery and the columns of the current query that it uses. */
  record Sub(Analyzer.Block block, Set<Field> columns) {
    Typed typed(Type type, String sql) {
      return new Typed(type, sql, columns, false, false, true, null);
    }
  }

  Sub subquery(Query q, Ctx c) {
    if (!c.names().isEmpty() && !c.clause().equals("ORDER BY")) {
      throw Refusal.unsupported(q, "a subquery in a lambda");
    }
    Set<Field> escaped = c.scope().escaped();
    Set<Field> before = new HashSet<>(escaped);
    escaped.clear();
    if (subqueryDepth == MAX_SUBQUERY_DEPTH) {
      throw Refusal.at(
          q,
          "QUERY_TOO_COMPLEX",
          "Subqueries are nested more than " + MAX_SUBQUERY_DEPTH + " deep");
    }
    Analyzer.Block block;
    subqueryDepth++;
    try {
      block = analyzer.query(q, c.scope(), c.ctes());
    } finally {
      subqueryDepth--;
    }
    Set<Field> columns = new HashSet<>(escaped);
    escaped.addAll(before);
    columns.removeIf(f -> c.grouped().contains(f.sql));
    return new Sub(block, columns);
  }

  Typed scalarSubquery(Node node, Query q, Ctx c) {
    Sub sub = subquery(q, c);
    if (sub.block.columns().size() != 1) {
      throw Refusal.mismatch(node, "Multiple columns returned by subquery are not yet supported");
    }
    return sub.typed(sub.block.columns().get(0).type(), "(" + sub.block.text() + ")");
  }
}
