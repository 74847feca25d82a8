package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.AsOf;
import dev.lakegate.gateway.sql.CatalogView.AtTime;
import dev.lakegate.gateway.sql.CatalogView.AtVersion;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.ArithmeticBinaryExpression;
import io.trino.sql.tree.ArithmeticUnaryExpression;
import io.trino.sql.tree.AtTimeZone;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.CurrentTime;
import io.trino.sql.tree.DataType;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.ExistsPredicate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Literal;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QuantifiedComparisonExpression;
import io.trino.sql.tree.QueryPeriod;
import io.trino.sql.tree.SubqueryExpression;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads {@code FOR TIMESTAMP AS OF} and {@code FOR VERSION AS OF}. The moment has to be known
 * before the statement is checked, since it decides which columns a table has: so it is evaluated
 * first, and may be made only of what costs next to nothing.
 */
final class TimeTravel {
  private static final Set<String> FUNCTIONS =
      Set.of(
          "now",
          "date_trunc",
          "date_add",
          "from_unixtime",
          "to_unixtime",
          "date",
          "date_parse",
          "last_day_of_month");

  private TimeTravel() {}

  static AsOf of(QueryPeriod period, Expressions expressions, Session session, Constants values) {
    if (period.getStart().isPresent() || period.getEnd().isEmpty()) {
      throw Refusal.unsupported(period, "a range of versions");
    }
    Expression end = period.getEnd().get();
    requireConstant(end);
    Ctx nowhere =
        Ctx.of(Scope.of(List.of(), List.of(), null), null, "FOR " + period.getRangeType());
    Typed pointer = expressions.translate(end, nowhere);
    return switch (period.getRangeType()) {
      case TIMESTAMP -> new AtTime(moment(period, pointer, session, values));
      case VERSION -> new AtVersion(version(period, pointer, values));
    };
  }

  private static Instant moment(
      QueryPeriod period, Typed pointer, Session session, Constants values) {
    if (pointer.isNull()) {
      throw isNull(period);
    }
    if (!pointer.type().is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ)) {
      throw Refusal.mismatch(
          period,
          "Type "
              + pointer.type()
              + " invalid. Temporal pointers must be of type Timestamp, Timestamp with Time Zone,"
              + " or Date.");
    }
    Type type =
        pointer.type().kind() == Kind.TIMESTAMP_TZ
            ? Type.timestampTz(pointer.type().precision(), "UTC")
            : pointer.type();
    Object value = evaluate(pointer.sql(), type, values);
    if (value == null) {
      throw isNull(period);
    }
    ZoneId zone = ZoneId.of(session.zone());
    Instant moment;
    if (value instanceof LocalDate d) {
      moment = d.atStartOfDay(zone).toInstant();
    } else if (value instanceof LocalDateTime t) {
      moment = t.atZone(zone).toInstant();
    } else {
      moment = (Instant) value;
    }
    if (!moment.isBefore(session.start())) {
      throw Refusal.at(
          period, "INVALID_ARGUMENTS", "Pointer value '" + value + "' is not in the past");
    }
    return moment;
  }

  private static String version(QueryPeriod period, Typed pointer, Constants values) {
    if (pointer.isNull()) {
      throw isNull(period);
    }
    if (!pointer.type().is(Kind.VARCHAR, Kind.INTEGER, Kind.BIGINT)) {
      throw Refusal.unsupported(period, "a version of type " + pointer.type());
    }
    Object value = evaluate(pointer.sql(), pointer.type(), values);
    if (value == null) {
      throw isNull(period);
    }
    return value.toString();
  }

  private static Object evaluate(String sql, Type type, Constants values) {
    return values.value(
        new SecuredQuery(
            List.of(),
            "SELECT " + sql + " AS c1",
            List.of(),
            List.of(new OutputColumn("v", type))));
  }

  private static SqlFailure isNull(Node node) {
    return Refusal.at(node, "INVALID_ARGUMENTS", "Pointer value cannot be NULL");
  }

  /** Whether an expression is made only of what gives the same value whenever it is evaluated. */
  static boolean isConstant(Node e) {
    try {
      requireConstant(e);
      return true;
    } catch (SqlFailure notConstant) {
      return false;
    }
  }

  private static void requireConstant(Node e) {
    if (e instanceof Identifier || e instanceof DereferenceExpression) {
      throw Refusal.at(
          e, "EXPRESSION_NOT_CONSTANT", "Constant expression cannot contain column references");
    }
    if (e instanceof SubqueryExpression
        || e instanceof ExistsPredicate
        || e instanceof QuantifiedComparisonExpression) {
      throw Refusal.at(
          e, "EXPRESSION_NOT_CONSTANT", "Constant expression cannot contain a subquery");
    }
    if (e instanceof FunctionCall f) {
      String name = f.getName().getSuffix().toLowerCase(Locale.ROOT);
      if (f.getName().getParts().size() > 1
          || !FUNCTIONS.contains(name)
          || f.getWindow().isPresent()
          || f.getFilter().isPresent()
          || f.getOrderBy().isPresent()
          || f.isDistinct()) {
        throw Refusal.unsupported(e, "function " + f.getName() + " in FOR .. AS OF");
      }
      f.getArguments().forEach(TimeTravel::requireConstant);
      return;
    }
    if (e instanceof Cast c) {
      requireConstant(c.getExpression());
      return;
    }
    if (!(e instanceof Literal
        || e instanceof CurrentTime
        || e instanceof AtTimeZone
        || e instanceof ArithmeticBinaryExpression
        || e instanceof ArithmeticUnaryExpression
        || e instanceof DataType)) {
      throw Refusal.unsupported(e, StatementNames.of(e) + " in FOR .. AS OF");
    }
    e.getChildren().forEach(TimeTravel::requireConstant);
  }
}
