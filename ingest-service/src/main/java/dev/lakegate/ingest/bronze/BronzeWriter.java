package dev.lakegate.ingest.bronze;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBDriver;

/**
 * Turns stages into Parquet files with DuckDB: Snappy, one file per partition, durable before it
 * returns. Files get their final name when they are complete, so a reader who lists the folders
 * (and should not) never sees half a file. Not thread-safe.
 */
public final class BronzeWriter implements Closeable {
  private static final long MIN_LINE = 2L << 20;
  private static final int MIN_OPEN_FILES = 100;

  private final ManifestChain chain;
  private final Path scratch;
  private final Connection duckdb;
  private final long minLine;
  private final AtomicLong names = new AtomicLong();
  private final Durability durability = new Durability();
  private int openFiles = MIN_OPEN_FILES;

  /**
   * What became of a stage.
   *
   * @param rows written
   * @param lossyValues column name to number of values that its type could not hold, now NULL
   */
  public record Written(long rows, Map<String, Long> lossyValues) {}

  /**
   * @param scratch directory of this process alone; what it holds of stages is deleted
   * @param memoryLimit of DuckDB, such as {@code 128MB}
   */
  public BronzeWriter(ManifestChain chain, Path scratch, String memoryLimit)
      throws IOException, SQLException {
    this(chain, scratch, memoryLimit, MIN_LINE);
  }

  /** With a size of DuckDB's read buffer, twice {@code minLine}, that tests can cross often. */
  BronzeWriter(ManifestChain chain, Path scratch, String memoryLimit, long minLine)
      throws IOException, SQLException {
    this.chain = chain;
    this.minLine = minLine;
    this.scratch = scratch.resolve("stages");
    ManifestChain.deleteTree(this.scratch);
    Files.createDirectories(this.scratch);
    this.duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    execute("SET threads = 1");
    execute("SET memory_limit = " + literal(memoryLimit));
    execute("SET temp_directory = " + literal(this.scratch.resolve("duckdb").toString()));
    execute("SET TimeZone = 'UTC'");
    execute("SET autoinstall_known_extensions = false");
    execute("SET autoload_known_extensions = false");
  }

  /** A file name for a new stage. Safe to call from any thread. */
  public Path newStageFile(String table) {
    return scratch.resolve(BronzePaths.escape(table) + "-" + names.getAndIncrement() + ".csv");
  }

  /** Writes the stage's rows as files of the draft. The stage stays for its owner to close. */
  public Written write(Stage stage, ManifestDraft draft) throws IOException, SQLException {
    stage.finish();
    if (stage.rows() == 0) {
      return new Written(0, Map.of());
    }
    Path directory = chain.staging().resolve(draft.number() + "-" + names.getAndIncrement());
    Files.createDirectories(directory.getParent());
    allowOpenFiles(stage.files());
    Map<String, Long> lossy = Map.of();
    List<Part> parts;
    try {
      parts = copy(stage, directory, false);
    } catch (SQLException e) {
      if (!isConversion(e)) {
        throw e;
      }
      ManifestChain.deleteTree(directory);
      lossy = countLossy(stage);
      parts = copy(stage, directory, true);
    }
    publish(stage, parts, draft);
    ManifestChain.deleteTree(directory);
    return new Written(stage.rows(), lossy);
  }

  private record Part(Path file, int partition, long rows, long bytes) {}

  private List<Part> copy(Stage stage, Path directory, boolean tolerant) throws SQLException {
    String sql =
        "COPY ("
            + select(stage, tolerant)
            + ") TO "
            + literal(directory.toString())
            + " (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (_p), RETURN_STATS true,"
            // One folder for all partitions: making and removing one for each costs more than a
            // small file.
            + " HIVE_FILE_PATTERN false)";
    List<Part> parts = new ArrayList<>();
    long rows = 0;
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        Path file = Path.of(result.getString("filename"));
        Map<?, ?> keys = (Map<?, ?>) result.getObject("partition_keys");
        int partition = Integer.parseInt(keys.get("_p").toString());
        long count = result.getLong("count");
        parts.add(new Part(file, partition, count, result.getLong("file_size_bytes")));
        rows += count;
      }
    }
    if (rows != stage.rows()) {
      throw new IllegalStateException(
          "staged "
              + stage.rows()
              + " rows of "
              + stage.schema().table()
              + " but "
              + rows
              + " were written");
    }
    return parts;
  }

  private void publish(Stage stage, List<Part> parts, ManifestDraft draft) throws IOException {
    Path root = chain.root();
    Set<Path> folders = new LinkedHashSet<>();
    List<Path> files = new ArrayList<>();
    for (Part part : parts) {
      Stage.Partition partition = stage.partitions().get(part.partition());
      String path =
          BronzePaths.file(
              stage.schema().table(),
              partition.loadDate,
              partition.tenant,
              draft.number(),
              draft.nextFile());
      Path target = root.resolve(path);
      createFolders(root, target.getParent(), folders);
      // Named in the draft before it exists, so that discarding a draft never misses a file.
      draft.add(
          new BronzeFile(
              path,
              stage.schema().table(),
              partition.tenant,
              partition.loadDate,
              part.rows(),
              part.bytes(),
              stage.kind(),
              stage.schema().version().schemaVersion(),
              stage.generation(),
              partition.firstSequence,
              partition.lastSequence,
              instant(partition.maxCommitMicros)));
      Files.move(part.file(), target, StandardCopyOption.ATOMIC_MOVE);
      files.add(target);
      folders.add(target.getParent());
    }
    // Contents and names at once, in whatever order: nothing names these files before the manifest
    // does.
    List<Path> all = new ArrayList<>(files);
    all.addAll(folders);
    durability.force(all);
  }

  /** Creates missing folders and remembers every parent whose entries must become durable. */
  private static void createFolders(Path root, Path folder, Set<Path> toSync) throws IOException {
    if (folder.equals(root) || Files.isDirectory(folder)) {
      return;
    }
    createFolders(root, folder.getParent(), toSync);
    Files.createDirectory(folder);
    toSync.add(folder.getParent());
  }

  private String select(Stage stage, boolean tolerant) {
    TableSchema schema = stage.schema();
    StringBuilder sql = new StringBuilder("SELECT ");
    List<SourceColumn> columns = schema.columns();
    for (int i = 0; i < columns.size(); i++) {
      SourceColumn column = columns.get(i);
      sql.append(convert(schema, column, "c" + i, tolerant))
          .append(" AS ")
          .append(identifier(column.name()))
          .append(", ");
    }
    if (stage.kind() == Kind.COPY) {
      Stage.CopyConstants copy = stage.copy();
      sql.append("'I' AS _op, ").append(literal(copy.sequence())).append(" AS _change_seq, ");
      sql.append("make_timestamptz(").append(copy.snapshotMicros()).append(") AS _commit_ts, ");
      sql.append("NULL::VARCHAR[] AS _unchanged, NULL::VARCHAR AS _old_key, ");
      sql.append("DATE ").append(literal(copy.loadDate().toString())).append(" AS load_date, ");
      if (schema.indexOf(TableSchema.TENANT_ID) < 0) {
        sql.append(schema.tenantIndex() < 0 ? "NULL::VARCHAR" : "c" + schema.tenantIndex())
            .append(" AS tenant_id, ");
      }
    } else {
      sql.append("op AS _op, seq AS _change_seq, ");
      sql.append("make_timestamptz(CAST(commit_micros AS BIGINT)) AS _commit_ts, ");
      sql.append("string_split(unchanged, chr(").append((int) Stage.NAME_SEPARATOR).append(")) ");
      sql.append("AS _unchanged, old_key AS _old_key, CAST(load_date AS DATE) AS load_date, ");
      if (schema.indexOf(TableSchema.TENANT_ID) < 0) {
        sql.append("tenant AS tenant_id, ");
      }
    }
    return sql.append("_p FROM ").append(csv(stage)).toString();
  }

  private static String convert(
      TableSchema schema, SourceColumn column, String raw, boolean tolerant) {
    ColumnType type = columnType(schema, column);
    return String.format(
        Locale.ROOT, tolerant && type.tolerant() != null ? type.tolerant() : type.strict(), raw);
  }

  private static ColumnType columnType(TableSchema schema, SourceColumn column) {
    // The path, the manifest and this column name the tenant alike: as text.
    return column.name().equals(TableSchema.TENANT_ID) || column.type().equals("varchar")
        ? ColumnType.TEXT
        : ColumnType.of(column.sourceType());
  }

  private String csv(Stage stage) {
    StringBuilder columns = new StringBuilder("'_p': 'INTEGER'");
    if (stage.kind() == Kind.STREAM) {
      for (String name :
          List.of("op", "seq", "commit_micros", "load_date", "tenant", "unchanged", "old_key")) {
        columns.append(", '").append(name).append("': 'VARCHAR'");
      }
    }
    for (int index : stage.csvOrder()) {
      columns.append(", 'c").append(index).append("': 'VARCHAR'");
    }
    long line = Math.max(minLine, Long.highestOneBit(stage.longestRow()) * 2 + 1024);
    return "read_csv("
        + literal(stage.file().toString())
        + ", auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
        // Detected otherwise, from whatever a value contains.
        + " new_line = '\\n', nullstr = '', allow_quoted_nulls = false, null_padding = false, parallel = false,"
        + " max_line_size = "
        + line
        + ", buffer_size = "
        + 2 * line
        + ", columns = {"
        + columns
        + "})";
  }

  private Map<String, Long> countLossy(Stage stage) throws SQLException {
    List<String> names = new ArrayList<>();
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < stage.schema().columns().size(); i++) {
      SourceColumn column = stage.schema().columns().get(i);
      if (columnType(stage.schema(), column).tolerant() != null) {
        sql.append(names.isEmpty() ? "" : ", ")
            .append("count(c")
            .append(i)
            .append(") - count(")
            .append(convert(stage.schema(), column, "c" + i, true))
            .append(")");
        names.add(column.name());
      }
    }
    Map<String, Long> lossy = new LinkedHashMap<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(sql + " FROM " + csv(stage))) {
      result.next();
      for (int i = 0; i < names.size(); i++) {
        long count = result.getLong(i + 1);
        if (count > 0) {
          lossy.put(names.get(i), count);
        }
      }
    }
    return lossy;
  }

  private static boolean isConversion(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Conversion Error") || message.contains("Out of Range Error");
  }

  /** Below this number DuckDB would close a partition's file and open a second one. */
  private void allowOpenFiles(int files) throws SQLException {
    if (files > openFiles) {
      openFiles = files;
      execute("SET partitioned_write_max_open_files = " + files);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = duckdb.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** UTC date of a time in microseconds since 1970. */
  public static LocalDate utcDate(long micros) {
    return LocalDate.ofEpochDay(Math.floorDiv(micros, 86_400_000_000L));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** Closes DuckDB. */
  @Override
  public void close() throws IOException {
    durability.close();
    try {
      duckdb.close();
    } catch (SQLException e) {
      throw new IOException("DuckDB did not close", e);
    } finally {
      ManifestChain.deleteTree(scratch);
    }
  }
}
