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
import io.trino.sql.tree.CharLiteral;
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
import io.trino.sql.tree.Format;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.GroupingOperation;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.IfExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.IsNotNullPredicate;
import io.trino.sql.tree.IsNullPredicate;
import io.trino.sql.tree.JsonArray;
import io.trino.sql.tree.JsonExists;
import io.trino.sql.tree.JsonObject;
import io.trino.sql.tree.JsonQuery;
import io.trino.sql.tree.JsonValue;
import io.trino.sql.tree.LikePredicate;
import io.trino.sql.tree.Literal;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NotExpression;
import io.trino.sql.tree.NullIfExpression;
import io.trino.sql.tree.NullLiteral;
import io.trino.sql.tree.Parameter;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.QuantifiedComparisonExpression;
import io.trino.sql.tree.Row;
import io.trino.sql.tree.SearchedCaseExpression;
import io.trino.sql.tree.SimpleCaseExpression;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.SubqueryExpression;
import io.trino.sql.tree.SubscriptExpression;
import io.trino.sql.tree.TimeLiteral;
import io.trino.sql.tree.TimestampLiteral;
import io.trino.sql.tree.Trim;
import io.trino.sql.tree.TryExpression;
import io.trino.sql.tree.WhenClause;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Translates expressions for {@link Analyzer}; the allow-list of expression nodes. */
final class Expressions {
  private static final int MAX_DEPTH = 200;

  private final Analyzer analyzer;

  private int depth;

  final References references;
  final Predicates predicates;
  final Calls calls;
  final Windows windows;
  final Lambdas lambdas;
  private final JsonPathExpressions jsonPaths;

  Expressions(Analyzer analyzer) {
    this.analyzer = analyzer;
    this.references = new References(analyzer, this);
    this.predicates = new Predicates(analyzer, this);
    this.calls = new Calls(analyzer, this);
    this.windows = new Windows(analyzer, this);
    this.lambdas = new Lambdas(this);
    this.jsonPaths = new JsonPathExpressions(this);
  }

  private static boolean holdsLists(Type t) {
    return t.is(Kind.ARRAY, Kind.MAP) || t.arguments().stream().anyMatch(Expressions::holdsLists);
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
    return Casts.coerce(e, t, Type.BOOLEAN);
  }

  private Typed node(Expression e, Ctx c) {
    if (e instanceof Identifier i) {
      return references.identifier(i, c);
    }
    if (e instanceof DereferenceExpression d) {
      return references.dereference(d, c);
    }
    if (e instanceof LongLiteral l) {
      return Literals.integer(l.getParsedValue());
    }
    if (e instanceof StringLiteral s) {
      return Duck.text(e, s.getValue());
    }
    if (e instanceof DecimalLiteral d) {
      return Literals.decimal(e, d.getValue());
    }
    if (e instanceof DoubleLiteral d) {
      return Typed.literal(Type.DOUBLE, "CAST('" + d.getValue() + "' AS DOUBLE)", d.getValue());
    }
    if (e instanceof BooleanLiteral b) {
      return Typed.literal(Type.BOOLEAN, b.getValue() ? "true" : "false", b.getValue());
    }
    if (e instanceof Parameter p) {
      return parameter(p);
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
      return Literals.genericLiteral(g);
    }
    if (e instanceof TimeLiteral t) {
      return TimeLiterals.time(t, t.getValue());
    }
    if (e instanceof CharLiteral t) {
      return Literals.character(t, t.getValue());
    }
    if (e instanceof Format f) {
      return FormatFunction.call(f, f.getArguments().stream().map(a -> translate(a, c)).toList());
    }
    if (e instanceof JsonValue || e instanceof JsonQuery || e instanceof JsonExists) {
      return jsonPaths.call(e, c);
    }
    if (e instanceof JsonObject o) {
      return jsonPaths.object(o, c);
    }
    if (e instanceof JsonArray a) {
      return jsonPaths.array(a, c);
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
      return Arithmetic.arithmetic(a, a.getOperator().getValue().charAt(0), l, r);
    }
    if (e instanceof ArithmeticUnaryExpression a) {
      Typed v = translate(a.getValue(), c);
      if (a.getSign() == ArithmeticUnaryExpression.Sign.PLUS) {
        if (!v.type().isNumeric()) {
          throw Refusal.mismatch(e, "Unary '+' operator cannot be applied to " + v.type());
        }
        return v;
      }
      return Arithmetic.negate(e, v);
    }
    if (e instanceof ComparisonExpression x) {
      return Predicates.compare(
          e, x.getOperator(), translate(x.getLeft(), c), translate(x.getRight(), c));
    }
    if (e instanceof BetweenPredicate b) {
      Typed v = translate(b.getValue(), c);
      Typed low = Comparisons.compare(e, ">=", v, translate(b.getMin(), c));
      Typed high = Comparisons.compare(e, "<=", v, translate(b.getMax(), c));
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
      return predicates.in(in, c);
    }
    if (e instanceof LikePredicate like) {
      return predicates.like(like, c);
    }
    if (e instanceof SearchedCaseExpression s) {
      List<Typed> conditions = new ArrayList<>();
      List<Typed> results = new ArrayList<>();
      for (WhenClause w : s.getWhenClauses()) {
        Typed b = translate(w.getOperand(), c);
        if (!Types.coerces(b.type(), Type.BOOLEAN)) {
          throw Refusal.mismatch(w, "CASE WHEN clause must evaluate to a boolean");
        }
        conditions.add(Casts.coerce(w, b, Type.BOOLEAN));
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
        conditions.add(Comparisons.compare(w, "=", operand, translate(w.getOperand(), c)));
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
      return cases(e, List.of(Casts.coerce(e, b, Type.BOOLEAN)), results);
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
      List<String> sql = all.stream().map(o -> Casts.coerce(e, o, t).sql()).toList();
      return Typed.of(t, "coalesce(" + String.join(", ", sql) + ")", all);
    }
    if (e instanceof NullIfExpression n) {
      Typed a = translate(n.getFirst(), c);
      Typed equal = Comparisons.compare(e, "=", a, translate(n.getSecond(), c));
      if (a.isNull()) {
        return a;
      }
      return Typed.of(
          a.type(), "(CASE WHEN " + equal.sql() + " THEN NULL ELSE " + a.sql() + " END)", a, equal);
    }
    if (e instanceof Cast x) {
      Typed v = translate(x.getExpression(), c);
      Type to = Types.of(x.getType());
      Typed cast = Casts.cast(e, v, to);
      return x.isSafe() ? attempt(e, cast, v) : cast;
    }
    if (e instanceof TryExpression t) {
      Typed v = translate(t.getInnerExpression(), c);
      return attempt(e, v, v);
    }
    if (e instanceof Extract x) {
      return TimeFunctions.extract(x, translate(x.getExpression(), c), analyzer.session);
    }
    if (e instanceof Trim t) {
      Typed v = translate(t.getTrimSource(), c);
      String f =
          switch (t.getSpecification()) {
            case BOTH -> "lk_trim";
            case LEADING -> "lk_ltrim";
            case TRAILING -> "lk_rtrim";
          };
      if (v.type().kind() == Kind.CHAR) {
        throw Refusal.unsupported(t, "trim of " + v.type());
      }
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
      return predicates.scalarSubquery(e, s.getQuery(), c);
    }
    if (e instanceof ExistsPredicate x) {
      if (!(x.getSubquery() instanceof SubqueryExpression s)) {
        throw Refusal.unsupported(e, "EXISTS of anything but a subquery");
      }
      Predicates.Sub sub = predicates.subquery(s.getQuery(), c);
      return sub.typed(Type.BOOLEAN, "(EXISTS (" + sub.block().text() + "))");
    }
    if (e instanceof QuantifiedComparisonExpression q) {
      return predicates.quantified(q, c);
    }
    if (e instanceof FunctionCall f) {
      return calls.function(f, c);
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
                          : Casts.coerce(e, v, t).sql())
              .toList();
      Type array = Type.array(t);
      if (holdsLists(t)) {
        // Lists of lists multiply from step to step, and DuckDB does not count them as memory.
        return Typed.of(
            array,
            Duck.let(
                sql,
                v ->
                    Duck.within(
                        v.stream().map(x -> Sizes.of(x, t)).collect(Collectors.joining(" + ")),
                        Duck.cast("[" + String.join(", ", v) + "]", array))),
            all);
      }
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
      return Duck.text(e, analyzer.names.sessionCatalog()).as(Type.VARCHAR);
    }
    if (e instanceof CurrentSchema) {
      return Duck.text(e, analyzer.session.schema()).as(Type.VARCHAR);
    }
    if (e instanceof GroupingOperation g) {
      return calls.grouping(g, c);
    }
    throw Refusal.unsupported(e, StatementNames.of(e));
  }

  private Typed logical(Expression e, Ctx c) {
    Typed t = translate(e, c);
    if (!Types.coerces(t.type(), Type.BOOLEAN)) {
      throw Refusal.mismatch(e, "Logical expression term must evaluate to a boolean: " + t.type());
    }
    return Casts.coerce(e, t, Type.BOOLEAN);
  }

  static Type common(Node node, List<Typed> all, String what) {
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
      sql.append(" THEN ").append(Casts.coerce(node, results.get(i), t).sql());
    }
    String otherwise =
        results.size() > conditions.size()
            ? Casts.coerce(node, results.get(results.size() - 1), t).sql()
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
    if (base.type().kind() == Kind.MAP) {
      FunctionCall call =
          new FunctionCall(
              s.getLocation().orElseThrow(),
              QualifiedName.of("element_at"),
              List.of(s.getBase(), s.getIndex()));
      if (!Types.coerces(index.type(), base.type().arguments().get(0))) {
        throw Refusal.mismatch(
            s, "Cannot use " + index.type() + " for subscript of " + base.type());
      }
      return MapFunctions.valueOf(
          new Call(call, "element_at", List.of(base, index), analyzer.session), true);
    }
    if (base.type().kind() != Kind.ARRAY) {
      throw Refusal.mismatch(s, "Cannot use subscript on " + base.type());
    }
    if (!index.type().isInteger()) {
      throw Refusal.mismatch(s, "Cannot use " + index.type() + " for subscript of array");
    }
    String i = Casts.coerce(s, index, Type.BIGINT).sql();
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
        Casts.coerce(
            a,
            v,
            Type.timestampTz(
                v.type().precision(),
                v.type().kind() == Kind.TIMESTAMP_TZ ? v.type().zone() : Zones.session()));
    return tz.as(Type.timestampTz(v.type().precision(), id), tz.sql());
  }

  /** A value from outside stands where the question mark stood, as an expression of its own. */
  private Typed parameter(Parameter p) {
    Parameters parameters = analyzer.session.parameters();
    Expression value = parameters.value(p);
    if (value == null) {
      return Typed.literal(Type.UNKNOWN, "NULL", parameters.slot(p));
    }
    Typed t = translate(value, Ctx.of(Scope.of(List.of(), List.of(), null), null, "parameter"));
    if (t.subquery()) {
      throw Refusal.at(
          p, "EXPRESSION_NOT_CONSTANT", "Constant expression cannot contain a subquery");
    }
    return t;
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
