package dev.lakegate.jobs.gold;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.incremental.AffectedKeys;
import dev.lakegate.jobs.incremental.Basis;
import dev.lakegate.jobs.incremental.InputTables;
import dev.lakegate.jobs.incremental.QueryColumns;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.RunContext.Prepared;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Computes one Gold metric from the current snapshots of its inputs and stores what differs from
 * the table: changed rows are written, vanished rows removed, equal rows left alone. Where the
 * specification says how, only the rows are computed that changes of the inputs touch.
 */
public final class GoldJob {
  private static final String AS_OF = "${as_of_date}";

  /**
   * Beyond this part of the rows of an input or of the table, computing everything is not dearer
   * than looking for what changed.
   */
  private static final double MOST = share("lakegate.jobs.incremental-most", 0.3);

  /** Inputs with no more rows than this are not worth thinking about it. */
  private static final long SMALL = 10_000;

  private static double share(String property, double otherwise) {
    String text = System.getProperty(property);
    return text == null ? otherwise : Double.parseDouble(text);
  }

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
    Path changes = directory.resolve("changes.parquet");
    HudiTable.Progress before = prepared.progress();
    // One that is defined otherwise replaces itself.
    boolean anew =
        before != null
            && (request.full() || prepared.cleared() || context.table().conflict(before) != null);
    try (Duck duck = Duck.open(directory, context.duckMegabytes())) {
      Comparison comparison = new Comparison(specification, duck);
      Basis basis = basis(before, anew, prepared.cleared(), inputs);
      result.lineage =
          QueryColumns.of(
                  context.spark(),
                  request.storageRoot(),
                  specification,
                  inputs,
                  directory.resolve("analysed"))
              .lineage();
      AffectedKeys keys = affected(basis, inputs, prepared, duck, directory, result);
      if (keys == null) {
        context.progress("computing");
        List<String> computed = compute(whole(inputs, directory).query(sql()), directory);
        context.progress("comparing");
        comparison.write(
            computed, anew ? Collections.<String>emptyList() : prepared.files(), null, changes);
      } else {
        context.progress("computing what " + keys.count() + " keys need");
        List<String> computed =
            keys.count() == 0
                ? Collections.<String>emptyList()
                : compute(keys.query(sql()), directory);
        context.progress("comparing");
        comparison.write(
            computed,
            keys.count() == 0 ? Collections.<String>emptyList() : prepared.files(),
            keys.condition("f"),
            changes);
      }
      result.rowsRead = comparison.computed();
      MetricExpectations.requireMost(
          specification,
          duck,
          keys == null ? Collections.<String>emptyList() : prepared.files(),
          keys == null ? null : keys.condition("f"));
      boolean none = comparison.changed() + comparison.vanished() == 0;
      Dataset<Row> rows = rows(none ? null : changes);
      context.progress("committing");
      if (anew) {
        context
            .table()
            .replace(
                rows, comparison.changed() == 0, before, checkpoint, watermark, request.runId());
      } else {
        context
            .table()
            .commit(rows, HudiTable.Operation.UPSERT, checkpoint, watermark, request.runId());
      }
      context.progress("publishing");
      context.finish(result, null, comparison.changed(), comparison.vanished());
    }
  }

  /** What the stored rows were computed from, if the run can go on from there. */
  private Basis basis(
      HudiTable.Progress before, boolean anew, boolean cleared, Map<String, Snapshot> inputs)
      throws IOException {
    if (specification.incremental() == null) {
      return Basis.none("Its description does not say which rows a change touches.");
    }
    if (before == null) {
      return Basis.none("It was never computed.");
    }
    if (request.full()) {
      return Basis.none("The run was asked for so.");
    }
    if (anew) {
      return Basis.none(
          cleared
              ? "A run that ended early had removed its rows."
              : "It is stored in another shape: " + context.table().conflict(before) + ".");
    }
    String otherQuery = context.table().otherQuery(before);
    if (otherQuery != null) {
      return Basis.none(otherQuery);
    }
    return Basis.of(
        before.checkpoint(),
        inputs,
        request.asOf(),
        (dataset, instant) -> {
          int dot = dataset.indexOf('.');
          return SnapshotCatalog.at(
              request.storageRoot(),
              dataset.substring(0, dot),
              dataset.substring(dot + 1),
              instant);
        });
  }

  /** The keys to compute anew; null when the whole table is to be. */
  private AffectedKeys affected(
      Basis basis,
      Map<String, Snapshot> inputs,
      Prepared prepared,
      Duck duck,
      Path directory,
      RunResult result)
      throws IOException, SQLException {
    String why = basis.whyNot();
    AffectedKeys keys = null;
    if (why == null) {
      context.progress("looking for what changed");
      keys =
          new AffectedKeys(
              context.spark(),
              request.storageRoot(),
              specification,
              basis.inputs(),
              inputs,
              duck,
              directory);
      try {
        why = keys.find(MOST, SMALL);
      } catch (Exception e) {
        // Any: Spark throws checked exceptions that it does not declare.
        String removed = basis.removed(request.storageRoot());
        if (removed == null) {
          throw e;
        }
        why = removed;
      }
      long rows = inputs.values().stream().mapToLong(Snapshot::rows).sum();
      if (why == null
          && rows > SMALL
          && keys.count() > 0
          && keys.count() > MOST * keys.among(prepared.files())) {
        why = keys.count() + " keys are touched, too many to compute them apart.";
      }
    }
    result.computation =
        why == null
            ? RunResult.Computation.incremental(keys.changedRows(), keys.count())
            : RunResult.Computation.full(why);
    return why == null ? keys : null;
  }

  private InputTables whole(Map<String, Snapshot> inputs, Path directory) {
    InputTables tables =
        new InputTables(
            context.spark(),
            request.storageRoot(),
            directory.resolve("inputs"),
            specification.dataset());
    inputs.forEach(tables::add);
    return tables;
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

  /** Computes the rows of a query; returns the Parquet files of them. */
  private List<String> compute(Dataset<Row> rows, Path directory) throws IOException {
    check(rows.schema());
    Path output = directory.resolve("rows");
    MetricExpectations.judge(specification, rows)
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(output.toString());
    List<String> files = new ArrayList<>();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(output, "*.parquet")) {
      for (Path part : parts) {
        files.add(part.toString());
      }
    }
    Collections.sort(files);
    return files;
  }

  /** The metric's query with the as-of date in it. */
  private String sql() {
    String sql = specification.sql();
    if (sql.contains(AS_OF)) {
      if (request.asOf() == null) {
        throw JobException.permanent(
            "REQUEST_INVALID", specification.dataset() + " needs an as-of date");
      }
      sql = sql.replace(AS_OF, "DATE '" + request.asOf() + "'");
    }
    return sql;
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

  private Dataset<Row> rows(Path changes) {
    StructType schema = new StructType();
    for (Column column : specification.writtenColumns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    schema = schema.add(HudiTable.DELETED, DataTypes.BooleanType);
    return changes == null
        ? context.spark().createDataFrame(Collections.<Row>emptyList(), schema)
        : context.spark().read().schema(schema).parquet(changes.toString());
  }
}
