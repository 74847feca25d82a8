package dev.lakegate.ingest.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the writer must remember beside the manifests: how far it acknowledged the slot over
 * stretches without changes (so that a slot found further on was moved by somebody else), that it
 * was about to open an epoch, and whose changes it had to let pass. Written durably before the
 * fact.
 *
 * @param version of this file, {@value #VERSION}
 * @param epoch 4 hex digits
 * @param opening whether the epoch's slot was about to be made; a slot found then is of no use
 * @param position LSN in PostgreSQL's notation
 * @param timeline of the source's log; null when it was written before timelines were remembered
 * @param gaps tables that lost changes since their copy
 */
record CaptureMark(
    int version,
    String epoch,
    boolean opening,
    String position,
    Integer timeline,
    SortedMap<String, Gap> gaps) {
  static final int VERSION = 3;
  private static final String FILE = "bronze/_acknowledged.json";
  private static final int MAX_BYTES = 1 << 20;
  private static final int ANY_GENERATION = 0;

  /**
   * Changes of a table are let pass: what Bronze has of it is no longer what the source has, until
   * it is copied anew.
   *
   * @param generation of the copy that lost them; a later copy mends it. 0: whichever it was
   * @param reason a sentence
   * @param catchesUp whether they are being read right now, so that they are lost only if capture
   *     ends before it has them
   */
  record Gap(int generation, String reason, boolean catchesUp) {
    Gap(int generation, String reason) {
      this(generation, reason, false);
    }

    /** Whether a table whose newest copy is of that generation still lacks the changes. */
    boolean appliesTo(int newestGeneration) {
      return generation == ANY_GENERATION || generation == newestGeneration;
    }
  }

  CaptureMark {
    gaps = Collections.unmodifiableSortedMap(new TreeMap<>(gaps));
  }

  static CaptureMark opening(String epoch, int timeline) {
    return new CaptureMark(VERSION, epoch, true, "0/0", timeline, new TreeMap<>());
  }

  static CaptureMark at(String epoch, String position, Integer timeline, Map<String, Gap> gaps) {
    return new CaptureMark(VERSION, epoch, false, position, timeline, new TreeMap<>(gaps));
  }

  static Optional<CaptureMark> read(Path root) {
    Path file = root.resolve(FILE);
    return Files.exists(file)
        ? Optional.of(
            Json.readFile(file, CaptureMark.class, VERSION, MAX_BYTES, CaptureMark::fromEarlier))
        : Optional.empty();
  }

  private static void fromEarlier(ObjectNode mark) {
    fromVersion1(mark);
    if (mark.path("version").asInt() == 2) {
      mark.put("version", VERSION);
      for (JsonNode gap : mark.path("gaps")) {
        ((ObjectNode) gap)
            .put("catchesUp", gap.path("reason").asText().equals(CaptureProgress.NOT_CAUGHT_UP));
      }
    }
  }

  private static void fromVersion1(ObjectNode mark) {
    if (mark.path("version").asInt() != 1) {
      return;
    }
    mark.put("version", 2);
    mark.putNull("timeline");
    JsonNode names = mark.get("gaps");
    ObjectNode gaps = mark.putObject("gaps");
    for (JsonNode name : (ArrayNode) names) {
      gaps.putObject(name.asText())
          .put("generation", ANY_GENERATION)
          .put("reason", "Its replica identity lacked the primary key.");
    }
  }

  void write(Path root) throws IOException {
    Path file = root.resolve(FILE);
    Path temporary = file.resolveSibling("_acknowledged.json.new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.write(this).getBytes(StandardCharsets.UTF_8));
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
