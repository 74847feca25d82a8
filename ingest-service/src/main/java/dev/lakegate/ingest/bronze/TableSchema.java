package dev.lakegate.ingest.bronze;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One version of a source table's shape as Bronze stores it. Immutable.
 *
 * @param version as the manifest records it
 * @param tenantColumn source column that holds the tenant; null when the table has none
 */
public record TableSchema(SchemaVersion version, String tenantColumn) {
  /** The column that every Bronze file has for its tenant. */
  public static final String TENANT_ID = "tenant_id";

  private static final Set<String> RESERVED =
      Set.of("_op", "_change_seq", "_commit_ts", "_unchanged", "_old_key", "load_date");

  public TableSchema {
    Objects.requireNonNull(version, "version is null");
  }

  /** Source table. */
  public String table() {
    return version.table();
  }

  /** The source's columns. */
  public List<SourceColumn> columns() {
    return version.columns();
  }

  /** Index of a column by name; -1 when there is none. */
  public int indexOf(String column) {
    for (int i = 0; i < columns().size(); i++) {
      if (columns().get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** Index of the tenant column; -1 when there is none. */
  public int tenantIndex() {
    return tenantColumn == null ? -1 : indexOf(tenantColumn);
  }

  /** Name of a source column that Bronze needs for itself; null when there is none. */
  public static String reservedColumn(List<SourceColumn> columns, String tenantColumn) {
    for (SourceColumn column : columns) {
      boolean foreignTenantId =
          column.name().equals(TENANT_ID) && !column.name().equals(tenantColumn);
      if (RESERVED.contains(column.name()) || foreignTenantId) {
        return column.name();
      }
    }
    return null;
  }

  /**
   * The Bronze type, in Trino's notation, of a column of a PostgreSQL type.
   *
   * @param postgresType as {@code format_type} prints it, domains already replaced by their base
   */
  public static String bronzeType(String postgresType) {
    return ColumnType.of(postgresType).trino();
  }

  /**
   * Values of a PostgreSQL type that its Bronze type cannot hold, for people; empty when it holds
   * all of them. Such a value becomes NULL and is counted.
   *
   * @param postgresType as {@code format_type} prints it, domains already replaced by their base
   */
  public static Optional<String> lossyValues(String postgresType) {
    return Optional.ofNullable(ColumnType.of(postgresType).lossy());
  }

  /** Whether two versions describe the same files; nullability at the source does not matter. */
  public static boolean sameFiles(SchemaVersion one, SchemaVersion other) {
    if (!one.key().equals(other.key()) || one.columns().size() != other.columns().size()) {
      return false;
    }
    for (int i = 0; i < one.columns().size(); i++) {
      SourceColumn a = one.columns().get(i);
      SourceColumn b = other.columns().get(i);
      if (!a.name().equals(b.name())
          || !a.sourceType().equals(b.sourceType())
          || !a.type().equals(b.type())) {
        return false;
      }
    }
    return true;
  }
}
