package dev.lakegate.model.policy;

import dev.lakegate.model.description.Governance;
import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.Metric;
import dev.lakegate.model.description.Quarantine;
import dev.lakegate.model.description.Scope;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles the lakehouse description to the policy that it proposes. Pure. */
public final class PolicyCompiler {
  private static final List<String> BRONZE_COLUMNS =
      List.of("_op", "_change_seq", "_commit_ts", "_unchanged", "_old_key");

  private PolicyCompiler() {}

  /**
   * @param policyVersion number of the version to make
   */
  public static Policy compile(Lakehouse lakehouse, long policyVersion) {
    Governance governance = lakehouse.governance();
    Map<String, Set<String>> personal = new HashMap<>();
    for (Governance.PersonalData entry : governance.personalData()) {
      personal.computeIfAbsent(entry.table(), t -> new HashSet<>()).addAll(entry.columns());
    }
    List<TableFacts> tables = new ArrayList<>();
    lakehouse.tables().forEach(table -> tables.add(bronze(table, personal)));
    lakehouse.tables().forEach(table -> tables.add(silver(table, personal)));
    lakehouse.quarantines().forEach(quarantine -> tables.add(quarantine(quarantine, personal)));
    lakehouse.histories().forEach(history -> tables.add(history(history, personal)));
    lakehouse.computed().forEach(metric -> tables.add(computed(metric, personal)));
    return new Policy(
        Policy.VERSION,
        policyVersion,
        governance.personas().stream()
            .map(
                p ->
                    new Persona(
                        p.name(),
                        p.schemas(),
                        p.allRows() ? Rows.ALL : Rows.TENANTS,
                        p.pii(),
                        p.internal(),
                        p.administers()))
            .toList(),
        governance.tierFilters().stream()
            .map(f -> new TierFilter(f.name(), f.tier(), f.tenants()))
            .toList(),
        tables);
  }

  private static TableFacts bronze(SourceTable table, Map<String, Set<String>> personal) {
    Map<String, Boolean> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.put(c.name(), c.pii()));
    BRONZE_COLUMNS.forEach(c -> columns.put(c, false));
    // The old key holds values of the key's columns, personal ones included.
    Set<String> alsoPersonal = personal.getOrDefault(table.bronzeDataset(), Set.of());
    columns.put(
        "_old_key", table.key().stream().anyMatch(k -> columns.get(k) || alsoPersonal.contains(k)));
    columns.put(SourceTable.LOAD_DATE, false);
    columns.putIfAbsent(SourceTable.TENANT_ID, false);
    return facts(
        table.bronzeDataset(),
        table.scope().id(),
        table.tenantColumn() == null ? null : SourceTable.TENANT_ID,
        columns,
        personal);
  }

  private static TableFacts silver(SourceTable table, Map<String, Set<String>> personal) {
    Map<String, Boolean> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.put(c.name(), c.pii()));
    table.derivations().forEach(d -> columns.put(d.column(), d.pii()));
    if (table.tenantColumn() != null) {
      columns.putIfAbsent(SourceTable.TENANT_ID, false);
    }
    if (table.partitionBy() == SourceTable.PartitionBy.TENANT_AND_MONTH) {
      columns.put(SourceTable.LOAD_DATE, false);
    }
    return facts(
        table.dataset(),
        table.scope().id(),
        table.tenantColumn() == null ? null : SourceTable.TENANT_ID,
        columns,
        personal);
  }

  private static TableFacts quarantine(Quarantine quarantine, Map<String, Set<String>> personal) {
    Map<String, Boolean> columns = new LinkedHashMap<>();
    Quarantine.COLUMNS.forEach(c -> columns.put(c.name(), c.pii()));
    return facts(quarantine.dataset(), Scope.INTERNAL.id(), null, columns, personal);
  }

  /** Versions hold values of their table: what is personal data there is so here. */
  private static TableFacts history(HistoryTable history, Map<String, Set<String>> personal) {
    SourceTable table = history.table();
    Set<String> ofTable = personal.getOrDefault(table.dataset(), Set.of());
    Map<String, Boolean> columns = new LinkedHashMap<>();
    history.columns().forEach(c -> columns.put(c.name(), c.pii() || ofTable.contains(c.name())));
    if (history.began() != null && personal(table, history.began(), ofTable)) {
      columns.put(HistoryTable.VALID_FROM, true);
    }
    if (history.transitions() != null && personal(table, history.transitions().column(), ofTable)) {
      columns.put(HistoryTable.TRANSITION_ALLOWED, true);
    }
    return facts(
        history.dataset(),
        table.scope().id(),
        table.tenantColumn() == null ? null : SourceTable.TENANT_ID,
        columns,
        personal);
  }

  private static boolean personal(SourceTable table, String column, Set<String> alsoPersonal) {
    return table.column(column).orElseThrow().pii() || alsoPersonal.contains(column);
  }

  private static TableFacts computed(Metric metric, Map<String, Set<String>> personal) {
    Map<String, Boolean> columns = new LinkedHashMap<>();
    metric.columns().forEach(c -> columns.put(c.name(), c.pii()));
    return facts(metric.dataset(), metric.scope().id(), metric.tenantColumn(), columns, personal);
  }

  private static TableFacts facts(
      String table,
      String scope,
      String tenantColumn,
      Map<String, Boolean> columns,
      Map<String, Set<String>> personal) {
    Set<String> alsoPersonal = personal.getOrDefault(table, Set.of());
    return new TableFacts(
        table,
        scope,
        tenantColumn,
        columns.entrySet().stream()
            .map(
                c -> new ColumnFacts(c.getKey(), c.getValue() || alsoPersonal.contains(c.getKey())))
            .toList());
  }
}
