package dev.lakegate.ingest.capture;

/**
 * A table to capture, from the lakehouse description.
 *
 * @param schema in the source
 * @param table in the source
 * @param dataset that it feeds, such as {@code silver.order}
 * @param tenantColumn column that holds the tenant; null when the table has none
 */
public record CapturedTable(String schema, String table, String dataset, String tenantColumn) {}
