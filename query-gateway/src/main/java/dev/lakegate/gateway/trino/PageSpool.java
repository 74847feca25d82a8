package dev.lakegate.gateway.trino;

import dev.lakegate.kit.error.LakegateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Pages of one result between the query that makes them and the client that fetches them. Small
 * results stay in memory, the rest waits in files of some megabytes, which go as soon as their
 * pages were fetched. When too much waits, the query does too. One thread writes, others read.
 * Thread-safe.
 */
final class PageSpool implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PageSpool.class);
  private static final long FILE = 16L << 20;
  private static final int IN_MEMORY = 512 * 1024;

  /**
   * A page.
   *
   * @param rows in it
   * @param bytes it has
   * @param memory its content, or null when it is in a file
   */
  private record Page(int rows, int bytes, byte[] memory, int file, long position) {}

  /** Rows of a page as JSON, without the brackets around them. */
  record Rows(int count, byte[] json) {}

  private final SpoolSpace space;
  private final String person;
  private final String name;
  private final Map<Integer, Integer> unreadInFile = new HashMap<>();
  private final Deque<Page> pages = new ArrayDeque<>();
  private final Map<Integer, FileChannel> channels = new HashMap<>();
  private Runnable listener;
  private int first;
  private int inMemory;
  private long onDisk;
  private int file = -1;
  private long position = FILE;
  private boolean finished;
  private boolean closed;
  private long waitedNanos;
  private long waitsSince;
  private boolean waits;
  private Page held;

  /** A spool of nobody's in particular. */
  PageSpool(SpoolSpace space, String name) {
    this(space, "", name);
  }

  /**
   * @param person whose result it is
   * @param name of its files
   */
  PageSpool(SpoolSpace space, String person, String name) {
    this.space = space;
    this.person = person;
    this.name = name;
  }

  /** Called when there is something new to fetch. */
  synchronized void onChange(Runnable action) {
    listener = action;
  }

  /**
   * Adds a page, when there is room for it.
   *
   * @throws IOException when nobody will fetch it any more
   * @throws LakegateException 503 when the disk fails
   */
  void add(int rows, byte[] json) throws IOException {
    Runnable tell;
    synchronized (this) {
      pages.add(take(rows, json));
      tell = listener;
    }
    if (tell != null) {
      tell.run();
    }
  }

  /**
   * Takes the last page, when there is room for it. It is not shown before {@link #finish}.
   *
   * @throws IOException when nobody will fetch it any more
   * @throws LakegateException 503 when the disk fails
   */
  synchronized void hold(int rows, byte[] json) throws IOException {
    held = take(rows, json);
  }

  private Page take(int rows, byte[] json) throws IOException {
    awaitRoom();
    if (inMemory + json.length <= IN_MEMORY && onDisk == 0 && space.takeMemory(json.length)) {
      inMemory += json.length;
      return new Page(rows, json.length, json, -1, 0);
    }
    try {
      return onDisk(rows, json);
    } catch (IOException e) {
      LOG.warnf("a page of query %s cannot be kept: %s", name, e.getMessage());
      throw LakegateException.unavailable(
          "RESULTS_FULL",
          "The gateway has no room for the rows of this query at present.",
          "Try again later, or ask for fewer rows.",
          Duration.ofSeconds(60));
    }
  }

  private void awaitRoom() throws IOException {
    waitsSince = System.nanoTime();
    waits = true;
    try {
      while (!closed && onDisk > 0 && (onDisk >= space.eachBytes() || !space.hasDisk(person))) {
        wait(200);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the client", e);
    } finally {
      waitedNanos += System.nanoTime() - waitsSince;
      waits = false;
    }
    if (closed) {
      throw new IOException("the result was dropped");
    }
  }

  private Page onDisk(int rows, byte[] json) throws IOException {
    if (position >= FILE) {
      file++;
      position = 0;
      channels.put(
          file,
          FileChannel.open(
              path(file),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE));
    }
    ByteBuffer b = ByteBuffer.wrap(json);
    long at = position;
    while (b.hasRemaining()) {
      position += channels.get(file).write(b, position);
    }
    unreadInFile.merge(file, 1, Integer::sum);
    onDisk += json.length;
    space.disk(person, json.length);
    return new Page(rows, json.length, null, file, at);
  }

  private Path path(int number) {
    return space.file(name + "-" + number);
  }

  /** There are no further pages but the one that is held. */
  void finish() {
    Runnable tell;
    synchronized (this) {
      if (held != null && !closed) {
        pages.add(held);
        held = null;
      }
      finished = true;
      tell = listener;
    }
    if (tell != null) {
      tell.run();
    }
  }

  /** Whether all pages are there. */
  synchronized boolean finished() {
    return finished;
  }

  /** Whether its pages are gone. */
  synchronized boolean closed() {
    return closed;
  }

  /** Pages that were ever added. */
  synchronized int count() {
    return first + pages.size();
  }

  /** Nanoseconds that the query waited for its client, with those of the present wait. */
  synchronized long waitedNanos() {
    return waitedNanos + (waits ? System.nanoTime() - waitsSince : 0);
  }

  /**
   * Pages from one on, up to so many bytes; at least one when there is one.
   *
   * @param from number of a page that was not released
   * @param most pages
   */
  synchronized List<Rows> read(int from, long maxBytes, int most) throws IOException {
    List<Rows> rows = new ArrayList<>();
    long bytes = 0;
    int number = first;
    for (Page p : pages) {
      if (number++ < from) {
        continue;
      }
      if (rows.size() >= most || (!rows.isEmpty() && bytes + p.bytes() > maxBytes)) {
        break;
      }
      bytes += p.bytes();
      rows.add(new Rows(p.rows(), content(p)));
    }
    return rows;
  }

  private byte[] content(Page p) throws IOException {
    if (p.memory() != null) {
      return p.memory();
    }
    ByteBuffer b = ByteBuffer.allocate(p.bytes());
    while (b.hasRemaining()) {
      if (channels.get(p.file()).read(b, p.position() + b.position()) < 0) {
        throw new IOException("a spooled page is cut off");
      }
    }
    return b.array();
  }

  /** Pages before that number were fetched and will not be asked for again. */
  synchronized void release(int before) throws IOException {
    while (first < before && !pages.isEmpty()) {
      Page p = pages.remove();
      first++;
      if (p.memory() != null) {
        inMemory -= p.bytes();
        space.giveMemory(p.bytes());
      } else {
        onDisk -= p.bytes();
        space.disk(person, -p.bytes());
        if (unreadInFile.merge(p.file(), -1, Integer::sum) == 0
            && (p.file() < file || position >= FILE)) {
          delete(p.file());
        }
      }
    }
    notifyAll();
  }

  private void delete(int number) throws IOException {
    FileChannel channel = channels.remove(number);
    if (channel != null) {
      channel.close();
      Files.deleteIfExists(path(number));
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (held != null) {
      pages.add(held);
      held = null;
    }
    for (Page p : pages) {
      if (p.memory() != null) {
        space.giveMemory(p.bytes());
      }
    }
    space.disk(person, -onDisk);
    pages.clear();
    for (int n : List.copyOf(channels.keySet())) {
      try {
        delete(n);
      } catch (IOException e) {
        // The scratch directory is emptied at the next start.
      }
    }
    notifyAll();
  }
}
