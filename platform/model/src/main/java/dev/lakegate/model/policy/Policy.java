package dev.lakegate.model.policy;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Who may see what, complete in itself: an access decision needs this, a principal and a table's
 * name. Versions are kept by the governance service.
 *
 * @param version contract version, {@value #VERSION}
 * @param policyVersion rises by 1 with each change
 * @param personas in order of precedence
 * @param tierFilters tenants by tier, for account teams
 * @param tables facts about each table that decisions rest on
 */
public record Policy(
    int version,
    long policyVersion,
    List<Persona> personas,
    List<TierFilter> tierFilters,
    List<TableFacts> tables) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  public Policy {
    personas = List.copyOf(personas);
    tierFilters = List.copyOf(tierFilters);
    tables = List.copyOf(tables);
    unique("persona", personas.stream().map(Persona::name).toList());
    unique("tier", tierFilters.stream().map(TierFilter::tier).toList());
    unique("table", tables.stream().map(TableFacts::table).toList());
  }

  // Of two with one name the first would silently win.
  private static void unique(String what, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(what + " " + name + " occurs twice");
      }
    }
  }

  /** What decisions need to know about a table; empty when the policy does not know it. */
  public Optional<TableFacts> table(String name) {
    return tables.stream().filter(t -> t.table().equals(name)).findFirst();
  }

  /** The persona of that name. */
  public Optional<Persona> persona(String name) {
    return personas.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /**
   * A kind of user.
   *
   * @param name as it appears in the personas claim
   * @param schemas layers it may read
   * @param rows which rows of tenant-scoped tables
   * @param pii whether it reads columns marked as personal data
   * @param internal whether it reads tables of scope internal
   * @param administers whether it may change policy and see every principal's queries
   */
  public record Persona(
      String name,
      List<String> schemas,
      Rows rows,
      boolean pii,
      boolean internal,
      boolean administers) {
    public Persona {
      Objects.requireNonNull(name, "name is null");
      Objects.requireNonNull(rows, "rows is null");
      schemas = List.copyOf(schemas);
    }
  }

  /** Which rows of tenant-scoped tables a persona reads. */
  public enum Rows {
    /** Every tenant's. */
    @com.fasterxml.jackson.annotation.JsonProperty("all")
    ALL,
    /** Those of the tenants, or the tier, that the token claims. */
    @com.fasterxml.jackson.annotation.JsonProperty("tenants")
    TENANTS
  }

  /**
   * A named row filter for account teams of a tier.
   *
   * @param name of the filter
   * @param tier value of the tier claim
   * @param tenants it lets through
   */
  public record TierFilter(String name, String tier, List<String> tenants) {
    public TierFilter {
      Objects.requireNonNull(name, "name is null");
      Objects.requireNonNull(tier, "tier is null");
      tenants = List.copyOf(tenants);
    }
  }

  /**
   * What decisions need to know about a table.
   *
   * @param table {@code <schema>.<name>}
   * @param scope {@code tenant}, {@code shared} or {@code internal}
   * @param tenantColumn null unless scope is tenant
   * @param columns every described column; a stored column that is not among them is read by those
   *     alone who see personal data and every row
   */
  public record TableFacts(
      String table, String scope, String tenantColumn, List<ColumnFacts> columns) {
    public TableFacts {
      Objects.requireNonNull(table, "table is null");
      columns = List.copyOf(columns);
      if (scope == null || !SCOPES.contains(scope)) {
        throw new IllegalArgumentException(table + ": scope is not one of " + SCOPES);
      }
      if (scope.equals("tenant") != (tenantColumn != null)) {
        throw new IllegalArgumentException(
            table + ": a tenant column belongs to scope tenant, and to it alone");
      }
    }

    private static final List<String> SCOPES = List.of("tenant", "shared", "internal");

    /**
     * How few a scope lets in, greater for fewer: internal tables are for administrators, shared
     * ones for everybody of the layer. One that nobody knows counts as internal.
     */
    public static int strictness(String scope) {
      return switch (scope) {
        case "shared" -> 0;
        case "tenant" -> 1;
        default -> 2;
      };
    }

    /**
     * What these facts and others allow both: the stricter scope, a column as personal as either
     * says, and as described what both describe. Two that disagree on whose a row is allow both no
     * tenant: then the scope is internal.
     */
    public TableFacts and(TableFacts others) {
      Map<String, Boolean> theirs = new HashMap<>();
      others.columns().forEach(c -> theirs.merge(c.name(), c.pii(), Boolean::logicalOr));
      TableFacts within = within(others.scope(), others.tenantColumn());
      return new TableFacts(
          table,
          within.scope(),
          within.tenantColumn(),
          columns.stream()
              .filter(c -> theirs.containsKey(c.name()))
              .map(c -> new ColumnFacts(c.name(), c.pii() || theirs.get(c.name())))
              .toList());
    }

    /**
     * These facts with another scope, where that one is stricter; internal when both are of
     * tenants, by different columns, or the other one is unknown.
     *
     * @param otherTenantColumn null unless the other scope is tenant
     */
    public TableFacts within(String otherScope, String otherTenantColumn) {
      boolean disagree =
          scope.equals("tenant")
              && otherScope.equals("tenant")
              && !tenantColumn.equals(otherTenantColumn);
      int other = disagree ? strictness("internal") : strictness(otherScope);
      if (other <= strictness(scope)) {
        return this;
      }
      return other == strictness("tenant")
          ? new TableFacts(table, "tenant", otherTenantColumn, columns)
          : new TableFacts(table, "internal", null, columns);
    }

    /** Those of the stored columns that are not described, in their order. */
    public List<String> undescribed(Collection<String> stored) {
      Set<String> described = new HashSet<>();
      columns.forEach(c -> described.add(c.name()));
      return stored.stream().filter(c -> !described.contains(c)).distinct().toList();
    }
  }

  /**
   * What decisions need to know about a column.
   *
   * @param name of the column
   * @param pii whether it holds personal data
   */
  public record ColumnFacts(String name, boolean pii) {
    public ColumnFacts {
      Objects.requireNonNull(name, "name is null");
    }
  }
}
