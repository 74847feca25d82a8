package dev.lakegate.model.bronze;

import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes manifests and their roll-ups below a local storage root, exclusively and durably. When
 * {@code write} returns, the file survives a power cut; when it throws, either no file of that name
 * exists or the one that does was complete before. Thread-safe, also between processes.
 */
public final class ManifestWriter {
  private final Path directory;

  /**
   * Creates the folder of manifests durably when it does not exist.
   *
   * @param storageRoot the folder that holds {@code bronze/}
   */
  public ManifestWriter(Path storageRoot) throws IOException {
    this.directory = Objects.requireNonNull(storageRoot).resolve(BronzePaths.MANIFESTS);
    Files.createDirectories(directory);
    sync(directory.getParent());
    sync(storageRoot);
  }

  /**
   * Writes one manifest. The files that it names must be durable already.
   *
   * @return path of the manifest
   * @throws FileAlreadyExistsException when a manifest of that number exists: someone else writes
   *     to the same lake, or this one was written before a crash
   */
  public Path write(Manifest manifest) throws IOException {
    if (manifest.version() != Manifest.VERSION) {
      throw new IllegalArgumentException("version " + manifest.version() + " is not writable");
    }
    return write(directory.resolve(BronzePaths.manifestName(manifest.number())), manifest);
  }

  /**
   * Writes a roll-up. The files that it names must be durable already; the manifests that it holds
   * may be deleted as soon as this returns.
   *
   * @return path of the roll-up
   * @throws FileAlreadyExistsException when a roll-up of that range exists
   */
  public Path write(RollUp rollUp) throws IOException {
    if (rollUp.version() != RollUp.VERSION) {
      throw new IllegalArgumentException("version " + rollUp.version() + " is not writable");
    }
    Path folder =
        directory.resolve(BronzePaths.ROLL_UPS.substring(BronzePaths.MANIFESTS.length() + 1));
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      sync(directory);
    }
    return write(folder.resolve(BronzePaths.rollUpName(rollUp.range())), rollUp);
  }

  private static Path write(Path target, Object content) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    ByteBuffer bytes = ByteBuffer.wrap(Json.write(content).getBytes(StandardCharsets.UTF_8));
    // A hidden name that no reader takes for a manifest; whatever a crash leaves is harmless.
    Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      // A link, not a rename: rename would replace a manifest that another writer just made.
      Files.createLink(target, temporary);
    } finally {
      Files.deleteIfExists(temporary);
    }
    sync(target.getParent());
    return target;
  }

  /** Makes the entries of a folder durable. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
