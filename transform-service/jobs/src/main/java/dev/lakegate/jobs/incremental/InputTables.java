package dev.lakegate.jobs.incremental;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.spark.Sessions;
import dev.lakegate.jobs.spark.SparkErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The tables that the SQL of one metric finds: exactly its inputs, at chosen snapshots, whole or
 * filtered. Used by one thread.
 */
public final class InputTables {
  private static final String WHOLE = "lakegate_whole";
  private static final String[] SCHEMAS = {"silver", "gold", WHOLE};

  private final SparkSession spark;
  private final Path storageRoot;
  private final Path directory;
  private final String dataset;
  private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  private final Map<String, String> filters = new HashMap<>();
  private final Map<String, Path> files = new HashMap<>();
  private final Map<String, StructType> fileTypes = new HashMap<>();
  private String[] changed;
  private StructType changedTypes;

  /**
   * No tables yet.
   *
   * @param directory for what the tables are read by
   * @param dataset whose SQL it is, for messages
   */
  public InputTables(SparkSession spark, Path storageRoot, Path directory, String dataset) {
    this.spark = spark;
    this.storageRoot = storageRoot;
    this.directory = directory;
    this.dataset = dataset;
  }

  /** Adds an input, whole. */
  public void add(String input, Snapshot snapshot) {
    snapshots.put(input, snapshot);
  }

  /**
   * Adds an input of which only some rows are seen.
   *
   * @param filter what follows {@code SELECT i.* FROM <input> i}
   */
  void add(String input, Snapshot snapshot, String filter) {
    snapshots.put(input, snapshot);
    filters.put(input, filter);
  }

  /** Adds Parquet files of this run; they are found as {@link #name(String)}. */
  void add(String name, Path parquet, StructType types) {
    files.put(name, parquet);
    fileTypes.put(name, types);
  }

  /** Adds rows of this run, which SQL calls {@code changed}; none without a file. */
  void changed(StructType types, Path... parquet) {
    changedTypes = types;
    changed = new String[parquet.length];
    for (int i = 0; i < parquet.length; i++) {
      changed[i] = parquet[i].toString();
    }
  }

  /** How SQL calls files that were added. */
  static String name(String files) {
    return WHOLE + "." + files;
  }

  /**
   * The rows of a query; they are not computed yet.
   *
   * @throws JobException {@code SQL_INVALID}
   */
  public Dataset<Row> query(String sql) throws IOException {
    Files.createDirectories(directory);
    // A session of its own: what other sessions know of these names is not looked at.
    SparkSession session = spark.newSession();
    Sessions.register(session);
    try {
      // Sessions share a catalog. Names are resolved when the SQL is analysed, and not after.
      synchronized (InputTables.class) {
        register(session);
        return session.sql(sql);
      }
    } catch (Exception e) {
      if (SparkErrors.isSql(e)) {
        throw JobException.permanent(
            "SQL_INVALID", "the SQL of " + dataset + ": " + SparkErrors.brief(e), e);
      }
      throw e;
    }
  }

  /** Makes exactly these tables known by their names. */
  private void register(SparkSession session) throws IOException {
    for (String schema : SCHEMAS) {
      session.sql("DROP DATABASE IF EXISTS " + schema + " CASCADE");
      session.sql("CREATE DATABASE " + schema);
    }
    if (changed != null) {
      (changed.length == 0
              ? session.createDataFrame(Collections.<Row>emptyList(), changedTypes)
              : session
                  .read()
                  .option("__globPaths__", "false")
                  .schema(changedTypes)
                  .parquet(changed))
          .createOrReplaceTempView("changed");
    }
    for (Map.Entry<String, Path> file : files.entrySet()) {
      Map<String, String> options = new HashMap<>();
      options.put("path", file.getValue().toUri().toString());
      session
          .catalog()
          .createTable(
              quoted(name(file.getKey())), "parquet", fileTypes.get(file.getKey()), options);
    }
    for (Map.Entry<String, Snapshot> input : snapshots.entrySet()) {
      String filter = filters.get(input.getKey());
      String table = filter == null ? input.getKey() : name(input.getKey().replace('.', '_'));
      Path file = directory.resolve(input.getKey() + ".json");
      Files.write(file, Json.write(input.getValue().json()).getBytes(StandardCharsets.UTF_8));
      Map<String, String> options = new HashMap<>();
      options.put(SnapshotSource.PATH, file.toUri().toString());
      options.put(SnapshotSource.STORAGE_ROOT, storageRoot.toString());
      session.catalog().createTable(quoted(table), SnapshotSource.class.getName(), options);
      if (filter != null) {
        session.sql(
            "CREATE VIEW "
                + quoted(input.getKey())
                + " AS SELECT i.* FROM "
                + quoted(table)
                + " i "
                + filter);
      }
    }
  }

  private static String quoted(String table) {
    int dot = table.indexOf('.');
    return "`" + table.substring(0, dot) + "`.`" + table.substring(dot + 1) + "`";
  }
}
