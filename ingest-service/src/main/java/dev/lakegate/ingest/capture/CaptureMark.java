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
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

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
 * @param gaps tables that lost changes in this epoch and need a new one
 */
record CaptureMark(
    int version, String epoch, boolean opening, String position, SortedSet<String> gaps) {
  static final int VERSION = 1;
  private static final String FILE = "bronze/_acknowledged.json";

  CaptureMark {
    gaps = new TreeSet<>(gaps);
  }

  static CaptureMark opening(String epoch) {
    return new CaptureMark(VERSION, epoch, true, "0/0", new TreeSet<>());
  }

  static CaptureMark at(String epoch, String position, SortedSet<String> gaps) {
    return new CaptureMark(VERSION, epoch, false, position, gaps);
  }

  static Optional<CaptureMark> read(Path root) throws IOException {
    Path file = root.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    CaptureMark mark = Json.read(Files.readString(file), CaptureMark.class);
    if (mark.version() != VERSION) {
      throw new IOException(
          file + " has version " + mark.version() + ", this program knows " + VERSION);
    }
    return Optional.of(mark);
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
