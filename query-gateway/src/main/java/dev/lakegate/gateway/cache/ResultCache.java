package dev.lakegate.gateway.cache;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Complete results of small queries, by everything that they depend on. A key of another decision,
 * policy or snapshot is another key, so nothing here has to be dropped to stay right; what is used
 * least lately goes when there is no more room. Rows are never changed by whoever reads them.
 * Thread-safe.
 */
public final class ResultCache {
  private final long maxBytes;
  private final long maxEntryBytes;
  private final long expiryNanos;

  // Guarded by this; least lately used first.
  private final LinkedHashMap<CacheKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  private record Entry(List<Object[]> rows, long bytes, long since) {}

  /**
   * @param maxBytes that all results may take together, estimated; 0 for no cache
   * @param expiryNanos after which a result is not used any more
   */
  public ResultCache(long maxBytes, long expiryNanos) {
    this.maxBytes = maxBytes;
    this.maxEntryBytes = maxBytes / 8;
    this.expiryNanos = expiryNanos;
  }

  /**
   * The rows of a result.
   *
   * @param now nanoseconds of a clock that does not go back
   */
  public synchronized Optional<List<Object[]>> get(CacheKey key, long now) {
    Entry e = entries.get(key);
    if (e == null) {
      return Optional.empty();
    }
    if (now - e.since > expiryNanos) {
      remove(key);
      return Optional.empty();
    }
    return Optional.of(e.rows);
  }

  /** Begins to take down a result. Used by one thread. */
  public Recording record(CacheKey key, List<OutputColumn> columns) {
    return new Recording(key, columns.size());
  }

  private synchronized void put(CacheKey key, Entry e) {
    remove(key);
    entries.put(key, e);
    bytes += e.bytes;
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > maxBytes && oldest.hasNext()) {
      bytes -= oldest.next().bytes;
      oldest.remove();
    }
  }

  private void remove(CacheKey key) {
    Entry old = entries.remove(key);
    if (old != null) {
      bytes -= old.bytes;
    }
  }

  /** Bytes of all results, estimated. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Results that it holds. */
  public synchronized int size() {
    return entries.size();
  }

  /** A result that is being taken down, as long as it is small enough. */
  public final class Recording {
    private final CacheKey key;
    private List<Object[]> rows = new ArrayList<>();
    private long size;

    private Recording(CacheKey key, int columns) {
      this.key = key;
      this.size = 512 + 64L * columns;
      if (size > maxEntryBytes) {
        rows = null;
      }
    }

    /** One more row. */
    public void add(Object[] row) {
      if (rows == null) {
        return;
      }
      size += 24 + 8L * row.length;
      for (Object v : row) {
        size += size(v);
      }
      if (size > maxEntryBytes) {
        rows = null;
      } else {
        rows.add(row);
      }
    }

    /** The result is complete: from now on it may be given as an answer. */
    public void complete(long now) {
      if (rows != null) {
        put(key, new Entry(List.copyOf(rows), size, now));
        rows = null;
      }
    }
  }

  /** Heap that a value takes, about and rather too much. */
  private static long size(Object v) {
    if (v == null) {
      return 0;
    }
    if (v instanceof String s) {
      return 56 + 2L * s.length();
    }
    if (v instanceof byte[] b) {
      return 24 + b.length;
    }
    if (v instanceof BigDecimal) {
      return 112;
    }
    if (v instanceof List<?> l) {
      long sum = 40;
      for (Object e : l) {
        sum += 8 + size(e);
      }
      return sum;
    }
    if (v instanceof Map<?, ?> m) {
      long sum = 80;
      for (Map.Entry<?, ?> e : m.entrySet()) {
        sum += 64 + size(e.getKey()) + size(e.getValue());
      }
      return sum;
    }
    return 48;
  }
}
