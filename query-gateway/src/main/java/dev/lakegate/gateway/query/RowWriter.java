package dev.lakegate.gateway.query;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.io.IOException;
import java.util.List;

/** Takes the rows of one query, one by one as they come. Used by one thread at a time. */
public interface RowWriter {
  /** Before the first row. */
  void begin(List<OutputColumn> columns) throws IOException;

  /** Whether no further row is taken; the result is cut off then. */
  default boolean full() {
    return false;
  }

  /**
   * Nanoseconds that it waited for whoever takes the rows, so far; they do not count as run time.
   * Any thread may ask.
   */
  default long waitedNanos() {
    return 0;
  }

  /** A row; values as {@link dev.lakegate.gateway.engine.Execution#next} gives them. */
  void row(Object[] row) throws IOException;

  /**
   * After the last row, while the query still has its place and its limits: whatever may wait or
   * fail is done here.
   */
  default void last() throws IOException {
    // Most have nothing left to wait for.
  }

  /** After {@link #last}, when the query's end is in the audit. Not called when it failed. */
  void end() throws IOException;
}
