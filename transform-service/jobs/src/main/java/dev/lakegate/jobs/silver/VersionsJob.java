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
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Carries a range of manifests into a table of versions of rows. */
public final class VersionsJob {
  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;

  /** The job of a request. */
  public VersionsJob(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
  }

  /** Runs it; the result is filled in as far as the run came. */
  public void run(RunResult result) throws IOException, SQLException {
    Prepared prepared = context.prepare(result);
    HudiTable.Progress before = prepared.progress();
    boolean full = request.full();
    if (full && before != null && request.runId().equals(before.runId())) {
      // It committed, and ended before it could say so.
      context.finish(result, prepared, 0, 0);
      return;
    }
    SilverPosition consumed =
        full || before == null ? null : SilverPosition.ofNullable(before.checkpoint());
    if (!full && before != null) {
      String conflict = context.table().conflict(before);
      if (conflict != null) {
        throw JobException.permanent(
            "TABLE_NEEDS_REBUILD",
            specification.dataset()
                + " cannot go on from the rows it has: "
                + conflict
                + "; build it anew with a full run");
      }
    }
    BronzeRange range = new BronzeRange(request, consumed);
    range.requireContinuation();
    if (range.consumed()) {
      // Another run, or this one before a crash, already came this far.
      context.finish(result, prepared, 0, 0);
      return;
    }
    context.progress("folding");
    List<String> stored = full ? Collections.<String>emptyList() : prepared.files();
    java.nio.file.Path directory = context.newDirectory("batch");
    try (Duck duck = Duck.open(directory, context.duckMegabytes())) {
      VersionFold fold = new VersionFold(duck, specification, directory);
      fold.run(range.files(), stored, range.copies(), consumed == null ? null : consumed.epoch());
      result.rowsRead = fold.records();
      result.rowsLeftOut = fold.leftOutCount();
      commit(prepared, fold, stored.isEmpty());
      context.progress("publishing");
      context.finish(result, null, fold.count(), 0);
    }
  }

  private void commit(Prepared prepared, VersionFold fold, boolean load) throws IOException {
    HudiTable.Progress before = prepared.progress();
    Dataset<Row> rows = rows(fold);
    context.progress("committing");
    if (request.full() && before != null) {
      context
          .table()
          .replace(
              rows,
              fold.count() == 0,
              before,
              request.through().toJson(),
              request.watermark() == null ? prepared.watermark() : request.watermark(),
              request.runId());
      return;
    }
    context
        .table()
        .commit(
            rows,
            load && fold.count() > 0 ? HudiTable.Operation.BULK_INSERT : HudiTable.Operation.UPSERT,
            request.through().toJson(),
            later(request.watermark(), prepared.watermark()),
            request.runId());
  }

  /** A version never leaves its partition: it ends, and another begins elsewhere. */
  private Dataset<Row> rows(VersionFold fold) {
    StructType schema = new StructType();
    for (Column column : specification.columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    schema =
        schema.add("_change_seq", DataTypes.StringType).add("_commit_ts", DataTypes.TimestampType);
    Dataset<Row> rows =
        fold.count() == 0
            ? context.spark().createDataFrame(Collections.<Row>emptyList(), schema)
            : context
                .spark()
                .read()
                .option("__globPaths__", "false")
                .schema(schema)
                .parquet(fold.versions().toString());
    return rows.withColumn(HudiTable.DELETED, functions.lit(false));
  }

  private static Instant later(Instant left, Instant right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.isAfter(right) ? left : right;
  }
}
