package dev.lakegate.model.job;

import dev.lakegate.model.description.Expectation;
import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.job.JobSpecification.Derivation;
import dev.lakegate.model.job.JobSpecification.Kind;
import dev.lakegate.model.job.JobSpecification.SpecColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compiles the lakehouse description to what Spark jobs are told. Pure. */
public final class JobSpecificationCompiler {
  private JobSpecificationCompiler() {}

  /** One specification for each dataset, tables first, each by name. */
  public static List<JobSpecification> compile(Lakehouse lakehouse) {
    return compile(lakehouse, FunctionVersions.current());
  }

  static List<JobSpecification> compile(Lakehouse lakehouse, FunctionVersions functions) {
    List<JobSpecification> specifications = new ArrayList<>();
    lakehouse.tables().forEach(table -> specifications.add(compile(table, functions)));
    lakehouse.histories().forEach(history -> specifications.add(compile(history)));
    lakehouse.computed().forEach(metric -> specifications.add(compile(metric, functions)));
    return List.copyOf(specifications);
  }

  /** The specification of a Silver table. */
  public static JobSpecification compile(SourceTable table) {
    return compile(table, FunctionVersions.current());
  }

  private static JobSpecification compile(SourceTable table, FunctionVersions functions) {
    List<Derivation> derivations = new ArrayList<>();
    for (SourceTable.Derivation derivation : table.derivations()) {
      derivations.add(
          new Derivation(
              derivation.column(),
              derivation.type().text(),
              functions.mark(derivation.expression()),
              derivation.description()));
    }
    String tenant = table.tenantColumn();
    if (tenant != null && !tenant.equals(SourceTable.TENANT_ID)) {
      derivations.add(new Derivation(SourceTable.TENANT_ID, "varchar", tenant, "Tenant."));
    }
    boolean byMonth = table.partitionBy() == SourceTable.PartitionBy.TENANT_AND_MONTH;
    if (byMonth) {
      derivations.add(
          new Derivation(
              SourceTable.LOAD_DATE,
              "date",
              "trunc(" + table.monthOf() + ", 'MM')",
              "First day of the month of " + table.monthOf() + "."));
    }
    List<String> partitionBy =
        switch (table.partitionBy()) {
          case NONE -> List.of();
          case TENANT -> List.of(SourceTable.TENANT_ID);
          case TENANT_AND_MONTH -> List.of(SourceTable.TENANT_ID, SourceTable.LOAD_DATE);
        };
    return new JobSpecification(
        JobSpecification.VERSION,
        Kind.SILVER,
        table.dataset(),
        table.name(),
        table.scope().id(),
        table.description(),
        "silver/" + table.name(),
        table.sourceTable(),
        table.key(),
        null,
        null,
        null,
        null,
        null,
        null,
        tenant == null ? null : SourceTable.TENANT_ID,
        partitionBy,
        table.columns().stream()
            .map(c -> new SpecColumn(c.name(), c.type().text(), c.nullable(), c.description()))
            .toList(),
        derivations,
        expectations(table.expectations(), functions));
  }

  /** The specification of a table's history. */
  public static JobSpecification compile(HistoryTable history) {
    SourceTable table = history.table();
    List<String> key = new ArrayList<>(table.key());
    key.add(HistoryTable.VERSION);
    return new JobSpecification(
        JobSpecification.VERSION,
        Kind.SILVER,
        history.dataset(),
        history.name(),
        table.scope().id(),
        history.description(),
        "silver/" + history.name(),
        table.sourceTable(),
        List.copyOf(key),
        null,
        null,
        null,
        null,
        null,
        null,
        table.tenantColumn() == null ? null : SourceTable.TENANT_ID,
        table.tenantColumn() == null ? List.of() : List.of(SourceTable.TENANT_ID),
        history.columns().stream()
            .map(c -> new SpecColumn(c.name(), c.type().text(), c.nullable(), c.description()))
            .toList(),
        List.of(),
        List.of(),
        new JobSpecification.History(
            table.key(),
            history.tracked().stream().map(SourceTable.Column::name).toList(),
            table.tenantColumn(),
            history.began(),
            history.transitions() == null
                ? null
                : new JobSpecification.Transitions(
                    history.transitions().column(),
                    new TreeMap<>(history.transitions().allowed()))));
  }

  /** The specification of a metric or of a derived table. */
  public static JobSpecification compile(Metric metric) {
    return compile(metric, FunctionVersions.current());
  }

  private static JobSpecification compile(Metric metric, FunctionVersions functions) {
    return new JobSpecification(
        JobSpecification.VERSION,
        Kind.GOLD,
        metric.dataset(),
        metric.name(),
        metric.scope().id(),
        metric.description(),
        metric.schema() + "/" + metric.name(),
        null,
        null,
        functions.mark(metric.sql()),
        metric.inputs(),
        metric.grain(),
        metric.timeColumns(),
        metric.clock().id(),
        incremental(metric.incremental()),
        metric.tenantColumn(),
        metric.partitionBy(),
        metric.columns().stream()
            .map(c -> new SpecColumn(c.name(), c.type().text(), c.nullable(), c.description()))
            .toList(),
        null,
        expectations(metric.expectations(), functions));
  }

  /** Those that a row alone decides. */
  private static List<JobSpecification.Expectation> expectations(
      List<Expectation> expectations, FunctionVersions functions) {
    return expectations.stream()
        .filter(e -> e.condition() != null)
        .map(
            e ->
                new JobSpecification.Expectation(
                    e.name(),
                    functions.mark(e.condition()),
                    e.severity() == Expectation.Severity.BLOCK))
        .toList();
  }

  private static JobSpecification.Incremental incremental(Metric.Incremental incremental) {
    if (incremental == null) {
      return null;
    }
    Map<String, JobSpecification.IncrementalInput> inputs = new LinkedHashMap<>();
    incremental
        .inputs()
        .forEach(
            (dataset, input) ->
                inputs.put(
                    dataset, new JobSpecification.IncrementalInput(input.columns(), input.keys())));
    return new JobSpecification.Incremental(incremental.by(), inputs);
  }
}
