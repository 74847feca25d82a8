package dev.lakegate.ingest.quarantine;

import dev.lakegate.ingest.quarantine.QuarantineFiles.Event;
import dev.lakegate.ingest.quarantine.QuarantineFiles.File;
import dev.lakegate.ingest.quarantine.QuarantineFiles.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The rows that are kept aside. Events become durable with the manifest that would have held the
 * rows: {@link #write} before it, and {@link #load} forgets what no manifest followed. Thread-safe:
 * capture writes, others look.
 */
public final class Quarantine {
  /** Rows of a table that may be in quarantine at once. */
  public static final int MOST = 100_000;

  private static final int EVENTS_A_FILE = 1000;

  private final QuarantineFiles files;
  private final Map<String, Map<Map<String, String>, String>> held = new TreeMap<>();
  private final List<Event> pending = new ArrayList<>();
  private long lastNumber;
  private int parts;

  /**
   * @param storageRoot folder that holds {@code bronze/}
   */
  public Quarantine(Path storageRoot) {
    this.files = new QuarantineFiles(storageRoot);
  }

  /**
   * Reads what is durable, and removes what no manifest followed and what no longer matters.
   *
   * @param last number of the newest manifest
   * @param copySequence of a table's newest complete copy; null when there is none. The copy looked
   *     at every row anew
   */
  public synchronized void load(long last, Function<String, String> copySequence)
      throws IOException {
    held.clear();
    pending.clear();
    lastNumber = last;
    parts = 0;
    List<File> durable = new ArrayList<>();
    for (File file : files.list()) {
      if (file.number() > last) {
        Files.deleteIfExists(file.path());
      } else {
        files.read(file, event -> apply(event));
        durable.add(file);
      }
    }
    for (String table : List.copyOf(held.keySet())) {
      String sequence = copySequence.apply(table);
      if (sequence != null) {
        prune(table, sequence);
      }
    }
    // Only from the oldest on: an event may undo one in an older file.
    for (File file : durable) {
      boolean[] live = new boolean[1];
      files.read(file, event -> live[0] |= isLive(event));
      if (live[0]) {
        break;
      }
      Files.deleteIfExists(file.path());
    }
  }

  private boolean isLive(Event event) {
    return event.kind() == Kind.HELD
        && event.row().changeSequence().equals(rows(event.table()).get(event.key()));
  }

  private Map<Map<String, String>, String> rows(String table) {
    return held.getOrDefault(table, Map.of());
  }

  private void apply(Event event) {
    switch (event.kind()) {
      case HELD ->
          held.computeIfAbsent(event.table(), t -> new HashMap<>())
              .put(event.key(), event.row().changeSequence());
      case RELEASED -> remove(event.table(), event.key());
      case TRUNCATED -> held.remove(event.table());
    }
  }

  private void remove(String table, Map<String, String> key) {
    Map<Map<String, String>, String> rows = held.get(table);
    if (rows != null) {
      rows.remove(key);
      if (rows.isEmpty()) {
        held.remove(table);
      }
    }
  }

  private void prune(String table, String copySequence) {
    Map<Map<String, String>, String> rows = held.get(table);
    if (rows != null) {
      rows.values().removeIf(sequence -> sequence.compareTo(copySequence) < 0);
      if (rows.isEmpty()) {
        held.remove(table);
      }
    }
  }

  /** Whether any row of the table is held. */
  public synchronized boolean any(String table) {
    return held.containsKey(table);
  }

  /** Whether the row of that key is held. */
  public synchronized boolean contains(String table, Map<String, String> key) {
    return rows(table).containsKey(key);
  }

  /**
   * Keeps a row aside, in place of an earlier version of it.
   *
   * @return false when the table has too many already; then nothing was kept
   */
  public synchronized boolean hold(QuarantinedRow row) throws IOException {
    if (rows(row.table()).size() >= MOST && !contains(row.table(), row.key())) {
      return false;
    }
    add(new Event(Kind.HELD, row.table(), row.key(), row));
    return true;
  }

  /** Lets a row go, if it is held. */
  public synchronized void release(String table, Map<String, String> key) throws IOException {
    if (contains(table, key)) {
      add(new Event(Kind.RELEASED, table, key, null));
    }
  }

  /** Lets all rows of a table go. */
  public synchronized void truncated(String table) throws IOException {
    if (any(table)) {
      add(new Event(Kind.TRUNCATED, table, Map.of(), null));
    }
  }

  /** The table was copied; what was held before has been looked at anew. */
  public synchronized void copied(String table, String copySequence) {
    prune(table, copySequence);
  }

  private void add(Event event) throws IOException {
    apply(event);
    pending.add(event);
    if (pending.size() >= EVENTS_A_FILE) {
      write();
    }
  }

  private void write() throws IOException {
    files.write(lastNumber + 1, parts++, pending);
    pending.clear();
  }

  /**
   * Makes events durable that belong to the manifest to come.
   *
   * @param number of that manifest
   */
  public synchronized void write(long number) throws IOException {
    if (number != lastNumber + 1) {
      throw new IllegalStateException("manifest " + number + " does not follow " + lastNumber);
    }
    if (!pending.isEmpty()) {
      write();
    }
  }

  /** The manifest exists. */
  public synchronized void written(long number) {
    lastNumber = number;
    parts = 0;
  }

  /** Number of rows that are held, by table. */
  public synchronized Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    held.forEach((table, rows) -> counts.put(table, (long) rows.size()));
    return counts;
  }

  /** Keys of the rows of a table that are held. */
  public synchronized List<Map<String, String>> keys(String table) {
    return List.copyOf(rows(table).keySet());
  }

  /**
   * Rows that are held and durable, oldest first.
   *
   * @param table null for all
   * @param limit most rows
   */
  public List<QuarantinedRow> list(String table, int limit) throws IOException {
    Map<String, QuarantinedRow> rows = new LinkedHashMap<>();
    for (File file : files.list()) {
      if (rows.size() >= limit) {
        break;
      }
      try {
        files.read(
            file,
            event -> {
              boolean wanted = table == null || table.equals(event.table());
              if (wanted && rows.size() < limit && live(event)) {
                rows.put(event.table() + event.key(), event.row());
              }
            });
      } catch (NoSuchFileException e) {
        // Removed in the meantime, because no row in it is held any more.
      }
    }
    return List.copyOf(rows.values());
  }

  private synchronized boolean live(Event event) {
    return isLive(event);
  }
}
