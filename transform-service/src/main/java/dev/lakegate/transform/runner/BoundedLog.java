package dev.lakegate.transform.runner;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A log file that never grows beyond a bound: when it is full it becomes {@code <name>.1} and a new
 * one begins. Remembers the last lines. Thread-safe. A full disk costs log lines, never the process
 * that writes them.
 */
final class BoundedLog implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(BoundedLog.class);
  private static final int TAIL_LINES = 8;
  private static final int TAIL_LINE_LENGTH = 300;

  private final Path file;
  private final long maxBytes;
  private final Deque<String> tail = new ArrayDeque<>();
  private final StringBuilder line = new StringBuilder();
  private OutputStream out;
  private long size;
  private boolean failing;

  /**
   * @param file to append to; its directory is made
   * @param maxBytes bound of this file, and of the one before it
   */
  BoundedLog(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  synchronized void write(byte[] bytes, int length) {
    remember(bytes, length);
    try {
      if (out == null || size + length > maxBytes) {
        open(length);
      }
      out.write(bytes, 0, length);
      size += length;
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warnf("cannot write %s: %s", file, e.getMessage());
        failing = true;
      }
      close();
    }
  }

  private void open(int more) throws IOException {
    close();
    Files.createDirectories(file.getParent());
    long present = Files.exists(file) ? Files.size(file) : 0;
    if (present + more > maxBytes) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
      present = 0;
    }
    out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    size = present;
  }

  private void remember(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        if (!line.toString().isBlank()) {
          tail.addLast(line.toString().strip());
          if (tail.size() > TAIL_LINES) {
            tail.removeFirst();
          }
        }
        line.setLength(0);
      } else if (line.length() < TAIL_LINE_LENGTH) {
        line.append(c);
      }
    }
  }

  /** The last lines that were not blank, oldest first, each shortened. */
  synchronized List<String> tail() {
    return List.copyOf(tail);
  }

  Path file() {
    return file;
  }

  @Override
  public synchronized void close() {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        LOG.debugf(e, "cannot close %s", file);
      }
      out = null;
    }
  }
}
