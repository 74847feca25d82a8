package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.source.SourceSnapshot;
import dev.lakegate.ingest.source.Sql;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads a table under the snapshot into the scratch database: keys, tenants and hashes alone. */
final class SourceRows {
  private static final long CHUNK_BYTES = 32L << 20;
  private static final long MIN_LINE = 2L << 20;

  private final ScratchDatabase scratch;
  private final ComparedTable table;

  SourceRows(ScratchDatabase scratch, ComparedTable table) {
    this.scratch = scratch;
    this.table = table;
  }

  /**
   * @param progress told the rows read so far
   */
  void read(SourceSnapshot snapshot, BooleanSupplier cancelled, LongConsumer progress)
      throws SQLException, IOException {
    create();
    snapshot.lock(table.at());
    CopyOut copy =
        snapshot.transaction().unwrap(PGConnection.class).getCopyAPI().copyOut(copySql());
    Path chunk = scratch.directory().resolve("chunk.csv");
    long rows = 0;
    byte[] row = copy.readFromCopy();
    while (row != null) {
      long bytes = 0;
      long longest = 0;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(chunk), 1 << 16)) {
        while (row != null && bytes < CHUNK_BYTES) {
          if (cancelled.getAsBoolean()) {
            copy.cancelCopy();
            throw new CancellationException();
          }
          out.write(row);
          bytes += row.length;
          longest = Math.max(longest, row.length);
          rows++;
          row = copy.readFromCopy();
        }
      }
      load(chunk, longest);
      Files.delete(chunk);
      progress.accept(rows);
    }
    snapshot.unlock();
    long stored = scratch.number("SELECT count(*) FROM " + table.sourceRows());
    if (stored != rows) {
      throw new IllegalStateException("read " + rows + " rows but " + stored + " were stored");
    }
  }

  private String copySql() {
    String columns =
        table.columns().stream()
            .map(c -> Sql.identifier(c.name()))
            .collect(Collectors.joining(", "));
    return table.at().kind() == 'r'
        ? "COPY " + table.at().quoted() + " (" + columns + ") TO STDOUT (FORMAT csv)"
        : "COPY (SELECT " + columns + " FROM " + table.at().quoted() + ") TO STDOUT (FORMAT csv)";
  }

  private void create() throws SQLException {
    scratch.run("CREATE TABLE " + table.sourceRows() + " (" + definition(table) + ")");
  }

  /** Columns of both sides' tables, but for Silver's sequence. */
  static String definition(ComparedTable table) {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < table.key().size(); i++) {
      columns.add("k" + i + " VARCHAR");
    }
    columns.add("t VARCHAR");
    for (int i = 0; i < table.columns().size(); i++) {
      if (table.columns().get(i).compared()) {
        columns.add("h" + i + " UBIGINT");
      }
    }
    return String.join(", ", columns);
  }

  private void load(Path chunk, long longest) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int index : table.key()) {
      ComparedTable.Column column = table.columns().get(index);
      values.add(
          Canonical.keyText(
              column.silver(), Canonical.ofSource(column.bronze(), column.silver(), "c" + index)));
    }
    values.add(table.tenant() < 0 ? "NULL" : "c" + table.tenant());
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < table.columns().size(); i++) {
      ComparedTable.Column column = table.columns().get(i);
      columns.append(i == 0 ? "" : ", ").append("'c").append(i).append("': 'VARCHAR'");
      if (column.compared()) {
        values.add("hash(" + Canonical.ofSource(column.bronze(), column.silver(), "c" + i) + ")");
      }
    }
    long line = Math.max(MIN_LINE, Long.highestOneBit(longest) * 2 + 1024);
    scratch.run(
        "INSERT INTO "
            + table.sourceRows()
            + " SELECT "
            + String.join(", ", values)
            + " FROM read_csv("
            + ScratchDatabase.literal(chunk.toString())
            + ", auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
            + " new_line = '\\n', nullstr = '', allow_quoted_nulls = false, null_padding = false,"
            + " parallel = false, max_line_size = "
            + line
            + ", buffer_size = "
            + 2 * line
            + ", columns = {"
            + columns
            + "})");
  }
}
