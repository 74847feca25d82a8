package dev.lakegate.gateway.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** NDJSON and CSV, row by row, in blocks. */
final class RowFormats {
  /** Each costs a change of threads. */
  private static final int BLOCK = 128 * 1024;

  private static final JsonFactory JSON = new JsonFactory();
  private static final SerializedString NOTHING = new SerializedString("");

  private RowFormats() {}

  /** Names of columns as clients see them; Trino names a column without a name by its position. */
  static List<String> names(List<OutputColumn> columns) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      names.add(columns.get(i).name() == null ? "_col" + i : columns.get(i).name());
    }
    return names;
  }

  /** Names that can be keys of one object: a repeated one gets a number. */
  static List<String> keys(List<OutputColumn> columns) {
    List<String> keys = new ArrayList<>();
    Set<String> taken = new HashSet<>(names(columns));
    Set<String> used = new HashSet<>();
    for (String name : names(columns)) {
      String key = name;
      for (int n = 2; !used.add(key); n++) {
        key = name + "_" + n;
        if (taken.contains(key)) {
          key = name;
        }
      }
      keys.add(key);
    }
    return keys;
  }

  static RowWriter ndjson(OutputStream out) {
    return new Buffered(out) {
      private SerializedString[] keys;
      private Type[] types;
      private JsonGenerator json;

      @Override
      public void begin(List<OutputColumn> c) throws IOException {
        keys = keys(c).stream().map(SerializedString::new).toArray(SerializedString[]::new);
        types = c.stream().map(OutputColumn::type).toArray(Type[]::new);
        json = JSON.createGenerator(buffer);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        json.setRootValueSeparator(NOTHING);
      }

      @Override
      public void row(Object[] row) throws IOException {
        json.writeStartObject();
        for (int i = 0; i < row.length; i++) {
          json.writeFieldName(keys[i]);
          JsonRows.write(json, row[i], types[i]);
        }
        json.writeEndObject();
        json.writeRaw('\n');
        // What the generator itself holds is a few kilobytes, whatever the row's length.
        block();
      }

      @Override
      public void end() throws IOException {
        json.flush();
        super.end();
      }
    };
  }

  static RowWriter csv(OutputStream out) {
    return new Buffered(out) {
      private List<OutputColumn> columns;

      @Override
      public void begin(List<OutputColumn> c) throws IOException {
        columns = c;
        StringBuilder line = new StringBuilder();
        for (String name : names(c)) {
          line.append(line.length() == 0 ? "" : ",").append(quoted(name));
        }
        write(line.append("\r\n"));
      }

      @Override
      public void row(Object[] row) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
          if (i > 0) {
            line.append(',');
          }
          if (row[i] != null) {
            line.append(quoted(text(row[i], columns.get(i).type())));
          }
        }
        write(line.append("\r\n"));
        block();
      }

      private void write(CharSequence text) throws IOException {
        buffer.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
    };
  }

  private static String text(Object value, Type type) throws IOException {
    if (!type.is(Type.Kind.ARRAY, Type.Kind.ROW, Type.Kind.MAP)) {
      return JsonRows.text(value, type);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      JsonRows.write(json, value, type);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String quoted(String s) {
    boolean plain = !s.isEmpty();
    for (int i = 0; i < s.length() && plain; i++) {
      char c = s.charAt(i);
      plain = c != '"' && c != ',' && c != '\n' && c != '\r';
    }
    return plain ? s : '"' + s.replace("\"", "\"\"") + '"';
  }

  /** That a thread has for itself, and that are written without being copied. */
  private static final class Bytes extends ByteArrayOutputStream {
    Bytes(int size) {
      super(size);
    }

    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    @Override
    public void write(byte[] b, int off, int len) {
      if (buf.length - count < len) {
        buf = Arrays.copyOf(buf, Math.max(buf.length * 2, count + len));
      }
      System.arraycopy(b, off, buf, count, len);
      count += len;
    }

    void drain(OutputStream to) throws IOException {
      to.write(buf, 0, count);
      count = 0;
      if (buf.length > 4 * BLOCK) {
        buf = new byte[BLOCK];
      }
    }
  }

  private abstract static class Buffered implements RowWriter {
    final Bytes buffer = new Bytes(4096);
    private final OutputStream out;

    Buffered(OutputStream out) {
      this.out = out;
    }

    void block() throws IOException {
      if (buffer.size() >= BLOCK) {
        flush();
      }
    }

    private void flush() throws IOException {
      buffer.drain(out);
      out.flush();
    }

    @Override
    public void end() throws IOException {
      flush();
    }
  }
}
