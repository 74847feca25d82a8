package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.RunContext.Prepared;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import dev.lakegate.jobs.spark.Sessions;
import dev.lakegate.jobs.spark.SparkErrors;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Computes one Gold metric from the current snapshots of its inputs and stores what differs from
 * the table: changed rows are written, vanished rows removed, equal rows left alone.
 */
public final class GoldJob {
  private static final String AS_OF = "${as_of_date}";

  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;

  /** The job of a request. */
  public GoldJob(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
  }

  /** Runs it; the result is filled in as far as the run came. */
  public void run(RunResult result) throws IOException, SQLException {
    Prepared prepared = context.prepare(result);
    Map<String, Snapshot> inputs = inputs();
    ObjectNode checkpoint = Json.object();
    Instant watermark = request.watermark();
    boolean known = watermark != null;
    for (Map.Entry<String, Snapshot> input : inputs.entrySet()) {
      checkpoint.put(input.getKey(), input.getValue().instant());
      Instant reflected = input.getValue().watermark();
      if (!known && reflected != null && (watermark == null || reflected.isBefore(watermark))) {
        watermark = reflected;
      }
    }
    if (request.asOf() != null) {
      checkpoint.put("asOf", request.asOf().toString());
    }
    Path directory = context.newDirectory("result");
    context.progress("computing");
    List<String> computed = compute(inputs, directory);
    context.progress("comparing");
    try (Duck duck = Duck.open(directory, context.duckMegabytes())) {
      Path changes = directory.resolve("changes.parquet");
      HudiTable.Progress before = prepared.progress();
      // A metric is computed whole in each run, so one that is defined otherwise replaces itself.
      boolean anew =
          before != null
              && (request.full() || prepared.cleared() || context.table().conflict(before) != null);
      List<String> stored = anew ? Collections.<String>emptyList() : prepared.files();
      long[] counts = compare(duck, computed, stored, changes);
      result.rowsRead = counts[0];
      Dataset<Row> rows = rows(counts[1] + counts[2] > 0 ? changes : null);
      context.progress("committing");
      if (anew) {
        context
            .table()
            .replace(rows, counts[1] == 0, before, checkpoint, watermark, request.runId());
      } else {
        context
            .table()
            .commit(rows, HudiTable.Operation.UPSERT, checkpoint, watermark, request.runId());
      }
      context.progress("publishing");
      context.finish(result, null, counts[1], counts[2]);
    }
  }

  private Map<String, Snapshot> inputs() throws IOException {
    Map<String, Snapshot> result = new LinkedHashMap<>();
    for (String input : specification.inputs()) {
      int dot = input.indexOf('.');
      if (dot < 0) {
        throw JobException.permanent(
            "SPECIFICATION_INVALID",
            "input " + input + " of " + specification.dataset() + " names no schema");
      }
      Snapshot snapshot =
          SnapshotCatalog.current(
              request.storageRoot(), input.substring(0, dot), input.substring(dot + 1));
      if (snapshot == null) {
        throw JobException.retryable(
            "INPUT_MISSING", input + ", which " + specification.dataset() + " reads, is empty");
      }
      String wanted = request.inputInstants().get(input);
      if (wanted != null && snapshot.instant().compareTo(wanted) < 0) {
        throw JobException.retryable(
            "INPUT_BEHIND",
            input + " is at instant " + snapshot.instant() + ", before the wanted " + wanted);
      }
      result.put(input, snapshot);
    }
    return result;
  }

  /** Runs the query; returns the Parquet files of its result. */
  private List<String> compute(Map<String, Snapshot> inputs, Path directory) throws IOException {
    String sql = specification.sql();
    if (sql.contains(AS_OF)) {
      if (request.asOf() == null) {
        throw JobException.permanent(
            "REQUEST_INVALID", specification.dataset() + " needs an as-of date");
      }
      sql = sql.replace(AS_OF, "DATE '" + request.asOf() + "'");
    }
    SparkSession session = context.spark().newSession();
    Sessions.register(session);
    Dataset<Row> rows;
    try {
      // Sessions share a catalog. Names are resolved when the SQL is analysed, and not after.
      synchronized (GoldJob.class) {
        register(session, inputs);
        rows = session.sql(sql);
      }
    } catch (Exception e) {
      if (SparkErrors.isSql(e)) {
        throw JobException.permanent(
            "SQL_INVALID",
            "the SQL of " + specification.dataset() + ": " + SparkErrors.brief(e),
            e);
      }
      throw e;
    }
    check(rows.schema());
    Path output = directory.resolve("rows");
    rows.write().mode(SaveMode.Overwrite).parquet(output.toString());
    List<String> files = new ArrayList<>();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(output, "*.parquet")) {
      for (Path part : parts) {
        files.add(part.toString());
      }
    }
    Collections.sort(files);
    return files;
  }

  /** Makes exactly the declared inputs known by their names. */
  private void register(SparkSession session, Map<String, Snapshot> inputs) {
    for (String schema : new String[] {"silver", "gold"}) {
      session.sql("DROP DATABASE IF EXISTS " + schema + " CASCADE");
      session.sql("CREATE DATABASE " + schema);
    }
    for (Map.Entry<String, Snapshot> input : inputs.entrySet()) {
      int dot = input.getKey().indexOf('.');
      String schema = input.getKey().substring(0, dot);
      String table = input.getKey().substring(dot + 1);
      Map<String, String> options = new HashMap<>();
      options.put(
          SnapshotSource.PATH,
          SnapshotCatalog.directory(request.storageRoot(), schema, table)
              .resolve(input.getValue().instant() + ".json")
              .toUri()
              .toString());
      options.put(SnapshotSource.STORAGE_ROOT, request.storageRoot().toString());
      StructType types = new StructType();
      for (Column column : input.getValue().columns()) {
        types = types.add(column.name(), ColumnType.of(column.type()).spark());
      }
      session
          .catalog()
          .createTable("`" + schema + "`.`" + table + "`", SnapshotSource.class.getName(), options);
    }
  }

  private void check(StructType found) {
    List<String> problems = new ArrayList<>();
    List<Column> wanted = specification.columns();
    if (found.fields().length != wanted.size()) {
      problems.add(found.fields().length + " columns instead of " + wanted.size());
    }
    for (int i = 0; i < Math.min(found.fields().length, wanted.size()); i++) {
      StructField field = found.fields()[i];
      Column column = wanted.get(i);
      if (!field.name().equals(column.name())) {
        problems.add("column " + (i + 1) + " is " + field.name() + " instead of " + column.name());
      } else if (!field.dataType().equals(ColumnType.of(column.type()).spark())) {
        problems.add(
            "column "
                + column.name()
                + " is of type "
                + field.dataType().catalogString()
                + " instead of "
                + column.type());
      }
    }
    if (!problems.isEmpty()) {
      throw JobException.permanent(
          "RESULT_MISMATCH",
          "the SQL of "
              + specification.dataset()
              + " does not give the declared columns: "
              + String.join("; ", problems));
    }
  }

  /**
   * Writes the rows that differ.
   *
   * @return rows computed, rows changed, rows vanished
   */
  private long[] compare(Duck duck, List<String> computed, List<String> stored, Path changes)
      throws SQLException {
    view(duck, "computed", computed);
    view(duck, "stored", stored);
    long rows = duck.number("SELECT count(*) FROM computed");
    List<String> identity = new ArrayList<>(specification.key());
    for (String column : specification.partitionBy()) {
      if (!identity.contains(column)) {
        identity.add(column);
      }
    }
    String grain = names(specification.key(), "");
    String twice =
        duck.text(
            "SELECT concat_ws(', ', "
                + grain
                + ") FROM computed GROUP BY "
                + grain
                + " HAVING count(*) > 1 LIMIT 1");
    if (twice != null) {
      throw JobException.permanent(
          "GRAIN_NOT_UNIQUE",
          "the SQL of " + specification.dataset() + " gives several rows of grain " + twice);
    }
    for (Column column : specification.columns()) {
      if (!column.nullable()
          && duck.number("SELECT count(*) FROM computed WHERE " + name(column.name()) + " IS NULL")
              > 0) {
        throw JobException.permanent(
            "RESULT_NULL",
            "the SQL of "
                + specification.dataset()
                + " gives NULL in column "
                + column.name()
                + ", which is not nullable");
      }
    }
    List<String> same = new ArrayList<>();
    for (String column : identity) {
      same.add("c." + name(column) + " IS NOT DISTINCT FROM s." + name(column));
    }
    List<String> differ = new ArrayList<>();
    List<String> vanished = new ArrayList<>();
    for (Column column : specification.columns()) {
      if (identity.contains(column.name())) {
        vanished.add("s." + name(column.name()));
      } else {
        differ.add("c." + name(column.name()) + " IS DISTINCT FROM s." + name(column.name()));
        vanished.add("NULL");
      }
    }
    String match = String.join(" AND ", same);
    String equal =
        match + (differ.isEmpty() ? "" : " AND NOT (" + String.join(" OR ", differ) + ")");
    duck.run(
        "CREATE TEMP TABLE changes AS SELECT c.*, false AS "
            + name(HudiTable.DELETED)
            + " FROM computed c WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE "
            + equal
            + ") UNION ALL SELECT "
            + String.join(", ", vanished)
            + ", true FROM stored s WHERE NOT EXISTS (SELECT 1 FROM computed c WHERE "
            + match
            + ")");
    long deleted = duck.number("SELECT count(*) FROM changes WHERE " + name(HudiTable.DELETED));
    long changed = duck.number("SELECT count(*) FROM changes") - deleted;
    duck.run(
        "COPY changes TO " + literal(changes.toString()) + " (FORMAT parquet, COMPRESSION snappy)");
    return new long[] {rows, changed, deleted};
  }

  private void view(Duck duck, String view, List<String> files) throws SQLException {
    java.util.Set<String> present =
        files.isEmpty()
            ? Collections.<String>emptySet()
            : new java.util.HashSet<>(
                duck.texts(
                    "SELECT column_name FROM (DESCRIBE SELECT * FROM "
                        + Duck.parquet(files)
                        + ")"));
    List<String> select = new ArrayList<>();
    for (Column column : specification.columns()) {
      select.add(
          "CAST("
              + (present.contains(column.name()) ? name(column.name()) : "NULL")
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ") AS "
              + name(column.name()));
    }
    duck.run(
        "CREATE TEMP VIEW "
            + view
            + " AS SELECT "
            + String.join(", ", select)
            + (files.isEmpty() ? " WHERE false" : " FROM " + Duck.parquet(files)));
  }

  private Dataset<Row> rows(Path changes) {
    StructType schema = new StructType();
    for (Column column : specification.columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    schema = schema.add(HudiTable.DELETED, DataTypes.BooleanType);
    return changes == null
        ? context.spark().createDataFrame(Collections.<Row>emptyList(), schema)
        : context.spark().read().schema(schema).parquet(changes.toString());
  }

  private static String names(List<String> columns, String prefix) {
    List<String> result = new ArrayList<>();
    for (String column : columns) {
      result.add(prefix + name(column));
    }
    return String.join(", ", result);
  }
}
