package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.RowWriter;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Writes the rows of one query into pages. */
final class PageWriter implements RowWriter {
  private static final int PAGE = 256 * 1024;
  private static final int BUFFER = PAGE + 64 * 1024;
  private static final int LOOK_AT_CLOCK = 256;

  /** A query that finds rows slowly shows those that it has. */
  private static final long SHOW_AFTER = TimeUnit.MILLISECONDS.toNanos(500);

  private final PageSpool spool;
  private final boolean parametric;
  private JsonBytes out = new JsonBytes(4096);
  private ValueEncoder[] encoders;
  private int rows;
  private long began;

  PageWriter(PageSpool spool, boolean parametric) {
    this.spool = spool;
    this.parametric = parametric;
  }

  @Override
  public void begin(List<OutputColumn> columns) {
    encoders =
        columns.stream()
            .map(c -> ValueEncoder.of(c.type(), parametric))
            .toArray(ValueEncoder[]::new);
    began = System.nanoTime();
  }

  @Override
  public long waitedNanos() {
    return spool.waitedNanos();
  }

  @Override
  public void row(Object[] row) throws IOException {
    out.raw(rows == 0 ? '[' : ',');
    if (rows > 0) {
      out.raw('[');
    }
    for (int i = 0; i < row.length; i++) {
      if (i > 0) {
        out.raw(',');
      }
      encoders[i].write(out, row[i]);
    }
    out.raw(']');
    rows++;
    if (out.size() >= PAGE
        || (rows % LOOK_AT_CLOCK == 0 && System.nanoTime() - began > SHOW_AFTER)) {
      page();
    }
  }

  private void page() throws IOException {
    if (rows > 0) {
      spool.add(rows, out.copy());
      out.reset(BUFFER);
      rows = 0;
    }
    began = System.nanoTime();
  }

  @Override
  public void last() throws IOException {
    if (rows > 0) {
      spool.hold(rows, out.copy());
    }
    out = new JsonBytes(0);
  }

  @Override
  public void end() {
    spool.finish();
  }
}
