package dev.lakegate.jobs.past;

import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Derivation;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.RunContext.Prepared;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.objects.AssertNotNull;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * Brings a table back to a kept state: a new commit holds the rows of then, and says that the table
 * has consumed what it had consumed then, so that whatever came later can be applied again. Going
 * back is a step forward in the table's history: what was before it stays readable as long as any
 * state does, and can be restored in turn.
 */
final class Restore {
  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;

  Restore(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
  }

  void run(RunResult result) throws IOException, SQLException {
    if (!specification.blocking().isEmpty()) {
      // Its quarantine is written whole for the table as it is now, and not kept beside old states.
      throw JobException.permanent(
          "HAS_QUARANTINE",
          specification.dataset()
              + " keeps rows in quarantine, which cannot be brought back with it; read the former"
              + " state as a table of its own instead");
    }
    boolean dry = request.past().dryRun();
    Prepared prepared = context.prepare(result);
    HudiTable.Progress before = prepared.progress();
    if (before != null && request.runId().equals(before.runId())) {
      // It committed, and ended before it could say so.
      context.finish(result, prepared, 0, 0);
      return;
    }
    Snapshot state =
        KeptState.of(request.storageRoot(), specification, request.past().instant()).snapshot();
    requireSameColumns(state);
    requireSameDefinition(state);
    List<String> files = state.files(request.storageRoot());
    context.progress("comparing");
    long[] changes = changes(files, prepared.files());
    result.rowsRead = state.rows();
    if (dry) {
      context.finish(result, prepared, changes[0] + changes[1], changes[2]);
      // Nothing was committed.
      result.instant = null;
      return;
    }
    context.progress("committing");
    context
        .table()
        .replace(
            rows(files),
            files.isEmpty(),
            before,
            state.checkpoint(),
            state.watermark(),
            request.runId());
    context.progress("publishing");
    context.finish(result, null, changes[0] + changes[1], changes[2]);
  }

  private void requireSameColumns(Snapshot state) {
    List<String> then = columns(state.columns());
    List<String> now = columns(specification.storedColumns());
    if (!then.equals(now)) {
      throw JobException.permanent(
          "STATE_OF_OTHER_DEFINITION",
          specification.dataset()
              + " had other columns at instant "
              + state.instant()
              + " than it is described with now: "
              + then
              + " instead of "
              + now);
    }
  }

  /** Rows that were made otherwise would count as if they had been made as now. */
  private void requireSameDefinition(Snapshot state) {
    if (!context.table().definition().equals(state.definition())) {
      throw JobException.permanent(
          "STATE_OF_OTHER_DEFINITION",
          state.definition() == null
              ? "it is not known how the rows of "
                  + specification.dataset()
                  + " at instant "
                  + state.instant()
                  + " were made"
              : "the rows of "
                  + specification.dataset()
                  + " at instant "
                  + state.instant()
                  + " were made by another definition than it has now");
    }
  }

  private static List<String> columns(List<Column> columns) {
    List<String> result = new ArrayList<>();
    for (Column column : columns) {
      result.add(column.name() + " " + column.type());
    }
    return result;
  }

  private Dataset<Row> rows(List<String> files) {
    StructType schema = new StructType();
    for (Column column : specification.storedColumns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    if (specification.kind() == Specification.Kind.SILVER) {
      schema =
          schema
              .add("_change_seq", DataTypes.StringType)
              .add("_commit_ts", DataTypes.TimestampType);
    } else if (!specification.expectations().isEmpty()) {
      schema = schema.add(Specification.UNMET, DataTypes.StringType);
    }
    schema = schema.add(HudiTable.DELETED, DataTypes.BooleanType);
    if (files.isEmpty()) {
      return context.spark().createDataFrame(Collections.<Row>emptyList(), schema);
    }
    Dataset<Row> rows =
        context
            .spark()
            .read()
            .option("__globPaths__", "false")
            .schema(schema)
            .parquet(files.toArray(new String[0]));
    for (Derivation derivation : specification.derivations()) {
      if (ColumnType.of(derivation.type()).spark() instanceof ArrayType) {
        rows = rows.withColumn(derivation.column(), withoutNull(derivation));
      }
    }
    return rows;
  }

  /** As the table's own runs write derived lists: Hudi loses them in any other shape. */
  private static org.apache.spark.sql.Column withoutNull(Derivation derivation) {
    ArrayType list = (ArrayType) ColumnType.of(derivation.type()).spark();
    return functions
        .transform(
            functions.col("`" + derivation.column() + "`"),
            element ->
                new org.apache.spark.sql.Column(
                    new AssertNotNull(
                        element.expr(),
                        JavaConverters.asScalaBuffer(
                            Collections.singletonList(
                                "a list in derived column " + derivation.column())))))
        .cast(DataTypes.createArrayType(list.elementType(), false));
  }

  /**
   * How the table changes.
   *
   * @return rows that come back, rows that differ, rows that go
   */
  private long[] changes(List<String> then, List<String> now) throws IOException, SQLException {
    Path directory = context.newDirectory("comparison");
    try (Duck duck = Duck.open(directory, context.duckMegabytes())) {
      view(duck, "past", then);
      view(duck, "present", now);
      List<String> same = new ArrayList<>();
      for (String column : specification.key()) {
        same.add("t." + name(column) + " IS NOT DISTINCT FROM n." + name(column));
      }
      String match = String.join(" AND ", same);
      List<String> differ = new ArrayList<>();
      for (Column column : specification.storedColumns()) {
        differ.add("t." + name(column.name()) + " IS DISTINCT FROM n." + name(column.name()));
      }
      return new long[] {
        duck.number(
            "SELECT count(*) FROM past t WHERE NOT EXISTS (SELECT 1 FROM present n WHERE "
                + match
                + ")"),
        duck.number(
            "SELECT count(*) FROM past t JOIN present n ON "
                + match
                + " WHERE "
                + String.join(" OR ", differ)),
        duck.number(
            "SELECT count(*) FROM present n WHERE NOT EXISTS (SELECT 1 FROM past t WHERE "
                + match
                + ")")
      };
    }
  }

  private void view(Duck duck, String view, List<String> files) throws SQLException {
    Set<String> present =
        files.isEmpty()
            ? Collections.<String>emptySet()
            : new HashSet<>(
                duck.texts(
                    "SELECT column_name FROM (DESCRIBE SELECT * FROM "
                        + Duck.parquet(files)
                        + ")"));
    List<String> select = new ArrayList<>();
    for (Column column : specification.storedColumns()) {
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
}
