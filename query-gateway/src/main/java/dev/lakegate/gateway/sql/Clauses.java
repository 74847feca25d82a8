package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.AllRows;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FetchFirst;
import io.trino.sql.tree.GenericLiteral;
import io.trino.sql.tree.GroupBy;
import io.trino.sql.tree.GroupingElement;
import io.trino.sql.tree.GroupingSets;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Limit;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Offset;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.Parameter;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SimpleGroupBy;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.StringLiteral;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** GROUP BY, ORDER BY, OFFSET and LIMIT. */
final class Clauses {
  private final Analyzer analyzer;
  private final Expressions expressions;

  Clauses(Analyzer analyzer, Expressions expressions) {
    this.analyzer = analyzer;
    this.expressions = expressions;
  }

  /** DuckDB holds a hash table for each; CUBE doubles them with each column. */
  private static final int MAX_GROUPING_SETS = 64;

  String groupBy(QuerySpecification s, GroupBy g, Scope scope, Ctes ctes, Set<String> grouped) {
    Ctx c = Ctx.of(scope, ctes, "GROUP BY clause");
    List<String> elements = new ArrayList<>();
    // Every combination of one set of each element; what stands for itself is one set.
    List<List<String>> combined = List.of(List.of());
    long total = 1;
    for (GroupingElement e : g.getGroupingElements()) {
      total *= groupingSets(e);
      if (total > MAX_GROUPING_SETS) {
        throw Refusal.at(
            e, "QUERY_TOO_COMPLEX", "More than " + MAX_GROUPING_SETS + " grouping sets");
      }
      List<List<String>> sets = new ArrayList<>();
      if (e instanceof SimpleGroupBy simple) {
        List<String> keys = new ArrayList<>();
        for (Expression x : simple.getExpressions()) {
          if (isAuto(x, scope)) {
            keys.addAll(auto(s, c));
          } else {
            keys.add(groupKey(s, x, c).sql());
          }
        }
        elements.addAll(keys);
        sets.add(keys);
      } else if (e instanceof GroupingSets g1) {
        List<List<String>> columns = new ArrayList<>();
        for (List<Expression> set : g1.getSets()) {
          List<String> keys = new ArrayList<>();
          for (Expression x : set) {
            if (!(x instanceof Identifier) && !(x instanceof DereferenceExpression)) {
              throw Refusal.unsupported(x, "grouping sets of anything but columns");
            }
            keys.add(expressions.translate(x, c).sql());
          }
          columns.add(keys);
        }
        String all =
            columns.stream()
                .map(k -> "(" + String.join(", ", k) + ")")
                .collect(Collectors.joining(", ", "(", ")"));
        elements.add(
            switch (g1.getType()) {
              case EXPLICIT -> "GROUPING SETS " + all;
              case ROLLUP -> "ROLLUP " + all;
              case CUBE -> "CUBE " + all;
            });
        sets.addAll(expanded(g1.getType(), columns));
      } else {
        throw Refusal.unsupported(e, "this GROUP BY element");
      }
      combined = crossed(combined, sets);
    }
    combined.forEach(grouped::addAll);
    if (elements.isEmpty()) {
      return " GROUP BY GROUPING SETS (())";
    }
    if (!g.isDistinct() || combined.size() == 1) {
      return " GROUP BY " + String.join(", ", elements);
    }
    Map<Set<String>, List<String>> different = new LinkedHashMap<>();
    combined.forEach(k -> different.putIfAbsent(new HashSet<>(k), k));
    return " GROUP BY GROUPING SETS ("
        + different.values().stream()
            .map(k -> "(" + String.join(", ", new LinkedHashSet<>(k)) + ")")
            .collect(Collectors.joining(", "))
        + ")";
  }

  private static List<List<String>> expanded(GroupingSets.Type type, List<List<String>> columns) {
    List<List<String>> sets = new ArrayList<>();
    switch (type) {
      case EXPLICIT -> sets.addAll(columns);
      case ROLLUP -> {
        for (int n = columns.size(); n >= 0; n--) {
          sets.add(columns.subList(0, n).stream().flatMap(List::stream).toList());
        }
      }
      case CUBE -> {
        for (int mask = (1 << columns.size()) - 1; mask >= 0; mask--) {
          List<String> set = new ArrayList<>();
          for (int i = 0; i < columns.size(); i++) {
            if ((mask & 1 << i) != 0) {
              set.addAll(columns.get(i));
            }
          }
          sets.add(set);
        }
      }
    }
    return sets;
  }

  private static List<List<String>> crossed(List<List<String>> a, List<List<String>> b) {
    List<List<String>> all = new ArrayList<>();
    for (List<String> x : a) {
      for (List<String> y : b) {
        List<String> both = new ArrayList<>(x);
        both.addAll(y);
        all.add(both);
      }
    }
    return all;
  }

  private static boolean isAuto(Expression e, Scope scope) {
    return e instanceof Identifier i
        && !i.isDelimited()
        && Analyzer.lower(i).equals("auto")
        && scope.fields().stream().noneMatch(f -> f.matches(List.of(), "auto"));
  }

  /** GROUP BY AUTO: by everything that is selected and is no aggregate. */
  private List<String> auto(QuerySpecification s, Ctx c) {
    List<String> keys = new ArrayList<>();
    for (SelectItem item : s.getSelect().getSelectItems()) {
      if (!(item instanceof SingleColumn single)) {
        throw Refusal.unsupported(item, "GROUP BY AUTO beside *");
      }
      Ctx free =
          new Ctx(c.scope(), c.ctes(), Set.of(), true, true, false, "SELECT", c.names(), Map.of());
      Typed t = expressions.translate(single.getExpression(), free);
      if (t.window() || t.subquery()) {
        throw Refusal.unsupported(item, "GROUP BY AUTO beside a window function or a subquery");
      }
      if (!t.aggregate()) {
        keys.add(groupKey(s, single.getExpression(), c).sql());
      } else if (!t.columns().isEmpty()) {
        throw Refusal.unsupported(item, "GROUP BY AUTO beside a column with an aggregate");
      }
    }
    return keys;
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
    Typed t = expressions.translate(key, c);
    if (t.subquery()) {
      throw Refusal.unsupported(key, "a subquery in GROUP BY");
    }
    if (t.type().holds(Kind.MAP) || t.isNull()) {
      throw Refusal.unsupported(key, "GROUP BY of type " + t.type());
    }
    return t;
  }

  /**
   * A key of an order.
   *
   * @param item what was written
   * @param key its value
   * @param position of the output column that it is, from 0; -1 when it is none
   */
  record SortKey(SortItem item, Typed key, int position) {
    /** What DuckDB sorts by, in the query itself. */
    String sql() {
      // A computed order is no output column, even if that column is what it is computed of.
      boolean plain = !key.type().isNested() && key.type().kind() != Kind.CHAR;
      return (position >= 0 && plain
              ? String.valueOf(position + 1)
              : orderKey(item.getSortKey(), key))
          + direction(item);
    }
  }

  List<SortKey> sortKeys(
      OrderBy order, Ctx c, List<OutputColumn> columns, List<Typed> outputs, boolean distinct) {
    List<SortKey> keys = new ArrayList<>();
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
      keys.add(new SortKey(item, key, position));
    }
    return keys;
  }

  static String orderBy(List<SortKey> keys) {
    return keys.isEmpty()
        ? ""
        : " ORDER BY " + keys.stream().map(SortKey::sql).collect(Collectors.joining(", "));
  }

  /** ORDER BY, OFFSET and LIMIT of a query, whose text up to there is given in two parts. */
  String ended(
      String select,
      String rest,
      int outputs,
      List<SortKey> keys,
      Optional<Offset> offset,
      Optional<Node> limit) {
    boolean ties = limit.isPresent() && limit.get() instanceof FetchFirst f && f.isWithTies();
    if (!ties) {
      return select + rest + orderBy(keys) + limit(offset, limit);
    }
    FetchFirst f = (FetchFirst) limit.get();
    if (keys.isEmpty()) {
      throw Refusal.at(f, "MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY");
    }
    long n = f.getRowCount().map(this::count).orElse(1L);
    // The rows after the offset that rank no lower than the last one wanted.
    StringBuilder items = new StringBuilder(select);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      SortKey k = keys.get(i);
      if (k.position() >= 0) {
        Typed output = k.key().as(k.key().type(), "c" + (k.position() + 1));
        order.add(orderKey(k.item(), output) + direction(k.item()));
      } else {
        items.append(", ").append(orderKey(k.item(), k.key())).append(" AS k").append(i + 1);
        order.add("k" + (i + 1) + direction(k.item()));
      }
    }
    String by = " ORDER BY " + String.join(", ", order);
    String after =
        "SELECT * FROM ("
            + items
            + rest
            + ") AS "
            + analyzer.fresh("r")
            + by
            + offset.map(o -> " OFFSET " + count(o.getRowCount())).orElse("");
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= outputs; i++) {
      columns.add("c" + i);
    }
    return "SELECT "
        + String.join(", ", columns)
        + " FROM (SELECT *, rank() OVER ("
        + by.substring(1)
        + ") AS k0 FROM ("
        + after
        + ") AS "
        + analyzer.fresh("r")
        + ") AS "
        + analyzer.fresh("r")
        + " WHERE k0 <= "
        + n
        + by;
  }

  void requireOrderable(Node node, Type t) {
    if (!t.isOrderable()) {
      throw Refusal.mismatch(node, "Type " + t + " is not orderable");
    }
  }

  /** What DuckDB sorts by, so that the order is Trino's. */
  static String orderKey(Node node, Typed key) {
    return switch (key.type().kind()) {
      case UNKNOWN -> "CAST(NULL AS INTEGER)";
      case CHAR -> Casts.castSql(node, key, Type.VARCHAR);
      case ARRAY, ROW -> Comparisons.ordered(node, key.sql(), key.type());
      default -> key.sql();
    };
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

  String limit(Optional<Offset> offset, Optional<Node> limit) {
    StringBuilder sql = new StringBuilder();
    if (limit.isPresent()) {
      Node n = limit.get();
      if (n instanceof Limit l) {
        if (!(l.getRowCount() instanceof AllRows)) {
          sql.append(" LIMIT ").append(count(l.getRowCount()));
        }
      } else if (n instanceof FetchFirst f) {
        sql.append(" LIMIT ").append(f.getRowCount().map(this::count).orElse(1L));
      } else {
        throw Refusal.unsupported(n, StatementNames.of(n));
      }
    }
    offset.ifPresent(o -> sql.append(" OFFSET ").append(count(o.getRowCount())));
    return sql.toString();
  }

  long count(Expression e) {
    if (e instanceof Parameter p) {
      return count(p, analyzer.session.parameters());
    }
    if (e instanceof LongLiteral l && l.getParsedValue() >= 0) {
      return l.getParsedValue();
    }
    throw Refusal.unsupported(e, "a row count that is not a literal");
  }

  /** The row count that stands for a question mark. */
  static long count(Parameter p, Parameters parameters) {
    Expression value = parameters.value(p);
    if (value == null) {
      parameters.slot(p).usedAs(Type.BIGINT);
      return 0;
    }
    String digits =
        value instanceof LongLiteral l
            ? String.valueOf(l.getParsedValue())
            : value instanceof GenericLiteral g
                ? g.getValue()
                : value instanceof Cast c && c.getExpression() instanceof StringLiteral s
                    ? s.getValue()
                    : "";
    if (!digits.matches("\\d{1,18}")) {
      throw Refusal.at(p, "INVALID_PARAMETER_USAGE", "A row count must be a number from 0 on");
    }
    return Long.parseLong(digits);
  }
}
