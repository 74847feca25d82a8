package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tables that somebody asked to copy anew, beside the manifests: so that a request which capture
 * could not begin yet outlives the service. Stateless.
 */
final class PendingResyncs {
  private static final String FILE = "bronze/_resyncs.json";
  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 20;

  /**
   * A request.
   *
   * @param generation of the newest copy when it was made; a later one has served it
   * @param reason a sentence
   */
  record Wanted(int generation, String reason) {}

  /** The stored form. */
  record Stored(int version, SortedMap<String, Wanted> tables) {}

  private PendingResyncs() {}

  static SortedMap<String, Wanted> read(Path root) {
    Path file = root.resolve(FILE);
    return Files.exists(file)
        ? Json.readFile(file, Stored.class, VERSION, MAX_BYTES).tables()
        : new TreeMap<>();
  }

  /** Durable when this returns. */
  static void write(Path root, Map<String, Wanted> tables) throws IOException {
    Path file = root.resolve(FILE);
    if (tables.isEmpty() && !Files.exists(file)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Path temporary = file.resolveSibling("_resyncs.json.new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      String json = Json.write(new Stored(VERSION, new TreeMap<>(tables)));
      ByteBuffer bytes = ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    ManifestWriter.sync(file.getParent());
  }
}
