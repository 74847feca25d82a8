package dev.lakegate.gateway.sql;

import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Principal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Three tables and one principal. */
class TestCatalog implements CatalogView {
  static final Principal TENANT =
      new Principal(
          "issuer",
          "analyst@tenant-1",
          new TreeSet<>(List.of("TenantSpecificAnalyst")),
          new TreeSet<>(List.of("tenant-1")),
          null);

  static final Principal ENGINEER =
      new Principal(
          "issuer", "engineer", new TreeSet<>(List.of("DataEngineer")), new TreeSet<>(), null);

  private static final Policy POLICY =
      new Policy(
          Policy.VERSION,
          1,
          List.of(
              new Persona(
                  "DataEngineer",
                  List.of("bronze", "silver", "gold"),
                  Rows.ALL,
                  true,
                  false,
                  false),
              new Persona(
                  "TenantSpecificAnalyst", List.of("gold"), Rows.TENANTS, false, false, false)),
          List.of(),
          List.of(
              facts("gold.revenue_metrics", "dt", "order_count", "total_revenue"),
              facts("gold.dim_customer", "customer_id", "email", "status"),
              facts("silver.order", "id", "total", "status"),
              new TableFacts(
                  "gold.quarantine", "internal", null, List.of(new ColumnFacts("reason", false)))));

  private static final Map<String, String> TYPES =
      Map.of(
          "tenant_id", "varchar",
          "dt", "date",
          "order_count", "bigint",
          "total_revenue", "decimal(18,2)",
          "customer_id", "bigint",
          "email", "varchar",
          "status", "varchar",
          "id", "bigint",
          "total", "decimal(12,2)",
          "reason", "varchar");

  private final Principal principal;

  TestCatalog(Principal principal) {
    this.principal = principal;
  }

  private static TableFacts facts(String table, String... columns) {
    LinkedHashMap<String, ColumnFacts> all = new LinkedHashMap<>();
    all.put("tenant_id", new ColumnFacts("tenant_id", false));
    for (String c : columns) {
      all.put(c, new ColumnFacts(c, c.equals("email")));
    }
    return new TableFacts(table, "tenant", "tenant_id", List.copyOf(all.values()));
  }

  @Override
  public String catalog() {
    return "lakehouse";
  }

  @Override
  public List<String> schemas() {
    return List.of("bronze", "silver", "gold");
  }

  @Override
  public Optional<TableView> table(String schema, String name) {
    String own = schema.equals("silver") && name.equals("orders") ? "order" : name;
    return POLICY
        .table(schema + "." + own)
        .map(
            f -> {
              AccessDecision d = AccessDecider.decide(POLICY, principal, f.table());
              return new TableView(
                  schema,
                  own,
                  d.allowed()
                      ? d.readableColumns().stream()
                          .map(c -> new ColumnView(c, Types.parse(TYPES.get(c))))
                          .toList()
                      : List.of(),
                  d,
                  null);
            });
  }

  /** States {@code 20260301000000000} and {@code 20260302000000000}, of their midnights. */
  @Override
  public Optional<TableView> table(String schema, String name, AsOf asOf) {
    String instant =
        asOf instanceof AtVersion v
            ? v.instant()
            : ((AtTime) asOf).moment().isBefore(Instant.parse("2026-03-02T00:00:00Z"))
                ? "20260301000000000"
                : "20260302000000000";
    if (!instant.matches("2026030[12]000000000")) {
      throw new SqlFailure("INVALID_ARGUMENTS", "No state '" + instant + "' is kept");
    }
    return table(schema, name)
        .map(t -> new TableView(t.schema(), t.name(), t.columns(), t.decision(), instant));
  }

  @Override
  public List<ListedTable> listing() {
    return POLICY.tables().stream()
        .map(f -> table(f.table().split("\\.")[0], f.table().split("\\.")[1]).orElseThrow())
        .filter(t -> t.decision().allowed())
        .map(
            t ->
                new ListedTable(
                    t.schema(),
                    t.name(),
                    "Table " + t.name() + ".",
                    t.columns().stream()
                        .map(c -> new ListedColumn(c.name(), c.type(), "", true))
                        .toList()))
        .toList();
  }
}
