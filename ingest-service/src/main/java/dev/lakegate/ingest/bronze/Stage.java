package dev.lakegate.ingest.bronze;

import dev.lakegate.ingest.pgoutput.Tuple;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of one table, schema version, kind and generation on their way into Parquet: a CSV file in
 * the scratch directory, which DuckDB reads. Text goes from the log to the file as bytes, so the
 * heap holds one small buffer per table however large a transaction is. The file is no promise to
 * anyone: it need not be durable, and is deleted with the stage. Not thread-safe.
 */
public final class Stage implements Closeable {
  /** What is in one Parquet file to be. */
  static final class Partition {
    final int index;
    final LocalDate loadDate;
    final String tenant;
    long rows;
    String firstSequence;
    String lastSequence;
    long maxCommitMicros = Long.MIN_VALUE;

    Partition(int index, LocalDate loadDate, String tenant) {
      this.index = index;
      this.loadDate = loadDate;
      this.tenant = tenant;
    }
  }

  /** What all rows of a copy have in common. */
  record CopyConstants(String sequence, long snapshotMicros, LocalDate loadDate) {}

  /**
   * A copied row that was not added.
   *
   * @param csv as COPY wrote it
   */
  public record Rejected(byte[] csv, RowProblem problem) {}

  /** How rows start whose tenant was found good, and where they go. */
  private record Known(byte[] start, Partition partition) {}

  private record PartitionKey(LocalDate loadDate, String tenant) {}

  /** Separates names in the staged {@code _unchanged}; no sane column name contains it. */
  static final char NAME_SEPARATOR = '\u001f';

  private static final int BUFFER = 64 * 1024;

  /** A power of two; more tenants than this in turn only cost time. */
  private static final int KNOWN_TENANTS = 256;

  private TableSchema schema;
  private final Kind kind;
  private final int generation;
  private final CopyConstants copy;
  private final int[] csvOrder;
  private final Path file;
  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];
  private final Map<PartitionKey, Partition> partitions = new HashMap<>();
  private final List<Partition> ordered = new ArrayList<>();
  private final List<Rejected> rejected = new ArrayList<>();
  private final Known[] known;
  private final int tenant;
  private RowCheck check;
  private long rejectedBytes;
  private int used;
  private long written;
  private long rowStart;
  private long longestRow;
  private long rows;
  private PartitionKey lastKey;
  private Partition lastPartition;
  private boolean finished;

  private Stage(
      Path file, TableSchema schema, Kind kind, int generation, CopyConstants copy, int[] csvOrder)
      throws IOException {
    this.file = file;
    this.schema = schema;
    this.kind = kind;
    this.generation = generation;
    this.copy = copy;
    this.csvOrder = csvOrder;
    this.tenant = schema.tenantIndex();
    this.known = new Known[copy == null ? 0 : KNOWN_TENANTS];
    this.out = Files.newOutputStream(file);
  }

  /** A stage for changes from the log. */
  public static Stage ofStream(Path file, TableSchema schema, int generation) throws IOException {
    int[] order = new int[schema.columns().size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return new Stage(file, schema, Kind.STREAM, generation, null, order);
  }

  /**
   * A stage for rows that PostgreSQL's COPY wrote as CSV.
   *
   * @param csvOrder for each CSV column its index in the schema; the tenant column comes first when
   *     there is one
   * @param sequence of every row
   * @param snapshotMicros time of the snapshot, microseconds since 1970
   */
  public static Stage ofCopy(
      Path file,
      TableSchema schema,
      int generation,
      int[] csvOrder,
      String sequence,
      long snapshotMicros,
      LocalDate loadDate)
      throws IOException {
    return new Stage(
        file,
        schema,
        Kind.COPY,
        generation,
        new CopyConstants(sequence, snapshotMicros, loadDate),
        csvOrder.clone());
  }

  /**
   * Adds a change.
   *
   * @param op {@code I}, {@code U}, {@code D} or {@code T}
   * @param sequence ASCII
   * @param commitMicros microseconds since 1970
   * @param loadDate UTC date of the commit
   * @param tenant null when unknown
   * @param unchanged names joined by {@link #NAME_SEPARATOR}; null when there are none
   * @param oldKey JSON; null when the key did not change
   * @param row values; null for a record without values
   * @param fill where a column that {@code row} does not carry is taken from; may be null
   */
  public void addChange(
      char op,
      String sequence,
      long commitMicros,
      LocalDate loadDate,
      String tenant,
      String unchanged,
      String oldKey,
      Tuple row,
      Tuple fill)
      throws IOException {
    Partition partition = partition(loadDate, tenant);
    partition.rows++;
    if (partition.firstSequence == null || sequence.compareTo(partition.firstSequence) < 0) {
      partition.firstSequence = sequence;
    }
    if (partition.lastSequence == null || sequence.compareTo(partition.lastSequence) > 0) {
      partition.lastSequence = sequence;
    }
    partition.maxCommitMicros = Math.max(partition.maxCommitMicros, commitMicros);
    startRow(partition);
    put((byte) op);
    put((byte) ',');
    ascii(sequence);
    put((byte) ',');
    ascii(Long.toString(commitMicros));
    put((byte) ',');
    ascii(loadDate.toString());
    put((byte) ',');
    text(tenant);
    put((byte) ',');
    text(unchanged);
    put((byte) ',');
    text(oldKey);
    int columns = schema.columns().size();
    for (int i = 0; i < columns; i++) {
      put((byte) ',');
      if (row == null) {
        continue;
      }
      if (row.hasText(i)) {
        field(row.array(), row.offset(i), row.length(i));
      } else if (row.isUnchanged(i) && fill != null && fill.hasText(i)) {
        field(fill.array(), fill.offset(i), fill.length(i));
      }
    }
    endRow();
  }

  /**
   * Adds one row as COPY wrote it, its line end included.
   *
   * @param csv one whole row
   */
  public void addCopied(byte[] csv) throws IOException {
    int end = tenant < 0 ? 0 : CsvRow.firstEnd(csv);
    Known one = end < 0 ? null : known[slot(csv, end)];
    boolean seen = one != null && Arrays.equals(one.start, 0, one.start.length, csv, 0, end);
    Partition partition =
        seen && (check == null || csv.length <= check.maxBytes()) ? one.partition : admit(csv, end);
    if (partition == null) {
      return;
    }
    partition.rows++;
    startRow(partition);
    bytes(csv, 0, csv.length - 1);
    endRow();
  }

  /** The row's partition; null when it was rejected. */
  private Partition admit(byte[] csv, int end) {
    String value = tenant < 0 ? null : CsvRow.first(csv);
    RowProblem problem = check == null ? null : problem(csv, value);
    if (problem != null) {
      rejected.add(new Rejected(csv, problem));
      rejectedBytes += csv.length;
      return null;
    }
    Partition partition = partition(copy.loadDate(), value);
    partition.firstSequence = copy.sequence();
    partition.lastSequence = copy.sequence();
    partition.maxCommitMicros = copy.snapshotMicros();
    if (end >= 0) {
      known[slot(csv, end)] = new Known(Arrays.copyOf(csv, end), partition);
    }
    return partition;
  }

  private int slot(byte[] csv, int end) {
    int hash = 0;
    for (int i = 0; i < end; i++) {
      hash = 31 * hash + csv[i];
    }
    return hash & (known.length - 1);
  }

  /** Sets what is looked at in copied rows; rows that fail are rejected instead of added. */
  public Stage checked(RowCheck rowCheck) {
    check = rowCheck;
    return this;
  }

  /** For each CSV column of a copied row its index in the schema. */
  public int[] columnOrder() {
    return csvOrder.clone();
  }

  /** Copied rows that are not in this stage, in the order in which they came. */
  public List<Rejected> rejected() {
    return rejected;
  }

  private RowProblem problem(byte[] csv, String value) {
    if (tenant >= 0) {
      RowProblem problem = RowCheck.ofTenant(value);
      if (problem != null) {
        return problem;
      }
    }
    // Only a row that may be too large is worth taking apart.
    return check.ofSize(csv.length) == null ? null : check.ofSize(valueBytes(CsvRow.fields(csv)));
  }

  private static long valueBytes(List<String> fields) {
    long bytes = 0;
    for (String field : fields) {
      bytes += field == null ? 0 : field.getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  /** Rows so far. */
  public long rows() {
    return rows;
  }

  /** Bytes so far, as staged. */
  public long bytes() {
    return written + used + rejectedBytes;
  }

  /** Parquet files that these rows will need. */
  public int files() {
    return ordered.size();
  }

  /** Shape of the rows. */
  public TableSchema schema() {
    return schema;
  }

  /**
   * Gives the rows the version under which they are written, when it is only known after they were
   * staged.
   *
   * @throws IllegalArgumentException when it describes other files
   */
  public void adopt(TableSchema version) {
    if (!TableSchema.sameFiles(schema.version(), version.version())) {
      throw new IllegalArgumentException(
          "rows of " + schema.table() + " were staged with other columns");
    }
    schema = version;
  }

  /** How the rows were read. */
  public Kind kind() {
    return kind;
  }

  int generation() {
    return generation;
  }

  CopyConstants copy() {
    return copy;
  }

  int[] csvOrder() {
    return csvOrder;
  }

  Path file() {
    return file;
  }

  List<Partition> partitions() {
    return ordered;
  }

  long longestRow() {
    return longestRow;
  }

  /** Writes what is buffered; nothing can be added afterwards. */
  public void finish() throws IOException {
    if (!finished) {
      finished = true;
      out.write(buffer, 0, used);
      written += used;
      used = 0;
      out.close();
    }
  }

  /** Deletes the file. */
  @Override
  public void close() throws IOException {
    finished = true;
    try {
      out.close();
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private Partition partition(LocalDate loadDate, String tenant) {
    if (lastKey != null
        && lastKey.loadDate.equals(loadDate)
        && (tenant == null ? lastKey.tenant == null : tenant.equals(lastKey.tenant))) {
      return lastPartition;
    }
    lastKey = new PartitionKey(loadDate, tenant);
    lastPartition =
        partitions.computeIfAbsent(
            lastKey,
            key -> {
              Partition partition = new Partition(ordered.size(), loadDate, tenant);
              ordered.add(partition);
              return partition;
            });
    return lastPartition;
  }

  private void startRow(Partition partition) throws IOException {
    rowStart = written + used;
    ascii(Integer.toString(partition.index));
    put((byte) ',');
  }

  private void endRow() throws IOException {
    put((byte) '\n');
    rows++;
    longestRow = Math.max(longestRow, written + used - rowStart);
  }

  /** NULL is nothing at all; the empty text is quoted. */
  private void text(String value) throws IOException {
    if (value != null) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      field(utf8, 0, utf8.length);
    }
  }

  private void field(byte[] bytes, int offset, int length) throws IOException {
    boolean plain = length > 0;
    int end = offset + length;
    for (int i = offset; plain && i < end; i++) {
      byte b = bytes[i];
      plain = b != ',' && b != '"' && b != '\n' && b != '\r';
    }
    // DuckDB trims blanks around unquoted values in none of its modes, yet quoting costs nothing.
    if (plain && bytes[offset] != ' ' && bytes[end - 1] != ' ') {
      bytes(bytes, offset, length);
      return;
    }
    put((byte) '"');
    int from = offset;
    for (int i = offset; i < end; i++) {
      if (bytes[i] == '"') {
        bytes(bytes, from, i - from + 1);
        from = i;
      }
    }
    bytes(bytes, from, end - from);
    put((byte) '"');
  }

  private void ascii(String value) throws IOException {
    int length = value.length();
    if (length > BUFFER - used) {
      spill();
    }
    for (int i = 0; i < length; i++) {
      buffer[used + i] = (byte) value.charAt(i);
    }
    used += length;
  }

  private void put(byte b) throws IOException {
    if (used == BUFFER) {
      spill();
    }
    buffer[used++] = b;
  }

  private void bytes(byte[] bytes, int offset, int length) throws IOException {
    if (length > BUFFER - used) {
      spill();
      if (length > BUFFER) {
        out.write(bytes, offset, length);
        written += length;
        return;
      }
    }
    System.arraycopy(bytes, offset, buffer, used, length);
    used += length;
  }

  private void spill() throws IOException {
    out.write(buffer, 0, used);
    written += used;
    used = 0;
  }
}
