package dev.lakegate.model.bronze;

import java.time.Instant;

/**
 * Somebody accepted a schema version that takes something away, so that readers may go on.
 *
 * @param table source table
 * @param schemaVersion the version, and with it all earlier ones
 * @param approvedBy subject of the principal
 * @param approvedAt when, UTC
 */
public record SchemaApproval(
    String table, int schemaVersion, String approvedBy, Instant approvedAt) {}
