package dev.lakegate.transform.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Which tables were copied while the stream went on, and still lack what followed their snapshot.
 * The chain does not tell: its copies are complete, and other tables' changes are newer. Capture
 * writes it beside the chain before such a copy is complete there, and takes it away after the last
 * missing change is.
 */
final class CatchingUp {
  private static final Logger LOG = Logger.getLogger(CatchingUp.class);

  private final Path file;
  private String complaint;

  CatchingUp(Path storageRoot) {
    this.file = storageRoot.resolve("bronze/_acknowledged.json");
  }

  /** Generation of the copy, by source table. */
  Map<String, Integer> tables() {
    Map<String, Integer> tables = new HashMap<>();
    try {
      JsonNode mark = Json.read(Files.readString(file), JsonNode.class);
      mark.path("gaps")
          .fields()
          .forEachRemaining(
              gap -> {
                if (gap.getValue().path("catchesUp").asBoolean(false)) {
                  tables.put(gap.getKey(), gap.getValue().path("generation").asInt());
                }
              });
      complaint = null;
    } catch (NoSuchFileException e) {
      return tables;
    } catch (IOException | IllegalArgumentException e) {
      if (!e.toString().equals(complaint)) {
        complaint = e.toString();
        LOG.warnf("which tables are catching up cannot be read: %s", complaint);
      }
    }
    return tables;
  }
}
