package dev.lakegate.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import dev.lakegate.jobs.table.HudiTable;
import dev.lakegate.jobs.table.Retention;
import dev.lakegate.jobs.table.Upkeep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.util.Option;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A small table that a run writes beside its own, whole each time. Its commits count for nothing
 * until a commit of the run's own table names them: that one switches both. One thread.
 */
public final class SideTable {
  private final Specification specification;
  private final HudiTable table;
  private final SnapshotCatalog catalog;
  private final Upkeep upkeep;

  SideTable(
      SparkSession spark, Specification specification, Path storageRoot, Retention retention) {
    this.specification = specification;
    this.table = new HudiTable(spark, specification, storageRoot);
    this.catalog =
        new SnapshotCatalog(
            storageRoot, specification, table, spark.sparkContext().hadoopConfiguration());
    this.upkeep = new Upkeep(table, specification, retention, catalog);
  }

  /** What readers see now; null when nothing was published. */
  public Snapshot current() throws IOException {
    return catalog.current();
  }

  /**
   * Commits rows in the place of all others, without publishing them.
   *
   * @param none whether there are no rows
   * @param checkpoint what the run's own table has consumed with them
   * @return instant of the commit
   */
  public String write(
      Dataset<Row> rows, boolean none, JsonNode checkpoint, Instant watermark, String runId)
      throws IOException {
    HudiTable.Progress before = null;
    if (table.exists()) {
      HoodieTableMetaClient client = table.metaClient();
      Snapshot current = current();
      table.finishReplacing(client, current == null ? null : current.instant());
      before = table.progress(client);
      table.awaitClock(client);
    }
    if (before == null) {
      table.commit(
          rows,
          none ? HudiTable.Operation.UPSERT : HudiTable.Operation.BULK_INSERT,
          checkpoint,
          watermark,
          runId);
    } else {
      table.replace(rows, none, before, checkpoint, watermark, runId);
    }
    return newest();
  }

  /**
   * Publishes a commit, unless readers see it already.
   *
   * @param instant of the newest commit that the run's own table names
   */
  public void publish(String instant) throws IOException {
    Snapshot current = current();
    if (current != null && current.instant().equals(instant)) {
      return;
    }
    if (!table.exists() || !instant.equals(newest())) {
      throw JobException.permanent(
          "TABLE_NEEDS_REBUILD",
          specification.dataset()
              + " has lost its commit "
              + instant
              + "; build the table that it belongs to anew with a full run");
    }
    HoodieTableMetaClient client = table.metaClient();
    table.finishReplacing(client, current == null ? null : current.instant());
    catalog.publish(client);
  }

  /** Removes what retention no longer keeps, after a commit was published. */
  public void tidy() throws IOException {
    upkeep.run(table.metaClient());
  }

  private String newest() {
    Option<HoodieInstant> last =
        table
            .metaClient()
            .getActiveTimeline()
            .getCommitsTimeline()
            .filterCompletedInstants()
            .lastInstant();
    return last.isPresent() ? last.get().getTimestamp() : null;
  }
}
