package dev.lakegate.kit.audit;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
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
 * After a failed write nothing more is taken until {@link #repair} has found room again.
 * Thread-safe.
 */
public final class Outbox implements Closeable {
  private static final long MOST_PREPARED = 4L * 1024 * 1024;
  private static final Pattern NAME = Pattern.compile("\\d{20}\\.jsonl");

  /** How segments come to be: made, and open for writing. */
  @FunctionalInterface
  interface Disk {
    FileChannel create(Path path) throws IOException;
  }

  /** Lines that share one flush. */
  private static final class Batch {
    final List<byte[]> lines = new ArrayList<>();
    long bytes;
    // Guarded by the outbox.
    boolean ended;
    Throwable failure;
  }

  private final Disk disk;
  private final Path directory;
  private final long maxBytes;
  private final long segmentBytes;

  // Guarded by this.
  private final TreeMap<Long, Long> sealed = new TreeMap<>();
  private long lastNumber;
  private long activeNumber;
  private long activeBytes;
  private long sealAt;
  private long flushedBytes;
  private Batch pending = new Batch();
  private boolean flushing;
  private Throwable broken;
  private FileChannel channel;
  private Made spare;

  /** A segment that is durable and has no lines. */
  private record Made(long number, FileChannel channel) {}

  /**
   * Opens an outbox and finds what was left.
   *
   * @param maxBytes all segments together may have
   * @param segmentBytes after which a new segment is begun
   * @throws UncheckedIOException when the directory cannot be used
   */
  public Outbox(Path directory, long maxBytes, long segmentBytes) {
    this(
        directory,
        maxBytes,
        segmentBytes,
        path -> FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  Outbox(Path directory, long maxBytes, long segmentBytes, Disk disk) {
    this.disk = disk;
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
      lastNumber = sealed.isEmpty() ? 0 : sealed.lastKey();
      begin(create(true));
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

  /**
   * Makes the next segment durable, and nothing else: what fails here has changed nothing.
   *
   * @param prepared with room for its lines, which a full disk does not give
   */
  private Made create(boolean prepared) throws IOException {
    long number;
    synchronized (this) {
      // None is used twice: what was left of an attempt may not be removable.
      number = ++lastNumber;
    }
    Path path = path(number);
    FileChannel made = disk.create(path);
    boolean whole = false;
    try {
      if (prepared) {
        // A file that grows makes each fsync write the file system's journal too, which takes many
        // times as long at worst: so it has its size from the beginning.
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(segmentBytes, MOST_PREPARED));
        while (zeros.hasRemaining()) {
          made.write(zeros);
        }
      }
      made.force(true);
      try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
        d.force(true);
      }
      whole = true;
      return new Made(number, made);
    } finally {
      if (!whole) {
        closeQuietly(made);
        deleteQuietly(path);
      }
    }
  }

  private void begin(Made made) {
    channel = made.channel();
    activeNumber = made.number();
    activeBytes = 0;
    sealAt = segmentBytes;
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // What was acknowledged is on the disk.
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // An empty segment more; the next start finds it.
    }
  }

  /** Whether it has room for at least one more line of ordinary length. */
  public synchronized boolean hasRoom() {
    return broken == null && bytes() + 64 * 1024 <= maxBytes;
  }

  /** Bytes that wait. */
  public synchronized long bytes() {
    return activeBytes
        + flushedBytes
        + pending.bytes
        + sealed.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Appends a line and waits until it is durable.
   *
   * @param line without line breaks
   * @throws IOException when it could not be made durable
   */
  public void append(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    Batch mine;
    synchronized (this) {
      requireWhole();
      mine = pending;
      mine.lines.add(bytes);
      mine.bytes += bytes.length;
      while (flushing && !mine.ended) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted before the line was durable", e);
        }
      }
      if (mine.ended) {
        requireWritten(mine);
        return;
      }
      // This thread leads: it flushes for all that came since the last flush.
      pending = new Batch();
      if (broken != null) {
        end(mine, broken);
        requireWritten(mine);
      }
      flushing = true;
      flushedBytes = mine.bytes;
    }
    flush(mine);
    synchronized (this) {
      requireWritten(mine);
    }
  }

  private void requireWhole() throws IOException {
    if (broken != null) {
      throw new IOException("the outbox failed before", broken);
    }
  }

  private static void requireWritten(Batch batch) throws IOException {
    if (batch.failure != null) {
      throw new IOException("the line could not be made durable", batch.failure);
    }
  }

  private void end(Batch batch, Throwable failure) {
    batch.ended = true;
    batch.failure = failure;
    notifyAll();
  }

  private void flush(Batch batch) {
    Throwable failure = new IllegalStateException("the flush did not end");
    long written = 0;
    try {
      for (byte[] b : batch.lines) {
        ByteBuffer buffer = ByteBuffer.wrap(b);
        while (buffer.hasRemaining()) {
          // Only the thread that flushes moves the end of what is written.
          written += channel.write(buffer, activeBytes + written);
        }
      }
      channel.force(false);
      failure = null;
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    } finally {
      // Whatever happened: those who wait must not do so for ever.
      synchronized (this) {
        flushing = false;
        flushedBytes = 0;
        if (failure == null) {
          activeBytes += written;
        } else {
          // After a failed write or fsync nobody knows what follows the last good line.
          broken = failure;
        }
        end(batch, failure);
        if (failure == null && activeBytes >= sealAt) {
          sealOrGoOn();
        }
      }
    }
  }

  /** A disk that has no room for a new segment may well have some in the present one. */
  private void sealOrGoOn() {
    try {
      seal(true);
    } catch (IOException | RuntimeException | Error e) {
      sealAt = activeBytes + Math.max(1, segmentBytes / 16);
    }
  }

  /** Goes on in a new segment. When it cannot be made all stays as it was. */
  private void seal(boolean prepared) throws IOException {
    Made next = spare != null ? spare : create(prepared);
    spare = null;
    try {
      channel.truncate(activeBytes);
    } catch (IOException e) {
      // Zeros, or lines that nobody was told are durable: neither is read as long as this lives.
    }
    closeQuietly(channel);
    if (activeBytes > 0) {
      sealed.put(activeNumber, activeBytes);
    } else {
      deleteQuietly(path(activeNumber));
    }
    begin(next);
  }

  /**
   * After a failure, goes on behind the last good line as soon as the disk takes a new segment.
   * Does nothing otherwise.
   *
   * @throws IOException when it is not possible yet
   */
  public synchronized void repair() throws IOException {
    if (broken != null && !flushing) {
      seal(true);
      broken = null;
    }
  }

  /**
   * The oldest segment that waits; the active one is sealed when it is the only one with lines.
   *
   * @return its lines; empty when nothing waits
   */
  public Segment oldest() throws IOException {
    long number;
    long length;
    prepare();
    synchronized (this) {
      if (sealed.isEmpty() && activeBytes > 0 && !flushing) {
        try {
          seal(true);
        } catch (IOException e) {
          // What waits must be able to leave a full disk.
          seal(false);
        }
      }
      if (sealed.isEmpty()) {
        return null;
      }
      number = sealed.firstKey();
      length = sealed.get(number);
    }
    List<String> lines = new ArrayList<>();
    String text;
    try (InputStream in = Files.newInputStream(path(number))) {
      text = new String(in.readNBytes(Math.toIntExact(length)), StandardCharsets.UTF_8);
    }
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

  /** Makes the segment that is begun next while lines go on to be appended: it takes a while. */
  private void prepare() {
    synchronized (this) {
      if (spare != null || !sealed.isEmpty() || activeBytes == 0) {
        return;
      }
    }
    Made made;
    try {
      made = create(true);
    } catch (IOException | RuntimeException e) {
      // Whoever needs one tries again.
      return;
    }
    synchronized (this) {
      // Segments are read in the order of their numbers: another may have been begun meanwhile.
      if (made.number() > activeNumber && channel.isOpen()) {
        spare = made;
        return;
      }
    }
    closeQuietly(made.channel());
    deleteQuietly(path(made.number()));
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
      if (spare != null) {
        closeQuietly(spare.channel());
        deleteQuietly(path(spare.number()));
        spare = null;
      }
    }
  }
}
