package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.sql.CatalogView;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
    return lake.resolve(schema, name).map(dataset -> view(resolved(dataset)));
  }

  /**
   * The table and the decision; the same for the life of this view.
   *
   * @param dataset {@code schema.name} of a described table
   */
  public Resolved resolved(String dataset) {
    return resolved.computeIfAbsent(
        dataset, d -> new Resolved(lake.table(d), AccessDecider.decide(policy, principal, d)));
  }

  private static TableView view(Resolved r) {
    Set<String> readable = new HashSet<>(r.decision().readableColumns());
    List<ColumnView> columns =
        r.decision().allowed()
            ? r.table().columns().stream()
                .filter(c -> readable.contains(c.name()))
                .map(c -> new ColumnView(c.name(), c.type()))
                .toList()
            : List.of();
    return new TableView(r.table().schema(), r.table().name(), columns, r.decision());
  }
}
