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
    List<JobSpecification> specifications = new ArrayList<>();
    lakehouse.tables().forEach(table -> specifications.add(compile(table)));
    lakehouse.histories().forEach(history -> specifications.add(compile(history)));
    lakehouse.computed().forEach(metric -> specifications.add(compile(metric)));
    return List.copyOf(specifications);
  }

  /** The specification of a Silver table. */
  public static JobSpecification compile(SourceTable table) {
    List<Derivation> derivations = new ArrayList<>();
    for (SourceTable.Derivation derivation : table.derivations()) {
      derivations.add(
          new Derivation(
              derivation.column(),
              derivation.type().text(),
              derivation.expression(),
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
        table.expectations().stream()
            .filter(e -> !e.kind().needsOtherRows())
            .map(
                e ->
                    new JobSpecification.Expectation(
                        e.name(), e.condition(), e.severity() == Expectation.Severity.BLOCK))
            .toList());
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
        metric.sql(),
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
        List.of());
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
