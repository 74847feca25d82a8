package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import java.util.List;
import java.util.stream.Collectors;

/** A call of a function whose arguments are translated. */
final class Call {
  final FunctionCall node;
  final String name;
  final List<Typed> args;
  final Session session;

  Call(FunctionCall node, String name, List<Typed> args, Session session) {
    this.node = node;
    this.name = name;
    this.args = args;
    this.session = session;
  }

  int count() {
    return args.size();
  }

  Type type(int i) {
    return args.get(i).type();
  }

  Expression argument(int i) {
    return node.getArguments().get(i);
  }

  SqlFailure noMatch() {
    for (Typed a : args) {
      if (a.type().holds(Type.Kind.CHAR) || a.type().holds(Type.Kind.TIME)) {
        return Refusal.unsupported(node, name + " of type " + a.type());
      }
    }
    String types = args.stream().map(a -> a.type().display()).collect(Collectors.joining(", "));
    return Refusal.at(
        node, "FUNCTION_NOT_FOUND", "Unexpected parameters (" + types + ") for function " + name);
  }

  Call arity(int... counts) {
    for (int c : counts) {
      if (args.size() == c) {
        return this;
      }
    }
    throw Functions.MORE_OVERLOADS.contains(name)
        ? Refusal.unsupported(node, name + " with " + args.size() + " arguments")
        : noMatch();
  }

  /** Argument as that type. */
  String as(int i, Type type) {
    if (!Types.coerces(type(i), type)) {
      throw noMatch();
    }
    return Casts.coerce(argument(i), args.get(i), type).sql();
  }

  /** Argument as it is. */
  String sql(int i) {
    return args.get(i).sql();
  }

  String varchar(int i) {
    return as(i, Type.VARCHAR);
  }

  String bigint(int i) {
    return as(i, Type.BIGINT);
  }

  String dbl(int i) {
    return as(i, Type.DOUBLE);
  }

  /** Text of a string literal; anything else is refused, because its value decides the plan. */
  String literal(int i) {
    if (args.get(i).constant() instanceof String s) {
      return s;
    }
    throw Refusal.unsupported(
        argument(i), name + " with a computed argument " + (i + 1) + "; write a literal");
  }

  boolean isNonEmptyLiteral(int i) {
    return args.get(i).constant() instanceof String s && !s.isEmpty();
  }

  SqlFailure invalid(String message) {
    return Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", message);
  }

  Typed result(Type type, String sql) {
    return Typed.of(type, sql, args);
  }

  /** The local time of a date, timestamp or timestamp with time zone. */
  String time(int i) {
    Typed a = args.get(i);
    return switch (a.type().kind()) {
      case DATE, TIMESTAMP -> a.sql();
      case TIMESTAMP_TZ -> Duck.local(a);
      default -> throw noMatch();
    };
  }

  boolean anyNull() {
    return args.stream().anyMatch(Typed::isNull);
  }
}
