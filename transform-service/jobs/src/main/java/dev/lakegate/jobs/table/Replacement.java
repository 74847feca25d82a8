package dev.lakegate.jobs.table;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Specification;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hudi.AvroConversionUtils;
import org.apache.hudi.DataSourceUtils;
import org.apache.hudi.client.HoodieWriteResult;
import org.apache.hudi.client.SparkRDDWriteClient;
import org.apache.hudi.client.WriteStatus;
import org.apache.hudi.commit.DatasetBulkInsertOverwriteTableCommitActionExecutor;
import org.apache.hudi.common.config.HoodieMetadataConfig;
import org.apache.hudi.common.engine.HoodieLocalEngineContext;
import org.apache.hudi.common.fs.FSUtils;
import org.apache.hudi.common.model.WriteOperationType;
import org.apache.hudi.common.table.HoodieTableMetaClient;
import org.apache.hudi.common.table.timeline.HoodieActiveTimeline;
import org.apache.hudi.common.table.timeline.HoodieInstant;
import org.apache.hudi.common.table.timeline.HoodieTimeline;
import org.apache.hudi.common.table.view.HoodieTableFileSystemView;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.config.HoodieWriteConfig;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * One commit that takes the place of all that a table holds. Hudi's data source would delete the
 * table first, or keep its old columns, or refuse a batch without rows.
 */
final class Replacement {
  /** In the extra metadata of such a commit. */
  static final String MARK = "lakegate.replaced";

  private final HudiTable table;
  private final Specification specification;

  Replacement(HudiTable table, Specification specification) {
    this.table = table;
    this.specification = specification;
  }

  /** New rows, of which there is at least one. */
  void write(Dataset<Row> rows, Map<String, String> about) {
    Map<String, String> options = options();
    String schema = schema(rows.schema());
    try (SparkRDDWriteClient<?> client = table.client(schema, options)) {
      client.rollbackFailedWrites();
      String instant = HoodieActiveTimeline.createNewInstantTime();
      HoodieWriteConfig config =
          DataSourceUtils.createHoodieConfig(
              schema, table.path().toString(), specification.name(), options);
      HoodieWriteResult written =
          new DatasetBulkInsertOverwriteTableCommitActionExecutor(config, client, instant)
              .execute(rows, !specification.partitionBy().isEmpty());
      long errors = written.getWriteStatuses().filter(WriteStatus::hasErrors).count();
      if (errors > 0) {
        throw JobException.retryable(
            "RUN_FAILED", errors + " files of " + specification.dataset() + " were not written");
      }
      commit(
          client,
          instant,
          written.getWriteStatuses(),
          written.getPartitionToReplaceFileIds(),
          about);
    }
  }

  /** No rows. */
  void clear(StructType columns, Map<String, String> about) throws IOException {
    try (SparkRDDWriteClient<?> client = table.client(schema(columns), options())) {
      client.rollbackFailedWrites();
      String instant = HoodieActiveTimeline.createNewInstantTime();
      Map<String, List<String>> replaced = groups(table.metaClient());
      client.setOperationType(WriteOperationType.INSERT_OVERWRITE_TABLE);
      client.startCommitWithTime(instant, HoodieTimeline.REPLACE_COMMIT_ACTION);
      table
          .metaClient()
          .getActiveTimeline()
          .transitionReplaceRequestedToInflight(
              new HoodieInstant(
                  HoodieInstant.State.REQUESTED, HoodieTimeline.REPLACE_COMMIT_ACTION, instant),
              Option.empty());
      commit(client, instant, table.context().emptyRDD(), replaced, about);
    }
  }

  private static void commit(
      SparkRDDWriteClient<?> client,
      String instant,
      JavaRDD<WriteStatus> written,
      Map<String, List<String>> replaced,
      Map<String, String> about) {
    Map<String, String> extra = new HashMap<>(about);
    extra.put(MARK, "true");
    client.commit(
        instant,
        written,
        Option.of(extra),
        HoodieTimeline.REPLACE_COMMIT_ACTION,
        replaced,
        Option.empty());
  }

  /** All file groups that hold rows, by partition. */
  private Map<String, List<String>> groups(HoodieTableMetaClient client) {
    Map<String, List<String>> result = new HashMap<>();
    HoodieTableFileSystemView view =
        new HoodieTableFileSystemView(
            client, client.getActiveTimeline().getCommitsTimeline().filterCompletedInstants());
    try {
      for (String partition :
          FSUtils.getAllPartitionPaths(
              new HoodieLocalEngineContext(table.conf()),
              HoodieMetadataConfig.newBuilder().enable(false).build(),
              table.path().toString())) {
        List<String> ids =
            view.getLatestFileSlices(partition)
                .map(slice -> slice.getFileId())
                .distinct()
                .collect(Collectors.toList());
        if (!ids.isEmpty()) {
          result.put(partition, ids);
        }
      }
    } finally {
      view.close();
    }
    return result;
  }

  private Map<String, String> options() {
    Map<String, String> options = HudiOptions.write(specification);
    options.put("hoodie.datasource.write.operation", "bulk_insert");
    options.put("hoodie.avro.schema.validate", "false");
    return options;
  }

  private String schema(StructType columns) {
    return AvroConversionUtils.convertStructTypeToAvroSchema(
            columns, specification.name() + "_record", "hoodie." + specification.name())
        .toString();
  }
}
