package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.model.policy.RowPredicate;
import io.trino.sql.SqlFormatter;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Explain;
import io.trino.sql.tree.ExplainFormat;
import io.trino.sql.tree.ExplainOption;
import io.trino.sql.tree.ExplainType;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.Statement;
import java.util.List;
import java.util.function.Function;

/**
 * What EXPLAIN says: the user's own statement, what comes out, and what of each table it reads. It
 * knows of no file, size or statistic, which would tell of rows that the user does not see.
 */
final class Explained {
  private Explained() {}

  /**
   * The query that answers EXPLAIN.
   *
   * @param secure translates the explained statement, or refuses it
   */
  static Statement query(Explain explain, Function<Statement, SecuredQuery> secure) {
    boolean validate = false;
    for (ExplainOption option : explain.getOptions()) {
      if (option instanceof ExplainType t && t.getType() != ExplainType.Type.IO) {
        validate |= t.getType() == ExplainType.Type.VALIDATE;
      } else if (!(option instanceof ExplainFormat f && f.getType() == ExplainFormat.Type.TEXT)) {
        throw Refusal.unsupported(explain, "EXPLAIN (" + option + ")");
      }
    }
    Statement explained = explain.getStatement();
    if (!(explained instanceof Query)) {
      throw Refusal.at(
              explain,
              "STATEMENT_NOT_ALLOWED",
              "Only queries can be explained, not " + StatementNames.of(explained))
          .with("construct", StatementNames.of(explained));
    }
    SecuredQuery plan = secure.apply(explained);
    return new SqlParser()
        .createStatement(
            validate
                ? "SELECT true AS \"Valid\""
                : "SELECT CAST('"
                    + text(explained, plan).replace("'", "''")
                    + "' AS varchar) AS \"Query Plan\"");
  }

  private static String text(Statement statement, SecuredQuery plan) {
    StringBuilder b = new StringBuilder("Statement\n");
    SqlFormatter.formatSql(statement)
        .strip()
        .lines()
        .forEach(line -> b.append("    ").append(line).append('\n'));
    b.append("Output\n");
    List<OutputColumn> columns = plan.columns();
    for (int i = 0; i < columns.size(); i++) {
      OutputColumn c = columns.get(i);
      b.append("    ").append(c.name() == null ? "_col" + i : c.name());
      b.append(" ").append(c.type().display()).append('\n');
    }
    b.append("Reads\n");
    for (Binding r : plan.bindings()) {
      b.append("    ").append(r.table().qualifiedName());
      if (r.table().instant() != null) {
        b.append(" as of instant ").append(r.table().instant());
      }
      b.append('\n');
      List<String> used = r.used().stream().map(i -> r.table().columns().get(i).name()).toList();
      b.append("        columns: ")
          .append(used.isEmpty() ? "none, rows are counted" : String.join(", ", used))
          .append('\n');
      b.append("        rows: ").append(rows(r.table().decision().rows())).append('\n');
    }
    if (plan.bindings().isEmpty()) {
      b.append("    no table\n");
    }
    return b.toString();
  }

  private static String rows(RowPredicate p) {
    if (p instanceof RowPredicate.All) {
      return "all";
    }
    if (p instanceof RowPredicate.None) {
      return "none";
    }
    if (p instanceof RowPredicate.In in) {
      return "those whose " + in.column() + " is one of " + String.join(", ", in.values());
    }
    return "those that your grant lets through";
  }
}
