package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.ArithmeticBinaryExpression;
import io.trino.sql.tree.ArithmeticUnaryExpression;
import io.trino.sql.tree.Array;
import io.trino.sql.tree.AtTimeZone;
import io.trino.sql.tree.BetweenPredicate;
import io.trino.sql.tree.BinaryLiteral;
import io.trino.sql.tree.BooleanLiteral;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.CoalesceExpression;
import io.trino.sql.tree.ComparisonExpression;
import io.trino.sql.tree.CurrentCatalog;
import io.trino.sql.tree.CurrentSchema;
import io.trino.sql.tree.CurrentTime;
import io.trino.sql.tree.CurrentUser;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.ExistsPredicate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Extract;
import io.trino.sql.tree.FrameBound;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.GroupingOperation;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.IfExpression;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.IsNotNullPredicate;
import io.trino.sql.tree.IsNullPredicate;
import io.trino.sql.tree.LambdaArgumentDeclaration;
import io.trino.sql.tree.LambdaExpression;
import io.trino.sql.tree.LikePredicate;
import io.trino.sql.tree.Literal;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NotExpression;
import io.trino.sql.tree.NullIfExpression;
import io.trino.sql.tree.NullLiteral;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.QuantifiedComparisonExpression;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.Row;
import io.trino.sql.tree.SearchedCaseExpression;
import io.trino.sql.tree.SimpleCaseExpression;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.SubqueryExpression;
import io.trino.sql.tree.SubscriptExpression;
import io.trino.sql.tree.TimestampLiteral;
import io.trino.sql.tree.Trim;
import io.trino.sql.tree.TryExpression;
import io.trino.sql.tree.WhenClause;
import io.trino.sql.tree.Window;
import io.trino.sql.tree.WindowFrame;
import io.trino.sql.tree.WindowReference;
import io.trino.sql.tree.WindowSpecification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Translates expressions for {@link Analyzer}; the allow-list of expression nodes. */
final class Expressions {
  private static final int MAX_DEPTH = 200;

  /** DuckDB's planning time doubles with each level, and planning cannot be cancelled. */
  private static final int MAX_SUBQUERY_DEPTH = 8;

  private static final Set<String> LAMBDA_FUNCTIONS =
      Set.of("transform", "filter", "any_match", "all_match", "none_match");

  private final Analyzer analyzer;
  private int depth;
  private int subqueryDepth;

  Expressions(Analyzer analyzer) {
    this.analyzer = analyzer;
  }

  Typed translate(Expression e, Ctx c) {
    if (++depth > MAX_DEPTH) {
      throw Refusal.at(e, "QUERY_TOO_COMPLEX", "An expression is nested too deeply");
    }
    try {
      Typed t = node(e, c);
      if (!(e instanceof Identifier || e instanceof DereferenceExpression || e instanceof Literal)
          && Duck.isLong(t.type())) {
        analyzer.longValues++;
      }
      if (t.sql().length() > 1_000_000) {
        throw Refusal.at(e, "QUERY_TOO_COMPLEX", "An expression is too large");
      }
      return !t.columns().isEmpty() && c.grouped().contains(t.sql()) ? t.covered() : t;
    } finally {
      depth--;
    }
  }

  Typed bool(Expression e, Ctx c) {
    Typed t = translate(e, c);
    if (!Types.coerces(t.type(), Type.BOOLEAN)) {
      throw Refusal.mismatch(
          e, c.clause() + " must evaluate to a boolean: actual type " + t.type());
    }
    return Duck.coerce(e, t, Type.BOOLEAN);
  }

  private Typed node(Expression e, Ctx c) {
    if (e instanceof Identifier i) {
      return identifier(i, c);
    }
    if (e instanceof DereferenceExpression d) {
      return dereference(d, c);
    }
    if (e instanceof LongLiteral l) {
      return integer(l.getParsedValue());
    }
    if (e instanceof StringLiteral s) {
      return Duck.text(e, s.getValue());
    }
    if (e instanceof DecimalLiteral d) {
      return decimal(e, d.getValue());
    }
    if (e instanceof DoubleLiteral d) {
      return Typed.literal(Type.DOUBLE, "CAST('" + d.getValue() + "' AS DOUBLE)", d.getValue());
    }
    if (e instanceof BooleanLiteral b) {
      return Typed.literal(Type.BOOLEAN, b.getValue() ? "true" : "false", b.getValue());
    }
    if (e instanceof NullLiteral) {
      return Typed.literal(Type.UNKNOWN, "NULL", null);
    }
    if (e instanceof BinaryLiteral b) {
      return Typed.of(
          Type.VARBINARY,
          "unhex('" + HexFormat.of().withUpperCase().formatHex(b.getValue()) + "')");
    }
    if (e instanceof GenericLiteral g) {
      return genericLiteral(g);
    }
    if (e instanceof TimestampLiteral t) {
      return TimeLiterals.timestamp(t, t.getValue());
    }
    if (e instanceof IntervalLiteral i) {
      return TimeLiterals.interval(i);
    }
    if (e instanceof ArithmeticBinaryExpression a) {
      Typed l = translate(a.getLeft(), c);
      Typed r = translate(a.getRight(), c);
      return Duck.arithmetic(a, a.getOperator().getValue().charAt(0), l, r);
    }
    if (e instanceof ArithmeticUnaryExpression a) {
      Typed v = translate(a.getValue(), c);
      if (a.getSign() == ArithmeticUnaryExpression.Sign.PLUS) {
        if (!v.type().isNumeric()) {
          throw Refusal.mismatch(e, "Unary '+' operator cannot be applied to " + v.type());
        }
        return v;
      }
      return Duck.negate(e, v);
    }
    if (e instanceof ComparisonExpression x) {
      return compare(e, x.getOperator(), translate(x.getLeft(), c), translate(x.getRight(), c));
    }
    if (e instanceof BetweenPredicate b) {
      Typed v = translate(b.getValue(), c);
      Typed low = Duck.compare(e, ">=", v, translate(b.getMin(), c));
      Typed high = Duck.compare(e, "<=", v, translate(b.getMax(), c));
      return Typed.of(Type.BOOLEAN, "(" + low.sql() + " AND " + high.sql() + ")", low, high);
    }
    if (e instanceof LogicalExpression l) {
      List<Typed> terms = new ArrayList<>();
      List<String> sql = new ArrayList<>();
      for (Expression t : l.getTerms()) {
        Typed b = logical(t, c);
        terms.add(b);
        sql.add(b.sql());
      }
      return Typed.of(
          Type.BOOLEAN, "(" + String.join(" " + l.getOperator().name() + " ", sql) + ")", terms);
    }
    if (e instanceof NotExpression n) {
      Typed v = logical(n.getValue(), c);
      return v.as(Type.BOOLEAN, "(NOT " + v.sql() + ")");
    }
    if (e instanceof IsNullPredicate n) {
      Typed v = translate(n.getValue(), c);
      return v.as(Type.BOOLEAN, "(" + v.sql() + " IS NULL)");
    }
    if (e instanceof IsNotNullPredicate n) {
      Typed v = translate(n.getValue(), c);
      return v.as(Type.BOOLEAN, "(" + v.sql() + " IS NOT NULL)");
    }
    if (e instanceof InPredicate in) {
      return in(in, c);
    }
    if (e instanceof LikePredicate like) {
      return like(like, c);
    }
    if (e instanceof SearchedCaseExpression s) {
      List<Typed> conditions = new ArrayList<>();
      List<Typed> results = new ArrayList<>();
      for (WhenClause w : s.getWhenClauses()) {
        Typed b = translate(w.getOperand(), c);
        if (!Types.coerces(b.type(), Type.BOOLEAN)) {
          throw Refusal.mismatch(w, "CASE WHEN clause must evaluate to a boolean");
        }
        conditions.add(Duck.coerce(w, b, Type.BOOLEAN));
        results.add(translate(w.getResult(), c));
      }
      s.getDefaultValue().ifPresent(d -> results.add(translate(d, c)));
      return cases(e, conditions, results);
    }
    if (e instanceof SimpleCaseExpression s) {
      Typed operand = translate(s.getOperand(), c);
      List<Typed> conditions = new ArrayList<>();
      List<Typed> results = new ArrayList<>();
      for (WhenClause w : s.getWhenClauses()) {
        conditions.add(Duck.compare(w, "=", operand, translate(w.getOperand(), c)));
        results.add(translate(w.getResult(), c));
      }
      s.getDefaultValue().ifPresent(d -> results.add(translate(d, c)));
      return cases(e, conditions, results);
    }
    if (e instanceof IfExpression i) {
      Typed b = translate(i.getCondition(), c);
      if (!Types.coerces(b.type(), Type.BOOLEAN)) {
        throw Refusal.mismatch(e, "IF condition must evaluate to a boolean");
      }
      List<Typed> results = new ArrayList<>();
      results.add(translate(i.getTrueValue(), c));
      i.getFalseValue().ifPresent(f -> results.add(translate(f, c)));
      return cases(e, List.of(Duck.coerce(e, b, Type.BOOLEAN)), results);
    }
    if (e instanceof CoalesceExpression x) {
      List<Typed> all = new ArrayList<>();
      for (Expression o : x.getOperands()) {
        all.add(translate(o, c));
      }
      Type t = common(e, all, "All COALESCE operands");
      if (t.kind() == Kind.UNKNOWN) {
        return Typed.of(t, "NULL", all);
      }
      List<String> sql = all.stream().map(o -> Duck.coerce(e, o, t).sql()).toList();
      return Typed.of(t, "coalesce(" + String.join(", ", sql) + ")", all);
    }
    if (e instanceof NullIfExpression n) {
      Typed a = translate(n.getFirst(), c);
      Typed equal = Duck.compare(e, "=", a, translate(n.getSecond(), c));
      if (a.isNull()) {
        return a;
      }
      return Typed.of(
          a.type(), "(CASE WHEN " + equal.sql() + " THEN NULL ELSE " + a.sql() + " END)", a, equal);
    }
    if (e instanceof Cast x) {
      Typed v = translate(x.getExpression(), c);
      Type to = Types.of(x.getType());
      Typed cast = Duck.cast(e, v, to);
      return x.isSafe() ? attempt(e, cast, v) : cast;
    }
    if (e instanceof TryExpression t) {
      Typed v = translate(t.getInnerExpression(), c);
      return attempt(e, v, v);
    }
    if (e instanceof Extract x) {
      return Functions.extract(x, translate(x.getExpression(), c), analyzer.session);
    }
    if (e instanceof Trim t) {
      Typed v = translate(t.getTrimSource(), c);
      String f =
          switch (t.getSpecification()) {
            case BOTH -> "lk_trim";
            case LEADING -> "lk_ltrim";
            case TRAILING -> "lk_rtrim";
          };
      if (!Types.coerces(v.type(), Type.VARCHAR) || v.isNull()) {
        throw Refusal.at(e, "FUNCTION_NOT_FOUND", "Unexpected parameters for function trim");
      }
      if (t.getTrimCharacter().isEmpty()) {
        return v.as(v.type(), f + "(" + v.sql() + ")");
      }
      Typed chars = translate(t.getTrimCharacter().get(), c);
      if (chars.type().kind() != Kind.VARCHAR) {
        throw Refusal.at(e, "FUNCTION_NOT_FOUND", "Unexpected parameters for function trim");
      }
      return Typed.of(v.type(), f + "_of(" + v.sql() + ", " + chars.sql() + ")", v, chars);
    }
    if (e instanceof SubqueryExpression s) {
      return scalarSubquery(e, s.getQuery(), c);
    }
    if (e instanceof ExistsPredicate x) {
      if (!(x.getSubquery() instanceof SubqueryExpression s)) {
        throw Refusal.unsupported(e, "EXISTS of anything but a subquery");
      }
      Sub sub = subquery(s.getQuery(), c);
      return sub.typed(Type.BOOLEAN, "(EXISTS (" + sub.block.text() + "))");
    }
    if (e instanceof QuantifiedComparisonExpression q) {
      return quantified(q, c);
    }
    if (e instanceof FunctionCall f) {
      return function(f, c);
    }
    if (e instanceof Row r) {
      List<Typed> fields = new ArrayList<>();
      List<String> sql = new ArrayList<>();
      for (Expression item : r.getItems()) {
        Typed t = translate(item, c);
        fields.add(t);
        sql.add("f" + fields.size() + " := " + (t.isNull() ? "CAST(NULL AS INTEGER)" : t.sql()));
      }
      List<String> names = new ArrayList<>();
      fields.forEach(f -> names.add(null));
      return Typed.of(
          Type.row(fields.stream().map(Typed::type).toList(), names),
          "struct_pack(" + String.join(", ", sql) + ")",
          fields);
    }
    if (e instanceof Array a) {
      List<Typed> all = new ArrayList<>();
      for (Expression v : a.getValues()) {
        all.add(translate(v, c));
      }
      Type t = common(e, all, "All ARRAY elements");
      List<String> sql =
          all.stream()
              .map(
                  v ->
                      t.kind() == Kind.UNKNOWN
                          ? "CAST(NULL AS INTEGER)"
                          : Duck.coerce(e, v, t).sql())
              .toList();
      Type array = Type.array(t);
      return Typed.of(array, Duck.cast("[" + String.join(", ", sql) + "]", array), all);
    }
    if (e instanceof SubscriptExpression s) {
      return subscript(s, c);
    }
    if (e instanceof AtTimeZone a) {
      return atTimeZone(a, c);
    }
    if (e instanceof CurrentTime t) {
      return currentTime(t);
    }
    if (e instanceof CurrentUser) {
      return Duck.text(e, analyzer.session.user()).as(Type.VARCHAR);
    }
    if (e instanceof CurrentCatalog) {
      return Duck.text(e, "lakehouse").as(Type.VARCHAR);
    }
    if (e instanceof CurrentSchema) {
      return Duck.text(e, analyzer.session.schema()).as(Type.VARCHAR);
    }
    if (e instanceof GroupingOperation g) {
      return grouping(g, c);
    }
    throw Refusal.unsupported(e, StatementNames.of(e));
  }

  // ------------------------------------------------------------------ names

  Typed column(Field f, Ctx c) {
    analyzer.use(f);
    Typed t = new Typed(f.type, f.sql, Set.of(f), false, false, false, null);
    return c.grouped().contains(t.sql()) ? t.covered() : t;
  }

  private Typed identifier(Identifier i, Ctx c) {
    List<Typed> named = c.names().get(Analyzer.lower(i));
    if (named != null) {
      if (named.size() > 1) {
        throw Refusal.at(i, "AMBIGUOUS_NAME", "Column '" + i.getValue() + "' is ambiguous");
      }
      return named.get(0);
    }
    Typed t = resolve(i, List.of(Analyzer.lower(i)), c);
    if (t == null) {
      throw Refusal.at(i, "COLUMN_NOT_FOUND", "Column '" + i.getValue() + "' cannot be resolved");
    }
    return t;
  }

  private Typed dereference(DereferenceExpression d, Ctx c) {
    if (d.getField().isEmpty()) {
      throw Refusal.unsupported(d, "all fields of an expression");
    }
    List<String> name = Analyzer.parts(d);
    if (name != null) {
      boolean parameter = c.names().containsKey(name.get(0));
      Typed t = parameter ? null : resolve(d, name, c);
      if (t != null) {
        return t;
      }
      if (!parameter && !resolvesPrefix(name, c)) {
        throw Refusal.at(
            d, "COLUMN_NOT_FOUND", "Column '" + String.join(".", name) + "' cannot be resolved");
      }
    }
    Typed base = translate(d.getBase(), c);
    if (base.type().kind() != Kind.ROW) {
      throw Refusal.mismatch(d, "Expression is not of type ROW");
    }
    String field = d.getField().get().getValue();
    int found = -1;
    for (int i = 0; i < base.type().names().size(); i++) {
      if (field.equalsIgnoreCase(base.type().names().get(i))) {
        if (found >= 0) {
          throw Refusal.at(d, "AMBIGUOUS_NAME", "Ambiguous row field reference: " + field);
        }
        found = i;
      }
    }
    if (found < 0) {
      throw Refusal.at(d, "COLUMN_NOT_FOUND", "Column '" + field + "' cannot be resolved");
    }
    return base.as(
        base.type().arguments().get(found),
        "struct_extract(" + base.sql() + ", 'f" + (found + 1) + "')");
  }

  private static boolean resolvesPrefix(List<String> name, Ctx c) {
    for (Scope s = c.scope(); s != null; s = s.parent()) {
      for (int n = 1; n < name.size(); n++) {
        List<String> prefix = name.subList(0, n - 1);
        String column = name.get(n - 1);
        if (s.fields().stream().anyMatch(f -> f.matches(prefix, column))
            || s.hidden().stream().anyMatch(h -> h.matches(prefix, column))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The column of that name in the innermost scope that has one; null when none has. */
  private Typed resolve(Node node, List<String> name, Ctx c) {
    List<String> prefix = name.subList(0, name.size() - 1);
    String column = name.get(name.size() - 1);
    for (Scope s = c.scope(); s != null; s = s.parent()) {
      List<Field> found = s.fields().stream().filter(f -> f.matches(prefix, column)).toList();
      if (found.size() > 1) {
        throw Refusal.at(
            node, "AMBIGUOUS_NAME", "Column '" + String.join(".", name) + "' is ambiguous");
      }
      if (found.size() == 1) {
        Field f = found.get(0);
        if (s == c.scope()) {
          return column(f, c);
        }
        analyzer.use(f);
        s.escaped().add(f);
        return Typed.of(f.type, f.sql);
      }
      for (Scope.Hidden h : s.hidden()) {
        if (h.matches(prefix, column)) {
          throw Analyzer.notReadable(node, h);
        }
      }
      if (prefixIsColumn(s, name)) {
        return null;
      }
    }
    return null;
  }

  private static boolean prefixIsColumn(Scope s, List<String> name) {
    for (int n = name.size() - 1; n >= 1; n--) {
      List<String> prefix = name.subList(0, n - 1);
      String column = name.get(n - 1);
      if (s.fields().stream().anyMatch(f -> f.matches(prefix, column))) {
        return true;
      }
    }
    return false;
  }

  // ------------------------------------------------------------------ literals

  private static Typed integer(long value) {
    Type t = value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE ? Type.INTEGER : Type.BIGINT;
    return Typed.literal(t, Duck.number(value, t), value);
  }

  static Typed decimal(Node node, String text) {
    String digits = text.replace("_", "").trim();
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int point = digits.indexOf('.');
    String whole = (point < 0 ? digits : digits.substring(0, point)).replaceFirst("^0+", "");
    String fraction = point < 0 ? "" : digits.substring(point + 1);
    if (!(whole + fraction).matches("[0-9]*") || digits.replace(".", "").isEmpty()) {
      throw Refusal.at(node, "INVALID_LITERAL", "'" + text + "' is not a valid DECIMAL literal");
    }
    int precision = Math.max(1, whole.length() + fraction.length());
    if (precision > 38) {
      throw Refusal.at(node, "INVALID_LITERAL", "Invalid DECIMAL literal: too many digits");
    }
    Type t = Type.decimal(precision, fraction.length());
    String plain =
        (negative ? "-" : "")
            + (whole.isEmpty() ? "0" : whole)
            + (fraction.isEmpty() ? "" : "." + fraction);
    return Typed.of(t, "CAST('" + plain + "' AS " + t.duck() + ")");
  }

  private static Typed genericLiteral(GenericLiteral g) {
    String type = g.getType().toLowerCase(Locale.ROOT);
    String v = g.getValue();
    switch (type) {
      case "date":
        return TimeLiterals.date(g, v);
      case "timestamp":
        return TimeLiterals.timestamp(g, v);
      case "decimal":
        return decimal(g, v);
      case "varchar":
        return Duck.text(g, v).as(Type.VARCHAR);
      case "boolean":
        if (!v.equalsIgnoreCase("true") && !v.equalsIgnoreCase("false")) {
          throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid boolean literal");
        }
        return Typed.of(Type.BOOLEAN, v.toLowerCase(Locale.ROOT));
      case "tinyint", "smallint", "integer", "int", "bigint":
        Type t = Types.parse(type);
        long bound =
            switch (t.kind()) {
              case TINYINT -> Byte.MAX_VALUE;
              case SMALLINT -> Short.MAX_VALUE;
              case INTEGER -> Integer.MAX_VALUE;
              default -> Long.MAX_VALUE;
            };
        try {
          long n = Long.parseLong(v);
          if (n >= -bound - 1 && n <= bound) {
            return Typed.literal(t, Duck.number(n, t), n);
          }
        } catch (NumberFormatException e) {
          // Answered below.
        }
        throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid " + type + " literal");
      case "double", "real":
        try {
          double d = Double.parseDouble(v);
          Type f = type.equals("double") ? Type.DOUBLE : Type.REAL;
          String s =
              type.equals("double") ? Double.toString(d) : Float.toString(Float.parseFloat(v));
          return Typed.literal(f, "CAST('" + s + "' AS " + f.duck() + ")", d);
        } catch (NumberFormatException e) {
          throw Refusal.at(g, "INVALID_LITERAL", "'" + v + "' is not a valid " + type + " literal");
        }
      default:
        throw Refusal.unsupported(g, "literal of type " + type);
    }
  }

  // ------------------------------------------------------------------ predicates

  private Typed logical(Expression e, Ctx c) {
    Typed t = translate(e, c);
    if (!Types.coerces(t.type(), Type.BOOLEAN)) {
      throw Refusal.mismatch(e, "Logical expression term must evaluate to a boolean: " + t.type());
    }
    return Duck.coerce(e, t, Type.BOOLEAN);
  }

  private static Typed compare(
      Node node, ComparisonExpression.Operator operator, Typed l, Typed r) {
    return switch (operator) {
      case EQUAL -> Duck.compare(node, "=", l, r);
      case NOT_EQUAL -> Duck.compare(node, "<>", l, r);
      case LESS_THAN -> Duck.compare(node, "<", l, r);
      case LESS_THAN_OR_EQUAL -> Duck.compare(node, "<=", l, r);
      case GREATER_THAN -> Duck.compare(node, ">", l, r);
      case GREATER_THAN_OR_EQUAL -> Duck.compare(node, ">=", l, r);
      case IS_DISTINCT_FROM ->
          l.isNull() && r.isNull()
              ? Typed.of(Type.BOOLEAN, "false", l, r)
              : Duck.compare(node, "IS DISTINCT FROM", l, r);
    };
  }

  private Typed in(InPredicate in, Ctx c) {
    Typed v = translate(in.getValue(), c);
    if (in.getValueList() instanceof InListExpression list) {
      List<Typed> all = new ArrayList<>();
      all.add(v);
      for (Expression x : list.getValues()) {
        all.add(translate(x, c));
      }
      Type t = common(in, all, "IN value and list items");
      if (t.kind() == Kind.UNKNOWN) {
        return Typed.of(Type.BOOLEAN, "CAST(NULL AS BOOLEAN)", all);
      }
      if (t.isNested()) {
        throw Refusal.unsupported(in, "IN over values of type " + t);
      }
      if (t.isFloating()) {
        List<String> ors = new ArrayList<>();
        for (Typed x : all.subList(1, all.size())) {
          ors.add(Duck.compare(in, "=", v, x).sql());
        }
        return Typed.of(Type.BOOLEAN, "(" + String.join(" OR ", ors) + ")", all);
      }
      List<String> sql =
          all.subList(1, all.size()).stream().map(x -> Duck.coerce(in, x, t).sql()).toList();
      return Typed.of(
          Type.BOOLEAN,
          "(" + Duck.coerce(in, v, t).sql() + " IN (" + String.join(", ", sql) + "))",
          all);
    }
    if (in.getValueList() instanceof SubqueryExpression s) {
      Sub sub = subquery(s.getQuery(), c);
      return againstSubquery(in, v, sub, "=", "ANY");
    }
    throw Refusal.unsupported(in, "IN of anything but a list or a subquery");
  }

  private Typed quantified(QuantifiedComparisonExpression q, Ctx c) {
    if (!(q.getSubquery() instanceof SubqueryExpression s)) {
      throw Refusal.unsupported(q, "a quantified comparison without a subquery");
    }
    if (q.getOperator() == ComparisonExpression.Operator.IS_DISTINCT_FROM) {
      throw Refusal.unsupported(q, "a quantified IS DISTINCT FROM");
    }
    Typed v = translate(q.getValue(), c);
    Sub sub = subquery(s.getQuery(), c);
    String quantifier =
        q.getQuantifier() == QuantifiedComparisonExpression.Quantifier.ALL ? "ALL" : "ANY";
    return againstSubquery(q, v, sub, q.getOperator().getValue(), quantifier);
  }

  private Typed againstSubquery(Node node, Typed v, Sub sub, String operator, String quantifier) {
    if (sub.block.columns().size() != 1) {
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
    String item = Duck.coerce(node, Typed.of(right, alias + ".c1"), t).sql();
    String query = "SELECT " + item + " FROM (" + sub.block.text() + ") AS " + alias;
    Typed all =
        sub.typed(
            Type.BOOLEAN,
            "("
                + Duck.coerce(node, v, t).sql()
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

  private Typed like(LikePredicate like, Ctx c) {
    Typed v = translate(like.getValue(), c);
    Typed p = translate(like.getPattern(), c);
    if (!Types.coerces(v.type(), Type.VARCHAR) || !Types.coerces(p.type(), Type.VARCHAR)) {
      throw Refusal.mismatch(
          like, "Left and right side of LIKE expression must evaluate to a varchar");
    }
    String x = Duck.coerce(like, v, Type.VARCHAR).sql();
    String pattern = Duck.coerce(like, p, Type.VARCHAR).sql();
    if (like.getEscape().isEmpty()) {
      String known = p.constant() instanceof String text ? text : null;
      return Typed.of(Type.BOOLEAN, Likes.sql(x, pattern, known, null), v, p);
    }
    Typed escape = translate(like.getEscape().get(), c);
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

  // ------------------------------------------------------------------ conditionals

  private static Type common(Node node, List<Typed> all, String what) {
    Type t = Type.UNKNOWN;
    for (Typed x : all) {
      Type so = t;
      t =
          Types.common(t, x.type())
              .orElseThrow(
                  () ->
                      Refusal.mismatch(
                          node,
                          what
                              + " must be the same type or coercible to a common type: "
                              + so
                              + " vs "
                              + x.type()));
    }
    return t;
  }

  private static Typed cases(Node node, List<Typed> conditions, List<Typed> results) {
    Type t = common(node, results, "All CASE results");
    List<Typed> parts = new ArrayList<>(conditions);
    parts.addAll(results);
    if (t.kind() == Kind.UNKNOWN) {
      return Typed.of(t, "NULL", parts);
    }
    StringBuilder sql = new StringBuilder("(CASE");
    for (int i = 0; i < conditions.size(); i++) {
      sql.append(" WHEN ").append(conditions.get(i).sql());
      sql.append(" THEN ").append(Duck.coerce(node, results.get(i), t).sql());
    }
    String otherwise =
        results.size() > conditions.size()
            ? Duck.coerce(node, results.get(results.size() - 1), t).sql()
            : "CAST(NULL AS " + t.duck() + ")";
    return Typed.of(t, sql.append(" ELSE ").append(otherwise).append(" END)").toString(), parts);
  }

  private static Typed attempt(Node node, Typed t, Typed inner) {
    if (inner.aggregate() || inner.window() || inner.subquery()) {
      throw Refusal.unsupported(
          node, "TRY or TRY_CAST around an aggregate, a window function or a subquery");
    }
    return t.isNull() ? t : t.as(t.type(), "TRY(" + t.sql() + ")");
  }

  // ------------------------------------------------------------------ subqueries

  /** A translated subquery and the columns of the current query that it uses. */
  private record Sub(Analyzer.Block block, Set<Field> columns) {
    Typed typed(Type type, String sql) {
      return new Typed(type, sql, columns, false, false, true, null);
    }
  }

  private Sub subquery(Query q, Ctx c) {
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

  private Typed scalarSubquery(Node node, Query q, Ctx c) {
    Sub sub = subquery(q, c);
    if (sub.block.columns().size() != 1) {
      throw Refusal.mismatch(node, "Multiple columns returned by subquery are not yet supported");
    }
    return sub.typed(sub.block.columns().get(0).type(), "(" + sub.block.text() + ")");
  }

  // ------------------------------------------------------------------ functions

  private Typed function(FunctionCall f, Ctx c) {
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
      return f.getWindow().isPresent() ? windowed(f, n, aggregate, c) : aggregate(f, n, window, c);
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
    if (LAMBDA_FUNCTIONS.contains(n)) {
      return lambdaFunction(f, n, c);
    }
    List<Typed> args = new ArrayList<>();
    for (Expression a : f.getArguments()) {
      if (a instanceof LambdaExpression) {
        throw Functions.isKnown(n)
            ? Refusal.unsupported(a, "a lambda in " + n)
            : Functions.unknown(f, n);
      }
      args.add(translate(a, c));
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

  private Typed aggregate(FunctionCall f, String n, boolean windowOnly, Ctx c) {
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

  private Aggregates.Translated translated(FunctionCall f, String n, Ctx inner, String over) {
    List<Typed> args = new ArrayList<>();
    for (Expression a : f.getArguments()) {
      Typed t = translate(a, inner);
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
      Typed b = bool(f.getFilter().get(), inner);
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
      Typed key = translate(item.getSortKey(), c);
      analyzer.requireOrderable(item, key.type());
      String sql = key.isNull() ? "CAST(NULL AS INTEGER)" : key.sql();
      items.add(sql + Analyzer.direction(item));
    }
    return " ORDER BY " + String.join(", ", items);
  }

  private Typed windowed(FunctionCall f, String n, boolean aggregate, Ctx c) {
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
          args.add(translate(a, inner));
        }
        parts.addAll(args);
        String filter = "";
        if (f.getFilter().isPresent()) {
          Typed b = bool(f.getFilter().get(), inner);
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
          args.add(translate(a, inner));
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

  private static SqlFailure nested(Node node) {
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
    if (++depth > MAX_DEPTH) {
      throw Refusal.at(from, "INVALID_WINDOW_REFERENCE", "WINDOW names refer to each other");
    }
    try {
      return specification(base, c);
    } finally {
      depth--;
    }
  }

  private String over(FunctionCall f, String n, WindowSpecification s, Ctx c, List<Typed> parts) {
    StringBuilder sql = new StringBuilder(" OVER (");
    List<String> partition = new ArrayList<>();
    for (Expression e : s.getPartitionBy()) {
      Typed t = translate(e, c);
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
        Typed key = translate(item.getSortKey(), c);
        analyzer.requireOrderable(item, key.type());
        keys.add(key);
        parts.add(key);
        items.add((key.isNull() ? "CAST(NULL AS INTEGER)" : key.sql()) + Analyzer.direction(item));
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

  private String bound(FrameBound b, boolean range, List<Typed> keys, Ctx c) {
    return switch (b.getType()) {
      case UNBOUNDED_PRECEDING -> "UNBOUNDED PRECEDING";
      case UNBOUNDED_FOLLOWING -> "UNBOUNDED FOLLOWING";
      case CURRENT_ROW -> "CURRENT ROW";
      case PRECEDING -> distance(b, range, keys, c) + " PRECEDING";
      case FOLLOWING -> distance(b, range, keys, c) + " FOLLOWING";
    };
  }

  private String distance(FrameBound b, boolean range, List<Typed> keys, Ctx c) {
    Typed v = translate(b.getValue().orElseThrow(), c);
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

  private Typed lambdaFunction(FunctionCall f, String n, Ctx c) {
    if (f.getArguments().size() != 2
        || !(f.getArguments().get(1) instanceof LambdaExpression lambda)
        || lambda.getArguments().size() != 1) {
      throw Refusal.at(f, "FUNCTION_NOT_FOUND", "Unexpected parameters for function " + n);
    }
    Typed a = translate(f.getArguments().get(0), c);
    if (a.type().kind() != Kind.ARRAY) {
      throw Refusal.at(f, "FUNCTION_NOT_FOUND", "Unexpected parameters for function " + n);
    }
    LambdaArgumentDeclaration p = lambda.getArguments().get(0);
    String name = analyzer.fresh("p");
    Map<String, Typed> names = new HashMap<>();
    names.put(Analyzer.lower(p.getName()), Typed.of(a.type().element(), name));
    Typed body = translate(lambda.getBody(), c.withNames(names));
    if (body.aggregate() || body.window() || body.subquery()) {
      throw Refusal.unsupported(lambda, "an aggregate or subquery in a lambda");
    }
    if (n.equals("transform")) {
      if (body.type().isNested()) {
        // Lists of lists multiply; DuckDB does not count them as memory.
        throw Refusal.unsupported(lambda, "a lambda that returns " + body.type());
      }
      String sql = body.isNull() ? "CAST(NULL AS INTEGER)" : body.sql();
      return Typed.of(
          Type.array(body.type()),
          "list_transform(" + a.sql() + ", lambda " + name + ": " + sql + ")",
          a,
          body);
    }
    if (!Types.coerces(body.type(), Type.BOOLEAN)) {
      throw Refusal.mismatch(lambda, "A lambda for " + n + " must return a boolean");
    }
    String b = Duck.coerce(lambda, body, Type.BOOLEAN).sql();
    if (n.equals("filter")) {
      return Typed.of(
          a.type(), "list_filter(" + a.sql() + ", lambda " + name + ": " + b + ")", a, body);
    }
    String results = "list_transform(" + a.sql() + ", lambda " + name + ": " + b + ")";
    String decided = n.equals("all_match") ? "false" : "true";
    String found = n.equals("any_match") ? "true" : "false";
    String none = n.equals("any_match") ? "false" : "true";
    return Typed.of(
        Type.BOOLEAN,
        "(CASE WHEN list_contains("
            + results
            + ", "
            + decided
            + ") THEN "
            + found
            + " WHEN len("
            + results
            + ") > list_count("
            + results
            + ") OR "
            + a.sql()
            + " IS NULL THEN NULL ELSE "
            + none
            + " END)",
        a,
        body);
  }

  private Typed grouping(GroupingOperation g, Ctx c) {
    if (!c.aggregates()) {
      throw Refusal.at(
          g,
          "EXPRESSION_NOT_SCALAR",
          c.clause() + " cannot contain aggregations, window functions or grouping operations");
    }
    List<String> keys = new ArrayList<>();
    for (Expression e : g.getGroupingColumns()) {
      Typed t = translate(e, c);
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

  // ------------------------------------------------------------------ other nodes

  private Typed subscript(SubscriptExpression s, Ctx c) {
    Typed base = translate(s.getBase(), c);
    Typed index = translate(s.getIndex(), c);
    if (base.type().kind() == Kind.ROW) {
      if (!(index.constant() instanceof Long n) || n < 1 || n > base.type().arguments().size()) {
        throw Refusal.at(
            s,
            "INVALID_FUNCTION_ARGUMENT",
            "Subscript expression on ROW requires a position in it");
      }
      return base.as(
          base.type().arguments().get((int) (n - 1)),
          "struct_extract(" + base.sql() + ", 'f" + n + "')");
    }
    if (base.type().kind() != Kind.ARRAY) {
      throw Refusal.unsupported(s, "subscript of " + base.type());
    }
    if (!index.type().isInteger()) {
      throw Refusal.mismatch(s, "Cannot use " + index.type() + " for subscript of array");
    }
    String i = Duck.coerce(s, index, Type.BIGINT).sql();
    Type e = base.type().element();
    return Typed.of(
        e,
        "(CASE WHEN "
            + i
            + " < 1 OR "
            + i
            + " > len("
            + base.sql()
            + ") THEN "
            + Duck.fail(e, "INVALID_FUNCTION_ARGUMENT")
            + " ELSE list_extract("
            + base.sql()
            + ", "
            + i
            + ") END)",
        base,
        index);
  }

  private Typed atTimeZone(AtTimeZone a, Ctx c) {
    Typed v = translate(a.getValue(), c);
    Typed zone = translate(a.getTimeZone(), c);
    if (!(zone.constant() instanceof String z)) {
      throw Refusal.unsupported(a, "AT TIME ZONE with a computed zone");
    }
    if (!v.type().is(Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
      throw Refusal.mismatch(
          a, "Type of value must be a time or timestamp with or without time zone: " + v.type());
    }
    String id = TimeLiterals.zone(a, z);
    Typed tz =
        Duck.coerce(
            a,
            v,
            Type.timestampTz(
                v.type().precision(),
                v.type().kind() == Kind.TIMESTAMP_TZ ? v.type().zone() : "UTC"));
    return tz.as(Type.timestampTz(v.type().precision(), id), tz.sql());
  }

  private Typed currentTime(CurrentTime t) {
    Integer p = t.getPrecision();
    int precision = p == null ? 3 : p;
    if (precision > 6) {
      throw Refusal.unsupported(t, "times finer than microseconds");
    }
    return switch (t.getFunction()) {
      case DATE -> analyzer.session.today();
      case TIMESTAMP -> analyzer.session.now(precision);
      case LOCALTIMESTAMP -> analyzer.session.localNow(precision);
      default -> throw Refusal.unsupported(t, t.getFunction().getName());
    };
  }
}
