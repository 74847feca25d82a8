package dev.lakegate.model.description;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The lakehouse as its directory describes it. Immutable; made by {@link LakehouseLoader}, so that
 * names are unique and references resolve.
 *
 * @param tables by name
 * @param derived tables of Silver that queries compute from other tables of Silver, by name
 * @param metrics by name
 * @param queries by name
 * @param governance the proposal for policy
 */
public record Lakehouse(
    List<SourceTable> tables,
    List<Metric> derived,
    List<Metric> metrics,
    List<SavedQuery> queries,
    Governance governance) {
  public Lakehouse {
    tables = List.copyOf(tables);
    derived = List.copyOf(derived);
    metrics = List.copyOf(metrics);
    queries = List.copyOf(queries);
  }

  /** The table that Silver calls so; an alias is no name here. */
  public Optional<SourceTable> table(String name) {
    return tables.stream().filter(t -> t.name().equals(name)).findFirst();
  }

  /** The table that the source calls so. */
  public Optional<SourceTable> tableOfSource(String sourceTable) {
    return tables.stream().filter(t -> t.sourceTable().equals(sourceTable)).findFirst();
  }

  /** Quarantines of the tables that have one, in the tables' order. */
  public List<Quarantine> quarantines() {
    return tables.stream().flatMap(t -> t.quarantine().stream()).toList();
  }

  /** The quarantine of that name. */
  public Optional<Quarantine> quarantine(String name) {
    return quarantines().stream().filter(q -> q.name().equals(name)).findFirst();
  }

  /** Histories of tables, by name of the table. */
  public List<HistoryTable> histories() {
    return tables.stream().flatMap(table -> HistoryTable.of(table).stream()).toList();
  }

  /** The metric of that name. */
  public Optional<Metric> metric(String name) {
    return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** All that queries compute: derived tables of Silver, then metrics. */
  public List<Metric> computed() {
    return Stream.concat(derived.stream(), metrics.stream()).toList();
  }

  /**
   * What the rows that a dataset holds are expected to meet, as far as its own files tell which do
   * not: of a Silver table what flags by a row alone, of its quarantine what blocks.
   */
  public List<Expectation> expectations(String dataset) {
    for (SourceTable table : tables) {
      Expectation.Severity severity =
          dataset.equals(table.dataset())
              ? Expectation.Severity.FLAG
              : dataset.equals(table.dataset() + Quarantine.SUFFIX)
                  ? Expectation.Severity.BLOCK
                  : null;
      if (severity != null) {
        return table.expectations().stream()
            .filter(e -> e.severity() == severity && !e.kind().needsOtherRows())
            .toList();
      }
    }
    return computed().stream()
        .filter(metric -> metric.dataset().equals(dataset))
        .flatMap(metric -> metric.expectations().stream())
        .toList();
  }

  /** The saved query of that name. */
  public Optional<SavedQuery> query(String name) {
    return queries.stream().filter(q -> q.name().equals(name)).findFirst();
  }

  /** All that jobs build: tables of Silver, their histories, what queries compute. */
  public List<String> datasets() {
    return Stream.of(
            tables.stream().map(SourceTable::dataset),
            histories().stream().map(HistoryTable::dataset),
            computed().stream().map(Metric::dataset))
        .flatMap(names -> names)
        .toList();
  }

  /**
   * The one name of the table that a query calls {@code schema.name}: aliases such as {@code
   * silver.orders} lead to {@code silver.order}. Empty when there is no such table. Names are lower
   * case.
   */
  public Optional<String> resolve(String schema, String name) {
    return switch (schema) {
      case "bronze" -> tableOfSource(name).map(SourceTable::bronzeDataset);
      case "silver" ->
          tables.stream()
              .filter(t -> t.name().equals(name) || t.aliases().contains(name))
              .findFirst()
              .map(SourceTable::dataset)
              .or(
                  () ->
                      derived.stream()
                          .filter(t -> t.name().equals(name))
                          .findFirst()
                          .map(Metric::dataset))
              .or(() -> quarantine(name).map(Quarantine::dataset))
              .or(
                  () ->
                      histories().stream()
                          .filter(t -> t.name().equals(name))
                          .findFirst()
                          .map(HistoryTable::dataset));
      case "gold" -> metric(name).map(Metric::dataset);
      default -> Optional.empty();
    };
  }
}
