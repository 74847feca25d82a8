package dev.lakegate.jobs.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.protocol.Times;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hudi.DataSourceUtils;
import org.apache.hudi.client.SparkRDDWriteClient;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieReplaceCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.table.action.HoodieWriteMetadata;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** A Hudi table: how it is written, and what its timeline says. Used by one thread at a time. */
public final class HudiTable {
  /** Column that marks a row of a batch as the end of its key. */
  public static final String DELETED = "_hoodie_is_deleted";

  private static final String CHECKPOINT = "lakegate.checkpoint";
  private static final String WATERMARK = "lakegate.watermark";
  private static final String RUN = "lakegate.run";
  private static final String DEFINITION = "lakegate.definition";
  private static final String QUARANTINE = "lakegate.quarantine";

  private final SparkSession spark;
  private final Specification specification;
  private final Path path;
  private String quarantine;

  /** How a batch is written. */
  public enum Operation {
    /** First load of an empty table: sorted, no lookup. */
    BULK_INSERT,
    /** Changes to a table. */
    UPSERT
  }

  /** The table of a specification under a storage root; it need not exist yet. */
  public HudiTable(SparkSession spark, Specification specification, Path storageRoot) {
    this.spark = spark;
    this.specification = specification;
    this.path = storageRoot.resolve(specification.path()).toAbsolutePath().normalize();
  }

  /** Its directory. */
  public Path path() {
    return path;
  }

  /** Whether a commit was ever begun. What a crash left half-made is mended or removed. */
  public boolean exists() throws IOException {
    return new TimelineFiles(path, specification).mend(conf());
  }

  Configuration conf() {
    return spark.sparkContext().hadoopConfiguration();
  }

  JavaSparkContext context() {
    return new JavaSparkContext(spark.sparkContext());
  }

  /** A fresh view of the timeline; the table must exist. */
  public HoodieTableMetaClient metaClient() {
    return HoodieTableMetaClient.builder()
        .setConf(spark.sparkContext().hadoopConfiguration())
        .setBasePath(path.toString())
        .setLoadActiveTimelineOnLoad(true)
        .build();
  }

  /** What a completed commit says about itself. */
  public static HoodieCommitMetadata metadata(HoodieTimeline timeline, HoodieInstant instant)
      throws IOException {
    byte[] details = timeline.getInstantDetails(instant).get();
    return instant.getAction().equals(HoodieTimeline.REPLACE_COMMIT_ACTION)
        ? HoodieReplaceCommitMetadata.fromBytes(details, HoodieReplaceCommitMetadata.class)
        : HoodieCommitMetadata.fromBytes(details, HoodieCommitMetadata.class);
  }

  /**
   * The newest commit that carries a checkpoint, walking back over table services; null when the
   * table has no commit.
   */
  public Progress progress(HoodieTableMetaClient client) throws IOException {
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    List<HoodieInstant> instants = commits.getInstants();
    for (int i = instants.size() - 1; i >= 0; i--) {
      Map<String, String> extra = metadata(commits, instants.get(i)).getExtraMetadata();
      String checkpoint = extra.get(CHECKPOINT);
      if (checkpoint != null) {
        String watermark = extra.get(WATERMARK);
        return new Progress(
            instants.get(i).getTimestamp(),
            Json.parse(checkpoint),
            watermark == null ? null : Instant.parse(watermark),
            extra.get(RUN),
            extra.get(DEFINITION),
            extra.get(QUARANTINE));
      }
    }
    if (instants.isEmpty()) {
      return null;
    }
    throw JobException.permanent(
        "CHECKPOINT_MISSING",
        specification.dataset() + " has commits but none of them carries " + CHECKPOINT);
  }

  /**
   * Commits a batch with its progress. A batch without rows commits the progress alone.
   *
   * @param rows all stored columns and {@link #DELETED}
   * @param operation how
   * @param checkpoint what the table has consumed with this commit
   * @param watermark newest source commit it then fully reflects; null when unknown
   * @param runId identifier of the run
   */
  public void commit(
      Dataset<Row> rows,
      Operation operation,
      JsonNode checkpoint,
      Instant watermark,
      String runId) {
    Map<String, String> options = HudiOptions.write(specification);
    options.put(
        "hoodie.datasource.write.operation",
        operation == Operation.UPSERT ? "upsert" : "bulk_insert");
    options.put("hoodie.datasource.write.commitmeta.key.prefix", "lakegate.");
    options.putAll(about(checkpoint, watermark, runId));
    HaltPoint.reached("before commit");
    rows.write().format("hudi").options(options).mode(SaveMode.Append).save(path.toString());
    HaltPoint.reached("after commit");
  }

  /**
   * Makes the next commits say which state of the table's quarantine belongs to them.
   *
   * @param instant of that state; null when there is none
   */
  public void name(String instant) {
    this.quarantine = instant;
  }

  /** What a commit says about itself. */
  private Map<String, String> about(JsonNode checkpoint, Instant watermark, String runId) {
    Map<String, String> about = new HashMap<>();
    about.put(CHECKPOINT, Json.write(checkpoint));
    about.put(RUN, runId);
    about.put(DEFINITION, Definition.of(specification).text());
    if (watermark != null) {
      about.put(WATERMARK, Times.micros(watermark));
    }
    if (quarantine != null) {
      about.put(QUARANTINE, quarantine);
    }
    return about;
  }

  /**
   * Commits rows in the place of all that the table holds, whatever its columns, key and partitions
   * were until now. Readers of snapshots see the old rows until the snapshot of the commit.
   *
   * @param none whether there are no rows
   */
  public void replace(
      Dataset<Row> rows,
      boolean none,
      Progress before,
      JsonNode checkpoint,
      Instant watermark,
      String runId)
      throws IOException {
    TimelineFiles files = new TimelineFiles(path, specification);
    // Rows under a hidden partition would not be found, and so not be replaced: such marks are left
    // by a crash after a commit with more partition columns, or before one with fewer.
    files.forgetOuterPartitions(Definition.partitions(before.definition()));
    // A run of another definition may have died after it had described the table.
    files.describe(conf());
    Replacement replacement = new Replacement(this, specification);
    Map<String, String> about = about(checkpoint, watermark, runId);
    HaltPoint.reached("before replacing");
    if (none) {
      replacement.clear(rows.schema(), about);
    } else if (specification.kind() == Specification.Kind.SILVER) {
      replacement.write(rows, about);
    } else {
      // Hudi's bulk writer would not name the files as the bucket index finds them.
      replacement.clear(rows.schema(), Collections.<String, String>emptyMap());
      HaltPoint.reached("after clearing");
      commit(rows, Operation.UPSERT, checkpoint, watermark, runId);
    }
    HaltPoint.reached("after replacing");
    files.forgetOuterPartitions(specification.partitionBy().size());
  }

  /**
   * Finishes what a crash left of {@link #replace} between its commit and its snapshot.
   *
   * @param published instant of the table's snapshot; null when it has none
   */
  public void finishReplacing(HoodieTableMetaClient client, String published) throws IOException {
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    HoodieTimeline since = published == null ? commits : commits.findInstantsAfter(published);
    for (HoodieInstant instant : since.getInstants()) {
      if (replacesAll(metadata(since, instant))) {
        new TimelineFiles(path, specification)
            .forgetOuterPartitions(Definition.partitions(progress(client).definition()));
        return;
      }
    }
  }

  /**
   * Waits until the clock is past the timeline's last instant and the last one that this process
   * made, of whatever table.
   *
   * @throws JobException retryable, {@code CLOCK_BEHIND}, when that would take long
   */
  public void awaitClock(HoodieTableMetaClient client) {
    Option<HoodieInstant> last = client.getActiveTimeline().lastInstant();
    if (last.isPresent()) {
      InstantClock.awaitPast(last.get().getTimestamp(), specification.dataset(), Clock.systemUTC());
    }
    InstantClock.lastOfProcess()
        .ifPresent(
            made -> InstantClock.awaitPast(made, specification.dataset(), Clock.systemUTC()));
  }

  /** Whether a commit put its rows in the place of all others. */
  public static boolean replacesAll(HoodieCommitMetadata metadata) {
    return "true".equals(metadata.getExtraMetadata().get(Replacement.MARK));
  }

  /**
   * Whether a crash left the table cleared of its old rows but without the new ones. Its snapshot
   * still lists the old rows.
   */
  public static boolean isCleared(HoodieTimeline commits) throws IOException {
    Option<HoodieInstant> last = commits.filterCompletedInstants().lastInstant();
    if (!last.isPresent()) {
      return false;
    }
    HoodieCommitMetadata metadata = metadata(commits, last.get());
    return replacesAll(metadata) && !metadata.getExtraMetadata().containsKey(CHECKPOINT);
  }

  /**
   * Why rows cannot be added to what is stored, so that the table must be built anew; null when
   * they can.
   */
  public String conflict(Progress progress) {
    return Definition.of(specification).conflict(progress.definition(), specification);
  }

  /**
   * Why rows of a metric that no change of its inputs touches may be others by the query that it
   * has now, as a sentence; null when they are the same.
   */
  public String otherQuery(Progress progress) {
    return Definition.of(specification).otherQuery(progress.definition());
  }

  /** What rows that are written now are made by, as each commit carries it. */
  public String definition() {
    return Definition.of(specification).text();
  }

  /**
   * Finishes what a crash between a Gold commit and its compaction left: afterwards the latest
   * slices have no log files.
   */
  public void compact() {
    try (SparkRDDWriteClient<?> client = client(HudiOptions.write(specification))) {
      HoodieTimeline pending = metaClient().getActiveTimeline().filterPendingCompactionTimeline();
      for (HoodieInstant instant : pending.getInstants()) {
        compact(client, instant.getTimestamp());
      }
      Option<String> scheduled = client.scheduleCompaction(Option.empty());
      if (scheduled.isPresent()) {
        compact(client, scheduled.get());
      }
    }
  }

  /** A client for what the data source does not do. */
  SparkRDDWriteClient<?> client(Map<String, String> options) {
    return client(null, options);
  }

  SparkRDDWriteClient<?> client(String schema, Map<String, String> options) {
    return DataSourceUtils.createHoodieClient(
        context(), schema, path.toString(), specification.name(), options);
  }

  /** Rows in a base file, by its footer. */
  long rows(Path file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path("file", null, file.toString()), conf()))) {
      return reader.getRecordCount();
    }
  }

  /** Clients made for the data source do not commit by themselves. */
  private static void compact(SparkRDDWriteClient<?> client, String instant) {
    HoodieWriteMetadata<?> compacted = client.compact(instant);
    if (!compacted.isCommitted()) {
      client.commitCompaction(instant, compacted.getCommitMetadata().get(), Option.empty());
    }
  }

  /** What a commit says about progress. Immutable. */
  public static final class Progress {
    private final String instant;
    private final JsonNode checkpoint;
    private final Instant watermark;
    private final String runId;
    private final String definition;
    private final String quarantine;

    Progress(
        String instant,
        JsonNode checkpoint,
        Instant watermark,
        String runId,
        String definition,
        String quarantine) {
      this.instant = instant;
      this.checkpoint = checkpoint;
      this.watermark = watermark;
      this.runId = runId;
      this.definition = definition;
      this.quarantine = quarantine;
    }

    /** Instant of the commit. */
    public String instant() {
      return instant;
    }

    /** What the table has consumed. */
    public JsonNode checkpoint() {
      return checkpoint;
    }

    /** Newest source commit that the table fully reflects; null when unknown. */
    public Instant watermark() {
      return watermark;
    }

    /** Instant of the quarantine's state that belongs to the rows; null when there is none. */
    public String quarantine() {
      return quarantine;
    }

    /** The run that committed. */
    public String runId() {
      return runId;
    }

    /**
     * What the rows were made by, as {@link HudiTable#definition} gives it; null when the commit
     * says nothing.
     */
    public String definition() {
      return definition;
    }
  }
}
