package dev.lakegate.gateway.sql;

import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.BooleanLiteral;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.DataType;
import io.trino.sql.tree.DefaultTraversalVisitor;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.NullLiteral;
import io.trino.sql.tree.Parameter;
import io.trino.sql.tree.StringLiteral;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands for the question marks of a statement: expressions, never text that is pasted into
 * it. Immutable, except that unbound ones note the types that they are used as.
 */
public final class Parameters {
  /** A statement without question marks. */
  public static final Parameters NONE = new Parameters(List.of());

  private static final SqlParser PARSER = new SqlParser();
  private static final int MOST = 10_000;
  private static final int LONGEST_TYPE = 1_000;
  private static final int DEEPEST_TYPE = 20;

  private final List<Expression> values;
  private final List<Slot> slots;

  private Parameters(List<Expression> values) {
    this.values = List.copyOf(values);
    this.slots = null;
  }

  private Parameters(int count) {
    this.values = null;
    this.slots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      slots.add(new Slot());
    }
  }

  /** The type that an unbound parameter turned out to be used as. */
  static final class Slot {
    private Type type;

    void usedAs(Type t) {
      if (type == null) {
        type = t;
      }
    }
  }

  /**
   * A value with its type.
   *
   * @param type in Trino's notation
   * @param value text of the value as CAST reads it; null for NULL
   */
  public record Value(String type, String value) {}

  /**
   * Parameters from outside of SQL.
   *
   * @throws SqlFailure when a type is none, or there are too many
   */
  public static Parameters of(List<Value> values) {
    if (values.size() > MOST) {
      throw new SqlFailure(
          "INVALID_PARAMETER_USAGE", "There are more than " + MOST + " parameters.");
    }
    List<Expression> all = new ArrayList<>();
    for (Value v : values) {
      all.add(expression(v, all.size()));
    }
    return new Parameters(all);
  }

  private static Expression expression(Value v, int position) {
    DataType type;
    requireBounded(v.type(), position);
    try {
      type = PARSER.createType(v.type() == null ? "" : v.type());
    } catch (ParsingException e) {
      throw new SqlFailure(
          "TYPE_NOT_FOUND", "Parameter " + (position + 1) + " has no type of Trino's: " + v.type());
    }
    if (v.value() == null) {
      return new Cast(new NullLiteral(), type);
    }
    String name = type.toString().toLowerCase(java.util.Locale.ROOT);
    if (name.equals("boolean") && v.value().matches("true|false")) {
      return new BooleanLiteral(v.value());
    }
    return new Cast(new StringLiteral(v.value()), type);
  }

  /** The parser's time and memory grow out of all proportion with nesting. */
  private static void requireBounded(String type, int position) {
    int depth = 0;
    int deepest = 0;
    boolean quoted = false;
    for (int i = 0; type != null && i < type.length(); i++) {
      char c = type.charAt(i);
      quoted ^= c == '"';
      if (!quoted) {
        // array<bigint> is a notation too.
        depth += c == '(' || c == '<' ? 1 : c == ')' || c == '>' ? -1 : 0;
      }
      deepest = Math.max(deepest, depth);
    }
    if (type != null && (type.length() > LONGEST_TYPE || deepest > DEEPEST_TYPE)) {
      throw new SqlFailure(
          "TYPE_NOT_FOUND", "The type of parameter " + (position + 1) + " is too long or nested.");
    }
  }

  static Parameters of(Node at, List<Expression> using) {
    if (using.size() > MOST) {
      throw Refusal.at(
          at, "INVALID_PARAMETER_USAGE", "There are more than " + MOST + " parameters");
    }
    return new Parameters(using);
  }

  /** Parameters whose values are not known yet. */
  static Parameters unbound(int count) {
    return new Parameters(count);
  }

  /** How many question marks a statement has. */
  static int count(Node statement) {
    int[] n = {0};
    new DefaultTraversalVisitor<Void>() {
      @Override
      protected Void visitParameter(Parameter node, Void context) {
        n[0]++;
        return null;
      }
    }.process(statement, null);
    return n[0];
  }

  /** Refuses a statement whose question marks are not as many as its values. */
  void requireFor(Node statement) {
    int wanted = count(statement);
    int given = slots == null ? values.size() : slots.size();
    if (wanted != given) {
      throw Refusal.at(
          statement,
          "INVALID_PARAMETER_USAGE",
          "Incorrect number of parameters: expected " + wanted + " but found " + given);
    }
  }

  /** The expression behind a question mark; null when it is not bound. */
  Expression value(Parameter p) {
    return slots == null ? values.get(p.getId()) : null;
  }

  Slot slot(Parameter p) {
    return slots.get(p.getId());
  }

  /** Types that unbound parameters were used as, {@code unknown} where nothing tells. */
  List<Type> types() {
    return slots.stream().map(s -> s.type == null ? Type.UNKNOWN : s.type).toList();
  }
}
