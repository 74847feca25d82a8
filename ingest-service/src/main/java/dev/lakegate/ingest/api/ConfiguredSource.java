package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureConfig;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** The source that this service is configured with, and the tables described now. */
@ApplicationScoped
class ConfiguredSource {
  @Inject CaptureConfig config;
  @Inject LakehouseConfig lakehouse;

  SourceSettings settings() {
    return new SourceSettings(
        config.source().jdbcUrl().orElseThrow(),
        config.source().username().orElse(null),
        config.source().password().orElse(null),
        config.slot(),
        config.publication());
  }

  /** Read anew, so that an edited description is judged before capture takes it over. */
  List<SourceTable> tables() {
    return LakehouseLoader.load(lakehouse.directory().orElseThrow()).tables();
  }
}
