package dev.lakegate.e2e.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads YAML as maps and lists. */
final class Yaml {
  private Yaml() {}

  static Object read(Path file) throws IOException {
    return new Load(LoadSettings.builder().setMaxAliasesForCollections(500).build())
        .loadFromString(Files.readString(file));
  }
}
