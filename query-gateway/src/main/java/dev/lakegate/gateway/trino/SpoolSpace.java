package dev.lakegate.gateway.trino;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What all spools together may take: disk, of which one person has half at most, and a little
 * memory for results that are small. Thread-safe.
 */
final class SpoolSpace {
  /** Pages of small results that are kept in memory, in bytes. */
  private static final long MEMORY =
      Math.max(2 << 20, Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 32));

  private final Path directory;
  private final long eachBytes;
  private final long allBytes;
  private final Map<String, Long> diskOf = new HashMap<>();
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

  /** Whether there is disk left for a person's results. */
  synchronized boolean hasDisk(String person) {
    return disk < allBytes && diskOf.getOrDefault(person, 0L) < allBytes / 2;
  }

  synchronized void disk(String person, long change) {
    disk += change;
    diskOf.merge(person, change, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
  }
}
