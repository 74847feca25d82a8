package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.source.SourceSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What reconciling needs.
 *
 * @param storageRoot folder that holds {@code bronze/} and {@code silver/}
 * @param scratch folder for it alone; what lies there is deleted
 * @param duckdbMemory such as {@code 256MB}, besides the heap; more goes to disk
 * @param silverPatience how long to wait for Silver to reflect the snapshot
 */
public record ReconcileSettings(
    Path storageRoot,
    Path scratch,
    SourceSettings source,
    String duckdbMemory,
    Duration silverPatience) {}
