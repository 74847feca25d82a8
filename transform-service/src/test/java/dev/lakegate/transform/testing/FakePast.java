package dev.lakegate.transform.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the fake jobs do about former states: as the real ones do, with the files alone. */
final class FakePast {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FakePast() {}

  static ObjectNode run(Path root, JsonNode request, String action) throws IOException {
    JsonNode specification = request.get("specification");
    Path catalog =
        root.resolve("_catalog/" + specification.get("dataset").asText().replace('.', '/'));
    Path table = root.resolve(specification.get("path").asText());
    String instant = request.at("/past/instant").asText();
    Path state = table.resolve(instant + ".commit");
    String mode = request.get("mode").asText();
    if (!mode.equals("drop") && !Files.exists(state)) {
      return FakeJobs.failed(request, "STATE_NOT_KEPT", false);
    }
    switch (mode) {
      case "restore" -> {
        ObjectNode before = (ObjectNode) JSON.readTree(table.resolve("commit.json").toFile());
        ObjectNode commit = (ObjectNode) JSON.readTree(state.toFile());
        if (request.at("/past/dryRun").asBoolean()) {
          ObjectNode result = FakeJobs.succeeded(request, before);
          result.putNull("instant");
          return result.put("rowsUpserted", 7).put("rowsDeleted", 3);
        }
        commit.put("instant", FakeJobs.instant(before));
        commit.put("mode", "restore");
        FakeJobs.replace(table.resolve("commit.json"), commit);
        if (action.equals("crash-unpublished")) {
          System.exit(5);
        }
        FakeJobs.publish(root, specification, commit, request.get("watermark"));
        return FakeJobs.succeeded(request, commit);
      }
      case "asof" -> {
        Path made = catalog.resolveSibling(request.at("/past/table").asText());
        ObjectNode about = JSON.createObjectNode();
        about.put("version", 1);
        about.put("statePublishedAt", "2026-03-02T10:15:30Z");
        about.set("expiresAt", request.at("/past/expiresAt"));
        FakeJobs.replace(made.resolve("asof.json"), about);
        ObjectNode snapshot =
            (ObjectNode) JSON.readTree(catalog.resolve(instant + ".json").toFile());
        snapshot.set("table", request.at("/past/table"));
        FakeJobs.replace(made.resolve("current.json"), snapshot);
      }
      default -> {
        Path made = catalog.resolveSibling(request.at("/past/table").asText());
        Files.deleteIfExists(made.resolve("current.json"));
        Files.deleteIfExists(made.resolve("asof.json"));
        Files.deleteIfExists(made);
      }
    }
    ObjectNode result = FakeJobs.succeeded(request, JSON.createObjectNode());
    result.putNull("instant");
    result.putNull("checkpoint");
    return result;
  }
}
