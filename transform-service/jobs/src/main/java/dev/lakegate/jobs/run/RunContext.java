package dev.lakegate.jobs.run;

import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import dev.lakegate.jobs.table.HudiTable;
import dev.lakegate.jobs.table.Retention;
import dev.lakegate.jobs.table.Upkeep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hudi.common.model.HoodieCommitMetadata;
import org.apache.hudi.common.model.HoodieWriteStat;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.spark.sql.SparkSession;

/** What every run shares: the session, its table and catalog, scratch space. One thread. */
public final class RunContext {
  private final SparkSession spark;
  private final RunRequest request;
  private final HudiTable table;
  private final SnapshotCatalog catalog;
  private final Upkeep upkeep;
  private final Retention retention;
  private final Path scratch;
  private final Consumer<String> progress;
  private final int duckMegabytes;

  RunContext(
      SparkSession spark,
      RunRequest request,
      Retention retention,
      Path scratch,
      int duckMegabytes,
      Consumer<String> progress) {
    this.spark = spark;
    // Runs beside each other take turns.
    spark.sparkContext().setLocalProperty("spark.scheduler.pool", Thread.currentThread().getName());
    spark.sparkContext().setLocalProperty("mdc.run", request.runId());
    this.request = request;
    this.table = new HudiTable(spark, request.specification(), request.storageRoot());
    this.catalog =
        new SnapshotCatalog(
            request.storageRoot(),
            request.specification(),
            table,
            spark.sparkContext().hadoopConfiguration());
    this.retention = retention;
    this.upkeep = new Upkeep(table, request.specification(), retention, catalog);
    this.scratch = scratch;
    this.duckMegabytes = duckMegabytes;
    this.progress = progress;
  }

  /**
   * Mends what a crash left between a commit and its snapshot, and says where the table stands.
   *
   * @param result gets the present checkpoint, so that a run that fails later still reports it
   */
  public Prepared prepare(RunResult result) throws IOException {
    progress("preparing");
    if (!table.exists()) {
      return new Prepared(null, null, false);
    }
    HoodieTableMetaClient client = table.metaClient();
    if (catalog.needsCompaction(client)) {
      table.awaitClock(client);
      progress("compacting");
      table.compact();
      client = table.metaClient();
    }
    Snapshot published = catalog.current();
    table.finishReplacing(client, published == null ? null : published.instant());
    HudiTable.Progress reached = table.progress(client);
    // A commit of another definition has columns and partitions that this run does not know, and is
    // replaced by whatever run of this definition there is next.
    boolean ofOther = reached != null && table.conflict(reached) != null;
    Snapshot snapshot = ofOther ? published : catalog.publish(client);
    if (reached != null) {
      result.checkpoint = reached.checkpoint();
    }
    // After the snapshot: what was committed can be read, whatever the clock says.
    table.awaitClock(client);
    return new Prepared(
        snapshot, reached, HudiTable.isCleared(client.getActiveTimeline().getCommitsTimeline()));
  }

  /** Publishes what was committed and completes the result. */
  public void finish(RunResult result, Prepared unchanged, long upserted, long deleted)
      throws IOException {
    HoodieTableMetaClient client = table.metaClient();
    Snapshot snapshot = catalog.publish(client);
    HudiTable.Progress reached = table.progress(client);
    result.instant = snapshot.instant();
    result.checkpoint = reached.checkpoint();
    result.rowsUpserted = upserted;
    result.rowsDeleted = deleted;
    result.rowsTotal = snapshot.rows();
    result.snapshot = catalog.path(snapshot.instant());
    result.watermark = snapshot.watermark();
    if (unchanged == null) {
      written(result, client, reached.instant());
      progress("tidying");
      upkeep.run(client);
    }
  }

  private static void written(RunResult result, HoodieTableMetaClient client, String since)
      throws IOException {
    HoodieTimeline commits =
        client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants();
    for (HoodieInstant instant : commits.findInstantsAfterOrEquals(since, 100).getInstants()) {
      HoodieCommitMetadata metadata = HudiTable.metadata(commits, instant);
      for (HoodieWriteStat stat : metadata.getWriteStats()) {
        if (stat.getPath() != null && stat.getPath().endsWith(".parquet")) {
          result.filesWritten++;
          result.bytesWritten += stat.getFileSizeInBytes();
        }
      }
    }
  }

  /** A table that the run writes beside its own. */
  public SideTable beside(Specification specification) {
    return new SideTable(spark, specification, request.storageRoot(), retention);
  }

  /** Newest progress of the table, before anything of it is mended or published; null for none. */
  public HudiTable.Progress reached() throws IOException {
    return table.exists() ? table.progress(table.metaClient()) : null;
  }

  /** A new empty directory for this run's files; removed when the run ends. */
  public Path newDirectory(String name) throws IOException {
    return Files.createDirectories(scratch.resolve(name));
  }

  /** Says what the run does now. */
  public void progress(String stage) {
    progress.accept(stage);
  }

  /** The session. */
  public SparkSession spark() {
    return spark;
  }

  /** The table of the run. */
  public HudiTable table() {
    return table;
  }

  /** What DuckDB may hold in memory. */
  public int duckMegabytes() {
    return duckMegabytes;
  }

  /** Where a table stands before a run. Immutable. */
  public final class Prepared {
    private final Snapshot snapshot;
    private final HudiTable.Progress reached;
    private final boolean cleared;

    Prepared(Snapshot snapshot, HudiTable.Progress reached, boolean cleared) {
      this.snapshot = snapshot;
      this.reached = reached;
      this.cleared = cleared;
    }

    /**
     * Whether the rows that its snapshot lists are to be replaced by rows that are not there yet.
     */
    public boolean cleared() {
      return cleared;
    }

    /** Its newest commit with a checkpoint; null when it has none. */
    public HudiTable.Progress progress() {
      return reached;
    }

    /** Its watermark; null when unknown. */
    public Instant watermark() {
      return reached == null ? null : reached.watermark();
    }

    /** Absolute paths of the files that hold its rows. */
    public List<String> files() {
      return snapshot == null
          ? Collections.<String>emptyList()
          : snapshot.files(request.storageRoot());
    }
  }
}
