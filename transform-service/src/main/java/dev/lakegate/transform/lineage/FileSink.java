package dev.lakegate.transform.lineage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Appends events to a file, one a line. A full file becomes {@code <name>.1}, what was that {@code
 * <name>.2}, and so on; the last one is deleted.
 */
final class FileSink implements LineageSink {
  private final Path file;
  private final long maxBytes;
  private final int kept;

  /**
   * @param maxBytes of one file
   * @param kept full files beside the one that is written
   */
  FileSink(Path file, long maxBytes, int kept) {
    this.file = Objects.requireNonNull(file, "file is null");
    this.maxBytes = maxBytes;
    this.kept = kept;
  }

  @Override
  public void send(String event) throws IOException {
    byte[] line = (event + "\n").getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (Files.exists(file) && Files.size(file) + line.length > maxBytes) {
      rotate();
    }
    Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void rotate() throws IOException {
    if (kept == 0) {
      Files.delete(file);
      return;
    }
    for (int i = kept - 1; i >= 0; i--) {
      Path from = i == 0 ? file : numbered(i);
      if (Files.exists(from)) {
        Files.move(from, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }
}
