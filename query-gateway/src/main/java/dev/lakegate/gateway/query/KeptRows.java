package dev.lakegate.gateway.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Writes rows into a kept result, up to so many bytes. */
final class KeptRows implements RowWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final ResultStore store;
  private final long maxBytes;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
  private List<OutputColumn> columns;

  KeptRows(ResultStore store, long maxBytes) {
    this.store = store;
    this.maxBytes = maxBytes;
  }

  @Override
  public void begin(List<OutputColumn> c) {
    columns = c;
  }

  @Override
  public boolean full() {
    return store.bytes() >= maxBytes;
  }

  @Override
  public void row(Object[] row) throws IOException {
    buffer.reset();
    try (JsonGenerator out = JSON.createGenerator(buffer)) {
      out.writeStartArray();
      for (int i = 0; i < row.length; i++) {
        JsonRows.write(out, row[i], columns.get(i).type());
      }
      out.writeEndArray();
    }
    store.add(buffer.toByteArray());
  }

  @Override
  public void end() {
    // Everything is in the store already.
  }
}
