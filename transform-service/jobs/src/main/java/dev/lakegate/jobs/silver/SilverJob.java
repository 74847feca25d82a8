package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.SilverPosition;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.RunContext.Prepared;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Carries a range of manifests into one Silver table. */
public final class SilverJob {
  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;

  /** The job of a request. */
  public SilverJob(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
  }

  /** Runs it; the result is filled in as far as the run came. */
  public void run(RunResult result) throws IOException, SQLException {
    Prepared prepared = context.prepare(result);
    SilverPosition consumed =
        prepared.progress() == null
            ? null
            : SilverPosition.ofNullable(prepared.progress().checkpoint());
    if (request.full()) {
      rebuild(prepared, result);
      return;
    }
    if (prepared.progress() != null) {
      String conflict = context.table().conflict(prepared.progress());
      if (conflict != null) {
        throw JobException.permanent(
            "TABLE_NEEDS_REBUILD",
            specification.dataset()
                + " cannot go on from the rows it has: "
                + conflict
                + "; build it anew with a full run");
      }
    }
    long consumedManifest = consumed == null ? 0 : consumed.manifest();
    long after = request.after() == null ? 0 : request.after().manifest();
    if (after > consumedManifest) {
      throw JobException.permanent(
          "CHECKPOINT_BEHIND",
          specification.dataset()
              + " has consumed manifest "
              + consumedManifest
              + ", so a run that starts after manifest "
              + after
              + " would leave a gap");
    }
    if (consumed != null
        && request.through().epoch().compareTo(consumed.epoch()) > 0
        && request.through().manifest() < consumedManifest) {
      throw JobException.permanent(
          "CHECKPOINT_AHEAD",
          specification.dataset()
              + " has consumed manifest "
              + consumedManifest
              + " of epoch "
              + consumed.epoch()
              + ", but a later epoch ends at manifest "
              + request.through().manifest()
              + ": Bronze is not the one it was built from");
    }
    if (consumed != null && consumedManifest >= request.through().manifest()) {
      // Another run, or this one before a crash, already came this far.
      context.finish(result, prepared, 0, 0);
      return;
    }
    Batch batch = fold(prepared.files(), consumedManifest, result);
    try (Duck duck = batch.duck) {
      boolean load = prepared.files().isEmpty() && batch.fold.upsertCount() > 0;
      Dataset<Row> rows = rows(batch.fold);
      context.progress("committing");
      context
          .table()
          .commit(
              rows,
              load ? HudiTable.Operation.BULK_INSERT : HudiTable.Operation.UPSERT,
              request.through().toJson(),
              later(request.watermark(), prepared.watermark()),
              request.runId());
      context.progress("publishing");
      context.finish(result, null, batch.fold.upsertCount(), batch.fold.deleteCount());
    }
  }

  /** Puts what the request's files hold in the place of all rows, in one commit. */
  private void rebuild(Prepared prepared, RunResult result) throws IOException, SQLException {
    HudiTable.Progress before = prepared.progress();
    if (before != null && request.runId().equals(before.runId())) {
      // It committed, and ended before it could say so.
      context.finish(result, prepared, 0, 0);
      return;
    }
    Batch batch = fold(Collections.<String>emptyList(), 0, result);
    try (Duck duck = batch.duck) {
      Dataset<Row> rows = rows(batch.fold);
      context.progress("committing");
      Instant watermark = request.watermark() == null ? prepared.watermark() : request.watermark();
      if (before == null) {
        context
            .table()
            .commit(
                rows,
                batch.fold.upsertCount() > 0
                    ? HudiTable.Operation.BULK_INSERT
                    : HudiTable.Operation.UPSERT,
                request.through().toJson(),
                watermark,
                request.runId());
      } else {
        context
            .table()
            .replace(
                rows,
                batch.fold.upsertCount() == 0,
                before,
                request.through().toJson(),
                watermark,
                request.runId());
      }
      context.progress("publishing");
      context.finish(result, null, batch.fold.upsertCount(), 0);
    }
  }

  /** A fold with the database that it lives in. */
  private static final class Batch {
    private final Duck duck;
    private final Fold fold;

    Batch(Duck duck, Fold fold) {
      this.duck = duck;
      this.fold = fold;
    }
  }

  private Batch fold(List<String> stored, long consumedManifest, RunResult result)
      throws IOException, SQLException {
    NavigableMap<Integer, List<String>> bronze = new TreeMap<>();
    for (RunRequest.BronzeFile file : request.files()) {
      if (file.manifest() > request.through().manifest()) {
        throw JobException.permanent(
            "REQUEST_INVALID",
            "file "
                + file.path()
                + " is of manifest "
                + file.manifest()
                + ", which lies after the end of the run");
      }
      if (file.manifest() > consumedManifest) {
        Path path = request.storageRoot().resolve(file.path());
        if (!Files.exists(path)) {
          throw JobException.permanent(
              "BRONZE_FILE_MISSING", "Bronze file " + file.path() + " does not exist");
        }
        bronze
            .computeIfAbsent(file.schemaVersion(), version -> new ArrayList<>())
            .add(path.toString());
      }
    }
    context.progress("folding");
    Path directory = context.newDirectory("batch");
    Duck duck = Duck.open(directory, context.duckMegabytes());
    try {
      Fold fold = new Fold(duck, specification, directory);
      fold.run(bronze, stored, request.sweepBefore());
      result.rowsRead = fold.records();
      result.rowsLeftOut = fold.leftOutCount();
      return new Batch(duck, fold);
    } catch (SQLException | RuntimeException e) {
      duck.close();
      throw e;
    }
  }

  private Dataset<Row> rows(Fold fold) {
    StructType partitions = new StructType();
    Map<String, ColumnType> types = new LinkedHashMap<>();
    for (Column column : specification.storedColumns()) {
      types.put(column.name(), ColumnType.of(column.type()));
    }
    for (String column : specification.partitionBy()) {
      partitions = partitions.add(column, types.get(column).spark());
    }
    List<org.apache.spark.sql.Column> stored = new ArrayList<>();
    for (String column : types.keySet()) {
      stored.add(functions.col("`" + column + "`"));
    }
    stored.add(functions.col("_change_seq"));
    stored.add(functions.col("_commit_ts"));
    stored.add(functions.col(HudiTable.DELETED));
    org.apache.spark.sql.Column[] columns = stored.toArray(new org.apache.spark.sql.Column[0]);
    Dataset<Row> result = null;
    if (fold.upsertCount() > 0) {
      result =
          moves(DerivedColumns.add(specification, upserts(fold, partitions)), types)
              .select(columns);
    }
    if (fold.deleteCount() > 0) {
      Dataset<Row> deletes = deletes(fold, types).select(columns);
      result = result == null ? deletes : result.unionByName(deletes);
    }
    if (result == null) {
      result = empty(types);
    }
    return result;
  }

  private Dataset<Row> upserts(Fold fold, StructType partitions) {
    StructType schema = new StructType();
    for (Column column : specification.columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    schema =
        schema.add("_change_seq", DataTypes.StringType).add("_commit_ts", DataTypes.TimestampType);
    if (!specification.partitionBy().isEmpty()) {
      schema = schema.add(Fold.STORED, DataTypes.createArrayType(partitions));
    }
    return context
        .spark()
        .read()
        .option("__globPaths__", "false")
        .schema(schema)
        .parquet(fold.upserts().toString());
  }

  /**
   * Each row once, and once more as a delete in every other partition in which it is stored. Both
   * go in one commit, so no reader sees the row twice or not at all.
   */
  private Dataset<Row> moves(Dataset<Row> rows, Map<String, ColumnType> types) {
    if (specification.partitionBy().isEmpty()) {
      return rows.withColumn(HudiTable.DELETED, functions.lit(false));
    }
    List<org.apache.spark.sql.Column> here = new ArrayList<>();
    for (String column : specification.partitionBy()) {
      here.add(functions.col("`" + column + "`"));
    }
    Dataset<Row> placed =
        rows.withColumn(
            "__here", functions.struct(here.toArray(new org.apache.spark.sql.Column[0])));
    org.apache.spark.sql.Column elsewhere =
        functions.filter(
            functions.coalesce(
                functions.col(Fold.STORED),
                functions.array().cast(rows.schema().apply(Fold.STORED).dataType())),
            place -> functions.not(place.eqNullSafe(functions.col("__here"))));
    Dataset<Row> spread =
        placed.withColumn(
            "__place",
            functions.explode(
                functions.concat(functions.array(functions.col("__here")), elsewhere)));
    Dataset<Row> result =
        spread.withColumn(
            HudiTable.DELETED,
            functions.not(functions.col("__place").eqNullSafe(functions.col("__here"))));
    for (String column : specification.partitionBy()) {
      result = result.withColumn(column, functions.col("__place").getField(column));
    }
    return result;
  }

  private Dataset<Row> deletes(Fold fold, Map<String, ColumnType> types) {
    StructType schema = new StructType();
    for (String column : specification.key()) {
      schema = schema.add(column, types.get(column).spark());
    }
    for (String column : specification.partitionBy()) {
      if (!specification.key().contains(column)) {
        schema = schema.add(column, types.get(column).spark());
      }
    }
    schema =
        schema.add("_change_seq", DataTypes.StringType).add("_commit_ts", DataTypes.TimestampType);
    Dataset<Row> result =
        context
            .spark()
            .read()
            .option("__globPaths__", "false")
            .schema(schema)
            .parquet(fold.deletes().toString());
    List<String> present = new ArrayList<>();
    for (StructField field : schema.fields()) {
      present.add(field.name());
    }
    for (Map.Entry<String, ColumnType> column : types.entrySet()) {
      if (!present.contains(column.getKey())) {
        result =
            result.withColumn(
                column.getKey(), functions.lit(null).cast(nullFree(column.getValue())));
      }
    }
    return result.withColumn(HudiTable.DELETED, functions.lit(true));
  }

  /** Whatever is deleted takes nothing away from the type of what stays. */
  private static DataType nullFree(ColumnType type) {
    return type.spark() instanceof ArrayType
        ? DataTypes.createArrayType(((ArrayType) type.spark()).elementType(), false)
        : type.spark();
  }

  private Dataset<Row> empty(Map<String, ColumnType> types) {
    StructType schema = new StructType();
    for (Map.Entry<String, ColumnType> column : types.entrySet()) {
      schema = schema.add(column.getKey(), column.getValue().spark());
    }
    schema =
        schema
            .add("_change_seq", DataTypes.StringType)
            .add("_commit_ts", DataTypes.TimestampType)
            .add(HudiTable.DELETED, DataTypes.BooleanType);
    return context.spark().createDataFrame(Collections.<Row>emptyList(), schema);
  }

  private static Instant later(Instant left, Instant right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.isAfter(right) ? left : right;
  }
}
