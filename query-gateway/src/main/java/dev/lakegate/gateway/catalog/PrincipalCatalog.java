package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.sql.CatalogView;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.snapshot.AsOfTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The lake as one principal sees it under one policy. For one query: what was resolved stays as it
 * was, so that columns and files belong together.
 */
public final class PrincipalCatalog implements CatalogView {
  private final Lake lake;
  private final Policy policy;
  private final Principal principal;
  private final Map<String, Resolved> resolved = new HashMap<>();

  /**
   * A table and what may be read of it.
   *
   * @param table as the lake has it
   * @param decision that applies
   */
  public record Resolved(LakeTable table, AccessDecision decision) {}

  /** A view for one principal. */
  public PrincipalCatalog(Lake lake, Policy policy, Principal principal) {
    this.lake = lake;
    this.policy = policy;
    this.principal = principal;
  }

  @Override
  public String catalog() {
    return Lake.CATALOG;
  }

  @Override
  public List<String> schemas() {
    return Lake.SCHEMAS;
  }

  @Override
  public Optional<TableView> table(String schema, String name) {
    return lake.resolve(schema, name).map(dataset -> view(resolved(dataset), null));
  }

  @Override
  public List<ListedTable> listing() {
    List<ListedTable> tables = new ArrayList<>();
    for (String dataset : lake.datasets()) {
      Resolved r = listed(dataset).orElse(null);
      if (r != null && r.decision().allowed()) {
        Set<String> readable = new HashSet<>(r.decision().readableColumns());
        tables.add(
            new ListedTable(
                r.table().schema(),
                r.table().name(),
                text(r.table().description()),
                r.table().columns().stream()
                    .filter(c -> readable.contains(c.name()))
                    .map(
                        c ->
                            new ListedColumn(
                                c.name(), c.type(), text(c.description()), c.nullable()))
                    .toList()));
      }
    }
    return tables;
  }

  private static String text(String description) {
    return description == null ? "" : description;
  }

  @Override
  public Optional<TableView> table(String schema, String name, AsOf asOf) {
    return lake.resolve(schema, name)
        .map(
            dataset -> {
              LakeTable former = lake.table(dataset, asOf);
              String key = dataset + "@" + former.version();
              return view(resolved.computeIfAbsent(key, k -> decided(former)), former.version());
            });
  }

  /**
   * The table and the decision; the same for the life of this view.
   *
   * @param dataset {@code schema.name} of a described table
   */
  public Resolved resolved(String dataset) {
    return resolved.computeIfAbsent(dataset, d -> decided(lake.table(d)));
  }

  /**
   * As {@link #resolved(String)}, for listings; empty when the table is damaged, or was removed
   * just now: no reason to list no other.
   */
  public Optional<Resolved> listed(String dataset) {
    Resolved known = resolved.get(dataset);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      Optional<Resolved> now = lake.listed(dataset).map(this::decided);
      now.ifPresent(r -> resolved.put(dataset, r));
      return now;
    } catch (SqlFailure e) {
      return Optional.empty();
    }
  }

  /** What stands behind a table that this view gave. */
  public Resolved resolved(TableView table) {
    return Objects.requireNonNull(resolved.get(table.key()), "not a table of this view");
  }

  /** Columns of a table that nobody has described: they count as personal data. */
  public Set<String> undescribed(LakeTable table) {
    return lake.facts(policy, table)
        .map(facts -> Set.copyOf(facts.undescribed(names(table))))
        .orElse(Set.of());
  }

  /** What the principal may read of a state of a table. */
  public AccessDecision decide(LakeTable table) {
    return AccessDecider.decide(
        policy,
        principal,
        AsOfTable.governing(table.dataset()),
        lake.facts(policy, table).orElse(null),
        names(table));
  }

  private Resolved decided(LakeTable table) {
    return new Resolved(table, decide(table));
  }

  private static List<String> names(LakeTable table) {
    return table.columns().stream().map(LakeTable.Column::name).toList();
  }

  private static TableView view(Resolved r, String instant) {
    Set<String> readable = new HashSet<>(r.decision().readableColumns());
    List<ColumnView> columns =
        r.decision().allowed()
            ? r.table().columns().stream()
                .filter(c -> readable.contains(c.name()))
                .map(c -> new ColumnView(c.name(), c.type()))
                .toList()
            : List.of();
    return new TableView(r.table().schema(), r.table().name(), columns, r.decision(), instant);
  }
}
