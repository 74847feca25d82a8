package dev.lakegate.gateway.engine;

/**
 * What one chunk of rows may take while it passes through our functions: text in characters and
 * steps of regular expressions. It bounds heap and time between two places where a query can be
 * stopped. A part of the heap, so that all queries that run at once find room.
 */
final class ChunkBudget {
  /** Bytes of one row. */
  static final long ROW = Math.max(1 << 20, Runtime.getRuntime().maxMemory() / 64);

  /** Bytes of one chunk. */
  static final long CHUNK = 4 * ROW;

  /** Chunks that all steps of a statement may hold together. */
  private static final int CHUNKS = 8;

  private static final int STEPS = 50_000_000;

  // Functions run chunk by chunk on threads of DuckDB's.
  private static final ThreadLocal<ChunkBudget> CURRENT = ThreadLocal.withInitial(ChunkBudget::new);

  private long text;
  private int steps;

  private ChunkBudget() {}

  /** A chunk begins. */
  static void begin() {
    ChunkBudget b = CURRENT.get();
    b.text = 0;
    b.steps = 0;
  }

  /** The budget of the chunk that this thread works on. */
  static ChunkBudget current() {
    return CURRENT.get();
  }

  /** Text was made. */
  static void written(int length) {
    ChunkBudget b = CURRENT.get();
    b.text += length;
    require(length, b.text);
  }

  /** As {@link #require(long, long)}, for one of several steps that all hold such a chunk. */
  static void require(long row, long chunk, long steps) {
    require(row, Math.max(chunk, chunk * steps / CHUNKS));
  }

  static void require(long row, long chunk) {
    if (row > ROW || chunk > CHUNK) {
      throw new TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT");
    }
  }

  /** A regular expression looks at one character. */
  void step() {
    if (++steps > STEPS) {
      throw new TrinoError("REGEXP_TOO_COMPLEX");
    }
  }
}
