package dev.lakegate.laptop.supervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A log file that is renamed when it has grown: {@code x.log}, {@code x.log.1}, {@code x.log.2}. A
 * disk that is full loses log lines and nothing else. Thread-safe.
 */
final class RotatingLog extends OutputStream {
  private final Path file;
  private final long bytes;
  private final int kept;
  private OutputStream out;
  private long written;

  RotatingLog(Path file, long bytes, int kept) {
    this.file = file;
    this.bytes = bytes;
    this.kept = kept;
  }

  @Override
  public synchronized void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] data, int offset, int length) {
    try {
      if (out == null) {
        open();
      }
      out.write(data, offset, length);
      written += length;
      if (written >= bytes) {
        rotate();
      }
    } catch (IOException e) {
      closeQuietly();
    }
  }

  @Override
  public synchronized void close() {
    closeQuietly();
  }

  private void open() throws IOException {
    Files.createDirectories(file.getParent());
    written = Files.exists(file) ? Files.size(file) : 0;
    out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void rotate() throws IOException {
    closeQuietly();
    for (int i = kept - 1; i >= 0; i--) {
      Path from = i == 0 ? file : numbered(i);
      if (Files.exists(from)) {
        Files.move(from, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path numbered(int i) {
    return file.resolveSibling(file.getFileName() + "." + i);
  }

  private void closeQuietly() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      // Nothing depends on the last lines of a log.
    } finally {
      out = null;
    }
  }
}
