package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.TableNames.Named;
import dev.lakegate.gateway.sql.Type.Kind;
import dev.lakegate.gateway.sql.VirtualCatalog.VirtualTable;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.AccessDecision.HiddenColumn;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.AllRows;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Except;
import io.trino.sql.tree.Explain;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FetchFirst;
import io.trino.sql.tree.GroupBy;
import io.trino.sql.tree.GroupingElement;
import io.trino.sql.tree.GroupingSets;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Intersect;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.JoinOn;
import io.trino.sql.tree.JoinUsing;
import io.trino.sql.tree.Lateral;
import io.trino.sql.tree.Limit;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Offset;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.Row;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SetOperation;
import io.trino.sql.tree.SimpleGroupBy;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.Unnest;
import io.trino.sql.tree.Values;
import io.trino.sql.tree.WindowDefinition;
import io.trino.sql.tree.WindowSpecification;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

  /** DuckDB holds a hash table for each; CUBE doubles them with each column. */
  private static final int MAX_GROUPING_SETS = 64;

  /** DuckDB tries orders of joins, which nothing stops: 50 take seconds, 100 take minutes. */
  private static final int MAX_JOINED = 50;

  private final CatalogView catalog;
  final Session session;
  private final Constants constants;
  private final TableNames names;
  private final Map<String, Binding> bindings = new LinkedHashMap<>();
  private final Expressions expressions = new Expressions(this);
  private final Asked asked;

  /** Steps of the statement that each make a long value; together they share its memory. */
  int longValues;

  private int next = 1;
  private int depth;

  Analyzer(CatalogView catalog, Session session, Constants constants) {
    this.catalog = catalog;
    this.session = session;
    this.constants = constants;
    this.names = new TableNames(catalog, session);
    this.asked = new Asked(this, expressions, constants);
  }

  /** A translated query: text and result. */
  record Block(List<String> with, String body, List<OutputColumn> columns) {
    String text() {
      return with.isEmpty() ? body : "WITH " + String.join(", ", with) + " " + body;
    }
  }

  /** A translated relation. */
  private record Rel(String sql, List<Field> fields, List<Scope.Hidden> hidden) {}

  SecuredQuery analyze(Statement statement) {
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
        block.with().stream().map(w -> Duck.withSteps(w, longValues)).toList(),
        Duck.withSteps(block.body(), longValues),
        List.copyOf(bindings.values()),
        block.columns(),
        this.asked.byBinding());
  }

  private void requireOutput(Node node, Type type) {
    if (type.kind() == Kind.TIMESTAMP_TZ && !type.zone().equals("UTC")) {
      throw Refusal.unsupported(
          node, "a result in time zone " + type.zone() + "; cast it to timestamp or varchar");
    }
    type.arguments().forEach(t -> requireOutput(node, t));
  }

  String fresh(String prefix) {
    return prefix + next++;
  }

  private <T> T deeper(Node node, java.util.function.Supplier<T> work) {
    if (++depth > MAX_DEPTH) {
      throw Refusal.at(node, "QUERY_TOO_COMPLEX", "The query is nested too deeply");
    }
    try {
      return work.get();
    } finally {
      depth--;
    }
  }

  // ------------------------------------------------------------------ queries

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
      if (w.isRecursive()) {
        throw Refusal.unsupported(w, "WITH RECURSIVE");
      }
      Set<String> names = new HashSet<>();
      for (WithQuery item : w.getQueries()) {
        String name = lower(item.getName());
        if (!names.add(name)) {
          throw Refusal.at(
              item, "DUPLICATE_NAMED_QUERY", "WITH query name '" + name + "' specified twice");
        }
        // A common table expression sees those before it, not itself and not the columns around.
        Block b = query(item.getQuery(), null, ctes);
        List<OutputColumn> columns = b.columns();
        if (item.getColumnNames().isPresent()) {
          List<Identifier> aliases = item.getColumnNames().get();
          requireAliasCount(item, aliases.size(), columns.size());
          List<OutputColumn> renamed = new ArrayList<>();
          for (int i = 0; i < columns.size(); i++) {
            renamed.add(new OutputColumn(written(aliases.get(i)), columns.get(i).type()));
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

  private Block body(QueryBody body, Scope outer, Ctes ctes) {
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
            Rel rel = relation(body, outer, ctes, null);
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
      columns.add(new OutputColumn(f.name, f.type));
    }
    return new Block(
        List.of(), "SELECT " + String.join(", ", items) + " FROM " + rel.sql(), columns);
  }

  /** ORDER BY, OFFSET and LIMIT around a whole body, where only its columns are in scope. */
  private Block ordered(Query q, Block body, Scope outer, Ctes ctes) {
    String alias = fresh("r");
    List<Field> fields = fields(body.columns(), alias, List.of());
    Scope scope = Scope.of(fields, List.of(), outer);
    StringBuilder sql =
        new StringBuilder("SELECT * FROM (").append(body.text()).append(") AS ").append(alias);
    List<Typed> outputs =
        fields.stream().map(f -> Typed.of(f.type, f.sql)).collect(Collectors.toList());
    if (q.getOrderBy().isPresent()) {
      Ctx c = Ctx.of(scope, ctes, "ORDER BY");
      sql.append(orderBy(q.getOrderBy().get(), c, body.columns(), outputs, false));
    }
    sql.append(limit(q.getOffset(), q.getLimit()));
    return new Block(List.of(), sql.toString(), body.columns());
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
        items.add(Duck.coerce(s, v, types.get(i)).sql() + " AS c" + (i + 1));
      }
      parts.add(
          "(SELECT " + String.join(", ", items) + " FROM (" + b.text() + ") AS " + alias + ")");
    }
    List<OutputColumn> columns = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      columns.add(new OutputColumn(first.get(i).name(), types.get(i)));
    }
    String glue = " " + operator + (s.isDistinct() ? " " : " ALL ");
    return new Block(List.of(), String.join(glue, parts), columns);
  }

  private Block specification(QuerySpecification s, Scope outer, Ctes ctes) {
    s.getFrom().ifPresent(Analyzer::requireFewJoined);
    Rel from = s.getFrom().map(r -> relation(r, outer, ctes, null)).orElse(null);
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
      groupBy = groupBy(s, s.getGroupBy().get(), scope, ctes, grouped);
    }
    Ctx c = new Ctx(scope, ctes, grouped, true, true, false, "SELECT", Map.of(), windows);

    List<OutputColumn> columns = new ArrayList<>();
    List<Typed> outputs = new ArrayList<>();
    for (SelectItem item : s.getSelect().getSelectItems()) {
      if (item instanceof SingleColumn single) {
        Typed t = expressions.translate(single.getExpression(), c);
        outputs.add(t);
        selected.add(single.getExpression());
        columns.add(new OutputColumn(outputName(single), t.type()));
      } else if (item instanceof AllColumns all) {
        star(all, from, c, columns, outputs);
      } else {
        throw Refusal.unsupported(item, StatementNames.of(item));
      }
    }
    Typed having =
        s.getHaving().map(h -> expressions.bool(h, c.withoutWindows("HAVING clause"))).orElse(null);
    List<Typed> sortKeys = new ArrayList<>();
    String orderBy = "";
    boolean distinct = s.getSelect().isDistinct();
    if (s.getOrderBy().isPresent()) {
      orderBy =
          orderBy(s.getOrderBy().get(), c.in("ORDER BY"), columns, outputs, distinct, sortKeys);
    }

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
      if (distinct && t.type().kind() == Kind.MAP) {
        throw Refusal.unsupported(s, "DISTINCT over maps");
      }
    }
    StringBuilder sql = new StringBuilder("SELECT ");
    if (distinct) {
      sql.append("DISTINCT ");
    }
    sql.append(String.join(", ", items));
    if (from != null) {
      sql.append(" FROM ").append(from.sql());
    }
    if (where != null) {
      sql.append(" WHERE ").append(where);
    }
    sql.append(groupBy);
    if (having != null) {
      sql.append(" HAVING ").append(having.sql());
    }
    sql.append(orderBy).append(limit(s.getOffset(), s.getLimit()));
    if (sql.length() > MAX_TEXT) {
      throw Refusal.at(s, "QUERY_TOO_COMPLEX", "The query is too large");
    }
    return new Block(List.of(), sql.toString(), columns);
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
      requireAliasCount(all, all.getAliases().size(), chosen.size());
    }
    for (int i = 0; i < chosen.size(); i++) {
      Field f = chosen.get(i);
      Typed t = expressions.column(f, c);
      outputs.add(t);
      String name = all.getAliases().isEmpty() ? f.name : canonical(all.getAliases().get(i));
      columns.add(new OutputColumn(name, f.type));
    }
    if (chosen.isEmpty()) {
      throw Refusal.at(all, "COLUMN_NOT_FOUND", "SELECT * has no columns");
    }
  }

  private String groupBy(
      QuerySpecification s, GroupBy g, Scope scope, Ctes ctes, Set<String> grouped) {
    if (g.isDistinct()) {
      throw Refusal.unsupported(g, "GROUP BY DISTINCT");
    }
    Ctx c = Ctx.of(scope, ctes, "GROUP BY clause");
    List<String> elements = new ArrayList<>();
    long total = 1;
    for (GroupingElement e : g.getGroupingElements()) {
      total *= groupingSets(e);
      if (total > MAX_GROUPING_SETS) {
        throw Refusal.at(
            e, "QUERY_TOO_COMPLEX", "More than " + MAX_GROUPING_SETS + " grouping sets");
      }
      if (e instanceof SimpleGroupBy simple) {
        if (simple.getExpressions().size() == 1) {
          Typed t = groupKey(s, simple.getExpressions().get(0), c);
          grouped.add(t.sql());
          elements.add(t.sql());
        } else {
          for (Expression x : simple.getExpressions()) {
            Typed t = groupKey(s, x, c);
            grouped.add(t.sql());
            elements.add(t.sql());
          }
        }
      } else if (e instanceof GroupingSets sets) {
        List<String> list = new ArrayList<>();
        for (List<Expression> set : sets.getSets()) {
          List<String> keys = new ArrayList<>();
          for (Expression x : set) {
            if (!(x instanceof Identifier) && !(x instanceof DereferenceExpression)) {
              throw Refusal.unsupported(x, "grouping sets of anything but columns");
            }
            Typed t = expressions.translate(x, c);
            grouped.add(t.sql());
            keys.add(t.sql());
          }
          list.add("(" + String.join(", ", keys) + ")");
        }
        String all = "(" + String.join(", ", list) + ")";
        elements.add(
            switch (sets.getType()) {
              case EXPLICIT -> "GROUPING SETS " + all;
              case ROLLUP -> "ROLLUP " + all;
              case CUBE -> "CUBE " + all;
            });
      } else {
        throw Refusal.unsupported(e, "this GROUP BY element");
      }
    }
    if (elements.isEmpty()) {
      return " GROUP BY GROUPING SETS (())";
    }
    return " GROUP BY " + String.join(", ", elements);
  }

  private static long groupingSets(GroupingElement e) {
    if (!(e instanceof GroupingSets g)) {
      return 1;
    }
    int n = g.getSets().size();
    return switch (g.getType()) {
      case EXPLICIT -> n;
      case ROLLUP -> n + 1L;
      case CUBE -> 1L << Math.min(n, 30);
    };
  }

  private Typed groupKey(QuerySpecification s, Expression e, Ctx c) {
    Expression key = e;
    if (e instanceof LongLiteral ordinal) {
      List<SelectItem> items = s.getSelect().getSelectItems();
      long n = ordinal.getParsedValue();
      if (items.stream().anyMatch(i -> i instanceof AllColumns)) {
        throw Refusal.unsupported(e, "GROUP BY ordinal beside *");
      }
      if (n < 1 || n > items.size()) {
        throw Refusal.at(
            e, "INVALID_COLUMN_REFERENCE", "GROUP BY position " + n + " is not in select list");
      }
      key = ((SingleColumn) items.get((int) n - 1)).getExpression();
    }
    Typed t;
    try {
      t = expressions.translate(key, c);
    } catch (SqlFailure f) {
      boolean auto = key instanceof Identifier i && !i.isDelimited() && lower(i).equals("auto");
      throw auto && f.code().equals("COLUMN_NOT_FOUND")
          ? Refusal.unsupported(key, "GROUP BY AUTO")
          : f;
    }
    if (t.subquery()) {
      throw Refusal.unsupported(key, "a subquery in GROUP BY");
    }
    if (t.type().kind() == Kind.MAP || t.isNull()) {
      throw Refusal.unsupported(key, "GROUP BY of type " + t.type());
    }
    return t;
  }

  private String orderBy(
      OrderBy order, Ctx c, List<OutputColumn> columns, List<Typed> outputs, boolean distinct) {
    return orderBy(order, c, columns, outputs, distinct, new ArrayList<>());
  }

  private String orderBy(
      OrderBy order,
      Ctx c,
      List<OutputColumn> columns,
      List<Typed> outputs,
      boolean distinct,
      List<Typed> keys) {
    List<String> items = new ArrayList<>();
    for (SortItem item : order.getSortItems()) {
      Expression e = item.getSortKey();
      Typed key;
      int position = -1;
      if (e instanceof LongLiteral ordinal) {
        long n = ordinal.getParsedValue();
        if (n < 1 || n > columns.size()) {
          throw Refusal.at(
              e, "INVALID_COLUMN_REFERENCE", "ORDER BY position " + n + " is not in select list");
        }
        position = (int) n - 1;
        key = outputs.get(position);
      } else {
        key = expressions.translate(e, c.withOutputs(columns, outputs));
        for (int i = 0; i < outputs.size(); i++) {
          if (outputs.get(i).sql().equals(key.sql())) {
            position = i;
            break;
          }
        }
      }
      if (distinct && position < 0) {
        throw Refusal.at(
            e,
            "EXPRESSION_NOT_IN_DISTINCT",
            "For SELECT DISTINCT, ORDER BY expressions must appear in select list");
      }
      requireOrderable(e, key.type());
      keys.add(key);
      String sql = key.isNull() ? "CAST(NULL AS INTEGER)" : key.sql();
      items.add((position >= 0 ? String.valueOf(position + 1) : sql) + direction(item));
    }
    return " ORDER BY " + String.join(", ", items);
  }

  void requireOrderable(Node node, Type t) {
    if (t.isNested()) {
      throw Refusal.unsupported(node, "ordering by type " + t);
    }
  }

  static String direction(SortItem item) {
    String direction = item.getOrdering() == SortItem.Ordering.DESCENDING ? " DESC" : " ASC";
    return direction
        + switch (item.getNullOrdering()) {
          case FIRST -> " NULLS FIRST";
          // Trino puts NULL last whatever the direction.
          case LAST, UNDEFINED -> " NULLS LAST";
        };
  }

  private String limit(Optional<Offset> offset, Optional<Node> limit) {
    StringBuilder sql = new StringBuilder();
    if (limit.isPresent()) {
      Node n = limit.get();
      if (n instanceof Limit l) {
        if (!(l.getRowCount() instanceof AllRows)) {
          sql.append(" LIMIT ").append(count(l.getRowCount()));
        }
      } else if (n instanceof FetchFirst f) {
        if (f.isWithTies()) {
          throw Refusal.unsupported(f, "FETCH FIRST WITH TIES");
        }
        sql.append(" LIMIT ").append(f.getRowCount().map(this::count).orElse(1L));
      } else {
        throw Refusal.unsupported(n, StatementNames.of(n));
      }
    }
    offset.ifPresent(o -> sql.append(" OFFSET ").append(count(o.getRowCount())));
    return sql.toString();
  }

  private long count(Expression e) {
    if (e instanceof LongLiteral l && l.getParsedValue() >= 0) {
      return l.getParsedValue();
    }
    throw Refusal.unsupported(e, "a row count that is not a literal");
  }

  // ------------------------------------------------------------------ relations

  private Rel relation(Relation r, Scope outer, Ctes ctes, Rel left) {
    return deeper(r, () -> relationNow(r, outer, ctes, left));
  }

  private Rel relationNow(Relation r, Scope outer, Ctes ctes, Rel left) {
    if (r instanceof Table t) {
      return table(t, ctes);
    }
    if (r instanceof AliasedRelation a) {
      return aliased(a, outer, ctes, left);
    }
    if (r instanceof Join j) {
      return join(j, outer, ctes);
    }
    if (r instanceof TableSubquery s) {
      return derived(query(s.getQuery(), outer, ctes), "");
    }
    if (r instanceof Lateral l) {
      return derived(query(l.getQuery(), lateralScope(left, outer), ctes), "LATERAL ");
    }
    if (r instanceof Unnest u) {
      return unnest(u, lateralScope(left, outer), ctes, left != null);
    }
    if (r instanceof Values v) {
      return values(v, outer, ctes);
    }
    if (r instanceof QueryBody b) {
      return derived(body(b, outer, ctes), "");
    }
    throw Refusal.unsupported(r, StatementNames.of(r));
  }

  private static Scope lateralScope(Rel left, Scope outer) {
    return left == null ? outer : Scope.of(left.fields(), left.hidden(), outer);
  }

  private Rel derived(Block b, String lateral) {
    String alias = fresh("r");
    return new Rel(
        lateral + "(" + b.text() + ") AS " + alias,
        fields(b.columns(), alias, List.of()),
        List.of());
  }

  private static List<Field> fields(
      List<OutputColumn> columns, String alias, List<String> qualifier) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      OutputColumn c = columns.get(i);
      fields.add(new Field(c.name(), qualifier, c.type(), alias + ".c" + (i + 1), null));
    }
    return fields;
  }

  private Rel table(Table t, Ctes ctes) {
    QualifiedName name = t.getName();
    List<String> parts = name.getParts().stream().map(p -> p.toLowerCase(Locale.ROOT)).toList();
    if (parts.size() == 1) {
      Ctes cte = Ctes.find(ctes, parts.get(0));
      if (cte != null) {
        if (t.getQueryPeriod().isPresent()) {
          throw Refusal.unsupported(t, "FOR .. AS OF on a WITH query; say it at its tables");
        }
        String alias = fresh("r");
        return new Rel(cte.sql() + " AS " + alias, fields(cte.columns(), alias, parts), List.of());
      }
    }
    Named named = names.complete(t, name);
    String schema = named.schema();
    String table = named.table();
    Optional<VirtualTable> made = names.virtual(named);
    if (made.isPresent()) {
      if (t.getQueryPeriod().isPresent()) {
        throw Refusal.unsupported(t, "former states of " + schema + "." + table);
      }
      return virtual(made.get());
    }
    TableView view = view(t, named);
    AccessDecision decision = view.decision();
    if (!decision.masks().isEmpty()) {
      throw Refusal.unsupported(t, "a table with masked columns");
    }
    Binding binding =
        bindings.computeIfAbsent(
            view.key(), k -> new Binding("t" + (bindings.size() + 1), view, new TreeSet<>()));
    String alias = fresh("r");
    asked.read(t, alias, binding);
    List<String> qualifier = List.of(catalog.catalog(), schema, table);
    List<Field> fields = new ArrayList<>();
    List<ColumnView> columns = view.columns();
    for (int i = 0; i < columns.size(); i++) {
      int position = i;
      fields.add(
          new Field(
              columns.get(i).name(),
              qualifier,
              columns.get(i).type(),
              alias + ".c" + (i + 1),
              () -> binding.used().add(position)));
    }
    List<Scope.Hidden> hidden = new ArrayList<>();
    for (HiddenColumn h : decision.hiddenColumns()) {
      hidden.add(new Scope.Hidden(qualifier, view.qualifiedName(), h));
    }
    return new Rel(binding.name() + " AS " + alias, fields, hidden);
  }

  private TableView view(Table t, Named named) {
    // Who may not read a table learns nothing of its states either.
    TableView now = names.require(t, named);
    return t.getQueryPeriod().isEmpty()
        ? now
        : names.former(
            named,
            t.getQueryPeriod().get(),
            TimeTravel.of(t.getQueryPeriod().get(), expressions, session, constants));
  }

  private Rel virtual(VirtualTable t) {
    String alias = fresh("r");
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < t.columns().size(); i++) {
      ColumnView c = t.columns().get(i);
      fields.add(
          new Field(
              c.name(),
              List.of(t.catalog(), t.schema(), t.name()),
              c.type(),
              alias + ".c" + (i + 1),
              null));
    }
    return new Rel("(" + t.sql(fresh("u")) + ") AS " + alias, fields, List.of());
  }

  private Rel aliased(AliasedRelation a, Scope outer, Ctes ctes, Rel left) {
    Rel inner = relation(a.getRelation(), outer, ctes, left);
    List<String> qualifier = List.of(lower(a.getAlias()));
    List<Identifier> names = a.getColumnNames() == null ? List.of() : a.getColumnNames();
    List<Field> fields = new ArrayList<>();
    if (!names.isEmpty()) {
      requireAliasCount(a, names.size(), inner.fields().size());
    }
    for (int i = 0; i < inner.fields().size(); i++) {
      Field f = inner.fields().get(i);
      fields.add(f.renamed(names.isEmpty() ? f.name : written(names.get(i)), qualifier));
    }
    List<Scope.Hidden> hidden = new ArrayList<>();
    if (names.isEmpty()) {
      for (Scope.Hidden h : inner.hidden()) {
        hidden.add(new Scope.Hidden(qualifier, h.table(), h.column()));
      }
    }
    return new Rel(inner.sql(), fields, hidden);
  }

  private static void requireAliasCount(Node node, int aliases, int columns) {
    if (aliases != columns) {
      throw Refusal.at(
          node,
          "MISMATCHED_COLUMN_ALIASES",
          "Column alias list has " + aliases + " entries but relation has " + columns + " columns");
    }
  }

  private Rel join(Join j, Scope outer, Ctes ctes) {
    Rel left = relation(j.getLeft(), outer, ctes, null);
    Rel right = relation(j.getRight(), outer, ctes, left);
    List<Field> fields = new ArrayList<>(left.fields());
    fields.addAll(right.fields());
    List<Scope.Hidden> hidden = new ArrayList<>(left.hidden());
    hidden.addAll(right.hidden());
    boolean lateral = isLateral(j.getRight());
    switch (j.getType()) {
      case CROSS, IMPLICIT:
        return new Rel("(" + left.sql() + " CROSS JOIN " + right.sql() + ")", fields, hidden);
      default:
        break;
    }
    String type =
        switch (j.getType()) {
          case INNER -> "JOIN";
          case LEFT -> "LEFT JOIN";
          case RIGHT -> "RIGHT JOIN";
          case FULL -> "FULL JOIN";
          default -> throw Refusal.unsupported(j, "join type " + j.getType());
        };
    if (lateral && j.getType() != Join.Type.INNER && j.getType() != Join.Type.LEFT) {
      throw Refusal.unsupported(j, type + " with LATERAL or UNNEST");
    }
    if (j.getCriteria().orElse(null) instanceof JoinOn on) {
      Scope scope = Scope.of(fields, hidden, outer);
      Typed condition = expressions.bool(on.getExpression(), Ctx.of(scope, ctes, "JOIN clause"));
      if (condition.subquery()) {
        throw Refusal.unsupported(on.getExpression(), "a subquery in a join condition");
      }
      if (lateral && !condition.sql().equals("true")) {
        throw Refusal.unsupported(j, "a condition other than TRUE on LATERAL or UNNEST");
      }
      return new Rel(
          "(" + left.sql() + " " + type + " " + right.sql() + " ON " + condition.sql() + ")",
          fields,
          hidden);
    }
    if (j.getCriteria().orElse(null) instanceof JoinUsing using) {
      if (lateral) {
        throw Refusal.unsupported(j, "USING with LATERAL or UNNEST");
      }
      List<Field> merged = new ArrayList<>();
      Set<Field> consumed = new HashSet<>();
      List<String> conditions = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (Identifier column : using.getColumns()) {
        if (!seen.add(lower(column))) {
          throw Refusal.at(
              column, "DUPLICATE_COLUMN_NAME", "Column appears multiple times in USING");
        }
        Field l = only(left, column);
        Field r = only(right, column);
        use(l);
        use(r);
        consumed.add(l);
        consumed.add(r);
        Typed tl = Typed.of(l.type, l.sql);
        Typed tr = Typed.of(r.type, r.sql);
        conditions.add(Duck.compare(column, "=", tl, tr).sql());
        Type common = Types.common(l.type, r.type).orElseThrow();
        String a = Duck.coerce(column, tl, common).sql();
        String b = Duck.coerce(column, tr, common).sql();
        String sql =
            switch (j.getType()) {
              case INNER, LEFT -> a;
              case RIGHT -> b;
              default -> "coalesce(" + a + ", " + b + ")";
            };
        merged.add(new Field(written(column), List.of(), common, sql, null));
      }
      for (Field f : fields) {
        if (!consumed.contains(f)) {
          merged.add(f);
        }
      }
      return new Rel(
          "("
              + left.sql()
              + " "
              + type
              + " "
              + right.sql()
              + " ON "
              + String.join(" AND ", conditions)
              + ")",
          merged,
          hidden);
    }
    throw Refusal.unsupported(j, "NATURAL JOIN");
  }

  private static void requireFewJoined(Relation from) {
    if (joined(from) > MAX_JOINED) {
      throw Refusal.at(
          from, "QUERY_TOO_COMPLEX", "More than " + MAX_JOINED + " relations in one FROM clause");
    }
  }

  private static int joined(Relation from) {
    int count = 0;
    Deque<Relation> left = new ArrayDeque<>(List.of(from));
    while (!left.isEmpty()) {
      Relation r = left.pop();
      if (r instanceof Join j) {
        left.push(j.getLeft());
        left.push(j.getRight());
      } else if (r instanceof AliasedRelation a) {
        left.push(a.getRelation());
      } else {
        count++;
      }
    }
    return count;
  }

  private static boolean isLateral(Relation r) {
    return r instanceof Lateral
        || r instanceof Unnest
        || (r instanceof AliasedRelation a && isLateral(a.getRelation()));
  }

  private Field only(Rel rel, Identifier column) {
    List<Field> found =
        rel.fields().stream().filter(f -> f.matches(List.of(), column.getValue())).toList();
    if (found.size() > 1) {
      throw Refusal.at(column, "AMBIGUOUS_NAME", "Column '" + column.getValue() + "' is ambiguous");
    }
    if (found.isEmpty()) {
      for (Scope.Hidden h : rel.hidden()) {
        if (h.matches(List.of(), column.getValue())) {
          throw notReadable(column, h);
        }
      }
      throw Refusal.at(
          column,
          "COLUMN_NOT_FOUND",
          "Column '" + column.getValue() + "' is missing from a side of the join");
    }
    return found.get(0);
  }

  static SqlFailure notReadable(Node node, Scope.Hidden h) {
    HiddenColumn c = h.column();
    return Refusal.at(
            node,
            "COLUMN_NOT_READABLE",
            "Column "
                + h.table()
                + "."
                + c.name()
                + " may not be read ("
                + c.reason()
                + "). Personas that may: "
                + (c.personas().isEmpty() ? "none" : String.join(", ", c.personas()))
                + ".")
        .with("table", h.table())
        .with("columnName", c.name())
        .with("reason", c.reason().name())
        .with("personasThatMay", c.personas());
  }

  private Rel unnest(Unnest u, Scope scope, Ctes ctes, boolean lateral) {
    Ctx c = Ctx.of(scope == null ? Scope.of(List.of(), List.of(), null) : scope, ctes, "UNNEST");
    String alias = fresh("r");
    String inner = fresh("u");
    List<String> unnested = new ArrayList<>();
    List<String> outer = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    List<String> arrays = new ArrayList<>();
    for (Expression e : u.getExpressions()) {
      Typed a = expressions.translate(e, c);
      if (a.type().kind() != Kind.ARRAY) {
        throw a.type().kind() == Kind.MAP || a.isNull()
            ? Refusal.unsupported(e, "UNNEST of " + a.type())
            : Refusal.mismatch(e, "Cannot unnest type: " + a.type());
      }
      Type element = a.type().element();
      String name = "u" + (unnested.size() + 1);
      unnested.add("unnest(" + a.sql() + ") AS " + name);
      arrays.add(a.sql());
      if (element.kind() == Kind.ROW) {
        for (int i = 0; i < element.arguments().size(); i++) {
          outer.add("struct_extract(" + inner + "." + name + ", 'f" + (i + 1) + "')");
          fields.add(
              new Field(
                  element.names().get(i),
                  List.of(),
                  element.arguments().get(i),
                  alias + ".c" + outer.size(),
                  null));
        }
      } else {
        outer.add(inner + "." + name);
        fields.add(new Field(null, List.of(), element, alias + ".c" + outer.size(), null));
      }
    }
    if (u.isWithOrdinality()) {
      if (arrays.size() > 1) {
        throw Refusal.unsupported(u, "UNNEST of several arrays WITH ORDINALITY");
      }
      unnested.add("generate_subscripts(" + arrays.get(0) + ", 1) AS o1");
      outer.add("CAST(" + inner + ".o1 AS BIGINT)");
      fields.add(new Field(null, List.of(), Type.BIGINT, alias + ".c" + outer.size(), null));
    }
    List<String> items = new ArrayList<>();
    for (int i = 0; i < outer.size(); i++) {
      items.add(outer.get(i) + " AS c" + (i + 1));
    }
    String sql =
        (lateral ? "LATERAL " : "")
            + "(SELECT "
            + String.join(", ", items)
            + " FROM (SELECT "
            + String.join(", ", unnested)
            + ") AS "
            + inner
            + ") AS "
            + alias;
    return new Rel(sql, fields, List.of());
  }

  private Rel values(Values v, Scope outer, Ctes ctes) {
    Ctx c = Ctx.of(Scope.of(List.of(), List.of(), outer), ctes, "VALUES");
    List<List<Typed>> rows = new ArrayList<>();
    List<Type> types = null;
    for (Expression e : v.getRows()) {
      List<Typed> row = new ArrayList<>();
      if (e instanceof Row r) {
        for (Expression x : r.getItems()) {
          row.add(expressions.translate(x, c));
        }
      } else {
        Typed t = expressions.translate(e, c);
        if (t.type().kind() == Kind.ROW) {
          throw Refusal.unsupported(e, "a row that is computed in VALUES");
        }
        row.add(t);
      }
      if (types == null) {
        types = new ArrayList<>(row.stream().map(Typed::type).toList());
      } else if (types.size() != row.size()) {
        throw Refusal.mismatch(v, "Values rows have mismatched sizes");
      } else {
        for (int i = 0; i < row.size(); i++) {
          Type a = types.get(i);
          Type b = row.get(i).type();
          types.set(
              i,
              Types.common(a, b)
                  .orElseThrow(
                      () ->
                          Refusal.mismatch(
                              v, "Values rows have mismatched types: " + a + ", " + b)));
        }
      }
      rows.add(row);
    }
    String alias = fresh("r");
    List<String> lines = new ArrayList<>();
    for (List<Typed> row : rows) {
      List<String> items = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String sql =
            types.get(i).kind() == Kind.UNKNOWN
                ? "CAST(NULL AS INTEGER)"
                : Duck.coerce(v, row.get(i), types.get(i)).sql();
        items.add(sql);
      }
      lines.add("(" + String.join(", ", items) + ")");
    }
    List<String> names = new ArrayList<>();
    List<OutputColumn> columns = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      names.add("c" + (i + 1));
      columns.add(new OutputColumn(null, types.get(i)));
    }
    return new Rel(
        "(VALUES "
            + String.join(", ", lines)
            + ") AS "
            + alias
            + "("
            + String.join(", ", names)
            + ")",
        fields(columns, alias, List.of()),
        List.of());
  }

  // ------------------------------------------------------------------ names

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
