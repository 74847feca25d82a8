package dev.lakegate.ingest.bronze;

import dev.lakegate.model.bronze.BronzePaths;
import java.nio.charset.StandardCharsets;

/**
 * Finds rows that cannot be written, or that Silver could never take. Stateless and thread-safe.
 *
 * @param maxBytes of a row's text
 */
public record RowCheck(long maxBytes) {
  /** A row that DuckDB converts within its memory; see the test that tries. */
  public static final long MAX_BYTES = 8L << 20;

  /** What capture looks at. */
  public static final RowCheck WRITABLE = new RowCheck(MAX_BYTES);

  private static final int MAX_FOLDER = 255;

  /** What is wrong with a tenant of a table that has tenants; null when nothing is. */
  public static RowProblem ofTenant(String tenant) {
    if (tenant == null || tenant.isEmpty()) {
      return RowProblem.TENANT_MISSING;
    }
    String folder = "tenant_id=" + BronzePaths.partitionValue(tenant);
    return folder.getBytes(StandardCharsets.UTF_8).length > MAX_FOLDER
            || tenant.equals(BronzePaths.DEFAULT_PARTITION)
        ? RowProblem.TENANT_UNUSABLE
        : null;
  }

  /** What is wrong with a row's size, its values without quotes; null when nothing is. */
  public RowProblem ofSize(long bytes) {
    return bytes > maxBytes ? RowProblem.TOO_LARGE : null;
  }
}
