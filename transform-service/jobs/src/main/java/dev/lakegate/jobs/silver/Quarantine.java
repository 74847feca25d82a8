package dev.lakegate.jobs.silver;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.run.RunContext;
import dev.lakegate.jobs.run.SideTable;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a table that do not meet what blocks, as a table of their own beside it. Of each key,
 * the newest row is either in the table or here.
 *
 * <p>Each run that changes it writes it whole, before the table's own commit, which names the state
 * that belongs to it. So one commit switches both; a state that no commit names counts for nothing.
 * Beside what readers see, its files hold the source's columns in their types: a later change of a
 * row completes itself from them as it would from a stored row.
 */
final class Quarantine {
  /** Prefix of the columns that hold the source's values. */
  static final String SOURCE = "_source_";

  /** From so many changed rows on, a run may put only part of them here. */
  static final long BAR_ROWS = 1000;

  /** The part: of so many rows, less than one. */
  static final long BAR = 100;

  private final RunContext context;
  private final RunRequest request;
  private final Specification specification;
  private final SideTable table;

  private String named;
  private List<String> former = Collections.emptyList();
  private Path bad;
  private long badCount;
  private long badFormerlyStored;
  private long rows;

  Quarantine(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
    this.specification = request.specification();
    this.table = context.beside(specificationOf(specification));
  }

  /** The specification of a table's quarantine. */
  static Specification specificationOf(Specification table) {
    ObjectNode node = Json.object();
    node.put("version", 1)
        .put("kind", "silver")
        .put("dataset", table.dataset() + "_quarantine")
        .put("name", table.name() + "_quarantine")
        .put("scope", "internal")
        .put(
            "description",
            "Rows of " + table.dataset() + " that do not meet what is expected of them.")
        .put("path", table.path() + "_quarantine");
    node.putArray("key").add("key");
    node.putArray("partitionBy");
    ArrayNode columns = node.putArray("columns");
    column(columns, "key", "varchar", false, "Key of the row, as JSON.");
    column(columns, "tenant_id", "varchar", true, "Tenant.");
    column(
        columns,
        "failed_expectations",
        "array(varchar)",
        false,
        "Names of the expectations that the row does not meet.");
    column(columns, "input", "varchar", false, "The row, as JSON.");
    column(columns, "change_seq", "varchar", false, "Change that brought the row.");
    column(columns, "changed_at", "timestamp(6) with time zone", true, "When that was committed.");
    return Specification.of(node);
  }

  private static void column(
      ArrayNode columns, String name, String type, boolean nullable, String description) {
    columns
        .addObject()
        .put("name", name)
        .put("type", type)
        .put("nullable", nullable)
        .put("description", description);
  }

  /**
   * Finishes what a crash left between the table's commit and the publication of the state that it
   * names, and takes that for the former state.
   *
   * @param progress of the table; null when it has none
   * @param goesOn whether that is a commit of this definition. One of another is not published, so
   *     the state that it names is not either: rows would be in both, or in neither.
   */
  void prepare(HudiTable.Progress progress, boolean goesOn) throws IOException {
    named = progress == null ? null : progress.quarantine();
    if (named == null) {
      return;
    }
    if (!goesOn) {
      Snapshot published = table.current();
      rows = published == null ? 0 : published.rows();
      return;
    }
    try {
      table.publish(named);
    } catch (JobException e) {
      if (request.full()) {
        // Made anew with the table.
        return;
      }
      throw e;
    }
    Snapshot snapshot = table.current();
    rows = snapshot.rows();
    former = snapshot.files(request.storageRoot());
  }

  /**
   * The former state as rows of the table, for a fold to find; null when there are none.
   *
   * @param directory where the file is written
   */
  Path former(Duck duck, Path directory) throws SQLException {
    if (former.isEmpty() || request.full()) {
      return null;
    }
    List<String> present =
        duck.texts("SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(former) + ")");
    List<String> select = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Column column : specification.columns()) {
      String hidden = SOURCE + column.name();
      names.add(column.name());
      select.add(
          "CAST("
              + (present.contains(hidden) ? name(hidden) : "NULL")
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ") AS "
              + name(column.name()));
    }
    for (Column column : specification.storedColumns()) {
      if (specification.partitionBy().contains(column.name()) && !names.contains(column.name())) {
        select.add("NULL::" + ColumnType.of(column.type()).duckdb() + " AS " + name(column.name()));
      }
    }
    Path file = directory.resolve(Fold.QUARANTINED);
    duck.run(
        "COPY (SELECT "
            + String.join(", ", select)
            + ", _change_seq, _commit_ts FROM "
            + Duck.parquet(former)
            + ") TO "
            + literal(file.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
    return file;
  }

  /**
   * Finds the rows that go into quarantine.
   *
   * @param judged changed rows with {@link Expectations#FAILED} and {@link Fold#STORED}
   * @param changed how many there are
   * @throws JobException {@code EXPECTATIONS_FAILED} when they are too many to be believed
   */
  void collect(Duck duck, Dataset<Row> judged, long changed, Path directory) throws SQLException {
    Dataset<Row> failing = judged.filter(Expectations.isBad());
    if (failing.select("_change_seq").limit(1).count() == 0) {
      return;
    }
    bad = directory.resolve("bad");
    shaped(failing).write().parquet(bad.toString());
    String files = "read_parquet(" + literal(bad + "/*.parquet") + ")";
    badCount = duck.number("SELECT count(*) FROM " + files);
    badFormerlyStored = duck.number("SELECT count(*) FROM " + files + " WHERE __stored");
    if (changed >= BAR_ROWS && badCount * BAR >= changed) {
      throw JobException.retryable(
          "EXPECTATIONS_FAILED",
          "of "
              + changed
              + " changed rows of "
              + specification.dataset()
              + ", "
              + badCount
              + " do not meet what is expected ("
              + Expectations.counted(
                  duck, "SELECT tenant_id, failed_expectations AS unmet FROM " + files)
              + "): that is not less than 1 %, so nothing was published. Mend the rows at the"
              + " source, or the expectations in the table's file. A run that starts at the same rows reads"
              + " them as they were then: if it cannot reach the mended ones, order one with mode"
              + " full, which judges each row as it is now");
    }
  }

  private Dataset<Row> shaped(Dataset<Row> failing) {
    List<org.apache.spark.sql.Column> key = new ArrayList<>();
    for (String column : specification.key()) {
      key.add(functions.col("`" + column + "`"));
    }
    List<org.apache.spark.sql.Column> source = new ArrayList<>();
    for (Column column : specification.columns()) {
      source.add(functions.col("`" + column.name() + "`"));
    }
    Map<String, String> json = new HashMap<>();
    json.put("ignoreNullFields", "false");
    json.put("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    columns.add(
        functions
            .to_json(functions.struct(key.toArray(new org.apache.spark.sql.Column[0])), json)
            .as("key"));
    columns.add(
        (specification.tenantColumn() == null
                ? functions.lit(null).cast("string")
                : functions.col("`" + specification.tenantColumn() + "`"))
            .as("tenant_id"));
    columns.add(functions.col(Expectations.FAILED).as("failed_expectations"));
    columns.add(
        functions
            .to_json(functions.struct(source.toArray(new org.apache.spark.sql.Column[0])), json)
            .as("input"));
    columns.add(functions.col("_change_seq").as("change_seq"));
    columns.add(functions.col("_commit_ts").as("changed_at"));
    columns.add(functions.col("_change_seq"));
    columns.add(functions.col("_commit_ts"));
    columns.add(functions.lit(false).as(HudiTable.DELETED));
    for (Column column : specification.columns()) {
      columns.add(
          functions
              .col("`" + column.name() + "`")
              .cast(ColumnType.of(column.type()).spark())
              .as(SOURCE + column.name()));
    }
    columns.add(functions.size(Placement.formerly(failing)).gt(0).as("__stored"));
    return failing.select(columns.toArray(new org.apache.spark.sql.Column[0]));
  }

  /**
   * Commits the new state when it differs from the former one, without publishing it.
   *
   * @return what the table's commit has to name; null when there never was a row
   */
  String write(Duck duck, Fold fold, Instant watermark, Path directory)
      throws IOException, SQLException {
    boolean unchanged =
        bad == null && (request.full() ? rows == 0 : former.isEmpty() || fold.releasedCount() == 0);
    if (unchanged && (named == null || !former.isEmpty() || !request.full())) {
      return named;
    }
    List<Dataset<Row>> parts = new ArrayList<>();
    StructType schema = schema();
    rows = badCount;
    if (!request.full() && !former.isEmpty()) {
      Path kept = directory.resolve("kept.parquet");
      keep(duck, fold, kept);
      rows += duck.number("SELECT count(*) FROM read_parquet(" + literal(kept.toString()) + ")");
      parts.add(read(schema, kept));
    }
    if (bad != null) {
      parts.add(read(schema, bad));
    }
    Dataset<Row> all =
        parts.isEmpty()
            ? context.spark().createDataFrame(Collections.<Row>emptyList(), schema)
            : parts.get(0);
    if (parts.size() == 2) {
      all = all.unionByName(parts.get(1));
    }
    named = table.write(all, rows == 0, request.through().toJson(), watermark, request.runId());
    HaltPoint.reached("after quarantine");
    return named;
  }

  /** What stays of the former state: all but the keys that the run found anew. */
  private void keep(Duck duck, Fold fold, Path file) throws SQLException {
    List<String> same = new ArrayList<>();
    for (String column : specification.key()) {
      same.add("r." + name(column) + " = q." + name(SOURCE + column));
    }
    duck.run(
        "COPY (SELECT q.* FROM "
            + Duck.parquet(former)
            + " q WHERE NOT EXISTS (SELECT 1 FROM "
            + Fold.RELEASED
            + " r WHERE "
            + String.join(" AND ", same)
            + ")) TO "
            + literal(file.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
  }

  private StructType schema() {
    StructType schema = new StructType();
    for (Column column : specificationOf(specification).columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    schema =
        schema
            .add("_change_seq", DataTypes.StringType)
            .add("_commit_ts", DataTypes.TimestampType)
            .add(HudiTable.DELETED, DataTypes.BooleanType);
    for (Column column : specification.columns()) {
      schema = schema.add(SOURCE + column.name(), ColumnType.of(column.type()).spark());
    }
    return schema;
  }

  private Dataset<Row> read(StructType schema, Path file) {
    return context
        .spark()
        .read()
        .option("__globPaths__", "false")
        .schema(schema)
        .parquet(file.toString());
  }

  /** Publishes the state that the table's commit names. */
  void publish() throws IOException {
    if (named != null) {
      Snapshot before = table.current();
      table.publish(named);
      if (before == null || !before.instant().equals(named)) {
        HaltPoint.reached("quarantine published");
        table.tidy();
      }
    }
  }

  /** Rows that the run puts here. */
  long badCount() {
    return badCount;
  }

  /** Those of them that left the table with it. */
  long badFormerlyStored() {
    return badFormerlyStored;
  }

  /** Rows here, after the run's commit. */
  long rows() {
    return rows;
  }
}
