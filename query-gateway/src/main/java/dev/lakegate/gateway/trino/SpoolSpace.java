package dev.lakegate.gateway.trino;

import java.nio.file.Path;

/**
 * What all spools together may take: disk, and a little memory for results that are small.
 * Thread-safe.
 */
final class SpoolSpace {
  /** Pages of small results that are kept in memory, in bytes. */
  private static final long MEMORY =
      Math.max(2 << 20, Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 32));

  private final Path directory;
  private final long eachBytes;
  private final long allBytes;
  private long memory;
  private long disk;

  /**
   * @param directory exists and is empty
   * @param eachBytes of one query that wait on disk
   * @param allBytes of all queries that wait on disk
   */
  SpoolSpace(Path directory, long eachBytes, long allBytes) {
    this.directory = directory;
    this.eachBytes = eachBytes;
    this.allBytes = allBytes;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  long eachBytes() {
    return eachBytes;
  }

  /** Takes memory for a page; false when there is none left, so that it goes to disk. */
  synchronized boolean takeMemory(int bytes) {
    if (memory + bytes > MEMORY) {
      return false;
    }
    memory += bytes;
    return true;
  }

  synchronized void giveMemory(int bytes) {
    memory -= bytes;
  }

  synchronized boolean hasDisk() {
    return disk < allBytes;
  }

  synchronized void disk(long change) {
    disk += change;
  }
}
