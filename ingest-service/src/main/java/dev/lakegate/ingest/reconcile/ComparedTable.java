package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.types.TrinoType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is read of one table on both sides. Immutable.
 *
 * @param index of its tables in the scratch database
 * @param at the source
 * @param columns that are read, the key's among them
 * @param key indexes of the key's columns
 * @param tenant index of the tenant's column; -1 when there is none
 * @param derived source columns that Silver replaces, and those of types that it cannot have
 */
record ComparedTable(
    int index,
    SourceTable described,
    CatalogTable at,
    List<Column> columns,
    List<Integer> key,
    int tenant,
    List<String> derived) {

  /**
   * A column.
   *
   * @param bronze type of what Bronze stores
   * @param silver type that both sides are compared in
   * @param compared whether it is compared; key and tenant are read also when they are not
   */
  record Column(String name, TrinoType bronze, TrinoType silver, boolean compared) {}

  static ComparedTable of(
      int index, SourceTable described, CatalogTable at, List<SourceColumn> source) {
    List<Column> columns = new ArrayList<>();
    List<String> derived = new ArrayList<>();
    int tenant = -1;
    for (SourceColumn column : source) {
      String name = column.name();
      boolean isTenant = name.equals(described.tenantColumn());
      TrinoType bronze = TrinoType.parse(column.type());
      TrinoType silver = described.column(name).map(SourceTable.Column::type).orElse(bronze);
      boolean compared =
          described.derivations().stream().noneMatch(d -> d.column().equals(name))
              && !name.equals(SourceTable.LOAD_DATE)
              && Canonical.duckdb(silver).isPresent();
      if (!compared) {
        derived.add(name);
      }
      if (compared || isTenant || described.key().contains(name)) {
        if (isTenant) {
          tenant = columns.size();
        }
        columns.add(
            isTenant && name.equals(SourceTable.TENANT_ID)
                ? new Column(name, TEXT, TEXT, compared)
                : new Column(name, bronze, silver, compared));
      }
    }
    List<Integer> key = new ArrayList<>();
    for (String name : described.key()) {
      Optional<Column> column = columns.stream().filter(c -> c.name().equals(name)).findFirst();
      key.add(column.map(columns::indexOf).orElse(-1));
    }
    return new ComparedTable(index, described, at, columns, key, tenant, derived);
  }

  private static final TrinoType TEXT = TrinoType.parse("varchar");

  /** A sentence when it cannot be compared. */
  Optional<String> problem() {
    if (key.contains(-1)) {
      return Optional.of("The source lacks a column of its key " + described.key() + ".");
    }
    if (described.tenantColumn() != null && tenant < 0) {
      return Optional.of("The source lacks its tenant column " + described.tenantColumn() + ".");
    }
    return Optional.empty();
  }

  String sourceRows() {
    return "source_" + index;
  }

  String silverRows() {
    return "silver_" + index;
  }

  String motion() {
    return "motion_" + index;
  }

  /** {@code k0, k1}, for USING and GROUP BY. */
  String keyNames() {
    StringBuilder names = new StringBuilder("k0");
    for (int i = 1; i < key.size(); i++) {
      names.append(", k").append(i);
    }
    return names.toString();
  }
}
