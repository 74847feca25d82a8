package dev.lakegate.jobs.lineage;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.plans.logical.WithCTE;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The columns of its tables that a query can read: those that any step of the analysed plan refers
 * to, and all that reach a step which takes its rows whole, such as a union. A change of other
 * columns cannot change the result. Used once, by one thread.
 */
public final class ReferencedColumns {
  private final Set<Long> referenced = new HashSet<>();
  private final Map<Long, String[]> columns = new TreeMap<>();

  private ReferencedColumns() {}

  /**
   * Those of a query.
   *
   * @param plan analysed, not optimised
   * @param rows tables by the relations that are no table of the catalog: their name; null when
   *     there are none
   * @return column names by table, {@code <schema>.<name>}
   */
  public static Map<String, Set<String>> of(LogicalPlan plan, String rows) {
    ReferencedColumns found = new ReferencedColumns();
    found.visit(plan, rows);
    found.refer(plan.output());
    Map<String, Set<String>> result = new TreeMap<>();
    found.columns.forEach(
        (id, column) -> {
          Set<String> names = result.computeIfAbsent(column[0], table -> new TreeSet<>());
          if (found.referenced.contains(id)) {
            names.add(column[1]);
          }
        });
    return result;
  }

  private void visit(LogicalPlan plan, String rows) {
    List<LogicalPlan> children = list(plan.children());
    if (children.isEmpty()) {
      String table = rows;
      if (plan instanceof LogicalRelation && ((LogicalRelation) plan).catalogTable().isDefined()) {
        TableIdentifier name = ((LogicalRelation) plan).catalogTable().get().identifier();
        table = (name.database().isDefined() ? name.database().get() + "." : "") + name.table();
      }
      if (table != null) {
        for (Attribute column : list(plan.output())) {
          columns.put(column.exprId().id(), new String[] {table, column.name()});
        }
      }
      return;
    }
    for (Expression expression : list(plan.expressions())) {
      // A projection that gives a column on does not look at it; whoever takes it above does.
      if (!(plan instanceof Project && expression instanceof Attribute)) {
        refer(expression, rows);
      }
    }
    for (LogicalPlan child : children) {
      if (!namesWhatItTakes(plan)) {
        refer(child.output());
      }
      visit(child, rows);
    }
  }

  /** Whether a step gives its children's columns on without looking at those it does not name. */
  private static boolean namesWhatItTakes(LogicalPlan plan) {
    return plan instanceof Project
        || plan instanceof Aggregate
        || plan instanceof Filter
        || plan instanceof Join
        || plan instanceof Sort
        || plan instanceof Window
        || plan instanceof Generate
        || plan instanceof GlobalLimit
        || plan instanceof LocalLimit
        || plan instanceof SubqueryAlias
        || plan instanceof View
        || plan instanceof WithCTE;
  }

  private void refer(Seq<Attribute> attributes) {
    list(attributes).forEach(attribute -> referenced.add(attribute.exprId().id()));
  }

  private void refer(Expression expression, String rows) {
    if (expression instanceof Attribute) {
      referenced.add(((Attribute) expression).exprId().id());
    } else if (expression instanceof OuterReference) {
      refer((Expression) ((OuterReference) expression).e(), rows);
    }
    if (expression instanceof SubqueryExpression) {
      LogicalPlan plan = (LogicalPlan) ((SubqueryExpression) expression).plan();
      refer(plan.output());
      visit(plan, rows);
    }
    list(expression.children()).forEach(child -> refer(child, rows));
  }

  private static <T> List<T> list(Seq<T> seq) {
    return JavaConverters.seqAsJavaList(seq);
  }
}
