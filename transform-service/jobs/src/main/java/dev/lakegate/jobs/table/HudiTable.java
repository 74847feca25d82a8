package dev.lakegate.jobs.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.protocol.Times;
import dev.lakegate.jobs.spark.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hudi.DataSourceUtils;
import org.apache.hudi.client.SparkRDDWriteClient;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieReplaceCommitMetadata;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.table.action.HoodieWriteMetadata;
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

  private final SparkSession spark;
  private final Specification specification;
  private final Path path;
  private final Retention retention;

  /** How a batch is written. */
  public enum Operation {
    /** First load of an empty table: sorted, no lookup. */
    BULK_INSERT,
    /** Changes to a table. */
    UPSERT
  }

  /** The table of a specification under a storage root; it need not exist yet. */
  public HudiTable(
      SparkSession spark, Specification specification, Path storageRoot, Retention retention) {
    this.spark = spark;
    this.specification = specification;
    this.path = storageRoot.resolve(specification.path()).toAbsolutePath().normalize();
    this.retention = retention;
  }

  /** Its directory. */
  public Path path() {
    return path;
  }

  /**
   * Whether a commit was ever begun. What a crash left before the table had its properties is
   * removed, since Hudi would take it for a table and fail.
   */
  public boolean exists() throws IOException {
    Path timeline = path.resolve(".hoodie");
    for (String file : new String[] {"hoodie.properties", "hoodie.properties.backup"}) {
      Path properties = timeline.resolve(file);
      if (Files.exists(properties) && Files.size(properties) > 0) {
        return true;
      }
    }
    Scratch.delete(timeline);
    return false;
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
            extra.get(RUN));
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
    Map<String, String> options = options();
    options.put(
        "hoodie.datasource.write.operation",
        operation == Operation.BULK_INSERT ? "bulk_insert" : "upsert");
    options.put("hoodie.datasource.write.commitmeta.key.prefix", "lakegate.");
    options.put(CHECKPOINT, Json.write(checkpoint));
    options.put(RUN, runId);
    if (watermark != null) {
      options.put(WATERMARK, Times.micros(watermark));
    }
    HaltPoint.reached("before commit");
    rows.write().format("hudi").options(options).mode(SaveMode.Append).save(path.toString());
    HaltPoint.reached("after commit");
  }

  /**
   * Finishes what a crash between a Gold commit and its compaction left: afterwards the latest
   * slices have no log files.
   */
  public void compact() {
    Map<String, String> options = options();
    try (SparkRDDWriteClient<?> client =
        DataSourceUtils.createHoodieClient(
            new JavaSparkContext(spark.sparkContext()),
            null,
            path.toString(),
            specification.name(),
            options)) {
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

  /** Clients made for the data source do not commit by themselves. */
  private static void compact(SparkRDDWriteClient<?> client, String instant) {
    HoodieWriteMetadata<?> compacted = client.compact(instant);
    if (!compacted.isCommitted()) {
      client.commitCompaction(instant, compacted.getCommitMetadata().get(), Option.empty());
    }
  }

  /** Commits young enough that all their files stay. */
  private int recentCommits() {
    if (!Files.exists(path.resolve(".hoodie"))) {
      return 0;
    }
    String oldest =
        DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now().minus(retention.kept()));
    return metaClient()
        .getActiveTimeline()
        .getCommitsTimeline()
        .filterCompletedInstants()
        .findInstantsAfter(oldest)
        .countInstants();
  }

  private Map<String, String> options() {
    boolean silver = specification.kind() == Specification.Kind.SILVER;
    Map<String, String> options = new HashMap<>();
    options.put("hoodie.table.name", specification.name());
    options.put("hoodie.datasource.write.table.type", silver ? "COPY_ON_WRITE" : "MERGE_ON_READ");
    options.put("hoodie.datasource.write.recordkey.field", String.join(",", specification.key()));
    options.put(
        "hoodie.datasource.write.partitionpath.field",
        String.join(",", specification.partitionBy()));
    options.put(
        "hoodie.datasource.write.keygenerator.class",
        specification.partitionBy().isEmpty()
            ? "org.apache.hudi.keygen.NonpartitionedKeyGenerator"
            : "org.apache.hudi.keygen.ComplexKeyGenerator");
    options.put("hoodie.datasource.write.hive_style_partitioning", "true");
    options.put("hoodie.datasource.write.partitionpath.urlencode", "true");
    options.put("hoodie.datasource.write.reconcile.schema", "true");
    options.put("hoodie.datasource.write.row.writer.enable", "true");
    options.put("hoodie.table.timeline.timezone", "UTC");
    if (silver) {
      // The precombine field alone lets a stale row overwrite a newer one: the payload must order.
      options.put("hoodie.datasource.write.precombine.field", "_change_seq");
      options.put("hoodie.payload.ordering.field", "_change_seq");
      options.put(
          "hoodie.datasource.write.payload.class",
          "org.apache.hudi.common.model.DefaultHoodieRecordPayload");
      // Keys come with the partitions they are stored in, so only those are searched.
      options.put("hoodie.index.type", "SIMPLE");
      options.put("hoodie.simple.index.parallelism", "2");
      options.put("hoodie.simple.index.use.caching", "false");
    } else {
      options.put(
          "hoodie.datasource.write.payload.class",
          "org.apache.hudi.common.model.OverwriteWithLatestAvroPayload");
      options.put("hoodie.index.type", "BUCKET");
      options.put("hoodie.index.bucket.engine", "SIMPLE");
      options.put("hoodie.bucket.index.num.buckets", "1");
      options.put("hoodie.bucket.index.hash.field", String.join(",", specification.key()));
      options.put("hoodie.compact.inline", "true");
      options.put("hoodie.compact.inline.max.delta.commits", "1");
    }
    // A batch has each key of a partition once.
    options.put("hoodie.combine.before.upsert", "false");
    options.put("hoodie.combine.before.insert", "false");
    options.put("hoodie.upsert.shuffle.parallelism", "2");
    options.put("hoodie.insert.shuffle.parallelism", "2");
    options.put("hoodie.bulkinsert.shuffle.parallelism", "2");
    options.put("hoodie.delete.shuffle.parallelism", "2");
    options.put("hoodie.rollback.parallelism", "2");
    options.put("hoodie.finalize.write.parallelism", "2");
    options.put("hoodie.markers.delete.parallelism", "2");
    options.put("hoodie.cleaner.parallelism", "2");
    options.put("hoodie.file.listing.parallelism", "2");
    options.put("hoodie.archive.delete.parallelism", "2");
    // Without sorting, each task writes a file into each partition.
    options.put("hoodie.bulkinsert.sort.mode", "GLOBAL_SORT");
    options.put("hoodie.allow.empty.commit", "true");
    options.put("hoodie.metadata.enable", "false");
    options.put("hoodie.embed.timeline.server", "false");
    options.put("hoodie.write.markers.type", "DIRECT");
    options.put("hoodie.parquet.compression.codec", "snappy");
    options.put("hoodie.parquet.bloom.filter.enabled", "false");
    options.put("hoodie.bloom.index.filter.type", "SIMPLE");
    options.put("hoodie.index.bloom.num_entries", "1000");
    options.put("hoodie.parquet.max.file.size", String.valueOf(64L << 20));
    options.put("hoodie.parquet.small.file.limit", String.valueOf(32L << 20));
    options.put("hoodie.copyonwrite.record.size.estimate", "200");
    options.put("hoodie.memory.merge.max.size", String.valueOf(128L << 20));
    options.put("hoodie.memory.compaction.max.size", String.valueOf(128L << 20));
    options.put("hoodie.cleaner.policy.failed.writes", "EAGER");
    options.put("hoodie.clean.automatic", "true");
    options.put("hoodie.clean.async", "false");
    int recent = recentCommits();
    options.put("hoodie.cleaner.policy", "KEEP_LATEST_COMMITS");
    options.put("hoodie.cleaner.commits.retained", String.valueOf(recent + 1));
    options.put("hoodie.clean.trigger.strategy", "NUM_COMMITS");
    options.put("hoodie.clean.max.commits", String.valueOf(retention.cleanEveryCommits()));
    options.put("hoodie.archive.automatic", "true");
    options.put("hoodie.archive.async", "false");
    int kept = Math.max(retention.commitsKept(), recent + 2);
    options.put("hoodie.keep.min.commits", String.valueOf(kept));
    options.put("hoodie.keep.max.commits", String.valueOf(kept + retention.archiveEveryCommits()));
    options.put("hoodie.commits.archival.batch", "20");
    return options;
  }

  /** Names of the hidden columns that the table's rows carry besides the specification's. */
  public static List<String> hidden(Specification specification) {
    return specification.kind() == Specification.Kind.SILVER
        ? java.util.Arrays.asList("_change_seq", "_commit_ts")
        : Collections.<String>emptyList();
  }

  /** What a commit says about progress. Immutable. */
  public static final class Progress {
    private final String instant;
    private final JsonNode checkpoint;
    private final Instant watermark;
    private final String runId;

    Progress(String instant, JsonNode checkpoint, Instant watermark, String runId) {
      this.instant = instant;
      this.checkpoint = checkpoint;
      this.watermark = watermark;
      this.runId = runId;
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

    /** The run that committed. */
    public String runId() {
      return runId;
    }
  }

  /** How long old files and commits are kept. Immutable. */
  public static final class Retention {
    private final Duration kept;
    private final int cleanEveryCommits;
    private final int commitsKept;
    private final int archiveEveryCommits;

    /**
     * A retention.
     *
     * @param kept files that an instant this young needs are kept
     * @param cleanEveryCommits how often unneeded files are looked for
     * @param commitsKept least number of commits that stay in the active timeline
     * @param archiveEveryCommits how many more may gather before they are archived
     */
    public Retention(
        Duration kept, int cleanEveryCommits, int commitsKept, int archiveEveryCommits) {
      this.kept = kept;
      this.cleanEveryCommits = cleanEveryCommits;
      this.commitsKept = commitsKept;
      this.archiveEveryCommits = archiveEveryCommits;
    }

    Duration kept() {
      return kept;
    }

    int cleanEveryCommits() {
      return cleanEveryCommits;
    }

    int commitsKept() {
      return commitsKept;
    }

    int archiveEveryCommits() {
      return archiveEveryCommits;
    }
  }
}
