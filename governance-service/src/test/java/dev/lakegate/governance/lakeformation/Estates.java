package dev.lakegate.governance.lakeformation;

import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.List;
import java.util.Map;

/** An estate and policies for tests. */
final class Estates {
  static final String ACCOUNT = "123456789012";
  static final Estate ESTATE =
      new Estate(
          "aws",
          ACCOUNT,
          "us-east-1",
          "lakegate-dev",
          "lakegate_dev_",
          "/lakegate-dev/tenants/",
          "arn:aws:iam::123456789012:policy/lakegate-dev/tenants/lakegate-dev-tenant-boundary",
          "arn:aws:iam::123456789012:role/lakegate-dev/services/lakegate-dev-query-gateway",
          "lakegate-dev-tenant-",
          "s3://lakegate-dev-results",
          1_000_000_000L,
          Map.of("gold", "arn:aws:s3:::gold", "silver", "arn:aws:s3:::silver"));

  private Estates() {}

  static TableFacts tenantTable(String name, String... columns) {
    return new TableFacts(name, "tenant", "tenant_id", columns("tenant_id", columns));
  }

  static TableFacts sharedTable(String name, String... columns) {
    return new TableFacts(name, "shared", null, columns(null, columns));
  }

  // A column whose name ends with an exclamation mark holds personal data.
  private static List<ColumnFacts> columns(String first, String... more) {
    List<ColumnFacts> columns = new java.util.ArrayList<>();
    if (first != null) {
      columns.add(new ColumnFacts(first, false));
    }
    for (String column : more) {
      columns.add(new ColumnFacts(column.replace("!", ""), column.endsWith("!")));
    }
    return columns;
  }

  static Policy policy(List<Persona> personas, List<TierFilter> tiers, TableFacts... tables) {
    return new Policy(Policy.VERSION, 1, personas, tiers, List.of(tables));
  }

  static Persona tenants(boolean pii, String... schemas) {
    return new Persona("TenantSpecificAnalyst", List.of(schemas), Rows.TENANTS, pii, false, false);
  }

  static Persona analyst() {
    return new Persona("DataAnalyst", List.of("gold"), Rows.ALL, false, false, false);
  }

  static Policy usual() {
    return policy(
        List.of(analyst(), tenants(false, "gold")),
        List.of(new TierFilter("tenant_filter_small", "small", List.of("b", "a"))),
        tenantTable("gold.revenue", "amount", "email!"),
        sharedTable("gold.dim_date", "day"));
  }
}
