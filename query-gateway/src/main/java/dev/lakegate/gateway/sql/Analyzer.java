package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Except;
import io.trino.sql.tree.Explain;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Intersect;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SetOperation;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.Values;
import io.trino.sql.tree.WindowDefinition;
import io.trino.sql.tree.WindowSpecification;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The one visitor of the SQL boundary: it walks a parsed statement, knows every kind of node that
 * it lets through, resolves names with SQL's scoping, applies the access decision at each base
 * table and writes DuckDB text made of generated names and re-written literals only. Whatever it
 * does not know it refuses. One instance translates one statement.
 */
final class Analyzer {
  private static final int MAX_DEPTH = 120;

  private static final int MAX_TEXT = 2_000_000;

  final CatalogView catalog;

  final Session session;

  final Constants constants;

  final TableNames names;

  /** Steps of the statement that each make a long value; together they share its memory. */
  int longValues;

  private int next = 1;

  private int depth;

  final Expressions expressions;
  final Clauses clauses;
  final Relations relations;
  final Asked asked;

  /** For printing the same tree as Trino SQL. */
  final TrinoFacts facts = new TrinoFacts();

  Analyzer(CatalogView catalog, Session session, Constants constants) {
    this.catalog = catalog;
    this.session = session;
    this.constants = constants;
    this.names = new TableNames(catalog, session);
    Expressions expressions = new Expressions(this);
    this.expressions = expressions;
    this.clauses = new Clauses(this, expressions);
    this.relations = new Relations(this, expressions, catalog, constants, names);
    this.asked = new Asked(this, expressions, constants);
  }

  /** A translated query: text and result. */
  record Block(List<String> with, String body, List<OutputColumn> columns) {
    String text() {
      return with.isEmpty() ? body : "WITH " + String.join(", ", with) + " " + body;
    }
  }

  SecuredQuery analyze(Statement statement) {
    return Zones.within(session.zone(), () -> analyzeNow(statement));
  }

  private SecuredQuery analyzeNow(Statement statement) {
    Statement asked =
        statement instanceof Explain e
            ? Explained.query(e, inner -> new Analyzer(catalog, session, constants).analyze(inner))
            : new ShowStatements(names, session).query(statement).orElse(statement);
    if (!(asked instanceof Query query)) {
      throw Refusal.at(
              statement,
              "STATEMENT_NOT_ALLOWED",
              "Only queries are allowed, not " + StatementNames.of(statement))
          .with("construct", StatementNames.of(statement));
    }
    Block block = query(query, null, null);
    for (OutputColumn c : block.columns()) {
      requireOutput(query, c.type());
    }
    if (block.text().length() > MAX_TEXT) {
      throw Refusal.at(statement, "QUERY_TOO_COMPLEX", "The query is too large");
    }
    return new SecuredQuery(
        block.with().stream().map(w -> finished(w, longValues)).toList(),
        finished(block.body(), longValues),
        List.copyOf(relations.bindings.values()),
        block.columns(),
        this.asked.byBinding());
  }

  private static String finished(String sql, int longValues) {
    return OuterColumns.carried(Duck.withSteps(sql, longValues));
  }

  /** A query as Trino SQL; statements that are answered from names alone are not. */
  TrinoQuery trino(Statement statement, Function<TableView, List<String>> names) {
    SecuredQuery secured = analyze(statement);
    if (!(statement instanceof Query query)) {
      throw Refusal.unsupported(statement, StatementNames.of(statement) + " for Trino");
    }
    return new TrinoQuery(
        TrinoEmitter.print(query, facts, names, session), secured.bindings(), secured.columns());
  }

  private void requireOutput(Node node, Type type) {
    if (type.kind() == Kind.TIMESTAMP_TZ && type.zone().equals(Type.MIXED)) {
      throw Refusal.unsupported(
          node, "a column of times in different time zones; cast it to timestamp or varchar");
    }
    type.arguments().forEach(t -> requireOutput(node, t));
  }

  String fresh(String prefix) {
    return prefix + next++;
  }

  <T> T deeper(Node node, java.util.function.Supplier<T> work) {
    if (++depth > MAX_DEPTH) {
      throw Refusal.at(node, "QUERY_TOO_COMPLEX", "The query is nested too deeply");
    }
    try {
      return work.get();
    } finally {
      depth--;
    }
  }

  Block query(Query q, Scope outer, Ctes ctes) {
    return deeper(q, () -> queryNow(q, outer, ctes));
  }

  private Block queryNow(Query q, Scope outer, Ctes outerCtes) {
    if (!q.getFunctions().isEmpty()) {
      throw Refusal.at(q, "STATEMENT_NOT_ALLOWED", "Inline functions are not allowed")
          .with("construct", "inline function");
    }
    Ctes ctes = outerCtes;
    List<String> with = new ArrayList<>();
    if (q.getWith().isPresent()) {
      With w = q.getWith().get();
      Set<String> names = new HashSet<>();
      for (WithQuery item : w.getQueries()) {
        String name = lower(item.getName());
        if (!names.add(name)) {
          throw Refusal.at(
              item, "DUPLICATE_NAMED_QUERY", "WITH query name '" + name + "' specified twice");
        }
        if (w.isRecursive() && item.getColumnNames().isEmpty()) {
          throw Refusal.at(
              item, "MISSING_COLUMN_ALIASES", "missing column aliases in recursive WITH query");
        }
        if (w.isRecursive() && Recursion.isRecursive(item)) {
          ctes = new Recursion(this).translate(item, ctes, with);
          continue;
        }
        // A common table expression sees those before it, not itself and not the columns around.
        Block b = query(item.getQuery(), null, ctes);
        List<OutputColumn> columns = b.columns();
        if (item.getColumnNames().isPresent()) {
          List<Identifier> aliases = item.getColumnNames().get();
          Relations.requireAliasCount(item, aliases.size(), columns.size());
          List<OutputColumn> renamed = new ArrayList<>();
          for (int i = 0; i < columns.size(); i++) {
            OutputColumn c = columns.get(i);
            renamed.add(new OutputColumn(written(aliases.get(i)), c.type(), c.origin(), false));
          }
          columns = renamed;
        }
        String sql = fresh("q");
        with.add(sql + " AS (" + b.text() + ")");
        ctes = new Ctes(name, sql, columns, ctes);
      }
    }
    Block body = body(q.getQueryBody(), outer, ctes);
    if (q.getOrderBy().isPresent() || q.getOffset().isPresent() || q.getLimit().isPresent()) {
      body = ordered(q, body, outer, ctes);
    }
    with.addAll(body.with());
    return new Block(with, body.body(), body.columns());
  }

  Block body(QueryBody body, Scope outer, Ctes ctes) {
    return deeper(
        body,
        () -> {
          if (body instanceof QuerySpecification s) {
            return specification(s, outer, ctes);
          }
          if (body instanceof SetOperation s) {
            return setOperation(s, outer, ctes);
          }
          if (body instanceof Values || body instanceof Table) {
            Rel rel = relations.relation(body, outer, ctes, null);
            return selectAll(rel);
          }
          if (body instanceof TableSubquery s) {
            return query(s.getQuery(), outer, ctes);
          }
          throw Refusal.unsupported(body, StatementNames.of(body));
        });
  }

  private Block selectAll(Rel rel) {
    List<OutputColumn> columns = new ArrayList<>();
    List<String> items = new ArrayList<>();
    int i = 1;
    for (Field f : rel.fields()) {
      use(f);
      items.add(f.sql + " AS c" + i++);
      columns.add(new OutputColumn(f.name, f.type, f.origin, false));
    }
    return new Block(
        List.of(), "SELECT " + String.join(", ", items) + " FROM " + rel.sql(), columns);
  }

  /** ORDER BY, OFFSET and LIMIT around a whole body, where only its columns are in scope. */
  private Block ordered(Query q, Block body, Scope outer, Ctes ctes) {
    String alias = fresh("r");
    List<Field> fields = Relations.fields(body.columns(), alias, List.of());
    Scope scope = Scope.of(fields, List.of(), outer);
    List<Typed> outputs =
        fields.stream().map(f -> Typed.of(f.type, f.sql)).collect(Collectors.toList());
    List<Clauses.SortKey> keys =
        q.getOrderBy().isEmpty()
            ? List.of()
            : clauses.sortKeys(
                q.getOrderBy().get(),
                Ctx.of(scope, ctes, "ORDER BY"),
                body.columns(),
                outputs,
                false);
    String sql =
        clauses.ended(
            "SELECT *",
            " FROM (" + body.text() + ") AS " + alias,
            body.columns().size(),
            keys,
            q.getOffset(),
            q.getLimit());
    return new Block(List.of(), sql, body.columns());
  }

  private Block setOperation(SetOperation s, Scope outer, Ctes ctes) {
    String operator;
    if (s instanceof Union) {
      operator = "UNION";
    } else if (s instanceof Intersect) {
      operator = "INTERSECT";
    } else if (s instanceof Except) {
      operator = "EXCEPT";
    } else {
      throw Refusal.unsupported(s, StatementNames.of(s));
    }
    List<Block> blocks = new ArrayList<>();
    for (Relation r : s.getRelations()) {
      if (!(r instanceof QueryBody b)) {
        throw Refusal.unsupported(r, StatementNames.of(r));
      }
      blocks.add(body(b, outer, ctes));
    }
    List<OutputColumn> first = blocks.get(0).columns();
    List<Type> types = new ArrayList<>(first.stream().map(OutputColumn::type).toList());
    for (Block b : blocks) {
      if (b.columns().size() != types.size()) {
        throw Refusal.mismatch(
            s,
            operator
                + " query has different number of fields: "
                + types.size()
                + ", "
                + b.columns().size());
      }
      for (int i = 0; i < types.size(); i++) {
        Type a = types.get(i);
        Type t = b.columns().get(i).type();
        int column = i + 1;
        types.set(
            i,
            Types.common(a, t)
                .orElseThrow(
                    () ->
                        Refusal.mismatch(
                            s,
                            "column "
                                + column
                                + " in "
                                + operator
                                + " query has incompatible types: "
                                + a
                                + ", "
                                + t)));
      }
    }
    List<String> parts = new ArrayList<>();
    for (Block b : blocks) {
      String alias = fresh("r");
      List<String> items = new ArrayList<>();
      for (int i = 0; i < types.size(); i++) {
        Typed v = Typed.of(b.columns().get(i).type(), alias + ".c" + (i + 1));
        items.add(Casts.coerce(s, v, types.get(i)).sql() + " AS c" + (i + 1));
      }
      parts.add(
          "(SELECT " + String.join(", ", items) + " FROM (" + b.text() + ") AS " + alias + ")");
    }
    List<OutputColumn> columns = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      OutputColumn c = first.get(i);
      columns.add(new OutputColumn(c.name(), types.get(i), c.origin(), c.aliased()));
    }
    String glue = " " + operator + (s.isDistinct() ? " " : " ALL ");
    return new Block(List.of(), String.join(glue, parts), columns);
  }

  private Block specification(QuerySpecification s, Scope outer, Ctes ctes) {
    s.getFrom().ifPresent(Relations::requireFewJoined);
    Rel from = s.getFrom().map(r -> relations.relation(r, outer, ctes, null)).orElse(null);
    Scope scope =
        from == null
            ? Scope.of(List.of(), List.of(), outer)
            : Scope.of(from.fields(), from.hidden(), outer);
    Map<String, WindowSpecification> windows = new HashMap<>();
    for (WindowDefinition w : s.getWindows()) {
      if (windows.put(lower(w.getName()), w.getWindow()) != null) {
        throw Refusal.at(w, "DUPLICATE_WINDOW_NAME", "WINDOW name specified more than once");
      }
    }
    String where = null;
    if (s.getWhere().isPresent()) {
      Ctx c = Ctx.of(scope, ctes, "WHERE clause");
      where = expressions.bool(s.getWhere().get(), c).sql();
      if (from != null) {
        asked.where(s.getFrom().get(), s.getWhere().get(), c);
      }
    }

    List<Expression> selected = new ArrayList<>();
    // GROUP BY first, since the other clauses are checked against it.
    Set<String> grouped = new HashSet<>();
    String groupBy = "";
    if (s.getGroupBy().isPresent()) {
      groupBy = clauses.groupBy(s, s.getGroupBy().get(), scope, ctes, grouped);
    }
    Ctx c = new Ctx(scope, ctes, grouped, true, true, false, "SELECT", Map.of(), windows);

    List<OutputColumn> columns = new ArrayList<>();
    List<Typed> outputs = new ArrayList<>();
    for (SelectItem item : s.getSelect().getSelectItems()) {
      if (item instanceof SingleColumn single) {
        Typed t = expressions.translate(single.getExpression(), c);
        outputs.add(t);
        selected.add(single.getExpression());
        columns.add(
            new OutputColumn(
                outputName(single),
                t.type(),
                origin(single.getExpression(), t, from),
                single.getAlias().isPresent()));
      } else if (item instanceof AllColumns all) {
        star(all, from, c, columns, outputs);
      } else {
        throw Refusal.unsupported(item, StatementNames.of(item));
      }
    }
    Typed having =
        s.getHaving().map(h -> expressions.bool(h, c.withoutWindows("HAVING clause"))).orElse(null);
    boolean distinct = s.getSelect().isDistinct();
    List<Clauses.SortKey> order =
        s.getOrderBy().isEmpty()
            ? List.of()
            : clauses.sortKeys(s.getOrderBy().get(), c.in("ORDER BY"), columns, outputs, distinct);
    List<Typed> sortKeys = order.stream().map(Clauses.SortKey::key).toList();

    boolean aggregated =
        s.getGroupBy().isPresent()
            || having != null
            || outputs.stream().anyMatch(Typed::aggregate)
            || sortKeys.stream().anyMatch(Typed::aggregate);
    if (aggregated) {
      for (Typed t : outputs) {
        requireGrouped(s, t);
      }
      for (Typed t : sortKeys) {
        requireGrouped(s, t);
      }
      if (having != null) {
        requireGrouped(s, having);
        if (s.getGroupBy().isEmpty()
            && !having.aggregate()
            && outputs.stream().noneMatch(Typed::aggregate)) {
          throw Refusal.unsupported(s, "HAVING without GROUP BY and without an aggregate");
        }
      }
    }

    List<String> items = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Typed t = outputs.get(i);
      String sql = t.isNull() ? "CAST(NULL AS INTEGER)" : t.sql();
      items.add(sql + " AS c" + (i + 1));
      if (distinct && t.type().holds(Kind.MAP)) {
        throw Refusal.unsupported(s, "DISTINCT over maps");
      }
    }
    StringBuilder sql = new StringBuilder("SELECT ");
    if (distinct) {
      sql.append("DISTINCT ");
    }
    sql.append(String.join(", ", items));
    StringBuilder rest = new StringBuilder();
    if (from != null) {
      rest.append(" FROM ").append(from.sql());
    }
    if (where != null) {
      rest.append(" WHERE ").append(where);
    }
    rest.append(groupBy);
    if (having != null) {
      rest.append(" HAVING ").append(having.sql());
    }
    String all =
        clauses.ended(
            sql.toString(), rest.toString(), outputs.size(), order, s.getOffset(), s.getLimit());
    if (all.length() > MAX_TEXT) {
      throw Refusal.at(s, "QUERY_TOO_COMPLEX", "The query is too large");
    }
    return new Block(List.of(), all, columns);
  }

  private void requireGrouped(Node node, Typed t) {
    if (!t.columns().isEmpty()) {
      Field f = t.columns().iterator().next();
      throw Refusal.at(
          node,
          "EXPRESSION_NOT_AGGREGATE",
          "'" + f.name + "' must be an aggregate expression or appear in GROUP BY clause");
    }
  }

  private static String outputName(SingleColumn single) {
    if (single.getAlias().isPresent()) {
      return written(single.getAlias().get());
    }
    if (single.getExpression() instanceof Identifier i) {
      return written(i);
    }
    if (single.getExpression() instanceof DereferenceExpression d && d.getField().isPresent()) {
      return written(d.getField().get());
    }
    return null;
  }

  /** The table of a column that is selected as it is. */
  private static SecuredQuery.Origin origin(Expression e, Typed t, Rel from) {
    if (from == null || !(e instanceof Identifier || e instanceof DereferenceExpression)) {
      return null;
    }
    // References are generated: no two columns have the same.
    return from.fields().stream()
        .filter(f -> f.sql.equals(t.sql()))
        .findFirst()
        .map(f -> f.origin)
        .orElse(null);
  }

  private void star(
      AllColumns all, Rel from, Ctx c, List<OutputColumn> columns, List<Typed> outputs) {
    if (from == null) {
      throw Refusal.at(
          all, "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause");
    }
    List<Field> chosen = from.fields();
    if (all.getTarget().isPresent()) {
      List<String> prefix = parts(all.getTarget().get());
      if (prefix == null) {
        throw Refusal.unsupported(all, "all fields of an expression");
      }
      chosen =
          from.fields().stream()
              .filter(f -> !f.qualifier.isEmpty() && f.matchesQualifier(prefix))
              .toList();
      if (chosen.isEmpty()) {
        throw Refusal.at(
            all, "TABLE_NOT_FOUND", "Unable to resolve reference " + String.join(".", prefix));
      }
    }
    if (!all.getAliases().isEmpty()) {
      Relations.requireAliasCount(all, all.getAliases().size(), chosen.size());
    }
    for (int i = 0; i < chosen.size(); i++) {
      Field f = chosen.get(i);
      Typed t = expressions.references.column(f, c);
      outputs.add(t);
      String name = all.getAliases().isEmpty() ? f.name : canonical(all.getAliases().get(i));
      columns.add(new OutputColumn(name, f.type, f.origin, false));
    }
    if (chosen.isEmpty()) {
      throw Refusal.at(all, "COLUMN_NOT_FOUND", "SELECT * has no columns");
    }
  }

  void use(Field f) {
    if (f.onUse != null) {
      f.onUse.run();
    }
  }

  static String lower(Identifier i) {
    return i.getValue().toLowerCase(Locale.ROOT);
  }

  /** Trino shows aliases of {@code t.*} in upper case unless they are quoted. */
  private static String canonical(Identifier i) {
    return i.isDelimited() ? i.getValue() : i.getValue().toUpperCase(Locale.ROOT);
  }

  static String written(Identifier i) {
    return i.getValue();
  }

  /** Parts of a name, lower case; null when the expression is no name. */
  static List<String> parts(Expression e) {
    if (e instanceof Identifier i) {
      return List.of(lower(i));
    }
    if (e instanceof DereferenceExpression d && d.getField().isPresent()) {
      List<String> base = parts(d.getBase());
      if (base == null) {
        return null;
      }
      List<String> all = new ArrayList<>(base);
      all.add(lower(d.getField().get()));
      return all;
    }
    return null;
  }
}
