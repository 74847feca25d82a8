package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.Origin;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.TableNames.Named;
import dev.lakegate.gateway.sql.Type.Kind;
import dev.lakegate.gateway.sql.VirtualCatalog.VirtualTable;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.AccessDecision.HiddenColumn;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.JoinOn;
import io.trino.sql.tree.JoinUsing;
import io.trino.sql.tree.Lateral;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.Row;
import io.trino.sql.tree.SampledRelation;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Unnest;
import io.trino.sql.tree.Values;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What stands in FROM: tables under their access decision, joins, UNNEST, VALUES, subqueries. */
final class Relations {
  private final Analyzer analyzer;
  private final Expressions expressions;
  private final CatalogView catalog;
  private final Session session;
  private final Constants constants;
  private final TableNames names;

  Relations(
      Analyzer analyzer,
      Expressions expressions,
      CatalogView catalog,
      Constants constants,
      TableNames names) {
    this.analyzer = analyzer;
    this.expressions = expressions;
    this.catalog = catalog;
    this.session = analyzer.session;
    this.constants = constants;
    this.names = names;
  }

  /** DuckDB tries orders of joins, which nothing stops: 50 take seconds, 100 take minutes. */
  private static final int MAX_JOINED = 50;

  final Map<String, Binding> bindings = new LinkedHashMap<>();

  Rel relation(Relation r, Scope outer, Ctes ctes, Rel left) {
    return analyzer.deeper(r, () -> relationNow(r, outer, ctes, left));
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
      return derived(analyzer.query(s.getQuery(), outer, ctes), "");
    }
    if (r instanceof Lateral l) {
      return derived(analyzer.query(l.getQuery(), lateralScope(left, outer), ctes), "LATERAL ");
    }
    if (r instanceof SampledRelation sampled) {
      return sampled(sampled, outer, ctes, left);
    }
    if (r instanceof Unnest u) {
      return unnest(u, lateralScope(left, outer), ctes, left != null);
    }
    if (r instanceof Values v) {
      return values(v, outer, ctes);
    }
    if (r instanceof QueryBody b) {
      return derived(analyzer.body(b, outer, ctes), "");
    }
    throw Refusal.unsupported(r, StatementNames.of(r));
  }

  private static Scope lateralScope(Rel left, Scope outer) {
    return left == null ? outer : Scope.of(left.fields(), left.hidden(), outer);
  }

  /** Rows at random, each by itself; where whole files are meant, this is as good as any. */
  private Rel sampled(SampledRelation s, Scope outer, Ctes ctes, Rel left) {
    if (isLateral(s.getRelation())) {
      throw Refusal.unsupported(s, "TABLESAMPLE of LATERAL or UNNEST");
    }
    double percentage;
    if (s.getSamplePercentage() instanceof LongLiteral l) {
      percentage = l.getParsedValue();
    } else if (s.getSamplePercentage() instanceof DecimalLiteral d) {
      percentage = Double.parseDouble(d.getValue());
    } else if (s.getSamplePercentage() instanceof DoubleLiteral d) {
      percentage = d.getValue();
    } else {
      throw Refusal.unsupported(s, "TABLESAMPLE with a computed percentage");
    }
    if (!(percentage >= 0 && percentage <= 100)) {
      throw Refusal.at(
          s, "NUMERIC_VALUE_OUT_OF_RANGE", "Sample percentage must be between 0 and 100");
    }
    Rel all = relation(s.getRelation(), outer, ctes, left);
    String alias = analyzer.fresh("r");
    List<String> items = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (Field f : all.fields()) {
      analyzer.use(f);
      items.add(f.sql + " AS c" + (items.size() + 1));
      fields.add(
          new Field(f.name, f.qualifier, f.type, alias + ".c" + items.size(), null, f.origin));
    }
    return new Rel(
        "(SELECT "
            + String.join(", ", items)
            + " FROM "
            + all.sql()
            + " WHERE lk_sample(CAST('"
            + percentage
            + "' AS DOUBLE))) AS "
            + alias,
        fields,
        all.hidden());
  }

  private Rel derived(Analyzer.Block b, String lateral) {
    String alias = analyzer.fresh("r");
    return new Rel(
        lateral + "(" + b.text() + ") AS " + alias,
        fields(b.columns(), alias, List.of()),
        List.of());
  }

  static List<Field> fields(List<OutputColumn> columns, String alias, List<String> qualifier) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      OutputColumn c = columns.get(i);
      fields.add(
          new Field(c.name(), qualifier, c.type(), alias + ".c" + (i + 1), null, c.origin()));
    }
    return fields;
  }

  Rel table(Table t, Ctes ctes) {
    QualifiedName name = t.getName();
    List<String> parts = name.getParts().stream().map(p -> p.toLowerCase(Locale.ROOT)).toList();
    if (parts.size() == 1) {
      Ctes cte = Ctes.find(ctes, parts.get(0));
      if (cte != null) {
        if (t.getQueryPeriod().isPresent()) {
          throw Refusal.unsupported(t, "FOR .. AS OF on a WITH query; say it at its tables");
        }
        String alias = analyzer.fresh("r");
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
      analyzer.facts.made(t, named.table());
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
    String alias = analyzer.fresh("r");
    analyzer.asked.read(t, alias, binding);
    analyzer.facts.table(t, binding);
    List<String> qualifier = List.of(catalog.catalog(), schema, table);
    Origin origin = new Origin(catalog.catalog(), view.schema(), view.name());
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
              () -> binding.used().add(position),
              origin));
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
    String alias = analyzer.fresh("r");
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < t.columns().size(); i++) {
      ColumnView c = t.columns().get(i);
      fields.add(
          new Field(
              c.name(),
              List.of(t.catalog(), t.schema(), t.name()),
              c.type(),
              alias + ".c" + (i + 1),
              null,
              new Origin(t.catalog(), t.schema(), t.name())));
    }
    return new Rel("(" + t.sql(analyzer.fresh("u")) + ") AS " + alias, fields, List.of());
  }

  private Rel aliased(AliasedRelation a, Scope outer, Ctes ctes, Rel left) {
    Rel inner = relation(a.getRelation(), outer, ctes, left);
    List<String> qualifier = List.of(Analyzer.lower(a.getAlias()));
    List<Identifier> names = a.getColumnNames() == null ? List.of() : a.getColumnNames();
    List<Field> fields = new ArrayList<>();
    if (!names.isEmpty()) {
      requireAliasCount(a, names.size(), inner.fields().size());
    }
    for (int i = 0; i < inner.fields().size(); i++) {
      Field f = inner.fields().get(i);
      fields.add(f.renamed(names.isEmpty() ? f.name : Analyzer.written(names.get(i)), qualifier));
    }
    List<Scope.Hidden> hidden = new ArrayList<>();
    if (names.isEmpty()) {
      for (Scope.Hidden h : inner.hidden()) {
        hidden.add(new Scope.Hidden(qualifier, h.table(), h.column()));
      }
    }
    return new Rel(inner.sql(), fields, hidden);
  }

  static void requireAliasCount(Node node, int aliases, int columns) {
    if (aliases != columns) {
      throw Refusal.at(
          node,
          "MISMATCHED_COLUMN_ALIASES",
          "Column alias list has " + aliases + " entries but relation has " + columns + " columns");
    }
  }

  Rel join(Join j, Scope outer, Ctes ctes) {
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
        if (!seen.add(Analyzer.lower(column))) {
          throw Refusal.at(
              column, "DUPLICATE_COLUMN_NAME", "Column appears multiple times in USING");
        }
        Field l = only(left, column);
        Field r = only(right, column);
        analyzer.use(l);
        analyzer.use(r);
        consumed.add(l);
        consumed.add(r);
        Typed tl = Typed.of(l.type, l.sql);
        Typed tr = Typed.of(r.type, r.sql);
        conditions.add(Comparisons.compare(column, "=", tl, tr).sql());
        Type common = Types.common(l.type, r.type).orElseThrow();
        String a = Casts.coerce(column, tl, common).sql();
        String b = Casts.coerce(column, tr, common).sql();
        String sql =
            switch (j.getType()) {
              case INNER, LEFT -> a;
              case RIGHT -> b;
              default -> "coalesce(" + a + ", " + b + ")";
            };
        merged.add(new Field(Analyzer.written(column), List.of(), common, sql, null));
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

  static void requireFewJoined(Relation from) {
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

  Field only(Rel rel, Identifier column) {
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
    String alias = analyzer.fresh("r");
    String inner = analyzer.fresh("u");
    List<String> unnested = new ArrayList<>();
    List<String> outer = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    List<String> arrays = new ArrayList<>();
    for (Expression e : u.getExpressions()) {
      Typed a = expressions.translate(e, c);
      if (a.type().kind() == Kind.MAP) {
        String[] sides = {"map_keys(" + a.sql() + ")", "map_values(" + a.sql() + ")"};
        for (int side = 0; side < 2; side++) {
          String name = "u" + (unnested.size() + 1);
          unnested.add("unnest(" + sides[side] + ") AS " + name);
          outer.add(inner + "." + name);
          fields.add(
              new Field(
                  null,
                  List.of(),
                  a.type().arguments().get(side),
                  alias + ".c" + outer.size(),
                  null));
        }
        arrays.add(sides[0]);
        continue;
      }
      if (a.type().kind() != Kind.ARRAY) {
        throw a.isNull()
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
      String longest =
          arrays.stream()
              .map(x -> "coalesce(len(" + x + "), 0)")
              .collect(Collectors.joining(", ", "greatest(0, ", ")"));
      unnested.add("unnest(range(1, " + longest + " + 1)) AS o1");
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

  Rel values(Values v, Scope outer, Ctes ctes) {
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
    String alias = analyzer.fresh("r");
    List<String> lines = new ArrayList<>();
    for (List<Typed> row : rows) {
      List<String> items = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String sql =
            types.get(i).kind() == Kind.UNKNOWN
                ? "CAST(NULL AS INTEGER)"
                : Casts.coerce(v, row.get(i), types.get(i)).sql();
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
}
