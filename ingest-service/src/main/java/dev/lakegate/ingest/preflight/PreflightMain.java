package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Preflight as a process of its own, for a source that nothing captures yet. Settings come from the
 * environment under the service's names; the report is the last line of standard output, as JSON.
 * Exit code 0 also when findings block; 2 when a setting is wrong, with a sentence on standard
 * error.
 */
public final class PreflightMain {
  private PreflightMain() {}

  /** Runs preflight once. */
  public static void main(String[] arguments) {
    System.exit(run(System.getenv()));
  }

  private static int run(Map<String, String> environment) {
    SourceSettings settings;
    List<SourceTable> tables;
    try {
      settings =
          new SourceSettings(
              environment.getOrDefault("LAKEGATE_CAPTURE_SOURCE_JDBC_URL", ""),
              environment.get("LAKEGATE_CAPTURE_SOURCE_USERNAME"),
              environment.get("LAKEGATE_CAPTURE_SOURCE_PASSWORD"),
              environment.getOrDefault("LAKEGATE_CAPTURE_SLOT", "lakegate"),
              environment.getOrDefault("LAKEGATE_CAPTURE_PUBLICATION", "lakegate"));
      tables =
          LakehouseLoader.load(
                  Path.of(environment.getOrDefault("LAKEGATE_LAKEHOUSE_DIRECTORY", "lakehouse")))
              .tables();
    } catch (IllegalArgumentException | LakehouseException e) {
      System.err.println(e.getMessage());
      return 2;
    }
    System.out.println(Json.write(PreflightProbe.run(settings, tables)));
    return 0;
  }
}
