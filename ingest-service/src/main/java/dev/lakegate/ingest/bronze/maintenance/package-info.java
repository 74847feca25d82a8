/**
 * Keeps Bronze small and tidy beside capture: old manifests are rolled up, their small files
 * merged, and what no manifest names is removed. Touches nothing that capture still writes.
 */
package dev.lakegate.ingest.bronze.maintenance;
