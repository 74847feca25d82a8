package dev.lakegate.ingest.capture;

import java.util.List;

/**
 * A table to capture, from the lakehouse description.
 *
 * @param schema in the source
 * @param table in the source
 * @param dataset that it feeds, such as {@code silver.order}
 * @param tenantColumn column that holds the tenant; null when the table has none
 * @param key columns by which readers tell its rows apart; empty when the description does not say,
 *     then the source's primary key
 */
public record CapturedTable(
    String schema, String table, String dataset, String tenantColumn, List<String> key) {
  public CapturedTable {
    key = List.copyOf(key);
  }

  /** A table whose key is whatever the source's primary key is. */
  public CapturedTable(String schema, String table, String dataset, String tenantColumn) {
    this(schema, table, dataset, tenantColumn, List.of());
  }
}
