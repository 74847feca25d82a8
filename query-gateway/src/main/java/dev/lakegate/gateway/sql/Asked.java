package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Condition.Comparison;
import dev.lakegate.gateway.sql.Condition.Nullness;
import dev.lakegate.gateway.sql.Condition.Operator;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.BetweenPredicate;
import io.trino.sql.tree.ComparisonExpression;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.IsNotNullPredicate;
import io.trino.sql.tree.IsNullPredicate;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.Table;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gathers, while a statement is analyzed, what it asks of the rows of each base table. Only WHERE
 * over the table itself counts, and only where a row that fails it can have no other effect: not
 * for the side of an outer join that is filled up with NULLs.
 */
final class Asked {
  private static final Pattern COLUMN = Pattern.compile("(r\\d+)\\.c(\\d+)");

  /** As {@link TimeLiterals} writes dates and times. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "\\(?CAST\\('(\\d{4}-\\d{2}-\\d{2}(?: \\d{2}:\\d{2}:\\d{2}\\.\\d{6})?)' AS (DATE|TIMESTAMP)\\)"
              + "( AT TIME ZONE 'UTC'\\))?");

  private static final int MAX_OPERANDS = 1000;

  /** Constants that the engine works out for one statement. */
  private static final int MAX_EVALUATED = 8;

  /** No zone is further from UTC. */
  private static final Duration FARTHEST_ZONE = Duration.ofHours(18);

  private final Expressions expressions;
  private final Constants constants;
  private final Analyzer analyzer;
  private final Map<Table, String> aliases = new IdentityHashMap<>();
  private final Map<String, Binding> bindings = new HashMap<>();
  private final Map<String, Condition> asked = new HashMap<>();
  private int evaluated;

  Asked(Analyzer analyzer, Expressions expressions, Constants constants) {
    this.analyzer = analyzer;
    this.expressions = expressions;
    this.constants = constants;
  }

  /** A table is read under an alias; so far nothing is asked of its rows. */
  void read(Table table, String alias, Binding binding) {
    aliases.put(table, alias);
    bindings.put(alias, binding);
  }

  /** What the tables of a FROM clause must fulfil. */
  void where(Relation from, Expression where, Ctx c) {
    Set<String> filtered = new HashSet<>();
    filtered(from, filtered);
    for (String alias : filtered) {
      int before = analyzer.longValues;
      Condition condition = condition(where, alias, c, new int[] {MAX_OPERANDS});
      analyzer.longValues = before;
      asked.merge(alias, condition, (a, b) -> Condition.all(List.of(a, b)));
    }
  }

  /** By binding; a table that is read several times must keep what any of them asks for. */
  Map<String, Condition> byBinding() {
    Map<String, List<Condition>> all = new HashMap<>();
    bindings.forEach(
        (alias, binding) ->
            all.computeIfAbsent(binding.name(), k -> new ArrayList<>())
                .add(asked.getOrDefault(alias, Condition.ANY)));
    Map<String, Condition> merged = new HashMap<>();
    all.forEach((name, conditions) -> merged.put(name, Condition.oneOf(conditions)));
    return merged;
  }

  private void filtered(Relation r, Set<String> found) {
    if (r instanceof Table t) {
      String alias = aliases.get(t);
      if (alias != null) {
        found.add(alias);
      }
    } else if (r instanceof AliasedRelation a) {
      filtered(a.getRelation(), found);
    } else if (r instanceof Join j) {
      switch (j.getType()) {
        case CROSS, IMPLICIT, INNER -> {
          filtered(j.getLeft(), found);
          filtered(j.getRight(), found);
        }
        case LEFT -> filtered(j.getLeft(), found);
        case RIGHT -> filtered(j.getRight(), found);
        default -> {
          // Rows of neither side may go: each is filled up for the other.
        }
      }
    }
  }

  private Condition condition(Expression e, String alias, Ctx c, int[] left) {
    if (--left[0] < 0) {
      return Condition.ANY;
    }
    if (e instanceof LogicalExpression l) {
      List<Condition> terms = l.getTerms().stream().map(t -> condition(t, alias, c, left)).toList();
      return l.getOperator() == LogicalExpression.Operator.AND
          ? Condition.all(terms)
          : Condition.oneOf(terms);
    }
    if (e instanceof ComparisonExpression x) {
      Operator operator = operator(x.getOperator());
      if (operator == null) {
        return Condition.ANY;
      }
      Integer column = column(x.getLeft(), alias, c);
      if (column != null) {
        return compare(alias, column, operator, x.getRight());
      }
      column = column(x.getRight(), alias, c);
      return column == null ? Condition.ANY : compare(alias, column, turned(operator), x.getLeft());
    }
    if (e instanceof BetweenPredicate b) {
      Integer column = column(b.getValue(), alias, c);
      return column == null
          ? Condition.ANY
          : Condition.all(
              List.of(
                  compare(alias, column, Operator.GREATER_OR_EQUAL, b.getMin()),
                  compare(alias, column, Operator.LESS_OR_EQUAL, b.getMax())));
    }
    if (e instanceof InPredicate in && in.getValueList() instanceof InListExpression list) {
      Integer column = column(in.getValue(), alias, c);
      left[0] -= list.getValues().size();
      return column == null || left[0] < 0
          ? Condition.ANY
          : Condition.oneOf(
              list.getValues().stream()
                  .map(v -> compare(alias, column, Operator.EQUAL, v))
                  .toList());
    }
    if (e instanceof IsNullPredicate n) {
      Integer column = column(n.getValue(), alias, c);
      return column == null ? Condition.ANY : new Nullness(column, true);
    }
    if (e instanceof IsNotNullPredicate n) {
      Integer column = column(n.getValue(), alias, c);
      return column == null ? Condition.ANY : new Nullness(column, false);
    }
    return Condition.ANY;
  }

  private static Operator operator(ComparisonExpression.Operator operator) {
    return switch (operator) {
      case EQUAL -> Operator.EQUAL;
      case NOT_EQUAL -> Operator.NOT_EQUAL;
      case LESS_THAN -> Operator.LESS;
      case LESS_THAN_OR_EQUAL -> Operator.LESS_OR_EQUAL;
      case GREATER_THAN -> Operator.GREATER;
      case GREATER_THAN_OR_EQUAL -> Operator.GREATER_OR_EQUAL;
      case IS_DISTINCT_FROM -> null;
    };
  }

  private static Operator turned(Operator operator) {
    return switch (operator) {
      case LESS -> Operator.GREATER;
      case LESS_OR_EQUAL -> Operator.GREATER_OR_EQUAL;
      case GREATER -> Operator.LESS;
      case GREATER_OR_EQUAL -> Operator.LESS_OR_EQUAL;
      case EQUAL, NOT_EQUAL -> operator;
    };
  }

  /** The position of a column of this table; null when the expression is anything else. */
  private Integer column(Expression e, String alias, Ctx c) {
    if (!(e instanceof Identifier || e instanceof DereferenceExpression)) {
      return null;
    }
    Matcher m = COLUMN.matcher(expressions.translate(e, c).sql());
    return m.matches() && m.group(1).equals(alias) ? Integer.parseInt(m.group(2)) - 1 : null;
  }

  private Condition compare(String alias, int column, Operator operator, Expression constant) {
    Type type = bindings.get(alias).table().columns().get(column).type();
    Object value = value(constant, type);
    if (value == null) {
      return Condition.ANY;
    }
    if (type.kind() != Kind.TIMESTAMP_TZ || value instanceof Instant) {
      return new Comparison(column, operator, value);
    }
    // A time without a zone is one of the session's zone, which may be any: the bounds widen.
    Instant utc =
        value instanceof LocalDate d
            ? d.atStartOfDay().toInstant(ZoneOffset.UTC)
            : ((LocalDateTime) value).toInstant(ZoneOffset.UTC);
    Condition from = new Comparison(column, Operator.GREATER_OR_EQUAL, utc.minus(FARTHEST_ZONE));
    Condition to = new Comparison(column, Operator.LESS_OR_EQUAL, utc.plus(FARTHEST_ZONE));
    return switch (operator) {
      case GREATER, GREATER_OR_EQUAL -> from;
      case LESS, LESS_OR_EQUAL -> to;
      case EQUAL -> Condition.all(List.of(from, to));
      case NOT_EQUAL -> Condition.ANY;
    };
  }

  /** The value of a constant that a column of this type can be compared with; null otherwise. */
  private Object value(Expression e, Type type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL ->
          e instanceof LongLiteral l
              ? BigDecimal.valueOf(l.getParsedValue())
              : e instanceof DecimalLiteral d ? new BigDecimal(d.getValue()) : null;
      case VARCHAR -> e instanceof StringLiteral s ? s.getValue() : null;
      case DATE, TIMESTAMP, TIMESTAMP_TZ -> time(e);
      default -> null;
    };
  }

  /** The value of a literal, whose text says it all; null for what has to be worked out. */
  private static Object literal(Typed t) {
    Matcher m = LITERAL.matcher(t.sql());
    if (!m.matches()) {
      return null;
    }
    if (t.type().kind() == Kind.DATE) {
      return m.group(2).equals("DATE") ? LocalDate.parse(m.group(1)) : null;
    }
    boolean zoned = m.group(3) != null;
    if (!m.group(2).equals("TIMESTAMP") || zoned != (t.type().kind() == Kind.TIMESTAMP_TZ)) {
      return null;
    }
    if (m.group(1).length() == 10) {
      return null;
    }
    LocalDateTime time = LocalDateTime.parse(m.group(1).replace(' ', 'T'));
    return zoned ? time.toInstant(ZoneOffset.UTC) : time;
  }

  private Object time(Expression e) {
    if (!TimeTravel.isConstant(e)) {
      return null;
    }
    Typed t =
        expressions.translate(
            e, Ctx.of(Scope.of(List.of(), List.of(), null), null, "WHERE clause"));
    if (!t.type().is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
      return null;
    }
    Object written = literal(t);
    if (written != null || ++evaluated > MAX_EVALUATED) {
      return written;
    }
    Type type =
        t.type().kind() == Kind.TIMESTAMP_TZ
            ? Type.timestampTz(t.type().precision(), "UTC")
            : t.type();
    try {
      return constants.value(
          new SecuredQuery(
              List.of(),
              "SELECT " + t.sql() + " AS c1",
              List.of(),
              List.of(new OutputColumn("v", type))));
    } catch (SqlFailure failure) {
      // The statement itself will say so, if it comes to that.
      return null;
    }
  }
}
