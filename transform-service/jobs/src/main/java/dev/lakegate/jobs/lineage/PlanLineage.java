package dev.lakegate.jobs.lineage;

import dev.lakegate.jobs.lineage.ColumnLineage.Input;
import dev.lakegate.jobs.lineage.ColumnLineage.Kind;
import dev.lakegate.jobs.lineage.ColumnLineage.Sources;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.ScalarSubquery;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.CTERelationDef;
import org.apache.spark.sql.catalyst.plans.logical.CTERelationRef;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Follows columns through a plan that Spark has analysed, from the tables upwards. What it does not
 * know it takes for a transformation of everything below, so nothing that is read is left out. Used
 * once, by one thread.
 */
final class PlanLineage {
  /** By the id that Spark gives each column of each step. */
  private final Map<Long, Sources> known = new HashMap<>();

  private final Map<Long, List<Attribute>> commonTables = new HashMap<>();
  private final Sources rows = new Sources();

  private PlanLineage() {}

  /**
   * The lineage of a query.
   *
   * @param plan analysed, not optimised
   */
  static ColumnLineage of(LogicalPlan plan) {
    PlanLineage lineage = new PlanLineage();
    lineage.visit(plan);
    Map<String, Sources> columns = new LinkedHashMap<>();
    for (Attribute column : list(plan.output())) {
      columns.put(column.name(), lineage.known.getOrDefault(id(column), new Sources()));
    }
    return new ColumnLineage(columns, lineage.rows);
  }

  private void visit(LogicalPlan plan) {
    for (LogicalPlan child : list(plan.children())) {
      visit(child);
    }
    if (plan instanceof LogicalRelation) {
      relation((LogicalRelation) plan);
    } else if (plan instanceof Project) {
      list(((Project) plan).projectList()).forEach(this::define);
    } else if (plan instanceof Aggregate) {
      list(((Aggregate) plan).groupingExpressions()).forEach(e -> decide(e, Kind.GROUP_BY));
      list(((Aggregate) plan).aggregateExpressions()).forEach(this::define);
    } else if (plan instanceof Filter) {
      decide(((Filter) plan).condition(), Kind.FILTER);
    } else if (plan instanceof Join) {
      if (((Join) plan).condition().isDefined()) {
        decide(((Join) plan).condition().get(), Kind.JOIN);
      }
    } else if (plan instanceof Sort) {
      list(((Sort) plan).order()).forEach(e -> decide(e, Kind.SORT));
    } else if (plan instanceof Window) {
      list(((Window) plan).windowExpressions()).forEach(this::define);
    } else if (plan instanceof Generate) {
      Sources generated = of((Expression) ((Generate) plan).generator());
      for (Attribute column : list(((Generate) plan).generatorOutput())) {
        sources(column).add(generated, Kind.TRANSFORMATION);
      }
    } else if (plan instanceof Expand) {
      for (Seq<Expression> projection : list(((Expand) plan).projections())) {
        byPosition(list(plan.output()), list(projection));
      }
    } else if (plan instanceof CTERelationDef) {
      commonTables.put(((CTERelationDef) plan).id(), list(plan.output()));
    } else if (plan instanceof CTERelationRef) {
      List<Attribute> common = commonTables.get(((CTERelationRef) plan).cteId());
      if (common != null) {
        byPosition(list(plan.output()), common);
      }
    } else {
      other(plan);
    }
  }

  private void relation(LogicalRelation relation) {
    if (relation.catalogTable().isDefined()) {
      TableIdentifier table = relation.catalogTable().get().identifier();
      String dataset =
          (table.database().isDefined() ? table.database().get() + "." : "") + table.table();
      for (Attribute column : list(relation.output())) {
        sources(column).add(new Input(dataset, column.name()), Kind.IDENTITY);
      }
    }
  }

  /** Unions and whatever else gives its children's columns on, in order. */
  private void other(LogicalPlan plan) {
    for (Expression expression : list(plan.expressions())) {
      decide(expression, Kind.FILTER);
    }
    List<Attribute> output = list(plan.output());
    for (LogicalPlan child : list(plan.children())) {
      List<Attribute> below = list(child.output());
      if (below.size() == output.size()) {
        byPosition(output, below);
      }
    }
    for (Attribute column : output) {
      if (!known.containsKey(id(column))) {
        Sources all = sources(column);
        for (LogicalPlan child : list(plan.children())) {
          for (Attribute below : list(child.output())) {
            all.add(of(below), Kind.TRANSFORMATION);
          }
        }
      }
    }
  }

  private void byPosition(List<Attribute> output, List<? extends Expression> values) {
    for (int i = 0; i < Math.min(output.size(), values.size()); i++) {
      Sources value = of(values.get(i));
      Sources column = sources(output.get(i));
      if (column != value) {
        column.add(value, Kind.IDENTITY);
      }
    }
  }

  private void define(NamedExpression expression) {
    if (expression instanceof Alias) {
      Sources value = of(((Alias) expression).child());
      known.computeIfAbsent(expression.exprId().id(), i -> new Sources()).add(value, Kind.IDENTITY);
    }
  }

  private void decide(Expression expression, Kind kind) {
    rows.add(of(expression), kind);
  }

  /** What an expression is made of. Whatever decides within subqueries goes to the rows. */
  private Sources of(Expression expression) {
    if (expression instanceof Attribute) {
      return known.getOrDefault(id((Attribute) expression), new Sources());
    }
    if (expression instanceof Alias) {
      return of(((Alias) expression).child());
    }
    if (expression instanceof OuterReference) {
      return of((Expression) ((OuterReference) expression).e());
    }
    Sources result = new Sources();
    if (expression instanceof SubqueryExpression) {
      LogicalPlan plan = (LogicalPlan) ((SubqueryExpression) expression).plan();
      visit(plan);
      List<Attribute> output = list(plan.output());
      if (expression instanceof ScalarSubquery) {
        result.add(of(output.get(0)), Kind.IDENTITY);
      } else {
        output.forEach(column -> result.add(of(column), Kind.FILTER));
      }
    } else if (expression instanceof CaseWhen || expression instanceof If) {
      conditional(expression, result);
    } else if (expression instanceof WindowExpression) {
      WindowExpression window = (WindowExpression) expression;
      result.add(of(window.windowFunction()), Kind.AGGREGATION);
      result.add(of(window.windowSpec()), Kind.WINDOW);
    } else {
      Kind step =
          expression instanceof AggregateExpression
              ? Kind.AGGREGATION
              : expression instanceof SortOrder ? Kind.IDENTITY : Kind.TRANSFORMATION;
      list(expression.children()).forEach(child -> result.add(of(child), step));
    }
    return result;
  }

  /** Conditions stand before the values that they choose; the last value may stand alone. */
  private void conditional(Expression expression, Sources result) {
    List<Expression> parts = list(expression.children());
    for (int i = 0; i < parts.size(); i++) {
      boolean condition = expression instanceof If ? i == 0 : i % 2 == 0 && i < parts.size() - 1;
      result.add(of(parts.get(i)), condition ? Kind.CONDITIONAL : Kind.TRANSFORMATION);
    }
  }

  private Sources sources(Attribute column) {
    return known.computeIfAbsent(id(column), i -> new Sources());
  }

  private static long id(Attribute column) {
    return column.exprId().id();
  }

  private static <T> List<T> list(Seq<T> seq) {
    return JavaConverters.seqAsJavaList(seq);
  }
}
