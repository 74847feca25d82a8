package dev.lakegate.model.lakeformation;

import dev.lakegate.model.policy.RowPredicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A row predicate as Lake Formation's data-cells filters know it: all rows, no rows, or an
 * expression of comparisons, {@code AND} and {@code OR}, without functions, of at most {@value
 * #LONGEST} characters. Pure.
 */
public sealed interface RowFilter {
  /** Longest expression that Lake Formation takes, in characters. */
  int LONGEST = 2048;

  /** Every row. */
  record AllRows() implements RowFilter {}

  /** No row: there is no filter for that, only no grant. */
  record NoRows() implements RowFilter {}

  /**
   * Rows for which it is true.
   *
   * @param text in Lake Formation's language
   */
  record Expression(String text) implements RowFilter {}

  /** A predicate that Lake Formation cannot enforce; what needs it must not be granted. */
  final class NotExpressibleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotExpressibleException(String message) {
      super(message);
    }
  }

  /**
   * Compiles a predicate.
   *
   * @param columns those that may be compared: columns of one text value, not arrays, maps or rows
   * @throws NotExpressibleException when Lake Formation cannot express it
   */
  static RowFilter compile(RowPredicate predicate, Set<String> columns) {
    RowFilter compiled = Compiler.compile(predicate, columns);
    if (compiled instanceof Expression e && e.text().length() > LONGEST) {
      throw new NotExpressibleException(
          "The expression has "
              + e.text().length()
              + " characters, and Lake Formation takes "
              + LONGEST);
    }
    return compiled;
  }

  /** Walks the tree. */
  final class Compiler {
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    // Words that the expression language or Athena's grammar would not take for a column.
    private static final Set<String> RESERVED =
        Set.of(
            "all",
            "and",
            "as",
            "between",
            "by",
            "case",
            "cast",
            "cross",
            "date",
            "else",
            "end",
            "escape",
            "except",
            "exists",
            "false",
            "for",
            "from",
            "full",
            "group",
            "having",
            "in",
            "inner",
            "intersect",
            "is",
            "join",
            "left",
            "like",
            "limit",
            "missing",
            "not",
            "null",
            "on",
            "or",
            "order",
            "outer",
            "right",
            "select",
            "table",
            "then",
            "time",
            "timestamp",
            "true",
            "union",
            "unique",
            "user",
            "using",
            "value",
            "values",
            "when",
            "where",
            "with");
    private static final Set<String> OPERATORS = Set.of("=", "<>", "<", "<=", ">", ">=");

    private Compiler() {}

    private static RowFilter compile(RowPredicate p, Set<String> columns) {
      if (p instanceof RowPredicate.All) {
        return new AllRows();
      }
      if (p instanceof RowPredicate.None) {
        return new NoRows();
      }
      if (p instanceof RowPredicate.In in) {
        String column = column(in.column(), columns);
        // No stored text has U+0000, so nothing equals such a value: the gateway says the same.
        List<String> values =
            in.values().stream()
                .filter(v -> v.indexOf(0) < 0)
                .distinct()
                .map(Compiler::literal)
                .toList();
        if (values.isEmpty()) {
          return new NoRows();
        }
        return new Expression(
            values.size() == 1
                ? column + " = " + values.get(0)
                : column + " IN (" + String.join(", ", values) + ")");
      }
      if (p instanceof RowPredicate.Comparison c) {
        if (!OPERATORS.contains(c.operator())) {
          throw new NotExpressibleException("There is no operator " + c.operator());
        }
        return new Expression(
            column(c.column(), columns) + " " + c.operator() + " " + literal(c.value()));
      }
      if (p instanceof RowPredicate.And and) {
        return joined(and.operands(), columns, true);
      }
      if (p instanceof RowPredicate.Or or) {
        return joined(or.operands(), columns, false);
      }
      throw new NotExpressibleException("Unknown predicate " + p);
    }

    private static RowFilter joined(List<RowPredicate> operands, Set<String> columns, boolean and) {
      if (operands.isEmpty()) {
        // Of nothing, AND would be everything.
        throw new NotExpressibleException("AND or OR of nothing");
      }
      List<String> texts = new ArrayList<>();
      boolean decided = false;
      for (RowPredicate operand : operands) {
        RowFilter compiled = compile(operand, columns);
        if (compiled instanceof Expression e) {
          texts.add(e.text());
        } else {
          decided |= and ? compiled instanceof NoRows : compiled instanceof AllRows;
        }
      }
      if (decided) {
        return and ? new NoRows() : new AllRows();
      }
      if (texts.isEmpty()) {
        return and ? new AllRows() : new NoRows();
      }
      return new Expression(
          texts.size() == 1
              ? texts.get(0)
              : "(" + String.join(and ? ") AND (" : ") OR (", texts) + ")");
    }

    private static String column(String name, Set<String> columns) {
      if (!columns.contains(name)) {
        throw new NotExpressibleException(
            "Lake Formation cannot filter by " + name + ", which is not a column of one text");
      }
      if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
        throw new NotExpressibleException(
            "The column's name does not stand in a filter as it is: " + name);
      }
      return name;
    }

    private static String literal(String value) {
      for (int i = 0; i < value.length(); ) {
        int c = value.codePointAt(i);
        // What AWS's own pattern of expressions lets through, line ends left out.
        if (c < 0x20 || (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF) {
          throw new NotExpressibleException(
              "A value holds a character that a filter cannot have: U+%04X".formatted(c));
        }
        i += Character.charCount(c);
      }
      return "'" + value.replace("'", "''") + "'";
    }
  }
}
