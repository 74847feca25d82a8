package dev.lakegate.kit.audit;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A durable queue of lines in append-only segment files. A line is durable when {@link #append}
 * returns; lines that come together share one fsync. What a killed process left is found again.
 * Thread-safe.
 */
public final class Outbox implements Closeable {
  private static final long MOST_PREPARED = 4L * 1024 * 1024;
  private static final Pattern NAME = Pattern.compile("\\d{20}\\.jsonl");

  private final Path directory;
  private final long maxBytes;
  private final long segmentBytes;

  // Guarded by this.
  private final TreeMap<Long, Long> sealed = new TreeMap<>();
  private long activeNumber;
  private long activeBytes;
  private long pendingBytes;
  private List<byte[]> pending = new ArrayList<>();
  private long appended;
  private long durable;
  private boolean flushing;
  private IOException broken;
  private FileChannel channel;

  /**
   * Opens an outbox and finds what was left.
   *
   * @param maxBytes all segments together may have
   * @param segmentBytes after which a new segment is begun
   * @throws UncheckedIOException when the directory cannot be used
   */
  public Outbox(Path directory, long maxBytes, long segmentBytes) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.segmentBytes = segmentBytes;
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path f : files) {
          if (NAME.matcher(f.getFileName().toString()).matches()) {
            sealed.put(number(f), used(f));
          }
        }
      }
      open(sealed.isEmpty() ? 1 : sealed.lastKey() + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(Path f) {
    return Long.parseLong(f.getFileName().toString().substring(0, 20));
  }

  private Path path(long number) {
    return directory.resolve(String.format("%020d.jsonl", number));
  }

  /** Bytes of a segment before the zeros that fill it up. */
  private static long used(Path f) throws IOException {
    byte[] all = Files.readAllBytes(f);
    int n = all.length;
    while (n > 0 && all[n - 1] == 0) {
      n--;
    }
    return n;
  }

  private void open(long number) throws IOException {
    channel =
        FileChannel.open(path(number), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    // A file that grows makes each fsync write the file system's journal too, which takes many
    // times as long at worst: so it has its size from the beginning.
    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(segmentBytes, MOST_PREPARED));
    while (zeros.hasRemaining()) {
      channel.write(zeros);
    }
    channel.force(true);
    try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
      d.force(true);
    }
    activeNumber = number;
    activeBytes = 0;
  }

  /** Whether it has room for at least one more line of ordinary length. */
  public synchronized boolean hasRoom() {
    return broken == null && bytes() + 64 * 1024 <= maxBytes;
  }

  /** Bytes that wait. */
  public synchronized long bytes() {
    return activeBytes + pendingBytes + sealed.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Appends a line and waits until it is durable.
   *
   * @param line without line breaks
   * @throws IOException when it could not be made durable
   */
  public void append(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    long mine;
    synchronized (this) {
      if (broken != null) {
        throw new IOException("the outbox failed before", broken);
      }
      pending.add(bytes);
      pendingBytes += bytes.length;
      mine = ++appended;
    }
    while (true) {
      List<byte[]> batch;
      long upTo;
      synchronized (this) {
        if (broken != null) {
          throw new IOException("the outbox failed", broken);
        }
        if (durable >= mine) {
          return;
        }
        if (flushing) {
          try {
            wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before the line was durable", e);
          }
          continue;
        }
        // This thread leads: it flushes for all that came since the last flush.
        flushing = true;
        batch = pending;
        pending = new ArrayList<>();
        upTo = appended;
      }
      flush(batch, upTo);
    }
  }

  private void flush(List<byte[]> batch, long upTo) {
    IOException failure = null;
    long written = 0;
    try {
      for (byte[] b : batch) {
        ByteBuffer buffer = ByteBuffer.wrap(b);
        while (buffer.hasRemaining()) {
          // Only the thread that flushes moves the end of what is written.
          written += channel.write(buffer, activeBytes + written);
        }
      }
      channel.force(false);
    } catch (IOException e) {
      failure = e;
    }
    synchronized (this) {
      try {
        if (failure == null) {
          activeBytes += written;
          pendingBytes -= written;
          durable = upTo;
          if (activeBytes >= segmentBytes) {
            seal();
          }
        }
      } catch (IOException e) {
        failure = e;
      }
      // After a failed fsync nobody knows what is on the disk: nothing more is taken.
      broken = failure;
      flushing = false;
      notifyAll();
    }
  }

  private void seal() throws IOException {
    channel.truncate(activeBytes);
    channel.close();
    sealed.put(activeNumber, activeBytes);
    open(activeNumber + 1);
  }

  /**
   * The oldest segment that waits; the active one is sealed when it is the only one with lines.
   *
   * @return its lines; empty when nothing waits
   */
  public Segment oldest() throws IOException {
    long number;
    synchronized (this) {
      if (sealed.isEmpty() && activeBytes > 0 && !flushing) {
        seal();
      }
      if (sealed.isEmpty()) {
        return null;
      }
      number = sealed.firstKey();
    }
    List<String> lines = new ArrayList<>();
    String text = Files.readString(path(number), StandardCharsets.UTF_8);
    int at = 0;
    // A last line without its end was never acknowledged.
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      String line = text.substring(at, end);
      // Nor was one that a loss of power left with a gap.
      if (line.indexOf('\0') < 0) {
        lines.add(line);
      }
      at = end + 1;
    }
    return new Segment(number, lines);
  }

  /**
   * A sealed segment.
   *
   * @param number of the segment
   * @param lines in order
   */
  public record Segment(long number, List<String> lines) {}

  /** Forgets a segment whose lines were delivered. */
  public void delivered(Segment segment) throws IOException {
    Files.deleteIfExists(path(segment.number()));
    synchronized (this) {
      sealed.remove(segment.number());
    }
  }

  synchronized Map<Long, Long> segments() {
    return new TreeMap<>(sealed);
  }

  @Override
  public synchronized void close() throws IOException {
    if (channel.isOpen()) {
      channel.truncate(activeBytes);
      channel.close();
    }
  }
}
