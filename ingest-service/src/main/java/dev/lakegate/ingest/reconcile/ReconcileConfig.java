package dev.lakegate.ingest.reconcile;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Comparing the source with Silver. */
@ConfigMapping(prefix = "lakegate.reconcile")
public interface ReconcileConfig {
  /** Memory that DuckDB may use to compare, besides the heap; more goes to the work directory. */
  @WithDefault("256MB")
  String duckdbMemory();

  /** How long to wait for Silver to reflect the source's snapshot. */
  @WithDefault("PT10M")
  Duration silverPatience();
}
