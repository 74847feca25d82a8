package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.CurrentCatalog;
import io.trino.sql.tree.CurrentSchema;
import io.trino.sql.tree.CurrentUser;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Except;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.ExpressionRewriter;
import io.trino.sql.tree.ExpressionTreeRewriter;
import io.trino.sql.tree.GroupBy;
import io.trino.sql.tree.GroupingElement;
import io.trino.sql.tree.GroupingSets;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Intersect;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.JoinOn;
import io.trino.sql.tree.Lateral;
import io.trino.sql.tree.Limit;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NodeLocation;
import io.trino.sql.tree.Offset;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.Parameter;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.SampledRelation;
import io.trino.sql.tree.Select;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SimpleGroupBy;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.SubqueryExpression;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.Unnest;
import io.trino.sql.tree.Values;
import io.trino.sql.tree.WindowDefinition;
import io.trino.sql.tree.WindowSpecification;
import io.trino.sql.tree.With;
import io.trino.sql.tree.WithQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts generated names where an analyzed query names tables; what it does not know it refuses. */
final class TrinoRewriter {
  private final TrinoFacts facts;
  private final Map<Binding, String> names;
  private final Session session;

  TrinoRewriter(TrinoFacts facts, Map<Binding, String> names, Session session) {
    this.facts = facts;
    this.names = names;
    this.session = session;
  }

  Query query(Query q) {
    return new Query(
        at(q),
        List.of(),
        q.getWith()
            .map(
                w ->
                    new With(
                        at(w),
                        w.isRecursive(),
                        w.getQueries().stream()
                            .map(
                                i ->
                                    new WithQuery(
                                        at(i),
                                        i.getName(),
                                        query(i.getQuery()),
                                        i.getColumnNames()))
                            .toList())),
        body(q.getQueryBody()),
        q.getOrderBy().map(this::orderBy),
        q.getOffset().map(this::offset),
        q.getLimit().map(this::limit));
  }

  private Offset offset(Offset o) {
    return o.getRowCount() instanceof Parameter p ? new Offset(at(o), count(p)) : o;
  }

  private Node limit(Node l) {
    return l instanceof Limit n && n.getRowCount() instanceof Parameter p
        ? new Limit(at(l), count(p))
        : l;
  }

  private Expression count(Parameter p) {
    return new LongLiteral(at(p), String.valueOf(Clauses.count(p, session.parameters())));
  }

  private static NodeLocation at(Node n) {
    return n.getLocation().orElseGet(() -> new NodeLocation(1, 1));
  }

  private QueryBody body(QueryBody b) {
    return b instanceof Table t ? (QueryBody) table(t, false) : (QueryBody) relation(b);
  }

  private Relation relation(Relation r) {
    if (r instanceof Table t) {
      return table(t, true);
    }
    if (r instanceof AliasedRelation a) {
      Relation inner =
          a.getRelation() instanceof Table t ? table(t, false) : relation(a.getRelation());
      return new AliasedRelation(at(a), inner, a.getAlias(), a.getColumnNames());
    }
    if (r instanceof QuerySpecification s) {
      return specification(s);
    }
    if (r instanceof TableSubquery s) {
      return new TableSubquery(at(s), query(s.getQuery()));
    }
    if (r instanceof Union u) {
      return new Union(at(u), relations(u.getRelations()), u.isDistinct());
    }
    if (r instanceof Intersect i) {
      return new Intersect(at(i), relations(i.getRelations()), i.isDistinct());
    }
    if (r instanceof Except e) {
      return new Except(
          at(e),
          relations(List.of(e.getLeft())).get(0),
          relations(List.of(e.getRight())).get(0),
          e.isDistinct());
    }
    if (r instanceof Join j) {
      requireDifferentNames(j);
      return new Join(
          j.getLocation(),
          j.getType(),
          relation(j.getLeft()),
          relation(j.getRight()),
          j.getCriteria()
              .map(c -> c instanceof JoinOn on ? new JoinOn(of(on.getExpression())) : c));
    }
    if (r instanceof Lateral l) {
      return new Lateral(at(l), query(l.getQuery()));
    }
    if (r instanceof Unnest u) {
      return new Unnest(
          at(u), u.getExpressions().stream().map(this::of).toList(), u.isWithOrdinality());
    }
    if (r instanceof Values v) {
      return new Values(at(v), v.getRows().stream().map(this::of).toList());
    }
    if (r instanceof SampledRelation s) {
      return new SampledRelation(
          at(s), relation(s.getRelation()), s.getType(), s.getSamplePercentage());
    }
    throw Refusal.unsupported(r, StatementNames.of(r) + " for Trino");
  }

  private List<Relation> relations(List<Relation> all) {
    return all.stream().map(r -> r instanceof QueryBody b ? body(b) : relation(r)).toList();
  }

  private Relation table(Table t, boolean named) {
    if (facts.isMade(t)) {
      throw Refusal.unsupported(t, "information_schema and system.jdbc for Trino");
    }
    Binding b = facts.binding(t);
    if (b == null) {
      // A WITH query of the statement.
      return t;
    }
    if (t.getQueryPeriod().isPresent()) {
      throw Refusal.unsupported(t, "former states for Trino");
    }
    Table secured = new Table(at(t), QualifiedName.of(names.get(b)));
    List<Identifier> parts = t.getName().getOriginalParts();
    return named ? new AliasedRelation(at(t), secured, parts.get(parts.size() - 1), null) : secured;
  }

  /** Tables of one name in different schemas would both be called by it. */
  private void requireDifferentNames(Join j) {
    Map<String, List<String>> seen = new HashMap<>();
    List<Relation> left = new ArrayList<>(List.of(j));
    while (!left.isEmpty()) {
      Relation r = left.remove(left.size() - 1);
      if (r instanceof Join inner) {
        left.add(inner.getLeft());
        left.add(inner.getRight());
      } else if (r instanceof Table t && facts.binding(t) != null) {
        List<String> parts = t.getName().getParts();
        String name = parts.get(parts.size() - 1);
        if (seen.put(name, parts) != null) {
          throw Refusal.unsupported(t, "several tables called " + name + " without aliases");
        }
      }
    }
  }

  private QuerySpecification specification(QuerySpecification s) {
    return new QuerySpecification(
        at(s),
        new Select(
            at(s.getSelect()),
            s.getSelect().isDistinct(),
            s.getSelect().getSelectItems().stream().map(this::item).toList()),
        s.getFrom().map(this::relation),
        s.getWhere().map(this::of),
        s.getGroupBy().map(this::groupBy),
        s.getHaving().map(this::of),
        s.getWindows().stream()
            .map(w -> new WindowDefinition(at(w), w.getName(), window(w.getWindow())))
            .toList(),
        s.getOrderBy().map(this::orderBy),
        s.getOffset().map(this::offset),
        s.getLimit().map(this::limit));
  }

  private SelectItem item(SelectItem i) {
    if (i instanceof SingleColumn c) {
      return new SingleColumn(at(c), of(c.getExpression()), c.getAlias());
    }
    AllColumns all = (AllColumns) i;
    return new AllColumns(all.getLocation(), all.getTarget().map(t -> target(t)), all.getAliases());
  }

  /** {@code schema.t.*} is that of the table, by whatever it is called now. */
  private static Expression target(Expression t) {
    return t instanceof DereferenceExpression d && d.getField().isPresent()
        ? d.getField().get()
        : t;
  }

  private GroupBy groupBy(GroupBy g) {
    List<GroupingElement> elements = new ArrayList<>();
    for (GroupingElement e : g.getGroupingElements()) {
      if (e instanceof SimpleGroupBy s) {
        elements.add(new SimpleGroupBy(at(s), s.getExpressions().stream().map(this::of).toList()));
      } else if (e instanceof GroupingSets s) {
        elements.add(
            new GroupingSets(
                at(s),
                s.getType(),
                s.getSets().stream().map(set -> set.stream().map(this::of).toList()).toList()));
      } else {
        throw Refusal.unsupported(e, "this GROUP BY element");
      }
    }
    return new GroupBy(at(g), g.isDistinct(), elements);
  }

  private OrderBy orderBy(OrderBy o) {
    return new OrderBy(
        at(o),
        o.getSortItems().stream()
            .map(i -> new SortItem(at(i), of(i.getSortKey()), i.getOrdering(), i.getNullOrdering()))
            .toList());
  }

  private WindowSpecification window(WindowSpecification w) {
    return new WindowSpecification(
        at(w),
        w.getExistingWindowName(),
        w.getPartitionBy().stream().map(this::of).toList(),
        w.getOrderBy().map(this::orderBy),
        w.getFrame());
  }

  private Expression of(Expression e) {
    return ExpressionTreeRewriter.rewriteWith(
        new ExpressionRewriter<Void>() {
          @Override
          public Expression rewriteSubqueryExpression(
              SubqueryExpression s, Void c, ExpressionTreeRewriter<Void> tree) {
            return new SubqueryExpression(at(s), query(s.getQuery()));
          }

          @Override
          public Expression rewriteDereferenceExpression(
              DereferenceExpression d, Void c, ExpressionTreeRewriter<Void> tree) {
            if (facts.qualifier(d) < 2) {
              return tree.defaultRewrite(d, c);
            }
            Expression table = d.getBase();
            while (table instanceof DereferenceExpression q && q.getField().isPresent()) {
              table = q.getField().get();
            }
            return new DereferenceExpression(table, d.getField().orElseThrow());
          }

          @Override
          public Expression rewriteParameter(
              Parameter p, Void c, ExpressionTreeRewriter<Void> tree) {
            Expression value = session.parameters().value(p);
            if (value == null) {
              throw Refusal.unsupported(p, "a parameter without a value, for Trino");
            }
            return of(value);
          }

          @Override
          public Expression rewriteCurrentUser(
              CurrentUser u, Void c, ExpressionTreeRewriter<Void> tree) {
            return text(session.user(), u);
          }

          @Override
          public Expression rewriteCurrentSchema(
              CurrentSchema s, Void c, ExpressionTreeRewriter<Void> tree) {
            return text(session.schema(), s);
          }

          @Override
          public Expression rewriteCurrentCatalog(
              CurrentCatalog s, Void c, ExpressionTreeRewriter<Void> tree) {
            return text("lakehouse", s);
          }
        },
        e);
  }

  private static Expression text(String value, Expression at) {
    return new io.trino.sql.tree.Cast(
        new StringLiteral(at(at), value),
        new io.trino.sql.parser.SqlParser().createType("varchar"));
  }
}
