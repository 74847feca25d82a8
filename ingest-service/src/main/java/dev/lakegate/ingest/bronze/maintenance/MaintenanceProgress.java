package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How far maintenance has come, so that a start does not look at everything again. Losing it costs
 * time, nothing else. Immutable.
 *
 * @param version {@value #VERSION}
 * @param orphansRemoved every file of a manifest up to this one is named, others are gone
 * @param replacedRemoved the same of files that were merged into the roll-ups up to this manifest
 */
record MaintenanceProgress(int version, long orphansRemoved, long replacedRemoved) {
  static final int VERSION = 1;
  static final MaintenanceProgress NONE = new MaintenanceProgress(VERSION, 0, 0);
  private static final String FILE = "bronze/_maintenance.json";
  private static final int MAX_BYTES = 4096;

  MaintenanceProgress withOrphansRemoved(long number) {
    return new MaintenanceProgress(version, number, replacedRemoved);
  }

  MaintenanceProgress withReplacedRemoved(long number) {
    return new MaintenanceProgress(version, orphansRemoved, number);
  }

  /**
   * Reads what was written.
   *
   * @param last number of the newest manifest; progress beyond it belongs to another chain
   */
  static MaintenanceProgress read(Path root, long last) {
    Path file = root.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    try {
      MaintenanceProgress read = Json.readFile(file, MaintenanceProgress.class, VERSION, MAX_BYTES);
      return read.orphansRemoved() > last || read.replacedRemoved() > last ? NONE : read;
    } catch (ContractException e) {
      return NONE;
    }
  }

  void write(Path root) throws IOException {
    Path file = root.resolve(FILE);
    Path temporary = file.resolveSibling("_maintenance.json.new");
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
