package dev.lakegate.gateway.query;

import dev.lakegate.kit.error.LakegateException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * The rows of a kept result, each as JSON text: small results in memory, larger ones in a file. One
 * thread writes, others read what is there. Thread-safe.
 */
final class ResultStore implements AutoCloseable {
  private static final int IN_MEMORY = 16 * 1024;
  private static final int MARK_EVERY = 200;

  private static final Logger LOG = Logger.getLogger(ResultStore.class);

  private final Path file;
  private final ResultSpace.Room room;
  private final List<Long> marks = new ArrayList<>();
  private ByteArrayOutputStream memory = new ByteArrayOutputStream(1024);
  private FileChannel channel;
  private long bytes;
  private long rows;
  private long taken;
  private boolean closed;

  /**
   * @param file for what memory is too small for; does not exist
   * @param room on disk
   */
  ResultStore(Path file, ResultSpace.Room room) {
    this.file = file;
    this.room = room;
  }

  /**
   * Adds a row.
   *
   * @throws LakegateException 503 when there is no room for it
   */
  synchronized void add(byte[] row) throws IOException {
    if (closed) {
      throw new IOException("the result was dropped");
    }
    if (rows % MARK_EVERY == 0) {
      marks.add(bytes);
    }
    memory.write(row, 0, row.length);
    memory.write('\n');
    bytes += row.length + 1;
    rows++;
    if (memory.size() >= IN_MEMORY) {
      try {
        spill();
      } catch (IOException e) {
        LOG.warnf("a result cannot be kept: %s", e.getMessage());
        throw noRoom();
      }
    }
  }

  private static LakegateException noRoom() {
    return LakegateException.unavailable(
        "RESULTS_FULL",
        "There is no room to keep more rows at present.",
        "Ask for fewer rows or for NDJSON or CSV, which are not kept, or try again when former"
            + " results have expired.",
        Duration.ofSeconds(60));
  }

  private void spill() throws IOException {
    if (!room.take(memory.size())) {
      throw noRoom();
    }
    taken += memory.size();
    if (channel == null) {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    }
    ByteBuffer b = ByteBuffer.wrap(memory.toByteArray());
    while (b.hasRemaining()) {
      channel.write(b);
    }
    memory = new ByteArrayOutputStream(IN_MEMORY + 4096);
  }

  synchronized long rows() {
    return rows;
  }

  /** Bytes of it that are on disk. */
  synchronized long onDisk() {
    return taken;
  }

  synchronized long bytes() {
    return bytes;
  }

  /**
   * Rows from a position on.
   *
   * @param from from 0
   * @param limit most rows
   * @param maxBytes after which no further row is taken; at least one row is
   */
  synchronized List<byte[]> read(long from, int limit, int maxBytes) throws IOException {
    List<byte[]> page = new ArrayList<>();
    if (from >= rows || closed) {
      return page;
    }
    long position = marks.get((int) (from / MARK_EVERY));
    long skip = from % MARK_EVERY;
    ByteArrayOutputStream row = new ByteArrayOutputStream();
    int size = 0;
    // Most results are a few rows.
    byte[] block = new byte[(int) Math.min(64 * 1024, bytes - position)];
    while (position < bytes && page.size() < limit && size < maxBytes) {
      int n = fill(position, block);
      position += n;
      int at = 0;
      for (int i = 0; i < n && page.size() < limit && size < maxBytes; i++) {
        if (block[i] == '\n') {
          row.write(block, at, i - at);
          at = i + 1;
          if (skip > 0) {
            skip--;
          } else {
            page.add(row.toByteArray());
            size += row.size();
          }
          row.reset();
        }
      }
      if (page.size() < limit && size < maxBytes) {
        row.write(block, at, n - at);
      }
    }
    return page;
  }

  private int fill(long position, byte[] block) throws IOException {
    long onDisk = bytes - memory.size();
    if (position < onDisk) {
      ByteBuffer b = ByteBuffer.wrap(block, 0, (int) Math.min(block.length, onDisk - position));
      return channel.read(b, position);
    }
    byte[] all = memory.toByteArray();
    int from = (int) (position - onDisk);
    int n = Math.min(block.length, all.length - from);
    System.arraycopy(all, from, block, 0, n);
    return n;
  }

  @Override
  public synchronized void close() {
    closed = true;
    room.give(taken);
    taken = 0;
    memory = new ByteArrayOutputStream(0);
    try {
      if (channel != null) {
        channel.close();
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // The scratch directory is emptied at the next start.
    }
  }
}
